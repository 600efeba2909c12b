//! What the rows of the screen say, each cut to the width there is.

use ratatui::style::Style;

use super::super::state::LiveState;
use super::fit::{head, printable, tail, width, wrap};
use super::row::{BOLD, DIM, Row, Worth};
use super::words::{HELD, NUDGE, StageClock, THINKING, ago, edits, last_word, spoken};
use crate::session::Millis;

const LABELS: usize = 12;
const BAR: usize = 20;
/// The bar begins here; full scale is its end.
const QUIETEST: f32 = -60.0;
/// From here on the level is good, in dB of full scale.
const GOOD: f32 = -55.0;
/// The level says nothing else while somebody draws breath.
const BREATH: Millis = Millis::seconds(5);
const PROMPT: &str = "note> ";

/// A state, and the room to tell it in.
pub struct Page<'a> {
    pub state: &'a LiveState,
    /// Room for a column of labels.
    pub wide: bool,
    pub width: usize,
}

impl Page<'_> {
    /// From the top down.
    pub fn body(&self) -> Vec<Row> {
        let state = self.state;
        let title = head(&printable(&state.title), self.width);
        let mut rows = vec![
            Row::BLANK,
            Row::new(Worth::Title, title, Style::new()),
            Row::BLANK,
            Row::new(Worth::Time, self.time(), BOLD),
            Row::BLANK,
        ];
        rows.extend([self.stage(), self.plan()].into_iter().flatten());
        rows.extend([Row::BLANK, self.level(), self.word(), self.edit(), Row::BLANK]);
        rows.push(if state.nudge {
            Row::new(Worth::Nudge, head(NUDGE, self.width), Style::new())
        } else {
            Row::BLANK
        });
        rows.extend(self.trouble());
        rows
    }

    fn label(&self, label: &str) -> String {
        if self.wide { format!("{label:<LABELS$}") } else { format!("{label} ") }
    }

    /// A row of what may be cut and what may not.
    fn row(&self, worth: Worth, label: String, cut: impl FnOnce(usize) -> String, kept: &str) -> Row {
        let room = self.width.saturating_sub(width(&label));
        let gap = if kept.is_empty() { "" } else { " " };
        let start = cut(room.saturating_sub(width(kept) + gap.len()));
        let text =
            if start.is_empty() { head(kept, room) } else { head(&format!("{start}{gap}{kept}"), room) };
        Row { worth, label, text, style: Style::new() }
    }

    fn time(&self) -> String {
        let mut text = self.state.elapsed.clock();
        for (is, words) in [(self.state.held, HELD), (self.state.thinking, THINKING)] {
            if is {
                text = format!("{text}  {words}");
            }
        }
        head(&text, self.width)
    }

    fn stage(&self) -> Option<Row> {
        let label = if self.wide { self.label("stage") } else { String::new() };
        let Some(stage) = StageClock::of(self.state) else {
            return (!self.state.plan.is_empty())
                .then(|| self.row(Worth::Stage, label, |room| head("no stage yet", room), ""));
        };
        let time = match stage.over() {
            Some(over) if width(&stage.time()) > self.width => over,
            _ => stage.time(),
        };
        Some(self.row(Worth::Stage, label, |room| head(&stage.name, room), &time))
    }

    /// The stages in order, the current one in brackets; those that are past go first where they do not all fit.
    fn plan(&self) -> Option<Row> {
        let plan = &self.state.plan;
        if plan.is_empty() {
            return None;
        }
        let marked = self.state.stage.as_ref().map(|(name, _)| name);
        let current = plan.iter().position(|(name, _)| Some(name) == marked).unwrap_or(0);
        let names = plan.iter().map(|(name, _)| {
            if Some(name) == marked { format!("[{}]", printable(name)) } else { printable(name) }
        });
        let names: Vec<_> = names.collect();
        let from =
            |first: usize| format!("{}{}", if first > 0 { "… " } else { "" }, names[first..].join("  "));
        let fitting = |room: usize| (0..current).map(from).find(|text| width(text) <= room);
        let label = if self.wide { self.label("plan") } else { String::new() };
        let cut = |room| head(&fitting(room).unwrap_or_else(|| from(current)), room);
        Some(self.row(Worth::Plan, label, cut, ""))
    }

    fn level(&self) -> Row {
        let state = self.state;
        let words = match state.level {
            _ if state.held => "not recording",
            level if level.is_nan() || level == f32::NEG_INFINITY => "nothing: muted?",
            level if level >= GOOD || (spoken(state) && state.since_speech < BREATH) => "good",
            _ => "",
        };
        let level = if state.held { f32::NEG_INFINITY } else { state.level };
        self.row(Worth::Level, self.label("level"), |room| bar(level, room.min(BAR)), words)
    }

    fn word(&self) -> Row {
        self.row(Worth::Word, self.label("last word"), |_| String::new(), &last_word(self.state))
    }

    fn edit(&self) -> Row {
        let label = self.label("last edit");
        let Some((at, path)) = &self.state.last_edit else {
            return self.row(Worth::Edit, label, |_| String::new(), "none yet");
        };
        let kept = format!("{} · {}", ago(self.state.elapsed - *at), edits(self.state.edits));
        self.row(Worth::Edit, label, |room| tail(&printable(path), room), &kept)
    }

    fn trouble(&self) -> Vec<Row> {
        let Some(trouble) = &self.state.trouble else { return Vec::new() };
        let sentence = format!("Trouble: {}", printable(trouble));
        let lines = wrap(&sentence, self.width, 3);
        lines.into_iter().map(|line| Row::new(Worth::Trouble, line, BOLD)).collect()
    }

    /// The last lines; a note that is being typed is the very last.
    pub fn foot(&self, typing: Option<&str>) -> Vec<Row> {
        let Some(note) = typing else {
            return vec![Row::new(Worth::Keys, self.keys(), DIM)];
        };
        // One column stays free for the cursor.
        let room = self.width.saturating_sub(PROMPT.len() + 1);
        let note = head(PROMPT, self.width) + &tail(&printable(note), room);
        let keys = head("[Enter] keep  [Esc] drop", self.width);
        vec![Row::new(Worth::Keys, keys, DIM), Row::new(Worth::Note, note, Style::new())]
    }

    fn keys(&self) -> String {
        let hold = if self.state.held { "[p] go on" } else { "[p]ause" };
        let forms = [
            format!("[n]ext stage  [m] note  [t]hinking  {hold}  [q] stop"),
            format!("[n]ext [m]note [t]hink {hold} [q]stop"),
        ];
        let fitting = forms.into_iter().find(|form| width(form) <= self.width);
        fitting.unwrap_or_else(|| head("[n] [m] [t] [p] [q]", self.width))
    }
}

fn bar(level: f32, cells: usize) -> String {
    let share = (1.0 - level / QUIETEST).clamp(0.0, 1.0);
    let full = (share * cells as f32).round() as usize;
    "█".repeat(full) + &"·".repeat(cells - full)
}
