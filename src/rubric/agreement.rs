//! Labels against the truth: precision, recall and F1 of each, and what the measures of a session make of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::analysis::narration;
use crate::session::Role;

/// Labels whose acts are counted in a report.
const COUNTED: [&str; 4] = ["tradeoff", "clarifying", "complexity", "testing"];

/// An utterance with the labels it has in truth, and those it was given.
#[derive(Clone, Debug)]
pub struct Pair {
    pub session: String,
    pub speaker: Role,
    pub truth: BTreeSet<String>,
    pub given: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Given and true, given only, true only.
    pub right: usize,
    pub wrong: usize,
    pub missed: usize,
}

impl Counts {
    /// Share of what was given that is true; nothing where nothing was given.
    pub fn precision(&self) -> Option<f64> {
        share(self.right, self.right + self.wrong)
    }

    /// Share of what is true that was given.
    pub fn recall(&self) -> Option<f64> {
        share(self.right, self.right + self.missed)
    }

    pub fn f1(&self) -> Option<f64> {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A number of a session, as given and in truth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Against<T> {
    pub given: T,
    pub truth: T,
}

#[derive(Clone, Debug, Serialize)]
pub struct SessionAgreement {
    pub session: String,
    /// As `narration.intent_share` where no edits are known.
    pub intent_share: Against<Option<f64>>,
    /// Utterances with each of the labels that a report counts.
    pub counts: BTreeMap<&'static str, Against<usize>>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Agreement {
    pub labels: BTreeMap<String, Counts>,
    pub all: Counts,
    /// Utterances without any true label, and how many of them got one.
    pub unlabelled: usize,
    pub unlabelled_given: usize,
    /// In the order in which they appear.
    pub sessions: Vec<SessionAgreement>,
}

pub fn measure(pairs: &[Pair]) -> Agreement {
    let mut labels: BTreeMap<String, Counts> = BTreeMap::new();
    for pair in pairs {
        for label in pair.truth.union(&pair.given) {
            let (truth, given) = (pair.truth.contains(label), pair.given.contains(label));
            labels.entry(label.clone()).or_default().add(Counts {
                right: usize::from(truth && given),
                wrong: usize::from(!truth),
                missed: usize::from(!given),
            });
        }
    }
    let mut all = Counts::default();
    labels.values().for_each(|counts| all.add(*counts));
    let unlabelled = || pairs.iter().filter(|pair| pair.truth.is_empty());
    let mut names: Vec<&str> = Vec::new();
    for pair in pairs {
        if !names.contains(&pair.session.as_str()) {
            names.push(&pair.session);
        }
    }
    let sessions = names.into_iter().map(|name| session(name, pairs)).collect();
    Agreement {
        all,
        unlabelled: unlabelled().count(),
        unlabelled_given: unlabelled().filter(|pair| !pair.given.is_empty()).count(),
        labels,
        sessions,
    }
}

fn session(name: &str, pairs: &[Pair]) -> SessionAgreement {
    let own = || pairs.iter().filter(|pair| pair.session == name && pair.speaker == Role::Candidate);
    let count = |label: &str| Against {
        given: own().filter(|pair| pair.given.contains(label)).count(),
        truth: own().filter(|pair| pair.truth.contains(label)).count(),
    };
    let (intent, syntax) = (count("intent"), count("syntax"));
    SessionAgreement {
        session: name.to_owned(),
        intent_share: Against {
            given: narration::share(intent.given, syntax.given),
            truth: narration::share(intent.truth, syntax.truth),
        },
        counts: COUNTED.map(|label| (label, count(label))).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(session: &str, truth: &[&str], given: &[&str]) -> Pair {
        let set = |labels: &[&str]| labels.iter().map(|label| label.to_string()).collect();
        Pair { session: session.into(), speaker: Role::Candidate, truth: set(truth), given: set(given) }
    }

    #[test]
    fn every_label_and_all_of_them() {
        let measured = measure(&[
            pair("a", &["intent", "testing"], &["intent"]),
            pair("a", &["intent"], &["syntax"]),
            pair("a", &[], &["intent"]),
            pair("a", &[], &[]),
        ]);
        assert_eq!(measured.labels["intent"], Counts { right: 1, wrong: 1, missed: 1 });
        assert_eq!(measured.labels["testing"].precision(), None);
        assert_eq!(measured.labels["testing"].recall(), Some(0.0));
        assert_eq!(measured.all, Counts { right: 1, wrong: 2, missed: 2 });
        assert_eq!(measured.all.f1(), Some(2.0 / 6.0));
        assert_eq!((measured.unlabelled, measured.unlabelled_given), (2, 1));
    }

    #[test]
    fn a_session_is_measured_as_a_report_would() {
        let mut pairs = vec![pair("b", &["intent"], &["syntax"]); 4];
        pairs.push(pair("b", &["syntax", "tradeoff"], &["syntax"]));
        pairs.push(pair("a", &["intent"], &["intent"]));
        let measured = measure(&pairs);
        assert_eq!(measured.sessions[0].session, "b");
        assert_eq!(measured.sessions[0].intent_share, Against { given: Some(0.0), truth: Some(0.8) });
        assert_eq!(measured.sessions[0].counts["tradeoff"], Against { given: 0, truth: 1 });
        // One utterance is no basis for a share.
        assert_eq!(measured.sessions[1].intent_share, Against { given: None, truth: None });
    }
}
