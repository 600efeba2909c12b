//! Signals and anti-patterns as the report shows them.

use serde::{Deserialize, Serialize};

use crate::analysis::{Analysis, Evidence};
use crate::rubric::Checklist;
use crate::rubric::detection::{self, AntiPatternFound, Found, SignalFound};
use crate::session::Span;

/// One of the signals of a senior engineer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Signal {
    pub id: String,
    pub title: String,
    pub found: Found,
    #[serde(default)]
    pub what: String,
    /// How to show it.
    #[serde(default)]
    pub advice: String,
    pub note: String,
    pub evidence: Vec<Moment>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct AntiPattern {
    pub id: String,
    pub title: String,
    /// `null` where that cannot be told; the note says why.
    pub found: Option<bool>,
    /// 0 to 1.
    #[serde(default)]
    pub confidence: f64,
    #[serde(default)]
    pub what: String,
    #[serde(default)]
    pub why: String,
    #[serde(default)]
    pub advice: String,
    pub note: String,
    pub evidence: Vec<Moment>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Moment {
    #[serde(flatten)]
    pub span: Span,
    pub quote: String,
    pub episode: Option<usize>,
    /// In the code, rather than heard.
    #[serde(default)]
    pub seen: bool,
}

pub fn signals(checklist: &Checklist, analysis: &Analysis) -> Vec<Signal> {
    let entry = |one: SignalFound| Signal {
        id: one.signal.id.clone(),
        title: one.signal.title.clone(),
        found: one.found,
        what: one.signal.what.clone(),
        advice: one.signal.advice.clone(),
        note: one.note,
        evidence: one.evidence.iter().map(|(evidence, seen)| moment(evidence, *seen)).collect(),
    };
    detection::signals(checklist, &analysis.metrics).into_iter().map(entry).collect()
}

pub fn antipatterns(checklist: &Checklist, analysis: &Analysis) -> Vec<AntiPattern> {
    let entry = |one: AntiPatternFound| AntiPattern {
        id: one.antipattern.id.clone(),
        title: one.antipattern.title.clone(),
        found: one.found,
        confidence: one.confidence,
        what: one.antipattern.what.clone(),
        why: one.antipattern.why.clone(),
        advice: one.antipattern.advice.clone(),
        note: one.note,
        evidence: one.evidence.iter().map(|evidence| moment(evidence, false)).collect(),
    };
    detection::antipatterns(checklist, &analysis.metrics).into_iter().map(entry).collect()
}

fn moment(evidence: &Evidence, seen: bool) -> Moment {
    Moment { span: evidence.span, quote: evidence.quote.clone(), episode: evidence.episode, seen }
}
