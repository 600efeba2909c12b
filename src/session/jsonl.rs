//! JSON Lines, read as far as they go.

use serde::de::DeserializeOwned;

/// A line that could not be used. `line` is 1-based.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    pub line: usize,
    pub why: String,
}

/// Every line that can be read, and what is wrong with the others. Blank lines are nothing.
pub fn parse<T: DeserializeOwned>(text: &str) -> (Vec<T>, Vec<BadLine>) {
    let (good, bad) = numbered(text);
    (good.into_iter().map(|(_, value)| value).collect(), bad)
}

/// The same, with the number of each line.
pub fn numbered<T: DeserializeOwned>(text: &str) -> (Vec<(usize, T)>, Vec<BadLine>) {
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(line) {
            Ok(value) => good.push((index + 1, value)),
            Err(error) => bad.push(BadLine { line: index + 1, why: error.to_string() }),
        }
    }
    (good, bad)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Event, EventKind, Millis};

    #[test]
    fn a_cut_last_line_loses_only_itself() {
        let text =
            "{\"at\": 1.5, \"kind\": \"stage\", \"stage\": \"clarify\"}\n\n{\"at\": 2.0, \"kind\": \"no";
        let (events, bad) = parse::<Event>(text);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].at, Millis(1500));
        assert_eq!(events[0].kind, EventKind::Stage { stage: "clarify".into() });
        assert_eq!(bad.len(), 1);
        assert_eq!(bad[0].line, 3);
    }
}
