//! Two channels of one recording: whether they hold two people, and which words are whose.
//!
//! ```text
//! left   ..[candidate]........(bleed).........[candidate]
//! right  ....(bleed)......[interviewer].........(bleed)..
//! ```

pub mod bleed;
pub mod layout;
pub mod levels;
pub mod stretch;
#[cfg(test)]
mod voices;

pub use bleed::Bleed;
pub use layout::{Layout, Side, Source};
pub use levels::{Comparison, Levels};
