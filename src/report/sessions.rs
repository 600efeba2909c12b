//! `thinkaloud history`: the sessions as a table, at most 80 columns wide.

use std::fmt::Write as _;

use anstyle::Style;
use chrono::{DateTime, FixedOffset};
use unicode_width::UnicodeWidthStr as _;

use super::text::clean;
use super::trends::counted;
use crate::rubric::Scorecard;
use crate::session::history::{Dated, SessionHead, moment};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
/// Ids are shown this long at least: enough to tell sessions apart that began a minute apart.
const ID: usize = 8;
const LONGEST_ID: usize = 13;

/// Oldest first. `now` tells impossible dates.
pub fn table(sessions: &[SessionHead], card: &Scorecard, now: DateTime<FixedOffset>) -> String {
    if sessions.is_empty() {
        return "No sessions. `thinkaloud analyze` adds each one that it analyses.\n".into();
    }
    let width = id_width(sessions);
    let room = 29 - width;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{DIM}{:<width$}  {:<17} {:<room$} {:<12} {:<9} score{DIM:#}",
        "id", "when", "title", "problem", "plan"
    );
    let (mut guessed, mut impossible, mut other) = (0, 0, 0);
    for head in sessions {
        let when = match head.started_at {
            None => "no date".to_owned(),
            Some(at) => {
                let mark = match (moment::is_plausible(at, now), head.dated) {
                    (false, _) => "?",
                    (true, Dated::File) => "~",
                    _ => "",
                };
                guessed += usize::from(mark == "~");
                impossible += usize::from(mark == "?");
                format!("{}{mark}", at.format("%Y-%m-%d %H:%M"))
            }
        };
        let total = head.total.map_or("-".to_owned(), |total| format!("{total:.0}"));
        let is_other = head.scorecard.hash != card.hash;
        other += usize::from(is_other);
        let _ = writeln!(
            out,
            "{DIM}{}{DIM:#}  {when:<17} {BOLD}{}{BOLD:#} {} {} {total:>4}{}",
            cell(&start(&head.id, width), width),
            cell(&head.title, room),
            cell(head.problem.as_deref().unwrap_or(""), 12),
            cell(head.profile.as_deref().unwrap_or(""), 9),
            if is_other { "*" } else { "" }
        );
    }
    let _ = writeln!(out, "{}", counted(sessions.len(), "session"));
    let mut note = |count: usize, text: &str| {
        if count > 0 {
            let _ = writeln!(out, "{DIM}{text}{DIM:#}");
        }
    };
    note(guessed, "~ the date is that of the file's last change");
    note(impossible, "? such a date cannot be: trends leave these sessions out");
    note(other, "* scored by other rules than the present ones: `thinkaloud history rescore`");
    out
}

/// Cut and filled up to `width` columns of a terminal.
fn cell(text: &str, width: usize) -> String {
    let mut text = clean(text);
    if text.width() > width {
        while text.width() >= width {
            text.pop();
        }
        text.push('…');
    }
    let free = width.saturating_sub(text.width());
    text + &" ".repeat(free)
}

fn start(id: &str, width: usize) -> String {
    id.chars().take(width).collect()
}

/// So much of the ids as tells them apart.
fn id_width(sessions: &[SessionHead]) -> usize {
    let tells_apart = |width: &usize| {
        let mut ids: Vec<String> = sessions.iter().map(|head| start(&head.id, *width)).collect();
        ids.sort_unstable();
        ids.windows(2).all(|pair| pair[0] != pair[1])
    };
    (ID..LONGEST_ID).find(tells_apart).unwrap_or(LONGEST_ID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rubric::builtin;

    #[test]
    fn rows_fit_a_terminal_whatever_their_title() {
        let card = Scorecard::parse(&builtin::files("scorecards")[0]).unwrap();
        let head = |id: &str, title: &str, at: &str| SessionHead {
            id: id.into(),
            title: title.into(),
            problem: Some("a-problem-with-a-long-name".into()),
            started_at: DateTime::parse_from_rfc3339(at).ok(),
            total: Some(100.0),
            ..SessionHead::default()
        };
        let now = DateTime::parse_from_rfc3339("2026-03-01T00:00:00Z").unwrap();
        let sessions = [
            head("0123456789", &"長い題".repeat(20), "2026-01-05T10:00:00Z"),
            head("0123456788", "two\u{1b}[31m \u{202e}sum\n", "2099-01-01T00:00:00Z"),
            head("x", "", ""),
        ];
        let text = anstream::adapter::strip_str(&table(&sessions, &card, now)).to_string();
        assert!(text.lines().all(|line| line.width() <= 80), "{text}");
        assert!(
            text.contains("0123456788 ") && text.contains("2099-01-01 00:00?") && text.contains("no date"),
            "{text}"
        );
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
}
