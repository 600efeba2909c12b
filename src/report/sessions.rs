//! `thinkaloud history`: the sessions as a table, at most 80 columns wide.

use std::fmt::Write as _;

use anstyle::Style;
use chrono::{DateTime, FixedOffset};

use super::show;
use super::text::clean;
use super::trends::counted;
use crate::rubric::Scorecard;
use crate::session::history::{Dated, SessionHead, moment};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
/// Ids are shown this long at least: enough to tell sessions apart that began a minute apart.
const ID: usize = 8;
const LONGEST_ID: usize = 14;

/// Oldest first. `now` tells impossible dates.
pub fn table(sessions: &[SessionHead], card: &Scorecard, now: DateTime<FixedOffset>) -> String {
    if sessions.is_empty() {
        return "No sessions. `thinkaloud analyze` adds each one that it analyses.\n".into();
    }
    let width = id_width(sessions);
    let room = 34 - width;
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
        let cell = |text: &str, width: usize| {
            let cut = show::cut(&clean(text), width);
            let free = width.saturating_sub(columns(&cut));
            format!("{cut}{}", " ".repeat(free))
        };
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

/// Columns of a terminal: letters of Chinese, Japanese and Korean take two, joined marks none.
fn columns(text: &str) -> usize {
    text.chars().map(unicode_columns).sum()
}

fn unicode_columns(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2069 | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0x1f300..=0x1faff => 2,
        _ => 1,
    }
}
