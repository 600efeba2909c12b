//! Speech to words: the trait, so that tests and people with a transcript need no model.

use std::io;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::journal::Journal;
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
    #[error("stopped before everything was transcribed")]
    Stopped,
    #[error("stopped; what is transcribed so far is kept, and the same command goes on from there")]
    StoppedAndKept,
}

/// Words in order of time, each inside a speech region, and what was written but not used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    pub words: Vec<Word>,
    pub dropped: Vec<Dropped>,
}

/// Called with the audio done and the audio to do.
pub type Progress<'a> = &'a mut dyn FnMut(Millis, Millis);

/// What goes on around a transcription.
pub struct Around<'a> {
    pub progress: Progress<'a>,
    /// What an earlier run has heard, and where this one writes.
    pub journal: &'a mut Journal,
    /// Set when somebody wants it to end.
    pub stop: &'a AtomicBool,
}

/// A language, and how sure the model is of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Detected {
    /// Two-letter code.
    pub language: String,
    /// 0 to 1.
    pub confidence: f32,
}

pub trait Transcriber {
    /// The model's name, for the transcript.
    fn model(&self) -> &str;

    /// Language of the words, as a two-letter code.
    fn language(&self) -> &str;

    /// Finds out which language is spoken, from several places of `speech`, and keeps to it; `None` where the language
    /// is given, or there is nothing to tell it from.
    fn detect(&mut self, audio: &mut Pcm, speech: &[Span]) -> Result<Option<Detected>, TranscribeError>;

    /// Hears `speech` (in order, not overlapping) and nothing else of `audio`.
    fn transcribe(
        &mut self,
        audio: &mut Pcm,
        speech: &[Span],
        around: Around,
    ) -> Result<Heard, TranscribeError>;
}
