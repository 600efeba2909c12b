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

use analysis::{Analysis, Material, utterances};
use rubric::Labeller;

/// The pure part of the pipeline. `language` is that of the words, as a two-letter code.
pub fn analyse(material: Material, labeller: &Labeller, language: &str) -> Analysis {
    let mut utterances = utterances::cut(&material.words);
    let labelled = labeller.knows(language);
    if labelled {
        labeller.apply(&mut utterances);
    }
    analysis::analyse(material, utterances, labelled)
}
