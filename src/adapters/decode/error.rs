//! Why a file cannot be heard, in words for the person who has it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

#[derive(Debug, Error)]
pub enum DecodeError {
    #[error("{path}: {source}")]
    Open { path: PathBuf, source: io::Error },
    #[error("{0}: the file is empty")]
    Empty(PathBuf),
    #[error(
        "{path}: this is not an audio file that can be read (WAV, FLAC, MP3, M4A, Ogg, Opus, WebM, AIFF, CAF, MP4, MKV): {why}"
    )]
    NotAudio { path: PathBuf, why: String },
    #[error("{0}: there is no audio track in it")]
    NoAudioTrack(PathBuf),
    #[error("{path}: there is no audio track {track}; it has {}", list(.tracks))]
    NoSuchTrack { path: PathBuf, track: usize, tracks: Vec<String> },
    #[error("{path}: the header is damaged: {why}")]
    BadHeader { path: PathBuf, why: String },
    #[error("{path}: its audio cannot be decoded ({why})")]
    Unsupported { path: PathBuf, why: String },
    #[error("{path}: a sample rate of {rate} Hz cannot be right; the header is damaged")]
    BadRate { path: PathBuf, rate: u32 },
    #[error("{0}: there are no samples in it")]
    NoSamples(PathBuf),
    /// What the consumer of the samples said.
    #[error("{path}: {source}")]
    Consumer { path: PathBuf, source: io::Error },
}

impl DecodeError {
    /// Whether another decoder may fare better.
    pub(super) fn is_limit_of_ours(&self) -> bool {
        matches!(self, Self::NotAudio { .. } | Self::Unsupported { .. } | Self::NoSamples(_))
    }
}

fn list(tracks: &[String]) -> String {
    match tracks {
        [] => "none".into(),
        tracks => tracks.join("; "),
    }
}
