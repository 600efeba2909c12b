//! `session.json`: what was recorded, when and by whom.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    #[serde(default)]
    pub tool: String,
    pub id: Uuid,
    #[serde(default)]
    pub title: String,
    /// Wall time of the first audio frame; only for showing.
    #[serde(default)]
    pub started_at: Option<DateTime<FixedOffset>>,
    /// Name of the stage plan.
    #[serde(default)]
    pub profile: Option<String>,
    #[serde(default)]
    pub problem: Option<String>,
    #[serde(default)]
    pub code_root: Option<String>,
    #[serde(default)]
    pub speakers: Vec<SpeakerChannel>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeakerChannel {
    pub channel: usize,
    pub role: Role,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    #[default]
    Candidate,
    Interviewer,
}

impl Role {
    /// Who says what in a line such as "interviewer: why?".
    pub fn of_line(line: &str) -> Option<(Self, String)> {
        [Self::Candidate, Self::Interviewer].into_iter().find_map(|role| {
            let text = line.strip_prefix(role.name())?.strip_prefix(':')?;
            Some((role, text.trim().to_owned()))
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Interviewer => "interviewer",
        }
    }
}
