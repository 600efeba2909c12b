//! Reports that tests are about, put together by hand.

use super::document::{CardEntry, CategoryScore, Report, SaidEntry, Scores, SessionInfo, WordEntry};
use crate::session::{FORMAT, Millis, Role, Span, TOOL};

/// A session in which nothing happened, of this many seconds.
pub fn empty(seconds: f64) -> Report {
    Report {
        format: FORMAT,
        tool: TOOL.into(),
        session: SessionInfo { title: "Sample".into(), language: "en".into(), ..SessionInfo::default() },
        duration: Millis::from_seconds(seconds),
        active: Span::from_seconds(0.0, seconds),
        heard: true,
        plan: None,
        stages: vec![],
        speech: vec![],
        speakers: vec![],
        utterances: vec![],
        dropped: vec![],
        episodes: vec![],
        runs: vec![],
        notes: vec![],
        gaps: vec![],
        metrics: vec![],
        scorecard: CardEntry { id: "c".into(), version: 1, hash: "0".into(), title: "Card".into() },
        scores: Scores { total: None, categories: Default::default(), ordered: vec![] },
        findings: vec![],
        strengths: vec![],
        signals: vec![],
        antipatterns: vec![],
        focus: vec![],
    }
}

/// The words are spread evenly, each as sure as 0.9.
pub fn said(start: f64, end: f64, text: &str) -> SaidEntry {
    let words: Vec<&str> = text.split_whitespace().collect();
    let each = (end - start) / words.len().max(1) as f64;
    SaidEntry {
        span: Span::from_seconds(start, end),
        speaker: Role::Candidate,
        text: text.trim().to_owned(),
        heard: None,
        labels: Default::default(),
        words: words
            .iter()
            .enumerate()
            .map(|(index, word)| WordEntry {
                span: Span::from_seconds(start + each * index as f64, start + each * (index + 1) as f64),
                text: (*word).to_owned(),
                probability: 0.9,
            })
            .collect(),
    }
}

pub fn score(title: &str, score: Option<f64>) -> CategoryScore {
    CategoryScore { id: title.to_lowercase(), title: title.into(), weight: 1.0, score }
}
