//! `rubrics/signals.toml` and `rubrics/antipatterns.toml`: what is looked for in a session, as conditions on its metrics.

use serde::Deserialize;
use toml::Spanned;

use super::scorecard::is_metric;
use super::source::{RubricError, RubricFile};

/// What a metric has to be.
#[derive(Clone, Debug)]
pub struct Condition {
    pub metric: String,
    pub at_least: Option<f64>,
    pub at_most: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionText {
    metric: Spanned<String>,
    at_least: Option<f64>,
    at_most: Option<f64>,
}

/// Alternatives, each of conditions that must all hold.
pub type Alternatives = Vec<Vec<Condition>>;
type AlternativesText = Vec<Vec<ConditionText>>;

/// What makes a candidate senior to a listener. It can be heard, or seen in the code.
#[derive(Clone, Debug)]
pub struct Signal {
    pub id: String,
    pub title: String,
    pub what: String,
    pub advice: String,
    pub heard: Alternatives,
    pub seen: Alternatives,
}

/// A way to lose the listener.
#[derive(Clone, Debug)]
pub struct AntiPattern {
    pub id: String,
    pub title: String,
    pub what: String,
    pub why: String,
    pub advice: String,
    pub any: Alternatives,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignalText {
    id: Spanned<String>,
    title: String,
    what: String,
    advice: String,
    #[serde(default)]
    heard: AlternativesText,
    #[serde(default)]
    seen: AlternativesText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AntiPatternText {
    id: Spanned<String>,
    title: String,
    what: String,
    why: String,
    advice: String,
    any: AlternativesText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChecklistText {
    #[serde(default)]
    signals: Vec<SignalText>,
    #[serde(default)]
    antipatterns: Vec<AntiPatternText>,
}

/// Everything that is looked for.
#[derive(Clone, Debug, Default)]
pub struct Checklist {
    pub signals: Vec<Signal>,
    pub antipatterns: Vec<AntiPattern>,
}

impl PartialEq for Signal {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl PartialEq for AntiPattern {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Checklist {
    /// Reads files, later ones adding to the earlier or standing in place of what has the same id there.
    pub fn load(files: &[RubricFile]) -> Result<Self, RubricError> {
        let mut all = Self::default();
        for file in files {
            let text: ChecklistText = file.parse()?;
            let mut ids: Vec<String> = Vec::new();
            let mut fresh = |id: &Spanned<String>| {
                if ids.contains(id.get_ref()) {
                    return Err(file.error(id.span(), format!("{} is there twice", id.get_ref())));
                }
                ids.push(id.get_ref().clone());
                Ok(id.get_ref().clone())
            };
            for signal in text.signals {
                let id = fresh(&signal.id)?;
                if signal.heard.is_empty() && signal.seen.is_empty() {
                    return Err(file.error(signal.id.span(), format!("{id} needs heard or seen")));
                }
                let (heard, seen) = (conditions(file, signal.heard)?, conditions(file, signal.seen)?);
                let SignalText { title, what, advice, .. } = signal;
                put(&mut all.signals, Signal { id, title, what, advice, heard, seen });
            }
            for antipattern in text.antipatterns {
                let id = fresh(&antipattern.id)?;
                if antipattern.any.is_empty() {
                    return Err(file.error(antipattern.id.span(), format!("{id} needs conditions")));
                }
                let any = conditions(file, antipattern.any)?;
                let AntiPatternText { title, what, why, advice, .. } = antipattern;
                put(&mut all.antipatterns, AntiPattern { id, title, what, why, advice, any });
            }
        }
        Ok(all)
    }
}

fn put<T: PartialEq>(list: &mut Vec<T>, item: T) {
    match list.iter_mut().find(|other| **other == item) {
        Some(other) => *other = item,
        None => list.push(item),
    }
}

fn conditions(file: &RubricFile, text: AlternativesText) -> Result<Alternatives, RubricError> {
    let condition = |text: ConditionText| {
        let span = text.metric.span();
        if !is_metric(text.metric.get_ref()) {
            return Err(file.error(span, format!("no metric is named {}", text.metric.get_ref())));
        }
        if text.at_least.is_none() && text.at_most.is_none() {
            return Err(file.error(span, "a condition needs at_least or at_most"));
        }
        Ok(Condition { metric: text.metric.into_inner(), at_least: text.at_least, at_most: text.at_most })
    };
    text.into_iter().map(|all| all.into_iter().map(condition).collect()).collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub const TEXT: &str = "[[signals]]\nid = 's'\ntitle = 't'\nwhat = 'w'\nadvice = 'a'\n\
        heard = [[{ metric = 'tradeoff.count', at_least = 2 }]]\n\
        seen = [[{ metric = 'edits.silent', at_most = 0 }, { metric = 'working.at', at_most = 25 }]]\n\
        [[antipatterns]]\nid = 'a'\ntitle = 't'\nwhat = 'w'\nwhy = 'w'\nadvice = 'a'\n\
        any = [[{ metric = 'clarify.questions', at_most = 0 }], [{ metric = 'narration.intent_share', at_most = 0.3 }]]\n";

    #[test]
    fn the_lists_that_come_with_the_program() {
        let list = Checklist::load(&super::super::builtin::checklists()).unwrap();
        assert_eq!((list.signals.len(), list.antipatterns.len()), (8, 7));
    }

    #[test]
    fn faults_are_refused_where_they_are() {
        for (from, to, line, says) in [
            ("tradeoff.count", "tradeof.count", 6, "no metric is named tradeof.count"),
            (", at_least = 2", "", 6, "at_least or at_most"),
            ("at_least", "atleast", 6, "atleast"),
            ("why = 'w'\n", "", 8, "why"),
        ] {
            let text = TEXT.replacen(from, to, 1);
            let error = Checklist::load(&[RubricFile::new("c.toml", text)]).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(says), "{error}");
        }
        let twice = format!("{TEXT}{TEXT}");
        assert!(Checklist::load(&[RubricFile::new("c.toml", twice)]).unwrap_err().message.contains("twice"));
    }
}
