//! The edge: everything that touches files, devices, models or the network.

pub mod decode;
pub mod files;
pub mod models;
pub mod pcm;
pub mod replay;
pub mod resample;
pub mod store;
pub mod transcriber;
pub mod vad;
#[cfg(feature = "whisper")]
pub mod whisper;
