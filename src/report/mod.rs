//! A judged session as HTML, JSON, Markdown, text and SVG. Pure: everything is returned as a string.

pub mod charts;
pub mod document;
pub mod html;
pub mod markdown;
pub mod page;
pub mod show;
pub mod text;
pub mod transcript;

pub use document::{Report, SessionInfo};
