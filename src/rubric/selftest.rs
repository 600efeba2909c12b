//! Every example of every label, run as a test.

use super::label::Example;
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
            let given = labeller.label(label.speaker, &example.text).iter().any(|hit| hit.label == label.id);
            if given != example.matches {
                failures.push(Failure { example: example.clone(), label: label.id.clone() });
            }
        }
    }
    (count, failures)
}
