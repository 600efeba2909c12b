//! What the screen and the plain lines both say.

use super::super::state::LiveState;
use super::fit::printable;
use crate::session::Millis;

pub const NUDGE: &str = "keep talking";
pub const HELD: &str = "held - not recording";
pub const THINKING: &str = "thinking (announced)";

/// The current stage against its plan.
pub struct StageClock {
    pub name: String,
    pub spent: Millis,
    pub planned: Option<Millis>,
}

impl StageClock {
    pub fn of(state: &LiveState) -> Option<Self> {
        let (name, since) = state.stage.as_ref()?;
        let planned = state.plan.iter().find(|(planned, _)| planned == name);
        Some(Self {
            name: printable(name),
            spent: (state.elapsed - *since).max(Millis::ZERO),
            planned: planned
                .map(|(_, minutes)| Millis::from_seconds(minutes * 60.0))
                .filter(|planned| *planned > Millis::ZERO),
        })
    }

    /// "2:10 over", from a whole second on.
    pub fn over(&self) -> Option<String> {
        let over = self.spent - self.planned?;
        (over >= Millis::seconds(1)).then(|| format!("{over} over"))
    }

    /// "7:10 of 20:00", and what is over.
    pub fn time(&self) -> String {
        let spent = self.spent;
        match (self.planned, self.over()) {
            (Some(planned), Some(over)) => format!("{spent} of {planned}, {over}"),
            (Some(planned), None) => format!("{spent} of {planned}"),
            (None, _) => spent.clock(),
        }
    }
}

/// How long ago somebody spoke; "none yet" before the first word.
pub fn last_word(state: &LiveState) -> String {
    if spoken(state) { ago(state.since_speech) } else { "none yet".to_owned() }
}

/// Whether speech was heard at all.
pub fn spoken(state: &LiveState) -> bool {
    state.since_speech < state.elapsed
}

pub fn ago(time: Millis) -> String {
    format!("{} ago", time.max(Millis::ZERO))
}

pub fn edits(count: usize) -> String {
    if count == 1 { "1 edit".to_owned() } else { format!("{count} edits") }
}
