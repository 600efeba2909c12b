//! `history export json`.

use serde::{Deserialize, Serialize};

use super::{Goal, SessionRecord};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryDocument {
    pub format: u32,
    #[serde(default)]
    pub tool: String,
    /// Oldest first; replaced analyses before the one that replaced them.
    pub sessions: Vec<SessionRecord>,
    #[serde(default)]
    pub goals: Vec<Goal>,
}

impl HistoryDocument {
    /// The document as text, for a file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self)
            .unwrap_or_else(|error| unreachable!("every key is a string: {error}"))
    }
}
