//! The edge: everything that touches files, devices, models or the network.

pub mod clock;
pub mod current;
pub mod decode;
pub mod files;
pub mod history;
pub mod journal;
pub mod machine;
pub mod microphone;
pub mod models;
#[cfg(feature = "opus")]
pub mod opus;
pub mod pcm;
pub mod recorder;
pub mod resample;
pub mod silero;
pub mod speakers;
pub mod store;
pub mod transcriber;
pub mod vad;
pub mod watch;
#[cfg(feature = "whisper")]
pub mod whisper;
