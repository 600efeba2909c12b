//! What the person who records can see, and what they can do.

use crate::session::Millis;

/// A moment of the recording, for a view to draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveState {
    pub title: String,
    /// Session time: what was held is not in it.
    pub elapsed: Millis,
    /// RMS of the last tenth of a second, in dB of full scale; minus infinity for exact zeros.
    pub level: f32,
    /// Since speech was last heard, in session time; since the start if there was none.
    pub since_speech: Millis,
    /// The stage that was marked last, and when.
    pub stage: Option<(String, Millis)>,
    /// The stage plan: name and minutes of each.
    pub plan: Vec<(String, f64)>,
    /// The last edit: session time and path.
    pub last_edit: Option<(Millis, String)>,
    pub edits: usize,
    /// One plain sentence while something is wrong.
    pub trouble: Option<String>,
    pub held: bool,
    /// The person said by key that they think.
    pub thinking: bool,
    /// Nobody has spoken for a while: show the one neutral line.
    pub nudge: bool,
}

/// What a key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    NextStage,
    Note(String),
    Thinking,
    HoldOrGoOn,
    Stop,
}
