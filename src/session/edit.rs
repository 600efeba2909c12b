//! A change of a watched file: one line of `edits.jsonl`.

use serde::{Deserialize, Serialize};

use super::Millis;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    pub at: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monotonic_ns: Option<i64>,
    /// Relative to the code root, `/` between parts.
    pub path: String,
    pub kind: EditKind,
    /// The old path of a rename.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default)]
    pub cause: Cause,
    #[serde(default)]
    pub hunks: Vec<Hunk>,
    /// SHA-256 (hex) of the text after the edit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hash: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EditKind {
    Create,
    Modify,
    Delete,
    Rename,
}

/// What made the change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    Typing,
    Paste,
    Formatter,
    Checkout,
    Generated,
    #[default]
    Unknown,
}

impl Cause {
    /// Whether the person made the change by hand, so that it wants a word.
    pub fn is_by_hand(self) -> bool {
        matches!(self, Self::Typing | Self::Paste | Self::Unknown)
    }
}

/// Lines taken out and put in at one place. `line` is 1-based, in the text before the edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunk {
    pub line: usize,
    #[serde(default)]
    pub removed: Vec<String>,
    #[serde(default)]
    pub added: Vec<String>,
}

impl Edit {
    pub fn lines_added(&self) -> usize {
        self.hunks.iter().map(|hunk| hunk.added.len()).sum()
    }

    pub fn lines_removed(&self) -> usize {
        self.hunks.iter().map(|hunk| hunk.removed.len()).sum()
    }
}
