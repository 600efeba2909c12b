//! Every example of every label and cue, run as a test.

use super::context::{Past, Unit};
use super::cues::Cues;
use super::definition::{Definition, Example};
use super::labeller::Labeller;
use crate::session::{Cue, LabelHit};

/// An example that does not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    pub example: Example,
    /// Of the label or the cue.
    pub id: String,
    /// The words that a cue was found in, where they are not those that it should be.
    pub found: Vec<String>,
}

/// How many examples were run, and those that failed.
pub fn run(labels: &Labeller, cues: &Cues) -> (usize, Vec<Failure>) {
    let of = |definition: &Definition| -> usize { definition.examples.len() };
    let count = labels.labels().iter().chain(cues.all()).map(of).sum();
    let labels_failed = labels.labels().iter().flat_map(|label| {
        let failed = label.examples.iter().filter(|e| is_given(labels, label, e) != e.matches);
        failed.map(|example| failure(label, example, Vec::new()))
    });
    let cues_failed = cues.all().iter().flat_map(|cue| {
        cue.examples.iter().filter_map(|example| {
            let found = words(labels, cues, cue, example);
            let holds =
                found.is_empty() != example.matches && (example.words.is_empty() || example.words == found);
            (!holds).then(|| failure(cue, example, found))
        })
    });
    (count, labels_failed.chain(cues_failed).collect())
}

fn failure(definition: &Definition, example: &Example, found: Vec<String>) -> Failure {
    Failure { example: example.clone(), id: definition.id.clone(), found }
}

/// Whether the example's sentence gets the label after its context.
fn is_given(labels: &Labeller, label: &Definition, example: &Example) -> bool {
    let unit = Unit { speaker: label.speaker, text: &example.text, ..Unit::default() };
    let hits = labels.label(&label.language, &unit, &past(labels, label, example));
    hits.iter().any(|hit| hit.label == label.id)
}

/// The words in which the example's sentence has the cue. It is taken to have the labels that the cue asks for.
fn words(labels: &Labeller, cues: &Cues, cue: &Definition, example: &Example) -> Vec<String> {
    let hit = |label: &String| LabelHit {
        label: label.clone(),
        confidence: 1.0,
        pattern: String::new(),
        words: String::new(),
    };
    let given: Vec<LabelHit> = cue.labels.iter().map(hit).collect();
    let unit = Unit { speaker: cue.speaker, text: &example.text, ..Unit::default() };
    let found = cues.of(&cue.language, &unit, &given, &past(labels, cue, example));
    let own = |found: Cue| (found.cue == cue.id).then_some(found.words);
    found.into_iter().filter_map(own).collect()
}

fn past(labels: &Labeller, definition: &Definition, example: &Example) -> Past {
    let mut past = Past::default();
    for (speaker, text) in &example.context {
        let unit = Unit { speaker: *speaker, text, ..Unit::default() };
        past.push(*speaker, &labels.label(&definition.language, &unit, &past));
    }
    past
}
