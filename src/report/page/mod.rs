//! What the HTML template is filled with.

mod excerpt;
mod lanes;
mod measures;
mod replay;
mod said;

use std::collections::BTreeMap;

use serde::Serialize;

use super::charts::Chart;
use super::definitions::Definitions;
use super::document::{CategoryScore, EpisodeEntry, GapEntry, Report};
use crate::session::{CodeHistory, Millis, Role};
use excerpt::Excerpt;
use lanes::Timeline;
use measures::{Group, Measure};

/// Shorter pauses are not listed.
const LISTED: Millis = Millis(15_000);

/// A recording that the page can play. Parts follow one another.
#[derive(Clone, Debug, Serialize)]
pub struct AudioPart {
    /// Address, relative to the page or absolute.
    pub src: String,
    pub start: Millis,
}

/// Where the page's sound comes from.
#[derive(Clone, Debug, Default)]
pub enum Sound {
    #[default]
    None,
    /// Ogg Opus of the whole session, to be put into the page.
    Embedded(Vec<u8>),
    Linked(Vec<AudioPart>),
}

#[derive(Debug, Serialize)]
pub struct Page<'a> {
    report: &'a Report,
    timeline: Timeline,
    categories: Vec<Category<'a>>,
    focus: Vec<Option<Excerpt>>,
    transcript: Vec<said::Line>,
    labels: Vec<Count>,
    pauses: Vec<&'a GapEntry>,
    long_silences: usize,
    edits: Vec<EditRow<'a>>,
    /// Bursts by hand that had no reason spoken near them.
    unexplained: usize,
    groups: Vec<Group<'a>>,
    /// What the session held too little of.
    unjudged: Vec<Measure<'a>>,
    figures: Vec<Figure>,
    terms: String,
    plays: bool,
    embedded: bool,
    has_code: bool,
    two_people: bool,
    words: usize,
    /// The same as data for the script.
    data: String,
}

/// One category of the scorecard with what is behind its score.
#[derive(Debug, Serialize)]
struct Category<'a> {
    #[serde(flatten)]
    score: &'a CategoryScore,
    measures: Vec<Measure<'a>>,
}

#[derive(Debug, Serialize)]
struct Count {
    name: String,
    count: usize,
}

#[derive(Debug, Serialize)]
struct EditRow<'a> {
    #[serde(flatten)]
    episode: &'a EpisodeEntry,
    /// What explains it, if that was said.
    said: Option<&'a str>,
    by_hand: bool,
}

#[derive(Debug, Serialize)]
struct Figure {
    name: &'static str,
    title: &'static str,
    words: String,
    svg: String,
}

/// For the script.
#[derive(Serialize)]
struct Data<'a> {
    duration: Millis,
    parts: &'a [AudioPart],
    embedded: bool,
    /// Stretches without speech that can be skipped.
    gaps: Vec<(Millis, Millis)>,
    /// Start, end, and where each word begins, in milliseconds after the start.
    said: Vec<(Millis, Millis, Vec<i64>)>,
    code: replay::Code,
}

impl<'a> Page<'a> {
    /// `groups`: the edits of each episode, as positions in `code`.
    pub fn new(
        report: &'a Report,
        charts: &[Chart],
        code: &CodeHistory,
        groups: &[Vec<usize>],
        sound: &Sound,
    ) -> Self {
        let definitions = Definitions::default();
        let parts = match sound {
            Sound::Linked(parts) => parts.as_slice(),
            _ => &[],
        };
        let embedded = matches!(sound, Sound::Embedded(_));
        let transcript: Vec<said::Line> = report.utterances.iter().map(said::line).collect();
        let data = Data {
            duration: report.duration,
            parts,
            embedded,
            gaps: report.gaps.iter().map(|gap| (gap.span.start, gap.span.end)).collect(),
            said: report
                .utterances
                .iter()
                .zip(&transcript)
                .map(|(said, line)| (said.span.start, said.span.end, line.starts.clone()))
                .collect(),
            code: replay::code(code, groups),
        };
        let edits: Vec<EditRow> = report.episodes.iter().map(|episode| edit_row(episode, report)).collect();
        let measures = || report.metrics.iter().map(|metric| measures::measure(metric, &definitions));
        Self {
            report,
            timeline: lanes::timeline(report),
            categories: report
                .scores
                .ordered
                .iter()
                .map(|score| Category {
                    score,
                    measures: measures()
                        .filter(|measure| measure.rule.is_some_and(|rule| rule.category == score.id))
                        .collect(),
                })
                .collect(),
            focus: report.focus.iter().map(|focus| excerpt::of(focus, report, code, groups)).collect(),
            labels: labels(report),
            pauses: report.gaps.iter().filter(|gap| gap.seconds > LISTED).collect(),
            long_silences: report.gaps.iter().filter(|gap| gap.long).count(),
            unexplained: edits.iter().filter(|edit| edit.by_hand && !edit.episode.explained).count(),
            edits,
            groups: measures::groups(measures()),
            unjudged: measures().filter(|measure| measure.value.is_none()).collect(),
            figures: charts.iter().filter(|chart| chart.name != "timeline").map(figure).collect(),
            terms: Definitions::terms(),
            plays: embedded || !parts.is_empty(),
            embedded,
            has_code: !code.edits.is_empty() || !code.snapshots.is_empty(),
            two_people: report.utterances.iter().any(|said| said.speaker != Role::Candidate),
            words: report.word_count(),
            transcript,
            data: script_safe(&data),
        }
    }
}

fn edit_row<'a>(episode: &'a EpisodeEntry, report: &'a Report) -> EditRow<'a> {
    let said = episode.explained_by.and_then(|index| report.utterances.get(index));
    EditRow {
        episode,
        said: said.map(|said| said.text.as_str()),
        by_hand: episode.added + episode.removed > 0,
    }
}

/// Labels by how often they occur.
fn labels(report: &Report) -> Vec<Count> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for label in report.utterances.iter().flat_map(|said| said.labels.keys()) {
        *counts.entry(label).or_default() += 1;
    }
    let mut counts: Vec<Count> =
        counts.into_iter().map(|(name, count)| Count { name: name.clone(), count }).collect();
    counts.sort_by_key(|label| std::cmp::Reverse(label.count));
    counts
}

fn figure(chart: &Chart) -> Figure {
    Figure { name: chart.name, title: chart.title, words: chart.words.clone(), svg: chart.svg() }
}

/// JSON that cannot end the element it stands in.
fn script_safe(data: &impl Serialize) -> String {
    let json = serde_json::to_string(data)
        .unwrap_or_else(|error| unreachable!("numbers, strings and lists: {error}"));
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_their_element() {
        let json = script_safe(&["</script><!-- \0"]);
        assert_eq!(json, "[\"\\u003c/script>\\u003c!-- \\u0000\"]");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), ["</script><!-- \0"]);
    }
}
