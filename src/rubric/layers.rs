//! The two layers of labels together: patterns, which say why, and the network, which knows what they cannot say. And
//! the cues beside them.

use std::collections::BTreeMap;

use super::catalog::code;
use super::context::Unit;
use super::cues::Cues;
use super::encoder::{Damaged, Encoder, Heard, combined, is_given};
use super::labeller::Labeller;
use crate::session::LabelHit;

/// Stands in place of a pattern's name where the network alone gave a label.
pub const NETWORK: &str = "network";
/// The language of what the network learned from.
const LANGUAGE: &str = "en";
/// Words that an answer of the network is explained by, at most.
const WORDS: usize = 4;
/// How far a word must move the network to be named.
const MATTERS: f32 = 0.03;

pub struct Layers {
    patterns: Labeller,
    network: Option<Encoder>,
    cues: Option<Cues>,
}

/// What the network says of a label on an utterance.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinion {
    /// 0 to 1.
    pub network: f64,
    /// With the patterns' added, 0 to 1.
    pub both: f64,
    pub given: bool,
    /// The words without which it would be less sure, as they stand in the text.
    pub words: Vec<String>,
}

impl Layers {
    /// # Errors
    /// When the network's weights are damaged, which no build should let through.
    pub fn new(patterns: Labeller) -> Result<Self, Damaged> {
        Ok(Self { patterns, network: Some(Encoder::builtin()?), cues: None })
    }

    pub fn patterns_alone(patterns: Labeller) -> Self {
        Self { patterns, network: None, cues: None }
    }

    pub fn with_cues(self, cues: Cues) -> Self {
        Self { cues: Some(cues), ..self }
    }

    /// Those that there are for a language.
    pub fn cues(&self, language: &str) -> Option<&Cues> {
        self.cues.as_ref().filter(|cues| cues.knows(language))
    }

    pub fn patterns(&self) -> &Labeller {
        &self.patterns
    }

    pub fn knows(&self, language: &str) -> bool {
        self.patterns.knows(language)
    }

    /// The labels of each utterance of a session, which stand in order.
    pub fn label_session(&self, language: &str, units: &[Unit]) -> Vec<Vec<LabelHit>> {
        let hits = self.patterns.label_session(language, units);
        let Some(network) = self.network(language) else { return hits };
        let opinions = self.heard(units, &hits, |session| network.labels(session));
        hits.into_iter()
            .zip(opinions)
            .zip(units)
            .map(|((hits, opinions), unit)| {
                let known = opinions.iter().map(|opinion| (opinion.label, opinion.confidence));
                self.together(hits, known.collect(), unit.text)
            })
            .collect()
    }

    /// Hits of patterns, and the network's confidences, as one.
    fn together(&self, hits: Vec<LabelHit>, known: BTreeMap<&str, f32>, text: &str) -> Vec<LabelHit> {
        let is_known = |label: &str| known.contains_key(label) && !self.patterns.is_own(label);
        let (mut both, own): (Vec<LabelHit>, Vec<LabelHit>) =
            hits.into_iter().partition(|hit| is_known(&hit.label));
        for (&label, &network) in known.iter().filter(|(label, _)| is_known(label)) {
            let pattern = both.iter().position(|hit| hit.label == label);
            let confidence = combined(network, pattern.map_or(0.0, |at| both[at].confidence as f32));
            match pattern {
                Some(at) => both[at].confidence = f64::from(confidence),
                None => both.push(LabelHit {
                    label: label.into(),
                    confidence: f64::from(confidence),
                    pattern: NETWORK.into(),
                    words: String::new(),
                }),
            }
        }
        both.retain(|hit| is_given(hit.confidence as f32, text));
        both.extend(own);
        both
    }

    /// What the network is told of each unit: labels of the user's own it does not know.
    fn heard<T>(&self, units: &[Unit], hits: &[Vec<LabelHit>], ask: impl FnOnce(&[Heard]) -> T) -> T {
        let known = |hit: &&LabelHit| !self.patterns.is_own(&hit.label);
        let patterns: Vec<Vec<(&str, f32)>> = hits
            .iter()
            .map(|hits| {
                hits.iter().filter(known).map(|hit| (hit.label.as_str(), hit.confidence as f32)).collect()
            })
            .collect();
        let units = units.iter().zip(&patterns);
        let session =
            units.map(|(unit, patterns)| Heard { speaker: unit.speaker, text: unit.text, patterns });
        ask(&session.collect::<Vec<_>>())
    }

