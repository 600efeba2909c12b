//! What stands around an utterance, and the conditions that a pattern may put on it.

use serde::Deserialize;
use toml::Spanned;

use super::definition::{Kind, Named};
use super::source::{RubricError, RubricFile};
use crate::session::{LabelHit, Role};

/// How far back `after` and `not_after` look, unless the pattern says otherwise.
const WITHIN: usize = 2;

/// One utterance to label, and what is known of its moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unit<'a> {
    pub speaker: Role,
    pub text: &'a str,
    pub stage: Option<&'a str>,
    /// Whether it starts in the window of an edit episode; `None` where no edits are known.
    pub editing: Option<bool>,
}

/// The utterances before the one that is looked at, with their labels.
#[derive(Clone, Debug, Default)]
pub struct Past {
    said: Vec<(Role, Vec<String>)>,
}

impl Past {
    pub fn push(&mut self, speaker: Role, hits: &[LabelHit]) {
        self.said.push((speaker, hits.iter().map(|hit| hit.label.clone()).collect()));
    }

    fn count(&self, labels: &[String]) -> usize {
        self.said.iter().filter(|(_, given)| given.iter().any(|label| labels.contains(label))).count()
    }

    fn has_lately(&self, labels: &[String], within: usize) -> bool {
        let lately = self.said.iter().rev().take(within);
        lately.flat_map(|(_, given)| given).any(|label| labels.contains(label))
    }
}

/// `when` of a pattern, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhenText {
    #[serde(default)]
    after: Vec<Spanned<String>>,
    #[serde(default)]
    not_after: Vec<Spanned<String>>,
    within: Option<usize>,
    last: Option<Role>,
    #[serde(default)]
    of: Vec<Spanned<String>>,
    fewer_than: Option<Spanned<usize>>,
    at_least: Option<Spanned<usize>>,
    #[serde(default)]
    stages: Vec<String>,
    editing: Option<bool>,
}

/// All of these must hold.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// One of these labels was given lately, or none of those.
    after: Vec<String>,
    not_after: Vec<String>,
    within: usize,
    /// Who spoke before.
    last: Option<Role>,
    /// How many utterances of the session had one of these so far.
    of: Vec<String>,
    fewer_than: Option<usize>,
    at_least: Option<usize>,
    /// Only where the stage, or whether code is edited, is known and as it is here.
    stages: Vec<String>,
    editing: Option<bool>,
}

impl When {
    /// Reads the condition; the labels that it names go to `named`, to be looked up when all are known.
    pub(super) fn read(
        text: WhenText,
        file: &RubricFile,
        named: &mut Vec<Named>,
    ) -> Result<Self, RubricError> {
        for count in [&text.fewer_than, &text.at_least].into_iter().flatten() {
            if text.of.is_empty() {
                return Err(file.error(count.span(), "a count needs `of`, the labels that are counted"));
            }
            if *count.get_ref() == 0 {
                return Err(file.error(count.span(), "a count starts at 1"));
            }
        }
        if let (Some(label), None, None) = (text.of.first(), &text.fewer_than, &text.at_least) {
            return Err(file.error(label.span(), "`of` needs `fewer_than` or `at_least`"));
        }
        let mut ids = |labels: Vec<Spanned<String>>| -> Vec<String> {
            named.extend(Named::all(Kind::Label, &labels, file));
            labels.into_iter().map(Spanned::into_inner).collect()
        };
        Ok(Self {
            after: ids(text.after),
            not_after: ids(text.not_after),
            within: text.within.unwrap_or(WITHIN),
            last: text.last,
            of: ids(text.of),
            fewer_than: text.fewer_than.map(Spanned::into_inner),
            at_least: text.at_least.map(Spanned::into_inner),
            stages: text.stages,
            editing: text.editing,
        })
    }

    pub fn holds(&self, unit: &Unit, past: &Past) -> bool {
        let counted = if self.of.is_empty() { 0 } else { past.count(&self.of) };
        (self.after.is_empty() || past.has_lately(&self.after, self.within))
            && !past.has_lately(&self.not_after, self.within)
            && self.last.is_none_or(|role| past.said.last().is_some_and(|(speaker, _)| *speaker == role))
            && self.fewer_than.is_none_or(|limit| counted < limit)
            && self.at_least.is_none_or(|limit| counted >= limit)
            && (self.stages.is_empty()
                || unit.stage.is_some_and(|stage| self.stages.iter().any(|own| own == stage)))
            && (self.editing.is_none() || self.editing == unit.editing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(text: &str) -> Result<When, RubricError> {
        let file = RubricFile::new("w.toml", text);
        When::read(file.parse()?, &file, &mut Vec::new())
    }

    fn past(said: &[(Role, &str)]) -> Past {
        let labels = |label: &str| (!label.is_empty()).then(|| label.to_owned()).into_iter().collect();
        Past { said: said.iter().map(|(role, label)| (*role, labels(label))).collect() }
    }

    #[test]
    fn what_was_said_lately_and_by_whom() {
        use Role::{Candidate, Interviewer};
        let asked = past(&[(Candidate, "clarifying"), (Candidate, "")]);
        let long_ago = past(&[(Candidate, "clarifying"), (Candidate, ""), (Interviewer, "")]);
        let unit = Unit::default();
        let after = when("after = ['clarifying']").unwrap();
        assert!(after.holds(&unit, &asked) && !after.holds(&unit, &long_ago));
        assert!(when("after = ['clarifying']\nwithin = 3").unwrap().holds(&unit, &long_ago));
        assert!(!when("not_after = ['clarifying']").unwrap().holds(&unit, &asked));
        let other = when("last = 'interviewer'").unwrap();
        assert!(other.holds(&unit, &long_ago) && !other.holds(&unit, &asked));
        assert!(!other.holds(&unit, &Past::default()));
    }

    #[test]
    fn how_far_the_session_is() {
        let early = when("of = ['intent', 'syntax']\nfewer_than = 2").unwrap();
        let late = when("of = ['intent', 'syntax']\nat_least = 2").unwrap();
        let one = past(&[(Role::Candidate, "intent"), (Role::Candidate, "thinking")]);
        let two = past(&[(Role::Candidate, "intent"), (Role::Candidate, "syntax")]);
        let unit = Unit::default();
        assert!(early.holds(&unit, &one) && !early.holds(&unit, &two));
        assert!(late.holds(&unit, &two) && !late.holds(&unit, &one));
    }

    #[test]
    fn the_moment_must_be_known_to_be_asked_for() {
        let staged = when("stages = ['clarify']").unwrap();
        let editing = when("editing = true").unwrap();
        let here = Unit { stage: Some("clarify"), editing: Some(true), ..Unit::default() };
        assert!(staged.holds(&here, &Past::default()) && editing.holds(&here, &Past::default()));
        let elsewhere = Unit { stage: Some("wrap"), editing: Some(false), ..Unit::default() };
        for unit in [elsewhere, Unit::default()] {
            assert!(!staged.holds(&unit, &Past::default()) && !editing.holds(&unit, &Past::default()));
        }
    }

    #[test]
    fn half_a_condition_is_refused() {
        assert_eq!(when("\nfewer_than = 2").unwrap_err().line, 2);
        assert!(when("of = ['intent']").unwrap_err().message.contains("fewer_than"));
        assert!(when("of = ['intent']\nat_least = 0").unwrap_err().message.contains("starts at 1"));
        assert!(when("befor = ['intent']").unwrap_err().message.contains("befor"));
    }
}
