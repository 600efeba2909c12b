//! The short scorecard for a terminal, at most 80 columns wide. Styles are ANSI codes; the printer strips them
//! where they are not wanted.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::document::Report;
use super::show;
use crate::session::Millis;

pub(super) const WIDTH: usize = 78;
const BAR: usize = 30;
/// A recording of fewer words is shown whole: there is little else to say of it.
const SHORT: usize = 100;
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let words = report.word_count();
    let total = report.scores.total.map_or("not scored".to_owned(), |total| format!("{total:.0} of 100"));
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}", show::cut(&clean(&report.session.title), WIDTH));
    let _ = writeln!(
        out,
        "{} · {} words · {} · {BOLD}{total}{BOLD:#}",
        report.duration, words, report.scorecard.title
    );
    out.push('\n');
    if (1..SHORT).contains(&words) {
        let said: Vec<&str> = report.utterances.iter().map(|said| said.text.as_str()).collect();
        wrapped(&mut out, "  ", &clean(&said.join(" ")));
        out.push('\n');
    }
    for category in &report.scores.ordered {
        match category.score {
            Some(score) => {
                let colour = Style::new().fg_color(Some(colour(score).into()));
                let full = (score / 100.0 * BAR as f64).round() as usize;
                let bar =
                    format!("{colour}{}{colour:#}{DIM}{}{DIM:#}", "█".repeat(full), "░".repeat(BAR - full));
                let _ = writeln!(out, "  {:<14}{bar} {score:>3.0}", category.title);
            }
            None => {
                let _ = writeln!(out, "  {:<14}{DIM}too little data{DIM:#}", category.title);
            }
        }
    }
    let long: Vec<_> = report.gaps.iter().filter(|gap| gap.long).collect();
    out.push('\n');
    if report.speech.is_empty() {
        let _ = writeln!(
            out,
            "  No speech was heard at all. Is the microphone muted, or the file the right one?"
        );
    } else if long.is_empty() && report.duration > Millis::ZERO {
        let _ = writeln!(out, "  No silence over 60 s.");
    }
    for gap in long {
        let doing = if gap.edited.is_empty() {
            String::new()
        } else {
            format!(", typing in {}", gap.edited.join(", "))
        };
        let told = if gap.announced { ", announced" } else { "" };
        let _ = writeln!(
            out,
            "  Silent for {:.1} s from {} to {}{told}{}",
            gap.seconds.as_seconds(),
            gap.span.start,
            gap.span.end,
            clean(&doing)
        );
    }
    if !report.strengths.is_empty() {
        let _ = writeln!(out, "\n{BOLD}Went well{BOLD:#}");
        for strength in report.strengths.iter().take(3) {
            wrapped(&mut out, "  + ", &strength.text);
        }
    }
    if !report.focus.is_empty() {
        let _ = writeln!(out, "\n{BOLD}Change first{BOLD:#}");
        for (index, focus) in report.focus.iter().enumerate() {
            wrapped(
                &mut out,
                &format!("  {}. ", index + 1),
                &format!("{}. {}", focus.title, clean(&focus.advice)),
            );
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

fn colour(score: f64) -> AnsiColor {
    match score {
        score if score >= 75.0 => AnsiColor::Green,
        score if score >= 45.0 => AnsiColor::Yellow,
        _ => AnsiColor::Red,
    }
}

/// Text from outside must not steer the terminal, nor turn the direction of what follows it.
pub(super) fn clean(text: &str) -> String {
    let turns = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !turns(c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
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
        line.push_str(word);
    }
    let _ = writeln!(out, "{}", line.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_wrapped_and_control_characters_are_gone() {
        let mut out = String::new();
        wrapped(&mut out, "  1. ", &clean(&"word\u{1b}[31m ".repeat(40)));
        assert!(out.lines().count() > 3);
        assert!(out.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(out.lines().skip(1).all(|line| line.starts_with("     word")), "{out}");
        assert!(!out.contains('\u{1b}'));
    }
}
