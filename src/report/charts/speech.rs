//! Share of time talking, column by column, with the long silences behind it.

use super::picture::{Anchor, Ink, Picture, Plot};
use super::{Chart, column};
use crate::report::document::Report;
use crate::session::time::covered;
use crate::session::{Millis, Role, Span};

const COLUMNS: f64 = 60.0;

pub fn draw(report: &Report) -> Option<Chart> {
    let end = report.duration.as_seconds();
    if report.speech.is_empty() || end <= 0.0 {
        return None;
    }
    let plot = Plot { left: 52.0, top: 22.0, width: 498.0, height: 150.0 };
    let mut picture = Picture::new(560, 200);
    for share in [0.0, 0.5, 1.0] {
        picture.line(vec![(plot.left, plot.y(share)), (plot.x(1.0), plot.y(share))], Ink::Grid, 1);
        let words = format!("{:.0} %", share * 100.0);
        picture.text((plot.left - 6.0, plot.y(share)), words, Ink::Text, Anchor::End);
    }
    picture.time_axis(end, plot);
    for gap in report.gaps.iter().filter(|gap| gap.long) {
        let (from, to) = (plot.x(gap.span.start.as_seconds() / end), plot.x(gap.span.end.as_seconds() / end));
        let ink = if gap.announced { Ink::Announced } else { Ink::LongSilence };
        picture.bar(from, plot.top - 3.0, (to - from).max(2.0), 3.0, ink);
        let words = format!("{:.0} s silent", gap.seconds.as_seconds());
        let half = words.len() as f64 * 3.6;
        let x = ((from + to) / 2.0).clamp(half, 560.0 - half);
        picture.text((x, plot.top - 12.0), words, Ink::Text, Anchor::Middle);
    }
    let speaker = |role: Role| report.speakers.iter().find(|one| one.speaker == role);
    let candidate = speaker(Role::Candidate).map_or(&report.speech, |one| &one.speech);
    let interviewer = speaker(Role::Interviewer).map(|one| &one.speech);
    let step = column(end, COLUMNS);
    let mut quietest: Option<(f64, Millis)> = None;
    for index in 0..(end / step).ceil() as usize {
        let span = Span::from_seconds(index as f64 * step, ((index + 1) as f64 * step).min(end));
        let length = span.length().as_seconds();
        if length <= 0.0 {
            continue;
        }
        let share = |speech: &[Span]| (covered(speech, span).as_seconds() / length).min(1.0);
        let (left, right) = (plot.x(span.start.as_seconds() / end), plot.x(span.end.as_seconds() / end));
        let own = share(candidate);
        picture.bar(left, plot.y(own), (right - left - 1.0).max(1.0), plot.height * own, Ink::Speech);
        if let Some(theirs) = interviewer.map(|speech| share(speech).min(1.0 - own)) {
            let top = plot.y(own + theirs);
            picture.bar(left, top, (right - left - 1.0).max(1.0), plot.height * theirs, Ink::Interviewer);
        }
        let all = share(&report.speech);
        if quietest.is_none_or(|(least, _)| all < least) {
            quietest = Some((all, span.start));
        }
    }
    let (least, at) = quietest?;
    let talk = report.speech.iter().map(|span| span.length().as_seconds()).sum::<f64>() / end;
    let long = report.gaps.iter().filter(|gap| gap.long).count();
    let words = format!(
        "Speech fills {:.0} % of the session; quietest around {at}, with {:.0} %. Silences over 60 s: {long}.",
        talk * 100.0,
        least * 100.0
    );
    Some(Chart { name: "speech", title: "Speech and silence", words, picture })
}
