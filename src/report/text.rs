//! The short scorecard for a terminal, at most 80 columns wide. Styles are ANSI codes; the printer strips them
//! where they are not wanted: every colour has a word or a shape beside it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::document::{Found, Report};
use super::{show, strip};
use crate::session::Millis;

pub const WIDTH: usize = 78;
const BAR: usize = 30;
/// A recording of fewer words is shown whole: there is little else to say of it.
const SHORT: usize = 100;
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

pub fn render(report: &Report) -> String {
    let mut out = String::new();
    head(&mut out, report);
    scores(&mut out, report);
    strip::render(&mut out, report);
    silences(&mut out, report);
    lists(&mut out, report);
    if !report.strengths.is_empty() {
        let _ = writeln!(out, "\n{BOLD}Went well{BOLD:#}");
        for strength in report.strengths.iter().take(3) {
            wrapped(&mut out, "  + ", &strength.text);
        }
    }
    if !report.focus.is_empty() {
        let _ = writeln!(out, "\n{BOLD}Change first{BOLD:#}");
    }
    for (index, focus) in report.focus.iter().enumerate() {
        let told = format!("{}. {} {}", focus.title, clean(&focus.missing), clean(&focus.advice));
        wrapped(&mut out, &format!("  {}. ", index + 1), &told);
        if !focus.say.is_empty() {
            wrapped(&mut out, "     say: ", &format!("\"{}\"", clean(&focus.say)));
        }
    }
    if !report.goals.is_empty() {
        let _ = writeln!(out, "\n{BOLD}Your goals{BOLD:#}");
        for goal in &report.goals {
            let mark = if goal.reached { "✓" } else { "·" };
            wrapped(&mut out, &format!("  {mark} "), &format!("{} {}", goal.metric, goal.words));
        }
    }
    out
}

fn head(out: &mut String, report: &Report) {
    let words = report.word_count();
    let total = report.scores.total.map_or("not scored".to_owned(), |total| format!("{total:.0} of 100"));
    let title = show::cut(&clean(&report.session.title), WIDTH);
    let _ = writeln!(out, "{BOLD}{title}{BOLD:#}");
    let card = &report.scorecard.title;
    let _ = writeln!(out, "{} · {words} words · {card} · {BOLD}{total}{BOLD:#}\n", report.duration);
    if (1..SHORT).contains(&words) {
        let said: Vec<&str> = report.utterances.iter().map(|said| said.text.as_str()).collect();
        wrapped(out, "  ", &clean(&said.join(" ")));
        out.push('\n');
    }
}

fn scores(out: &mut String, report: &Report) {
    for category in &report.scores.ordered {
        let title = show::cut(&category.title, 14);
        let Some(score) = category.score else {
            let _ = writeln!(out, "  {title:<14}{DIM}too little data{DIM:#}");
            continue;
        };
        let colour = Style::new().fg_color(Some(colour(score).into()));
        let full = (score / 100.0 * BAR as f64).round() as usize;
        let (done, rest) = ("█".repeat(full), "░".repeat(BAR - full));
        let word = show::verdict(score);
        let _ = writeln!(out, "  {title:<14}{colour}{done}{colour:#}{DIM}{rest}{DIM:#} {score:>3.0} {word}");
    }
}

fn silences(out: &mut String, report: &Report) {
    let mut long = report.gaps.iter().filter(|gap| gap.long).peekable();
    out.push('\n');
    if report.speech.is_empty() {
        wrapped(out, "  ", "No speech was heard at all. Is the microphone muted, or the file the right one?");
    } else if long.peek().is_none() && report.duration > Millis::ZERO {
        let _ = writeln!(out, "  No silence over 60 s.");
    }
    for gap in long {
        let typing = if gap.edited.is_empty() {
            String::new()
        } else {
            format!(", typing in {}", gap.edited.join(", "))
        };
        let told = if gap.announced { ", announced" } else { "" };
        let text = format!(
            "Silent for {:.1} s from {} to {}{told}{}",
            gap.seconds.as_seconds(),
            gap.span.start,
            gap.span.end,
            clean(&typing)
        );
        wrapped(out, "  ", &text);
    }
}

/// Signals and habits in a line each, where there are any.
fn lists(out: &mut String, report: &Report) {
    let named = |found: bool| -> Vec<&str> {
        let signals = report.signals.iter().filter(|signal| (signal.found != Found::NotFound) == found);
        signals.map(|signal| signal.title.as_str()).collect()
    };
    let (shown, missing) = (named(true), named(false));
    let habits: Vec<&str> = report
        .antipatterns
        .iter()
        .filter(|pattern| pattern.found == Some(true))
        .map(|pattern| pattern.title.as_str())
        .collect();
    for (lead, names) in
        [("  Signals shown: ", shown), ("  Not shown: ", missing), ("  Habits to lose: ", habits)]
    {
        if !names.is_empty() {
            wrapped(out, lead, &clean(&names.join(", ")));
        }
    }
}

fn colour(score: f64) -> AnsiColor {
    match score {
        score if score >= show::GOOD => AnsiColor::Green,
        score if score >= show::FAIR => AnsiColor::Yellow,
        _ => AnsiColor::Red,
    }
}

/// Text from outside must not steer the terminal.
pub fn clean(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { ' ' } else { c }).collect()
}

pub(super) fn wrapped(out: &mut String, lead: &str, text: &str) {
    let mut line = lead.to_owned();
    let indent = " ".repeat(lead.chars().count());
    for word in text.split_whitespace() {
        let empty = line.trim().is_empty() || line == lead;
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(out, "{}", line.trim_end());
            line = indent.clone();
        } else if !empty {
            line.push(' ');
        }
        // A word that no line holds, a path or worse, is cut.
        line.push_str(&show::cut_start(word, WIDTH - indent.len()));
    }
    let _ = writeln!(out, "{}", line.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::GapEntry;
    use crate::report::sample;
    use crate::session::Span;

    #[test]
    fn long_text_is_wrapped_and_control_characters_are_gone() {
        let mut out = String::new();
        wrapped(&mut out, "  1. ", &clean(&"word\u{1b}[31m ".repeat(40)));
        assert!(out.lines().count() > 3);
        assert!(out.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(out.lines().skip(1).all(|line| line.starts_with("     word")), "{out}");
        assert!(!out.contains('\u{1b}'));
    }

    #[test]
    fn every_line_fits_and_says_without_colour_what_colour_says() {
        let mut report = sample::empty(3_600.0);
        report.session.title = "x\u{202e}".repeat(100);
        report.scores.ordered = vec![
            sample::score("Flow", Some(80.0)),
            sample::score("A category with a very long name", Some(10.0)),
            sample::score("Clarify", None),
        ];
        report.speech = vec![Span::from_seconds(0.0, 1_000.0)];
        report.gaps = vec![GapEntry {
            span: Span::from_seconds(1_000.0, 1_300.0),
            seconds: Millis::seconds(300),
            long: true,
            announced: false,
            edited: vec!["path/".repeat(60)],
        }];
        let text = anstream::adapter::strip_str(&render(&report)).to_string();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        for says in ["80 good", "10 weak", "too little data", "Silent for 300.0 s"] {
            assert!(text.contains(says), "{says}: {text}");
        }
        assert!(!text.contains('\u{202e}'));
    }
}
