//! Rubric files: text to rules, their self-test, labelling and scoring. Pure.

pub mod agreement;
pub mod builtin;
pub mod catalog;
pub mod checklist;
pub mod code;
pub mod context;
pub mod cues;
pub mod definition;
pub mod detection;
pub mod encoder;
pub mod favoured;
pub mod labeller;
pub mod layers;
pub mod lexicon;
pub mod normalise;
pub mod pattern;
pub mod profile;
pub mod repair;
pub mod scorecard;
pub mod scoring;
pub mod selftest;
pub mod source;

pub use checklist::Checklist;
pub use context::{Past, Unit};
pub use cues::Cues;
pub use definition::{Definition, Kind};
pub use labeller::{Labeller, Verdict};
pub use layers::Layers;
pub use pattern::Outcome;
pub use profile::Profile;
pub use scorecard::{Rule, Scorecard};
pub use scoring::{Finding, Judgement, RuleScore, Score};
pub use source::{Place, RubricError, RubricFile};
