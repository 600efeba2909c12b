//! The session on one axis: speech, pauses, edits, runs and stages.

use serde::{Deserialize, Serialize};

use super::{Cause, Millis, Span, Utterance};

/// A stretch without speech, as heard by speech detection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pause {
    #[serde(flatten)]
    pub span: Span,
    /// The candidate said that they would think.
    pub announced: bool,
    /// Files that were edited meanwhile.
    #[serde(default)]
    pub edited: Vec<String>,
}

/// A burst of edits that belong together. Counts leave out what a formatter, a checkout or a generator did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    #[serde(flatten)]
    pub span: Span,
    /// When the burst began of which this is a part: what was said just before is said of all its parts.
    #[serde(skip)]
    pub burst: Millis,
    /// Positions in the list of edits.
    #[serde(skip)]
    pub edits: Vec<usize>,
    pub files: Vec<String>,
    /// Functions, classes and methods that were written or touched, in order of appearance.
    pub symbols: Vec<String>,
    pub added: usize,
    pub removed: usize,
    /// The cause of most of its lines.
    pub cause: Cause,
    /// It only brought new files: set-up, when nothing was said before.
    pub creates_only: bool,
}

impl Episode {
    /// What was written: its symbols, or its files where none are known.
    pub fn names(&self) -> &[String] {
        if self.symbols.is_empty() { &self.files } else { &self.symbols }
    }

    /// Lines changed by hand.
    pub fn lines(&self) -> usize {
        self.added + self.removed
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    #[serde(flatten)]
    pub span: Span,
    pub stage: String,
    pub from: StageSource,
    /// 0 to 1: how sure its borders are.
    pub confidence: f64,
}

/// How a stage is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageSource {
    Marks,
    Inferred,
}

/// A run of the program or its tests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    #[serde(flatten)]
    pub span: Span,
    pub command: String,
    pub exit_code: i32,
}

impl Run {
    pub fn passed(&self) -> bool {
        self.exit_code == 0
    }
}

/// Everything that the rubric judges.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    pub duration: Millis,
    /// From the start to the last sign of life: silence after it is not the person's.
    pub active: Span,
    /// Speech of anyone, in order, not overlapping.
    pub speech: Vec<Span>,
    /// Speech of the candidate: the same where nobody else speaks.
    pub candidate_speech: Vec<Span>,
    /// Speech of the interviewer, at times while the candidate speaks too; empty where nobody else speaks.
    pub interviewer_speech: Vec<Span>,
    /// How sure it is, 0 to 1, who of the two speaks, where that was told from the audio.
    pub told_apart: Option<f64>,
    /// Pauses of 0.25 s and more inside the active span.
    pub pauses: Vec<Pause>,
    pub utterances: Vec<Utterance>,
    pub episodes: Vec<Episode>,
    pub stages: Vec<Stage>,
    pub runs: Vec<Run>,
    pub notes: Vec<(Millis, String)>,
    /// Stretches that were held or lost; they count as neither speech nor silence.
    pub excluded: Vec<Span>,
    /// Whether there are label files for the language that is spoken.
    pub labelled: bool,
    /// The same of cue files.
    pub cued: bool,
    /// Whether speech was measured on audio; where it was only read from word times, pauses are less sure.
    pub heard: bool,
}
