//! Made sessions for tests: utterances that are nothing but their labels and cues.

use crate::analysis::Metric;
use crate::session::{Cue, LabelHit, Millis, Role, Span, Timeline, Utterance};

/// Two seconds and a hundred words of the candidate's.
pub fn said(at: f64, labels: &[&str], cues: &[&str]) -> Utterance {
    let hit = |label: &&str| LabelHit {
        label: (*label).into(),
        confidence: 1.0,
        pattern: String::new(),
        words: String::new(),
    };
    // "option=a heap" is the cue `option` with these words.
    let cue = |cue: &&str| {
        let (cue, words) = cue.split_once('=').unwrap_or((cue, "word"));
        Cue { cue: cue.into(), words: words.into(), at: 0 }
    };
    Utterance {
        span: Span::from_seconds(at, at + 2.0),
        text: "word ".repeat(100).trim().into(),
        labels: labels.iter().map(hit).collect(),
        cues: cues.iter().map(cue).collect(),
        ..Utterance::default()
    }
}

pub fn interviewer(at: f64, labels: &[&str], cues: &[&str]) -> Utterance {
    Utterance { speaker: Role::Interviewer, ..said(at, labels, cues) }
}

pub fn untimed(said: Utterance) -> Utterance {
    Utterance { span: Span::default(), ..said }
}

/// Ten minutes with labels and cues for the language.
pub fn session(utterances: Vec<Utterance>) -> Timeline {
    Timeline {
        duration: Millis::seconds(600),
        active: Span::from_seconds(0.0, 600.0),
        utterances,
        labelled: true,
        cued: true,
        ..Timeline::default()
    }
}

pub fn value(metrics: &[Metric], id: &str) -> Option<f64> {
    metrics.iter().find(|metric| metric.id == id).unwrap().value()
}
