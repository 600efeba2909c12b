//! Words a minute of talk, over the session.

use super::picture::{Anchor, Ink, Picture, Plot};
use super::{Chart, column};
use crate::report::document::Report;
use crate::session::time::{covered, union};
use crate::session::{Role, Span};

/// Less talk than this in a column gives no steady pace.
const LEAST_TALK: f64 = 5.0;
const COLUMNS: f64 = 24.0;

pub fn draw(report: &Report) -> Option<Chart> {
    let end = report.duration.as_seconds();
    let paces = paces(report);
    if paces.is_empty() || end <= 0.0 {
        return None;
    }
    let fastest = paces.iter().map(|pace| pace.1).fold(200.0, f64::max).min(600.0);
    let top = (fastest / 50.0).ceil() * 50.0;
    let plot = Plot { left: 44.0, top: 10.0, width: 506.0, height: 160.0 };
    let mut picture = Picture::new(560, 198);
    let rate = report.metrics.iter().find(|metric| metric.id == "pace.speech_rate");
    let band = rate.and_then(|metric| metric.band).and_then(|band| band.good_min.zip(band.good_max));
    let (low, high) = band.unwrap_or((100.0, 175.0));
    let height = plot.height * (high - low) / top;
    picture.bar(plot.left, plot.y(high / top), plot.width, height, Ink::Band);
    let step = if top > 300.0 { 100.0 } else { 50.0 };
    for mark in (0..).map(|index| f64::from(index) * step).take_while(|&mark| mark <= top) {
        picture.line(vec![(plot.left, plot.y(mark / top)), (plot.x(1.0), plot.y(mark / top))], Ink::Grid, 1);
        let words = format!("{mark:.0}");
        picture.text((plot.left - 6.0, plot.y(mark / top)), words, Ink::Text, Anchor::End);
    }
    picture.time_axis(end, plot);
    picture.text((plot.left + 6.0, plot.y(low / top) - 8.0), "comfortable", Ink::Text, Anchor::Start);
    let point = |&(at, pace): &(f64, f64)| (plot.x(at / end), plot.y((pace / top).min(1.0)));
    // A line would hide that nothing was said in between.
    for run in paces.chunk_by(|a, b| b.0 - a.0 < 1.5 * column(end, COLUMNS)).filter(|run| run.len() > 1) {
        picture.line(run.iter().map(point).collect(), Ink::Speech, 2);
    }
    for pace in &paces {
        picture.dot(point(pace), 3.0, Ink::Speech);
    }
    let values = || paces.iter().map(|pace| pace.1);
    let words = format!(
        "Words a minute of talk, from {:.0} to {:.0}; {low:.0} to {high:.0} is comfortable to follow.",
        values().fold(f64::INFINITY, f64::min),
        values().fold(0.0, f64::max)
    );
    Some(Chart { name: "pace", title: "Pace", words, picture })
}

/// Middle of each column with enough talk, in seconds, and the pace there.
fn paces(report: &Report) -> Vec<(f64, f64)> {
    let end = report.duration.as_seconds();
    let own = || report.utterances.iter().filter(|said| said.speaker == Role::Candidate);
    let talk = union(own().map(|said| said.span).collect());
    let step = column(end, COLUMNS);
    let columns = (0..(end / step).ceil() as usize).map(|index| {
        let span = Span::from_seconds(index as f64 * step, (index + 1) as f64 * step);
        let seconds = covered(&talk, span).as_seconds();
        // An utterance that lies in two columns gives each its share of words.
        let words: f64 = own()
            .filter_map(|said| {
                let inside = said.span.intersection(span)?.length().as_seconds();
                let share = inside / said.span.length().as_seconds();
                Some(said.text.split_whitespace().count() as f64 * share)
            })
            .sum();
        ((index as f64 + 0.5) * step, words, seconds)
    });
    columns
        .filter(|&(_, _, seconds)| seconds >= LEAST_TALK)
        .map(|(at, words, seconds)| (at.min(end), words / seconds * 60.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn pace_is_words_per_minute_of_talk() {
        let mut report = sample::empty(600.0);
        report.utterances = vec![
            sample::said(0.0, 30.0, &"word ".repeat(60)),
            sample::said(300.0, 304.0, "too short to tell"),
        ];
        let paces = paces(&report);
        assert_eq!(paces.iter().map(|pace| pace.0).collect::<Vec<_>>(), [15.0]);
        assert!(paces.iter().all(|pace| (pace.1 - 120.0).abs() < 1e-9), "{paces:?}");
    }
}
