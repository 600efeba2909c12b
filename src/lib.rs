//! Thinkaloud: how well an engineer narrates a coding interview.
//!
//! ```text
//! audio ─→ decode ─→ 16 kHz ─→ speech regions ─→ pauses
//!                       │            │
//!                       └────────────┴─→ whisper ─→ words ─→ utterances ─→ labels
//! edits ─→ episodes ───────────────────────────────┐                        │
//! runs, marks ─────────────────────────────────────┴──── Timeline ──────────┘
//!                                                            │
//!                                      metrics ─→ scorecard ─→ report
//! ```
//!
//! `session` ← `analysis` ← `rubric` ← `report` are pure; `adapters` know only `session`; `cmd` wires them.

pub mod adapters;
pub mod analysis;
pub mod cli;
pub mod cmd;
pub mod config;
pub mod report;
pub mod rubric;
pub mod session;

use analysis::code::Table;
use analysis::{Analysis, Known, Material, dictation, moments, utterances};
use rubric::repair::Repairs;
use rubric::{Layers, Unit};
use session::Utterance;

/// What the words and the code are read by.
pub struct Rules {
    pub labels: Layers,
    pub repairs: Repairs,
    pub tables: Vec<Table>,
}

/// The pure part of the pipeline. `language` is that of the words, as a two-letter code.
pub fn analyse(material: Material, rules: &Rules, language: &str) -> Analysis {
    let Rules { labels, repairs, tables } = rules;
    let mut utterances = utterances::cut(&material.words);
    let known = Known { labels: labels.knows(language), cues: labels.cues(language).is_some() };
    if known.labels || known.cues {
        label(&material, &mut utterances, labels, language);
    }
    // Labels and cues know the mishearings; people should not have to.
    for said in &mut utterances {
        if let Some(right) = repairs.apply(&said.text) {
            said.heard = Some(std::mem::replace(&mut said.text, right));
        }
    }
    if known.labels {
        dictation::sharpen(&mut utterances, &material.code);
    }
    analysis::analyse(material, utterances, known, tables)
}

fn label(material: &Material, utterances: &mut [Utterance], labels: &Layers, language: &str) {
    let moments = moments::of(material, utterances);
    let said = utterances.iter().zip(&moments);
    let units: Vec<Unit> = said
        .map(|(said, moment)| Unit {
            speaker: said.speaker,
            text: &said.text,
            stage: moment.stage.as_deref(),
            editing: moment.editing,
        })
        .collect();
    let hits = labels.label_session(language, &units);
    let cues = labels.cues(language).map_or_else(Vec::new, |cues| cues.of_session(language, &units, &hits));
    for (said, hits) in utterances.iter_mut().zip(hits) {
        said.labels = hits;
    }
    for (said, cues) in utterances.iter_mut().zip(cues) {
        said.cues = cues;
    }
}
