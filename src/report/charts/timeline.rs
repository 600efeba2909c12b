//! Lanes over one time axis: stages, speech, silence, edits, runs.

use super::Chart;
use super::picture::{Anchor, Ink, Picture, Plot};
use crate::report::document::Report;
use crate::session::{Millis, Span};

/// Shorter pauses are not drawn: they would be a haze.
pub const DRAWN_GAP: Millis = Millis(10_000);
const WIDTH: u32 = 1100;
const LANE: f64 = 44.0;
const NAMES: [&str; 5] = ["stages", "speech", "silence", "edits", "runs"];

pub fn draw(report: &Report) -> Option<Chart> {
    let end = report.duration.as_seconds();
    if end <= 0.0 {
        return None;
    }
    let plot = Plot { left: 64.0, top: 6.0, width: f64::from(WIDTH) - 84.0, height: LANE * 5.0 };
    let mut picture = Picture::new(WIDTH, plot.height as u32 + 34);
    picture.time_axis(end, plot);
    let middle = |lane: usize| plot.top + LANE * (lane as f64 + 0.5);
    for (lane, name) in NAMES.iter().enumerate() {
        picture.text((plot.left - 8.0, middle(lane)), *name, Ink::Text, Anchor::End);
    }
    let place = |span: Span| {
        let (from, to) = (plot.x(span.start.as_seconds() / end), plot.x(span.end.as_seconds() / end));
        (from, (to - from).max(1.0))
    };
    for stage in &report.stages {
        let (left, width) = place(stage.span);
        picture.bar(left, middle(0) - 12.0, (width - 1.0).max(1.0), 24.0, Ink::Stage);
        picture.inside(left, width, middle(0), &[&stage.stage], Ink::Paper);
    }
    if report.speakers.is_empty() {
        for span in &report.speech {
            let (left, width) = place(*span);
            picture.bar(left, middle(1) - 14.0, width, 28.0, Ink::Speech);
        }
    }
    // Of two people the candidate has the upper half of the lane, the interviewer the lower one.
    for (speaker, (top, ink)) in report.speakers.iter().zip([(-15.0, Ink::Speech), (1.0, Ink::Interviewer)]) {
        for span in &speaker.speech {
            let (left, width) = place(*span);
            picture.bar(left, middle(1) + top, width, 14.0, ink);
        }
    }
    for gap in report.gaps.iter().filter(|gap| gap.seconds > DRAWN_GAP) {
        let (left, width) = place(gap.span);
        let (ink, letters, half) = match (gap.long, gap.announced) {
            (true, false) => (Ink::LongSilence, Ink::Paper, 16.0),
            (true, true) => (Ink::Announced, Ink::Text, 16.0),
            (false, false) => (Ink::Silence, Ink::Text, 9.0),
            (false, true) => (Ink::Announced, Ink::Text, 9.0),
        };
        picture.bar(left, middle(2) - half, width, half * 2.0, ink);
        let short = format!("{:.0} s", gap.seconds.as_seconds());
        let told = format!("{short} announced");
        let words: &[&str] = if gap.announced { &[&told, &short] } else { &[&short] };
        picture.inside(left, width, middle(2), words, letters);
    }
    for episode in &report.episodes {
        let (left, width) = place(episode.span);
        let ink = if episode.explained { Ink::Edit } else { Ink::Unexplained };
        // A single keystroke is a moment; it still wants to be seen.
        picture.bar(left, middle(3) - 14.0, width.max(2.5), 28.0, ink);
        if !episode.explained {
            picture.inside(left, width, middle(3), &["?"], Ink::Text);
        }
    }
    for run in &report.runs {
        let x = plot.x((run.span.start.as_seconds() / end).min(1.0));
        if run.passed() {
            picture.dot((x, middle(4)), 6.0, Ink::Pass);
        } else {
            picture.cross((x, middle(4)), 6.0, Ink::Fail);
        }
        let word = if run.passed() { "pass" } else { "fail" };
        let (x, anchor) =
            if x > f64::from(WIDTH) - 50.0 { (x - 10.0, Anchor::End) } else { (x + 10.0, Anchor::Start) };
        picture.text((x, middle(4)), word, Ink::Text, anchor);
    }
    Some(Chart { name: "timeline", title: "Timeline", words: words(report), picture })
}

fn words(report: &Report) -> String {
    let long: Vec<String> =
        report.gaps.iter().filter(|gap| gap.long).map(|gap| gap.span.start.clock()).collect();
    let unexplained = report.episodes.iter().filter(|episode| !episode.explained).count();
    let passed = report.runs.iter().filter(|run| run.passed()).count();
    let stages: Vec<String> =
        report.stages.iter().map(|stage| format!("{} from {}", stage.stage, stage.span.start)).collect();
    let mut words = format!(
        "{} long. Silences over 60 s: {}{}. Bursts of edits: {}, {unexplained} without a reason spoken near them. Runs: {}, {passed} passed.",
        report.duration,
        long.len(),
        if long.is_empty() { String::new() } else { format!(" (at {})", long.join(", ")) },
        report.episodes.len(),
        report.runs.len(),
    );
    if !stages.is_empty() {
        words += &format!(" Stages: {}.", stages.join(", "));
    }
    words
}
