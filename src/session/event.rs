//! What happened beside speech and edits: one line of `events.jsonl`.

use serde::{Deserialize, Serialize};

use super::Millis;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub at: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monotonic_ns: Option<i64>,
    #[serde(flatten)]
    pub kind: EventKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    Stage {
        stage: String,
    },
    Note {
        text: String,
    },
    Run {
        command: String,
        exit_code: i32,
        seconds: f64,
    },
    /// The person said by key that they think: the pause that follows is announced.
    Thinking,
    /// The recording is held until `Resume`.
    Pause,
    Resume,
    DeviceLost {
        #[serde(default)]
        text: String,
    },
    DeviceBack {
        #[serde(default)]
        text: String,
    },
    /// Silence of this length was filled in for audio that was lost.
    LostAudio {
        seconds: f64,
    },
    Nudge {
        #[serde(default)]
        text: String,
    },
}
