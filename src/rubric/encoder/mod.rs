//! The second layer of labelling: a small network that reads every utterance of a session and gives each label a
//! confidence. It was taught with labelled sessions (models/labels), and sees what patterns cannot: other words for
//! the same thing, and what the conversation is about at that moment.
//!
//! ```text
//! utterance ─→ pieces ─→ transformer ─→ said ─┬────────────────────────────────────→ hidden ─→ a confidence each label
//!                                             └─→ narrow ─→ GRU forwards, backwards ─┘ │
//! patterns, course of the session ────────────────┴────────────────────────────────────┘
//! ```
//! An utterance is judged by what was said before it and, where that is known, after it.

mod combine;
mod dense;
mod features;
mod pieces;
mod recurrent;
mod transformer;
mod weights;

pub use combine::{combined, is_given};
use dense::{gelu, sigmoid};
pub use features::Heard;
use features::{PLAIN, features};
use pieces::Pieces;
pub use weights::Damaged;
use weights::Weights;

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{self, available_parallelism};

use crate::session::Role;

static BUILTIN: &[u8] = include_bytes!("../../../models/labels.bin");
/// Pieces that go through the transformer together: enough to keep it busy, few enough for the cache.
const BATCH: usize = 512;
/// Utterances up to one that are heard again to weigh its words.
const NEAR: usize = 32;

/// What the network thinks of one label.
#[derive(Clone, Debug, PartialEq)]
pub struct Confidence<'a> {
    pub label: &'a str,
    /// From 0 to 1; [`combined`] with that of the patterns it gives the label or not.
    pub confidence: f32,
}

pub struct Encoder {
    weights: Weights,
    pieces: Pieces,
    marks: Marks,
}

/// Pieces that are no words.
struct Marks {
    start: u32,
    end: u32,
    masked: u32,
    candidate: u32,
    interviewer: u32,
}

impl Encoder {
    /// The network that comes with the program.
    ///
    /// # Errors
    /// When its weights are damaged, which no build should let through.
    pub fn builtin() -> Result<Self, Damaged> {
        Self::read(BUILTIN)
    }

    /// # Errors
    /// When the weights are not whole, or do not fit each other.
    pub fn read(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut weights = Weights::read(bytes)?;
        let pieces = Pieces::new(std::mem::take(&mut weights.pieces)).ok_or(Damaged("a piece is missing"))?;
        let id = |piece| pieces.id(piece).ok_or(Damaged("a piece is missing"));
        let marks = Marks {
            start: id("[CLS]")?,
            end: id("[SEP]")?,
            masked: id("[MASK]")?,
            candidate: id("candidate")?,
            interviewer: id("interview")?,
        };
        Ok(Self { weights, pieces, marks })
    }

