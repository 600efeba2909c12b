//! Speech to words: the trait, so that tests and people with a transcript need no model.

use std::io;

use thiserror::Error;

use super::pcm::Pcm;
use crate::session::{Dropped, Millis, Span, Word};

#[derive(Debug, Error)]
pub enum TranscribeError {
    #[error("the model {path} cannot be loaded: {why}")]
    Model { path: String, why: String },
    #[error("recognition failed at {at}: {why}")]
    Recogniser { at: Millis, why: String },
    #[error("the working copy of the audio cannot be read: {0}")]
    Audio(#[from] io::Error),
}

/// Words in order of time, each inside a speech region, and what was written but not used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    pub words: Vec<Word>,
    pub dropped: Vec<Dropped>,
}

/// Called with the audio done and the audio to do.
pub type Progress<'a> = &'a mut dyn FnMut(Millis, Millis);

pub trait Transcriber {
    /// The model's name, for the transcript.
    fn model(&self) -> &str;

    /// Language of the words, as a two-letter code.
    fn language(&self) -> &str;

    /// Hears `speech` (in order, not overlapping) and nothing else of `audio`.
    fn transcribe(
        &mut self,
        audio: &mut Pcm,
        speech: &[Span],
        progress: Progress,
    ) -> Result<Heard, TranscribeError>;
}
