//! How much the typed code helps to tell syntax from intent: labels of made sessions with and without their edits.
//!
//!     cargo run --release --example alignment_eval

#[path = "../tests/fixture/script.rs"]
mod script;

use thinkaloud::analysis::dictation;
use thinkaloud::rubric::{Labeller, Layers, Unit, builtin};
use thinkaloud::session::Utterance;

const LABELS: [&str; 2] = ["intent", "syntax"];

/// Hits, and what was given and true of one label.
#[derive(Clone, Copy, Default)]
struct Count {
    hits: usize,
    given: usize,
    truly: usize,
}

impl Count {
    fn f1(self) -> f64 {
        2.0 * self.hits as f64 / (self.given + self.truly).max(1) as f64
    }
}

fn main() {
    let patterns = Labeller::load(&[builtin::lexicon()], &builtin::files("labels"), &[]).unwrap();
    let layers = Layers::new(patterns).unwrap();
    let mut all = [[Count::default(); LABELS.len()]; 2];
    println!("{:<20}{:>24}{:>24}", "", "intent F1", "syntax F1");
    println!("{:<20}{:>12}{:>12}{:>12}{:>12}", "", "without", "with edits", "without", "with edits");
    for script in script::all() {
        let truth = script.utterances();
        let units: Vec<Unit> = truth
            .iter()
            .map(|said| Unit { speaker: said.speaker, text: &said.text, ..Unit::default() })
            .collect();
        let mut without = truth.clone();
        for (said, labels) in without.iter_mut().zip(layers.label_session("en", &units)) {
            said.labels = labels;
        }
        let mut with = without.clone();
        dictation::sharpen(&mut with, &script.code());
        let counts = [count(&truth, &without), count(&truth, &with)];
        print!("{:<20}", script.name);
        for (without, with) in counts[0].iter().zip(&counts[1]) {
            print!("{:>12.2}{:>12.2}", without.f1(), with.f1());
        }
        println!();
        for (sum, counts) in all.iter_mut().flatten().zip(counts.iter().flatten()) {
            sum.hits += counts.hits;
            sum.given += counts.given;
            sum.truly += counts.truly;
        }
    }
    print!("{:<20}", "all");
    for (without, with) in all[0].iter().zip(&all[1]) {
        print!("{:>12.3}{:>12.3}", without.f1(), with.f1());
    }
    println!();
}

fn count(truth: &[Utterance], found: &[Utterance]) -> [Count; LABELS.len()] {
    LABELS.map(|label| {
        let mut count = Count::default();
        for (truth, found) in truth.iter().zip(found).filter(|(truth, _)| truth.is_candidate()) {
            count.given += usize::from(found.has(label));
            count.truly += usize::from(truth.has(label));
            count.hits += usize::from(truth.has(label) && found.has(label));
        }
        count
    })
}
