//! A measure with its unit and the moments behind it.

use serde::{Deserialize, Serialize};

use crate::session::{Millis, Span};

#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    Value(f64),
    /// The session holds too little to judge; the text says of what.
    TooLittleData(String),
}

/// One moment that a metric counts.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Evidence {
    #[serde(flatten)]
    pub span: Span,
    /// A pause that was announced.
    #[serde(skip)]
    pub announced: bool,
    /// What was said, or what happened, in words.
    pub quote: String,
    /// Position of the episode it belongs to, if it does.
    pub episode: Option<usize>,
}

impl Evidence {
    pub fn new(span: Span, quote: impl Into<String>) -> Self {
        Self { span, announced: false, quote: quote.into(), episode: None }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// As in `docs/metrics.md`.
    pub id: String,
    pub reading: Reading,
    /// `s`, `min`, `share`, `count` or `words/min`.
    pub unit: &'static str,
    /// 0 to 1: how far the reading can be trusted.
    pub confidence: f64,
    pub note: String,
    pub evidence: Vec<Evidence>,
}

impl Metric {
    pub fn new(id: &str, unit: &'static str, value: f64) -> Self {
        let reading = if value.is_finite() {
            // An empty sum is -0; nobody wants to read that.
            Reading::Value(value + 0.0)
        } else {
            Reading::TooLittleData("nothing to measure it on".into())
        };
        Self { id: id.into(), reading, unit, confidence: 1.0, note: String::new(), evidence: Vec::new() }
    }

    pub fn too_little(id: &str, unit: &'static str, reason: impl Into<String>) -> Self {
        Self { reading: Reading::TooLittleData(reason.into()), ..Self::new(id, unit, 0.0) }
    }

    pub fn count(id: &str, evidence: Vec<Evidence>) -> Self {
        Self::new(id, "count", evidence.len() as f64).with_evidence(evidence)
    }

    pub fn seconds(id: &str, length: Millis) -> Self {
        Self::new(id, "s", length.as_seconds())
    }

    pub fn with_evidence(mut self, evidence: Vec<Evidence>) -> Self {
        self.evidence = evidence;
        self
    }

    pub fn with_confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// Adds to what was noted before.
    pub fn with_note(mut self, note: impl AsRef<str>) -> Self {
        if !self.note.is_empty() {
            self.note.push_str("; ");
        }
        self.note.push_str(note.as_ref());
        self
    }

    pub fn value(&self) -> Option<f64> {
        match self.reading {
            Reading::Value(value) => Some(value),
            Reading::TooLittleData(_) => None,
        }
    }
}
