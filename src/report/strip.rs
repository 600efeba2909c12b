//! The session as a few lines of characters: speech, long silences, edits and runs over time.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::document::Report;
use super::show;
use crate::session::Span;
use crate::session::time::covered;

const COLUMNS: usize = 66;
const LEVELS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const DIM: Style = Style::new().dimmed();
const LONG: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));

pub fn render(out: &mut String, report: &Report) {
    let end = report.duration.as_seconds();
    if end < 60.0 || report.speech.is_empty() {
        return;
    }
    let column = |index: usize| {
        let edge = |index: usize| end * index as f64 / COLUMNS as f64;
        Span::from_seconds(edge(index), edge(index + 1))
    };
    let columns = || (0..COLUMNS).map(column);
    let _ = write!(out, "\n  speech  ");
    for span in columns() {
        // A whole column of a long silence stands out.
        let long = report.gaps.iter().filter(|gap| gap.long).filter_map(|gap| gap.span.intersection(span));
        if long.map(|part| part.length()).max().is_some_and(|part| part.0 * 2 > span.length().0) {
            let _ = write!(out, "{LONG}×{LONG:#}");
            continue;
        }
        let share = covered(&report.speech, span).as_seconds() / span.length().as_seconds();
        out.push(LEVELS[((share * 8.0).ceil() as usize).min(8)]);
    }
    out.push('\n');
    if !report.episodes.is_empty() {
        let _ = write!(out, "  edits   ");
        for span in columns() {
            let touches = |other: Span| other.start < span.end && other.end >= span.start;
            let mut here = report.episodes.iter().filter(|episode| touches(episode.span)).peekable();
            let mark = match here.peek().is_some() {
                false => ' ',
                true if here.any(|episode| !episode.explained && episode.added + episode.removed > 0) => '?',
                true => '=',
            };
            out.push(mark);
        }
        out.push('\n');
    }
    if !report.runs.is_empty() {
        let _ = write!(out, "  runs    ");
        for span in columns() {
            let mut here = report.runs.iter().filter(|run| span.contains(run.span.start)).peekable();
            let mark = match here.peek().is_some() {
                false => ' ',
                true if here.all(|run| run.passed()) => '+',
                true => '!',
            };
            out.push(mark);
        }
        out.push('\n');
    }
    let closing = report.duration.clock();
    let _ = writeln!(out, "{DIM}          0:00{closing:>width$}{DIM:#}", width = COLUMNS - 4);
    let _ = writeln!(out, "{DIM}          {}{DIM:#}", legend(report));
}

/// Of what occurs.
fn legend(report: &Report) -> String {
    let long = report.gaps.iter().any(|gap| gap.long).then_some("× silent over 60 s");
    let edits = (!report.episodes.is_empty()).then_some("= explained, ? not");
    let runs = (!report.runs.is_empty()).then_some("+ passed, ! failed");
    show::cut(&[long, edits, runs].into_iter().flatten().collect::<Vec<_>>().join("   "), COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::GapEntry;
    use crate::report::sample;
    use crate::session::{Millis, Run};

    #[test]
    fn speech_and_silence_stand_in_their_columns() {
        let mut report = sample::empty(660.0);
        report.speech = vec![Span::from_seconds(0.0, 330.0), Span::from_seconds(500.0, 505.0)];
        report.gaps = vec![GapEntry {
            span: Span::from_seconds(330.0, 430.0),
            seconds: Millis::seconds(100),
            long: true,
            announced: false,
            edited: vec![],
        }];
        report.runs = vec![Run { span: Span::from_seconds(655.0, 656.0), command: "t".into(), exit_code: 1 }];
        let mut out = String::new();
        render(&mut out, &report);
        let text = anstream::adapter::strip_str(&out).to_string();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        let expected = format!("  speech  {}{}{}▄", "█".repeat(33), "×".repeat(10), " ".repeat(7));
        assert_eq!(lines[0].trim_end(), expected);
        assert_eq!(lines[1].chars().position(|c| c == '!'), Some(10 + 65));
        assert!(lines[2].ends_with("11:00") && lines[2].chars().count() == 10 + COLUMNS);
    }
}
