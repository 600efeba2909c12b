//! The second layer of labelling: a small network that reads every utterance of a session and gives each label a
//! confidence. It was taught with labelled sessions (models/labels), and sees what patterns cannot: other words for
//! the same thing, and what the conversation is about at that moment.
//!
//! ```text
//! utterance ─→ pieces ─→ transformer ─→ said ─┬──────────────────────────────→ hidden ─→ a confidence each label
//!                                             └─→ narrow ─→ GRU ─→ state ──────┘
//! ```
//! The state carries the conversation on: no utterance is judged by what was said after it.

mod combine;
mod dense;
mod pieces;
mod recurrent;
mod transformer;
mod weights;

pub use combine::{combined, is_given};
use dense::{gelu, sigmoid};
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
/// Utterances before one that are heard again to weigh its words.
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
    pub fn labels(&self, utterances: &[(Role, &str)]) -> Vec<Vec<Confidence<'_>>> {
        let sentences: Vec<Vec<u32>> =
            utterances.iter().map(|&(speaker, text)| self.sentence(speaker, self.pieces.cut(text))).collect();
        let confidences = self.confidences(&self.said(&sentences));
        let rows = confidences.chunks_exact(self.weights.labels.len());
        rows.zip(utterances)
            .map(|(row, (speaker, _))| {
                let labels =
                    self.weights.labels.iter().zip(row).filter(|(label, _)| label.speaker == *speaker);
                labels.map(|(label, &confidence)| Confidence { label: &label.id, confidence }).collect()
            })
            .collect()
    }

    /// By how much the confidence of `label` falls when a word of the utterance at `index` is hidden, for each of
    /// its words. Empty for a label or an utterance that is not there.
    pub fn words<'a>(
        &self,
        utterances: &[(Role, &'a str)],
        index: usize,
        label: &str,
    ) -> Vec<(&'a str, f32)> {
        let labels = &self.weights.labels;
        let (Some(column), Some(&(speaker, text))) =
            (labels.iter().position(|known| known.id == label), utterances.get(index))
        else {
            return Vec::new();
        };
        let first = index.saturating_sub(NEAR);
        let near = &utterances[first..=index];
        let mut sentences: Vec<Vec<u32>> =
            near.iter().map(|&(speaker, text)| self.sentence(speaker, self.pieces.cut(text))).collect();
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
            let confidences = self.confidences(&session);
            confidences[confidences.len() - labels.len() + column]
        };
        let whole = confidence(None);
        let falls = variants.chunks_exact(width).map(|said| whole - confidence(Some(said)));
        words.iter().map(|(word, _)| *word).zip(falls).collect()
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

    /// A row for each row of `said`, which is a session in order: a confidence for each label.
    fn confidences(&self, said: &[f32]) -> Vec<f32> {
        let Weights { narrow, narrow_norm, state, hidden, logits, .. } = &self.weights;
        let mut narrowed = narrow.apply(said);
        narrow_norm.apply(&mut narrowed);
        let states = state.run(&narrowed);
        let rows = said.chunks_exact(narrow.inputs).zip(states.chunks_exact(state.width()));
        let joined: Vec<f32> = rows.flat_map(|(said, state)| [said, state].concat()).collect();
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
        confidences: BTreeMap<String, f32>,
    }

    /// Made-up utterances, with what models/labels/pack.py says of them.
    fn expected() -> Vec<Expected> {
        include_str!("expected.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn utterances(expected: &[Expected]) -> Vec<(Role, &str)> {
        expected.iter().map(|unit| (unit.speaker, unit.text.as_str())).collect()
    }

    #[test]
    fn the_program_says_what_the_training_said() {
        let encoder = Encoder::builtin().unwrap();
        let expected = expected();
        let found = encoder.labels(&utterances(&expected));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.len(), expected.confidences.len());
            for Confidence { label, confidence } in found {
                let wanted = expected.confidences[*label];
                assert!((confidence - wanted).abs() < 2e-3, "{}: {label} {confidence}", expected.text);
            }
        }
    }

    #[test]
    fn words_that_matter_are_found() {
        let encoder = Encoder::builtin().unwrap();
        let expected = expected();
        let words = encoder.words(&utterances(&expected), 6, "thinking");
        assert_eq!(words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" "), expected[6].text);
        let most = words.iter().max_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap();
        assert_eq!(most.0, "think");
        assert!(encoder.words(&utterances(&expected), 6, "no such label").is_empty());
        assert!(encoder.words(&[], 0, "thinking").is_empty());
    }

    #[test]
    fn what_was_said_before_counts_and_batches_do_not() {
        let encoder = Encoder::read(&made_up()).unwrap();
        let long: Vec<(Role, &str)> = (0..300).map(|_| (Role::Candidate, "hash hash map ?")).collect();
        assert_eq!(encoder.labels(&long).len(), 300);
        let two = encoder.labels(&long[..2]);
        assert_eq!(two[0], encoder.labels(&long)[0]);
        assert_ne!(two[0], two[1]);
        assert!(encoder.labels(&[]).is_empty());
        let silent = encoder.labels(&[(Role::Interviewer, "")]);
        assert_eq!(silent[0].iter().map(|hit| hit.label).collect::<Vec<_>>(), ["hint"]);
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
                encoder.labels(&[(Role::Candidate, "hash map"), (Role::Interviewer, "map")]);
            }
        }
    }
}
