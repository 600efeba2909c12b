//! A judged session as HTML, JSON, Markdown, text and SVG. Pure: everything is returned as a string.

pub mod charts;
pub mod comparison;
pub mod definitions;
pub mod document;
pub mod finds;
pub mod focus;
pub mod goals;
pub mod html;
pub mod markdown;
pub mod page;
#[cfg(test)]
mod sample;
pub mod sessions;
pub mod show;
mod strip;
pub mod text;
pub mod transcript;
pub mod trends;

pub use document::{Report, SessionInfo};
