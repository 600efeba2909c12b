//! `hearing.json`: what was measured on the audio, so that a session can be scored again when the audio is gone.

use serde::{Deserialize, Serialize};

use super::{FORMAT, Millis, TOOL, Turn};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hearing {
    pub format: u32,
    #[serde(default)]
    pub tool: String,
    /// Hash of the sound that was heard.
    #[serde(default)]
    pub audio: String,
    pub duration: Millis,
    /// Where each file of the recording begins.
    #[serde(default)]
    pub starts: Vec<Millis>,
    /// Who speaks when.
    pub turns: Vec<Turn>,
    /// What was wrong with the audio, and what was assumed of who speaks.
    #[serde(default)]
    pub problems: Vec<String>,
}

impl Hearing {
    pub fn new(
        audio: String,
        duration: Millis,
        starts: Vec<Millis>,
        turns: Vec<Turn>,
        problems: Vec<String>,
    ) -> Self {
        Self { format: FORMAT, tool: TOOL.into(), audio, duration, starts, turns, problems }
    }

    /// # Errors
    /// In words, when it is damaged or of a newer format.
    pub fn read(text: &str) -> Result<Self, String> {
        let hearing: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if hearing.format > FORMAT {
            return Err(format!("it has format {}; this program knows up to {FORMAT}", hearing.format));
        }
        Ok(hearing)
    }

    /// The document as text, for a file.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| unreachable!("every key is a string: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Role, Span};

    #[test]
    fn what_was_heard_is_read_as_it_was() {
        let turn = Turn {
            speaker: Role::Interviewer,
            confidence: 0.75,
            channel: 1,
            span: Span::from_seconds(1.5, 2.25),
        };
        let hearing = Hearing::new("h".into(), Millis(9_000), vec![Millis(0)], vec![turn], vec!["p".into()]);
        assert_eq!(Hearing::read(&hearing.to_json()).unwrap(), hearing);
        assert!(
            Hearing::read(r#"{"format": 2, "duration": 1, "turns": []}"#).unwrap_err().contains("format 2")
        );
    }
}
