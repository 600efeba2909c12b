//! The data of a session. Pure: nothing here reads a file, a clock or the environment.

pub mod clock;
pub mod code;
pub mod edit;
pub mod event;
pub mod hash;
pub mod heard;
pub mod hearing;
pub mod history;
pub mod jsonl;
pub mod manifest;
pub mod time;
pub mod timeline;
pub mod transcript;
pub mod turn;

pub use clock::{Anchor, Clock};
pub use code::CodeHistory;
pub use edit::{Cause, Edit, EditKind, Hunk};
pub use event::{Event, EventKind};
pub use heard::Hearing;
pub use hearing::Heard;
pub use manifest::{Manifest, Role, SpeakerChannel};
pub use time::{Millis, Span};
pub use timeline::{Episode, Pause, Run, Stage, StageSource, Timeline};
pub use transcript::{Cue, Dropped, LabelHit, Transcript, Utterance, Word};
pub use turn::Turn;

/// Version of every document that this program writes; grows only when a reader of the old one would go wrong.
pub const FORMAT: u32 = 1;

/// Name and version, as written into every document.
pub const TOOL: &str = concat!("thinkaloud ", env!("CARGO_PKG_VERSION"));
