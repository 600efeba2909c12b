//! One line of the screen, and which of them stay where it is low.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

pub const DIM: Style = Style::new().add_modifier(Modifier::DIM);
pub const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);

/// What a row is worth: where the screen is too low the least goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    Blank,
    Title,
    Plan,
    Edit,
    Level,
    Keys,
    Word,
    Nudge,
    Stage,
    Trouble,
    Time,
    Note,
}

/// A label that stands back, and a text.
pub struct Row {
    pub worth: Worth,
    pub label: String,
    pub text: String,
    pub style: Style,
}

impl Row {
    pub const BLANK: Self =
        Self { worth: Worth::Blank, label: String::new(), text: String::new(), style: Style::new() };

    pub fn new(worth: Worth, text: String, style: Style) -> Self {
        Self { worth, label: String::new(), text, style }
    }

    pub fn line(self) -> Line<'static> {
        Line::from(vec![Span::styled(self.label, DIM), Span::styled(self.text, self.style)])
    }
}
