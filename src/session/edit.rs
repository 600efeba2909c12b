//! A change of a watched file: one line of `edits.jsonl`.

use std::ops::RangeInclusive;

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

    /// Where the added lines stand in the text after the edit (1-based), for each place that has any.
    pub fn added_lines(&self) -> Vec<RangeInclusive<usize>> {
        let (mut added, mut removed) = (0, 0);
        let mut places = Vec::new();
        for hunk in &self.hunks {
            let first = (hunk.line.max(1) + added).saturating_sub(removed).max(1);
            if !hunk.added.is_empty() {
                places.push(first..=first + hunk.added.len() - 1);
            }
            added += hunk.added.len();
            removed += hunk.removed.len();
        }
        places
    }

    pub fn lines_removed(&self) -> usize {
        self.hunks.iter().map(|hunk| hunk.removed.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_lines_stand_where_the_hunks_before_moved_them() {
        let hunk = |line, removed, added| Hunk {
            line,
            removed: vec![String::new(); removed],
            added: vec![String::new(); added],
        };
        let hunks = vec![hunk(1, 0, 2), hunk(3, 2, 0), hunk(9, 1, 1), hunk(0, 0, 1)];
        let edit = Edit {
            at: Millis(0),
            monotonic_ns: None,
            path: "a".into(),
            kind: EditKind::Modify,
            from: None,
            cause: Cause::Typing,
            hunks,
            hash: String::new(),
        };
        assert_eq!(edit.added_lines(), [1..=2, 9..=9, 1..=1]);
    }
}