    /// For each utterance of a whole session, in order, the confidences of the labels that its speaker can have.
    pub fn labels(&self, session: &[Heard]) -> Vec<Vec<Confidence<'_>>> {
        let confidences = self.confidences(&self.said(&self.sentences(session)), &self.features(session));
        let labels = &self.weights.labels;
        let rows = confidences.chunks_exact(labels.len());
        rows.zip(session)
            .map(|(row, heard)| {
                let own = labels.iter().zip(row).filter(|(label, _)| label.speaker == heard.speaker);
                own.map(|(label, &confidence)| Confidence { label: &label.id, confidence }).collect()
            })
            .collect()
    }

    /// By how much the confidence of `label` falls when a word of the last utterance is hidden, for each of its words.
    /// Empty for a label that is not there, and where nothing was said.
    pub fn words<'a>(&self, session: &[Heard<'a>], label: &str) -> Vec<(&'a str, f32)> {
        let labels = &self.weights.labels;
        let (Some(column), Some(&Heard { speaker, text, .. })) =
            (labels.iter().position(|known| known.id == label), session.last())
        else {
            return Vec::new();
        };
        let first = session.len().saturating_sub(NEAR);
        let features = self.features(session);
        let features = &features[first * (features.len() / session.len())..];
        let near = &session[first..];
        let mut sentences = self.sentences(near);
        let words: Vec<(&str, Vec<u32>)> =
            text.split_whitespace().map(|word| (word, self.pieces.cut(word))).collect();
        for hidden in 0..words.len() {
            let pieces = words.iter().enumerate().flat_map(|(at, (_, pieces))| {
                pieces.iter().map(move |&piece| if at == hidden { self.marks.masked } else { piece })
            });
            sentences.push(self.sentence(speaker, pieces.collect()));
        }
        let said = self.said(&sentences);
        let width = self.weights.transformer.width();
        let (session, variants) = said.split_at(near.len() * width);
        let mut session = session.to_vec();
        let mut confidence = |said: Option<&[f32]>| {
            if let Some(said) = said {
                let start = session.len() - width;
                session[start..].copy_from_slice(said);
            }
            let confidences = self.confidences(&session, features);
            confidences[confidences.len() - labels.len() + column]
        };
        let whole = confidence(None);
        let falls = variants.chunks_exact(width).map(|said| whole - confidence(Some(said)));
        words.iter().map(|(word, _)| *word).zip(falls).collect()
    }

    fn sentences(&self, session: &[Heard]) -> Vec<Vec<u32>> {
        session.iter().map(|heard| self.sentence(heard.speaker, self.pieces.cut(heard.text))).collect()
    }

    fn features(&self, session: &[Heard]) -> Vec<f32> {
        features(self.weights.labels.iter().map(|label| label.id.as_str()), session)
    }

    /// What the transformer reads: who speaks, then the pieces, between two marks.
    fn sentence(&self, speaker: Role, mut pieces: Vec<u32>) -> Vec<u32> {
        let Marks { start, end, candidate, interviewer, .. } = self.marks;
        pieces.truncate(self.weights.transformer.places.scales.len().saturating_sub(3));
        let speaker = if speaker == Role::Candidate { candidate } else { interviewer };
        [start, speaker].into_iter().chain(pieces).chain([end]).collect()
    }

    /// A row for each sentence: what it says by itself. Batches do not depend on each other: a thread a core takes its
    /// share of them.
    fn said(&self, sentences: &[Vec<u32>]) -> Vec<f32> {
        let mut batches: Vec<Vec<&[u32]>> = Vec::new();
        let mut size = BATCH;
        for sentence in sentences {
            if size + sentence.len() > BATCH {
                batches.push(Vec::new());
                size = 0;
            }
            size += sentence.len();
            if let Some(batch) = batches.last_mut() {
                batch.push(sentence);
            }
        }
        let cores = available_parallelism().map_or(1, NonZero::get);
        let share = batches.len().div_ceil(cores).max(1);
        let encode = |batches: &[Vec<&[u32]>]| -> Vec<f32> {
            batches.iter().flat_map(|batch| self.weights.transformer.encode(batch)).collect()
        };
        thread::scope(|scope| {
            let threads: Vec<_> =
                batches.chunks(share).map(|batches| scope.spawn(move || encode(batches))).collect();
            let rows =
                threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            rows.flatten().collect()
        })
    }

    /// A row for each row of `said`, which is a session in order, and of its `features`: a confidence for each label.
    fn confidences(&self, said: &[f32], features: &[f32]) -> Vec<f32> {
        let Weights { labels, narrow, narrow_norm, before, next, hidden, logits, .. } = &self.weights;
        let features: Vec<&[f32]> = features.chunks_exact(labels.len() + PLAIN).collect();
        let mut narrowed = narrow.apply(said);
        narrow_norm.apply(&mut narrowed);
        let rows = narrowed.chunks_exact(narrow.outputs()).zip(&features);
        let narrowed: Vec<f32> = rows.flat_map(|(narrowed, known)| [narrowed, known].concat()).collect();
        let (past, future) = (before.run(&narrowed, false), next.run(&narrowed, true));
        let states = past.chunks_exact(before.width()).zip(future.chunks_exact(next.width()));
        let rows = said.chunks_exact(narrow.inputs).zip(states).zip(features);
        let joined: Vec<f32> =
            rows.flat_map(|((said, (past, future)), known)| [said, past, future, known].concat()).collect();
        let mut inner = hidden.apply(&joined);
        gelu(&mut inner);
        let mut out = logits.apply(&inner);
        out.iter_mut().for_each(|logit| *logit = sigmoid(*logit));
        out
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::weights::made_up;
    use super::*;

    #[derive(Deserialize)]
    struct Expected {
        speaker: Role,
        text: String,
        /// What the program's patterns gave it when the network was packed.
        #[serde(default)]
        patterns: BTreeMap<String, f32>,
        confidences: BTreeMap<String, f32>,
    }

    /// Made-up utterances, with what models/labels/pack.py says of them.
    fn expected() -> Vec<Expected> {
        include_str!("expected.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The labels of the expected session, or what moves one of them on its first utterances.
    fn heard<T>(expected: &[Expected], ask: impl Fn(&[Heard]) -> T) -> T {
        let patterns: Vec<Vec<(&str, f32)>> = expected
            .iter()
            .map(|unit| {
                unit.patterns.iter().map(|(label, confidence)| (label.as_str(), *confidence)).collect()
            })
            .collect();
        let units = expected.iter().zip(&patterns);
        let units = units.map(|(unit, patterns)| Heard { speaker: unit.speaker, text: &unit.text, patterns });
        ask(&units.collect::<Vec<_>>())
    }

    #[test]
    fn the_program_says_what_the_training_said() {
        let encoder = Encoder::builtin().unwrap();
        let expected = expected();
        assert!(expected.iter().any(|unit| !unit.patterns.is_empty()));
        let found: Vec<Vec<(String, f32)>> = heard(&expected, |units| {
            let of = |found: Confidence| (found.label.to_owned(), found.confidence);
            encoder.labels(units).into_iter().map(|row| row.into_iter().map(of).collect()).collect()
        });
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.len(), expected.confidences.len());
            for (label, confidence) in found {
                let wanted = expected.confidences[label];
                assert!((confidence - wanted).abs() < 2e-3, "{}: {label} {confidence}", expected.text);
            }
        }
    }

    #[test]
    fn words_that_matter_are_found() {
        let encoder = Encoder::builtin().unwrap();
        let expected = expected();
        let text = &expected[6].text;
        heard(&expected[..7], |units| {
            let words = encoder.words(units, "thinking");
            assert_eq!(words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" "), *text);
            let most = words.iter().max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap();
            assert_eq!(most.0, "think");
            assert!(encoder.words(units, "no such label").is_empty());
        });
        assert!(encoder.words(&[], "thinking").is_empty());
    }

    #[test]
    fn what_is_said_around_counts_and_so_do_patterns_but_batches_do_not() {
        let encoder = Encoder::read(&made_up()).unwrap();
        let heard = Heard { text: "hash hash map ?", ..Heard::default() };
        let long = vec![heard; 300];
        assert_eq!(encoder.labels(&long).len(), 300);
        let (two, one) = (encoder.labels(&long[..2]), encoder.labels(&long[..1]));
        assert_ne!(two[0], one[0]);
        assert_ne!(two[0], two[1]);
        let hit = Heard { patterns: &[("intent", 0.9)], ..heard };
        assert_ne!(encoder.labels(&[hit])[0], one[0]);
        assert!(encoder.labels(&[]).is_empty());
        let silent = encoder.labels(&[Heard { speaker: Role::Interviewer, ..Heard::default() }]);
        assert_eq!(silent[0].iter().map(|hit| hit.label).collect::<Vec<_>>(), ["hint"]);
        // 600 pieces: two batches, which say what one says.
        let apart = encoder.said(&encoder.sentences(&long));
        let width = encoder.weights.transformer.width();
        assert!(apart.chunks_exact(width).all(|said| *said == apart[..width]));
    }

    #[test]
    fn damaged_weights_are_refused_or_at_least_do_no_harm() {
        let whole = made_up();
        for length in 0..whole.len() {
            assert!(Encoder::read(&whole[..length]).is_err(), "{length}");
        }
        assert!(Encoder::read(&[whole.as_slice(), &[0]].concat()).is_err());
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            if let Ok(encoder) = Encoder::read(&damaged) {
                let heard = Heard { text: "hash map", ..Heard::default() };
                encoder.labels(&[heard, Heard { speaker: Role::Interviewer, ..heard }]);
            }
        }
    }
}
