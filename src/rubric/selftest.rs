//! Every example of every label, run as a test.

use super::context::{Past, Unit};
use super::label::{Example, Label};
use super::labeller::Labeller;

/// An example that does not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    pub example: Example,
    pub label: String,
}

/// How many examples were run, and those that failed.
pub fn run(labeller: &Labeller) -> (usize, Vec<Failure>) {
    let mut count = 0;
    let mut failures = Vec::new();
    for label in labeller.labels() {
        for example in &label.examples {
            count += 1;
            if is_given(labeller, label, example) != example.matches {
                failures.push(Failure { example: example.clone(), label: label.id.clone() });
            }
        }
    }
    (count, failures)
}

/// Whether the example's sentence gets the label after its context.
fn is_given(labeller: &Labeller, label: &Label, example: &Example) -> bool {
    let mut past = Past::default();
    for (speaker, text) in &example.context {
        let unit = Unit { speaker: *speaker, text, ..Unit::default() };
        past.push(*speaker, &labeller.label(&label.language, &unit, &past));
    }
    let unit = Unit { speaker: label.speaker, text: &example.text, ..Unit::default() };
    labeller.label(&label.language, &unit, &past).iter().any(|hit| hit.label == label.id)
}
