//! A transcriber that gives back the words of a transcript file.

use super::pcm::Pcm;
use super::transcriber::{Heard, Progress, TranscribeError, Transcriber};
use crate::session::{Span, Transcript};

pub struct Replay(pub Transcript);

impl Transcriber for Replay {
    fn model(&self) -> &str {
        &self.0.model
    }

    fn language(&self) -> &str {
        &self.0.language
    }

    fn transcribe(&mut self, _: &mut Pcm, _: &[Span], _: Progress) -> Result<Heard, TranscribeError> {
        Ok(Heard { words: self.0.words.clone(), dropped: self.0.dropped.clone() })
    }
}
