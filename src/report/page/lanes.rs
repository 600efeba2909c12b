//! The timeline as lanes over one axis. Places are percent of the session, so that the page can stretch them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::charts::{self, timeline::DRAWN_GAP};
use crate::report::document::{EpisodeEntry, Report};
use crate::report::show;
use crate::session::{Millis, Role, Span};

/// The axis in the units of a path.
const UNITS: f64 = 100_000.0;
/// Files with a lane of their own.
const FILES: usize = 5;
/// Labels with a lane of their own: those that the scorecard speaks of, then the most frequent.
const LABELS: usize = 8;
const FIRST: [&str; 6] = ["intent", "syntax", "tradeoff", "clarifying", "complexity", "testing"];
/// Percent of the axis that a letter takes on a wide screen.
const LETTER: f64 = 0.66;

#[derive(Debug, Default, Serialize)]
pub struct Timeline {
    lanes: Vec<Lane>,
    height: u32,
    ticks: Vec<(String, String)>,
    units: f64,
}

#[derive(Debug, Serialize)]
struct Lane {
    name: String,
    /// In full, where the name is cut.
    title: String,
    top: u32,
    height: u32,
    /// Class and shape of what needs no words.
    paths: Vec<(&'static str, String)>,
    marks: Vec<Mark>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Mark {
    class: &'static str,
    /// Percent.
    left: String,
    width: String,
    /// Words inside, where they fit.
    text: String,
    /// So near to the end that words beside it go to its left.
    late: bool,
    /// What it is, for who points at it.
    note: String,
}

struct Sheet {
    seconds: f64,
    timeline: Timeline,
}

pub fn timeline(report: &Report) -> Timeline {
    let seconds = report.duration.as_seconds();
    if seconds <= 0.0 {
        return Timeline::default();
    }
    let mut sheet = Sheet { seconds, timeline: Timeline { units: UNITS, ..Timeline::default() } };
    sheet.timeline.ticks =
        charts::ticks(seconds).into_iter().map(|(at, words)| (percent(at / seconds), words)).collect();
    stages(&mut sheet, report);
    speech(&mut sheet, report);
    let gaps = report.gaps.iter().filter(|gap| gap.seconds > DRAWN_GAP);
    let gaps = gaps.map(|gap| {
        let class = match (gap.long, gap.announced) {
            (true, false) => "long",
            (true, true) => "long announced",
            (false, false) => "gap",
            (false, true) => "gap announced",
        };
        let length = format!("{:.0} s", gap.seconds.as_seconds());
        let told = if gap.announced { format!("{length}, announced") } else { length.clone() };
        let note = format!("{} silent for {told}", gap.span.start);
        sheet.mark(class, gap.span, &[&told, &length], note)
    });
    let gaps = gaps.collect();
    sheet.lane("silence", 30, vec![], gaps);
    labels(&mut sheet, report);
    edits(&mut sheet, report);
    happenings(&mut sheet, report);
    sheet.timeline
}

impl Sheet {
    fn lane(&mut self, name: &str, height: u32, paths: Vec<(&'static str, Vec<Span>)>, marks: Vec<Mark>) {
        let top = self.timeline.height;
        let paths = paths.into_iter().map(|(class, spans)| (class, self.path(&spans))).collect();
        self.timeline.height += height;
        let short = show::cut_start(name, 15);
        self.timeline.lanes.push(Lane { name: short, title: name.to_owned(), top, height, paths, marks });
    }

    /// Bars from the top to the bottom of the lane.
    fn path(&self, spans: &[Span]) -> String {
        let unit = |at: Millis| (at.as_seconds() / self.seconds * UNITS).round();
        let bar = |span: &Span| {
            let (from, to) = (unit(span.start), unit(span.end));
            format!("M{from} 0h{0}v1h-{0}z", (to - from).max(1.0))
        };
        spans.iter().map(bar).collect()
    }

    fn mark(&self, class: &'static str, span: Span, words: &[&str], note: String) -> Mark {
        let share = |at: Millis| at.as_seconds() / self.seconds;
        let width = share(span.end) - share(span.start);
        let room = |words: &&&str| (words.chars().count() + 1) as f64 * LETTER <= width * 100.0;
        Mark {
            class,
            left: percent(share(span.start)),
            width: percent(width),
            late: share(span.start) > 0.94,
            text: words.iter().find(room).map_or_else(String::new, |words| (*words).to_owned()),
            note,
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.3}%", share * 100.0)
}

fn stages(sheet: &mut Sheet, report: &Report) {
    if report.stages.is_empty() {
        return;
    }
    if let Some(plan) = &report.plan {
        let mut from = Millis::ZERO;
        let planned = plan.stages.iter().map_while(|stage| {
            let to = from + Millis::from_seconds(stage.minutes * 60.0);
            let span = Span::new(from, to.min(report.duration));
            from = to;
            let note = format!("plan: {} for {}", stage.stage, show::value(stage.minutes, "min"));
            (!span.is_empty()).then(|| sheet.mark("plan", span, &[&stage.stage], note))
        });
        let planned = planned.collect();
        sheet.lane("plan", 22, vec![], planned);
    }
    let actual = report.stages.iter().map(|stage| {
        let minutes = show::value(stage.span.length().as_seconds() / 60.0, "min");
        let note = format!("{} {} for {minutes}", stage.span.start, stage.stage);
        sheet.mark("stage", stage.span, &[&stage.stage], note)
    });
    let actual = actual.collect();
    sheet.lane("stages", 26, vec![], actual);
}

fn speech(sheet: &mut Sheet, report: &Report) {
    if report.speakers.is_empty() {
        sheet.lane("speech", 30, vec![("speech", report.speech.clone())], vec![]);
    }
    for one in &report.speakers {
        let (name, class) = match one.speaker {
            Role::Candidate => ("you", "speech"),
            Role::Interviewer => ("interviewer", "other"),
        };
        sheet.lane(name, 24, vec![(class, one.speech.clone())], vec![]);
    }
}

fn labels(sheet: &mut Sheet, report: &Report) {
    let mut found: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for said in report.utterances.iter().filter(|said| said.speaker == Role::Candidate) {
        said.labels.keys().for_each(|label| found.entry(label).or_default().push(said.span));
    }
    let place = |label: &str| FIRST.iter().position(|first| *first == label).unwrap_or(FIRST.len());
    let mut order: Vec<(&str, Vec<Span>)> = found.into_iter().collect();
    order.sort_by_key(|(label, spans)| (place(label), std::cmp::Reverse(spans.len())));
    for (label, spans) in order.into_iter().take(LABELS) {
        let class = if label == "syntax" { "label syntax" } else { "label" };
        sheet.lane(label, 16, vec![(class, spans)], vec![]);
    }
}

fn edits(sheet: &mut Sheet, report: &Report) {
    let mut files: Vec<(&String, usize)> = Vec::new();
    for file in report.episodes.iter().flat_map(|episode| &episode.files) {
        match files.iter_mut().find(|known| known.0 == file) {
            Some(known) => known.1 += 1,
            None => files.push((file, 1)),
        }
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.1));
    let shown = if files.len() > FILES { FILES - 1 } else { files.len() };
    for (file, _) in &files[..shown] {
        let own = report.episodes.iter().filter(|episode| episode.files.contains(file));
        let marks = own.map(|episode| edit(sheet, episode)).collect();
        sheet.lane(file, 22, vec![], marks);
    }
    let rest: Vec<&String> = files[shown..].iter().map(|file| file.0).collect();
    if !rest.is_empty() {
        let own =
            report.episodes.iter().filter(|episode| rest.iter().any(|file| episode.files.contains(file)));
        let marks = own.map(|episode| edit(sheet, episode)).collect();
        sheet.lane(&format!("{} more files", rest.len()), 22, vec![], marks);
    }
}

fn edit(sheet: &Sheet, episode: &EpisodeEntry) -> Mark {
    let by_hand = episode.added + episode.removed > 0;
    let (class, words, said): (_, &[&str], _) = match (by_hand, episode.explained, episode.silent) {
        (false, ..) => ("tool", &[], "made by a tool"),
        (true, true, _) => ("edit", &[], "explained"),
        (true, false, true) => ("edit unexplained", &["?"], "in silence"),
        (true, false, false) => ("edit unexplained", &["?"], "no reason given"),
    };
    let names = if episode.symbols.is_empty() { &episode.files } else { &episode.symbols };
    let note = format!(
        "{} {} +{} -{}: {said}",
        episode.span.start,
        show::cut(&names.join(", "), 60),
        episode.added,
        episode.removed
    );
    sheet.mark(class, episode.span, words, note)
}

fn happenings(sheet: &mut Sheet, report: &Report) {
    let runs = report.runs.iter().map(|run| {
        let (class, word) = if run.passed() { ("pass", "pass") } else { ("fail", "fail") };
        let note = format!("{} {}: {word}", run.span.start, show::cut(&run.command, 60));
        Mark { text: word.to_owned(), ..sheet.mark(class, run.span, &[], note) }
    });
    let runs: Vec<Mark> = runs.collect();
    if !runs.is_empty() {
        sheet.lane("runs", 24, vec![], runs);
    }
    let notes = report.notes.iter().map(|note| {
        let words = format!("{} {}", note.at, show::cut(&note.text, 80));
        sheet.mark("note", Span::new(note.at, note.at), &[], words)
    });
    let notes: Vec<Mark> = notes.collect();
    if !notes.is_empty() {
        sheet.lane("notes", 20, vec![], notes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::GapEntry;
    use crate::report::sample;

    #[test]
    fn places_are_percent_of_the_session_and_long_silences_stand_out() {
        let mut report = sample::empty(200.0);
        report.speech = vec![Span::from_seconds(0.0, 50.0), Span::from_seconds(130.0, 150.0)];
        report.gaps = vec![GapEntry {
            span: Span::from_seconds(50.0, 130.0),
            seconds: Millis::seconds(80),
            long: true,
            announced: false,
            edited: vec![],
        }];
        let timeline = timeline(&report);
        let names: Vec<&str> = timeline.lanes.iter().map(|lane| lane.name.as_str()).collect();
        assert_eq!(names, ["speech", "silence"]);
        assert_eq!(timeline.lanes[0].paths[0].1, "M0 0h25000v1h-25000zM65000 0h10000v1h-10000z");
        let mark = &timeline.lanes[1].marks[0];
        assert_eq!((mark.class, mark.left.as_str(), mark.width.as_str()), ("long", "25.000%", "40.000%"));
        assert_eq!(mark.text, "80 s");
        assert_eq!(timeline.height, timeline.lanes.iter().map(|lane| lane.height).sum::<u32>());
    }

    #[test]
    fn a_session_of_no_length_has_no_lanes() {
        assert!(super::timeline(&sample::empty(0.0)).lanes.is_empty());
    }
}
