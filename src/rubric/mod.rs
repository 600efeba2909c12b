//! Rubric files: text to rules, their self-test, labelling and scoring. Pure.

pub mod builtin;
pub mod encoder;
pub mod label;
pub mod labeller;
pub mod lexicon;
pub mod normalise;
pub mod profile;
pub mod repair;
pub mod scorecard;
pub mod scoring;
pub mod selftest;
pub mod source;

pub use labeller::Labeller;
pub use profile::Profile;
pub use scorecard::{Rule, Scorecard};
pub use scoring::{Finding, Judgement, RuleScore, Score};
pub use source::{RubricError, RubricFile};
