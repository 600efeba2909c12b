//! What was heard of a recording, moment by moment, and from what score on it is speech.

use super::{Millis, Span};

/// A region of speech opens at this score of the detector (0 to 1), live as in the analysis.
/// Chosen on half of the voices of `examples/vad_eval` together with [`OFFSET`]: at 0.4 chatter was taken for speech.
pub const ONSET: f32 = 0.5;
/// It goes on while the score stays at or above this.
pub const OFFSET: f32 = 0.35;
/// Shorter than this it is a click, not speech.
pub const MIN_SPEECH: Millis = Millis(130);

/// One value every `step` milliseconds, from the start of the recording on.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    pub values: Vec<f32>,
    pub step: i64,
}

impl Track {
    /// The value that `at` falls into, or the number of values when it is past the end.
    pub fn index(&self, at: Millis) -> usize {
        ((at.0.max(0) / self.step) as usize).min(self.values.len())
    }

    pub fn at(&self, index: usize) -> Millis {
        Millis(index as i64 * self.step)
    }

    pub fn within(&self, span: Span) -> &[f32] {
        let from = self.index(span.start);
        &self.values[from..self.index(span.end).max(from)]
    }

    pub fn end(&self) -> Millis {
        self.at(self.values.len())
    }
}

/// A whole recording as the detector heard it.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// 0 (none) to 1 (speech).
    pub scores: Track,
    /// dB of full scale, without hum and rumble.
    pub levels: Track,
}
