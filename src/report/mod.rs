//! A judged session as HTML, JSON, Markdown, text and SVG. Pure: everything is returned as a string.

pub mod charts;
pub mod definitions;
pub mod document;
pub mod focus;
pub mod html;
pub mod markdown;
pub mod page;
#[cfg(test)]
mod sample;
pub mod show;
mod strip;
pub mod text;
pub mod transcript;

pub use document::{Report, SessionInfo};