    /// What the network thinks of each of the last unit's labels, after the units before it. Empty where it does not
    /// know the language.
    pub fn opinions(&self, language: &str, units: &[Unit]) -> BTreeMap<String, Opinion> {
        let Some(network) = self.network(language) else { return BTreeMap::new() };
        let hits = self.patterns.label_session(language, units);
        self.heard(units, &hits, |session| {
            let all = network.labels(session).pop().unwrap_or_default();
            let own = all.into_iter().filter(|opinion| !self.patterns.is_own(opinion.label));
            own.map(|opinion| {
                let hit = hits.last().and_then(|hits| hits.iter().find(|hit| hit.label == opinion.label));
                let both = combined(opinion.confidence, hit.map_or(0.0, |hit| hit.confidence as f32));
                let given = session.last().is_some_and(|last| is_given(both, last.text));
                let words = if given { telling(network, session, opinion.label) } else { Vec::new() };
                let network = f64::from(opinion.confidence);
                (opinion.label.to_owned(), Opinion { network, both: f64::from(both), given, words })
            })
            .collect()
        })
    }

    fn network(&self, language: &str) -> Option<&Encoder> {
        self.network.as_ref().filter(|_| code(language) == LANGUAGE)
    }
}

/// The words of an utterance that move the network most, in the order in which they are said.
fn telling(network: &Encoder, session: &[Heard], label: &str) -> Vec<String> {
    let words = network.words(session, label);
    let mut order: Vec<usize> = (0..words.len()).filter(|&index| words[index].1 >= MATTERS).collect();
    order.sort_by(|&a, &b| words[b].1.total_cmp(&words[a].1));
    order.truncate(WORDS);
    order.sort_unstable();
    order.into_iter().map(|index| words[index].0.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rubric::{RubricFile, builtin};
    use crate::session::Role;

    fn layers(own: &[RubricFile]) -> Layers {
        Layers::new(Labeller::load(&[builtin::lexicon()], &builtin::files("labels"), own).unwrap()).unwrap()
    }

    fn hit(label: &str, confidence: f64) -> LabelHit {
        LabelHit { label: label.into(), confidence, pattern: "p".into(), words: "w".into() }
    }

    #[test]
    fn either_layer_can_give_a_label_and_the_network_can_take_one() {
        let layers = layers(&[]);
        let known = BTreeMap::from([("intent", 0.9), ("syntax", 0.01), ("testing", 0.4)]);
        let hits = vec![hit("syntax", 0.6), hit("testing", 0.8)];
        let read = |text| {
            let both = layers.together(hits.clone(), known.clone(), text);
            assert!(both.iter().all(|hit| (0.4..=1.0).contains(&hit.confidence)));
            both.into_iter().map(|hit| format!("{} {}", hit.label, hit.pattern)).collect::<Vec<_>>()
        };
        assert_eq!(read("so we try it with five"), ["testing p", "intent network"]);
        assert!(read("with five").is_empty(), "few words need more");
    }

    #[test]
    fn a_label_of_the_users_own_is_theirs_alone() {
        let text =
            builtin::files("labels").into_iter().find(|file| file.name.ends_with("thinking.toml")).unwrap();
        let layers = layers(&[RubricFile::new("own/thinking.toml", text.text)]);
        let both = layers.together(vec![hit("thinking", 0.2)], BTreeMap::from([("thinking", 0.0)]), "so");
        assert_eq!(both, [hit("thinking", 0.2)]);
        assert_eq!(layers.together(Vec::new(), BTreeMap::from([("thinking", 1.0)]), "so"), []);
    }

    #[test]
    fn the_network_alone_gives_a_label_and_its_words() {
        let layers = layers(&[]);
        let text = "Hmm, how would I even get the previous node.";
        let units = [Unit { speaker: Role::Candidate, text, ..Unit::default() }];
        let opinions = layers.opinions("en", &units);
        let labels = layers.label_session("en", &units);
        for hit in &labels[0] {
            assert!(opinions[&hit.label].network > 0.0);
        }
        // No pattern is asked here.
        assert!(opinions["thinking"].given && !opinions["thinking"].words.is_empty(), "{opinions:?}");
        assert!(layers.opinions("de", &units).is_empty());
        assert_eq!(layers.label_session("de", &units), [[]]);
    }
}
