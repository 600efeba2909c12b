//! Which signals and anti-patterns a session shows.

use serde::{Deserialize, Serialize};

use super::checklist::{Alternatives, AntiPattern, Checklist, Condition, Signal};
use crate::analysis::{Evidence, Metric, Reading};

/// Moments shown for one find, at most.
const SHOWN: usize = 6;

/// How a signal was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    Heard,
    Seen,
    Both,
    NotFound,
}

/// What became of a signal in a session.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalFound<'a> {
    pub signal: &'a Signal,
    pub found: Found,
    /// Why it could not be told, where it could not.
    pub note: String,
    /// Moments, and whether each was seen in the code rather than heard.
    pub evidence: Vec<(Evidence, bool)>,
}

/// What became of an anti-pattern in a session.
#[derive(Clone, Debug, PartialEq)]
pub struct AntiPatternFound<'a> {
    pub antipattern: &'a AntiPattern,
    /// `None` where too little is known; the note says of what.
    pub found: Option<bool>,
    /// 0 to 1.
    pub confidence: f64,
    pub note: String,
    pub evidence: Vec<Evidence>,
}

/// What a list of conditions came to: whether it holds, as far as that is known.
struct Outcome<'a> {
    holds: Option<bool>,
    /// The metrics of the conditions that held.
    by: Vec<&'a Metric>,
    /// Why it is not known.
    note: String,
}

/// One false condition is enough to know that an alternative fails, and one alternative that holds is enough for all.
/// None holds where one is known to fail and nothing is known of the others: there may be no interviewer to have asked.
fn judge<'a>(alternatives: &Alternatives, metrics: &'a [Metric]) -> Outcome<'a> {
    let (mut unknown, mut fails): (Option<String>, bool) = (None, false);
    for conditions in alternatives {
        let read: Vec<(Option<bool>, Option<&Metric>)> =
            conditions.iter().map(|condition| condition.read(metrics)).collect();
        if read.iter().all(|(holds, _)| *holds == Some(true)) {
            let by = read.into_iter().filter_map(|(_, metric)| metric).collect();
            return Outcome { holds: Some(true), by, note: String::new() };
        }
        if read.iter().all(|(holds, _)| *holds != Some(false)) {
            let reason = read.iter().find(|(holds, _)| holds.is_none()).and_then(|(_, metric)| *metric);
            let reason =
                reason.map_or("not measured in this session".to_owned(), |metric| match &metric.reading {
                    Reading::TooLittleData(reason) => reason.clone(),
                    Reading::Value(_) => String::new(),
                });
            unknown.get_or_insert(reason);
        } else {
            fails = true;
        }
    }
    let holds = if fails || unknown.is_none() { Some(false) } else { None };
    Outcome { holds, by: Vec::new(), note: unknown.unwrap_or_default() }
}

impl Condition {
    fn read<'a>(&self, metrics: &'a [Metric]) -> (Option<bool>, Option<&'a Metric>) {
        let metric = metrics.iter().find(|metric| metric.id == self.metric);
        let holds = metric.and_then(Metric::value).map(|value| {
            self.at_least.is_none_or(|least| value >= least) && self.at_most.is_none_or(|most| value <= most)
        });
        (holds, metric)
    }
}

/// What was found of each signal.
pub fn signals<'a>(checklist: &'a Checklist, metrics: &[Metric]) -> Vec<SignalFound<'a>> {
    let find = |signal: &'a Signal| {
        let (heard, seen) = (judge(&signal.heard, metrics), judge(&signal.seen, metrics));
        let found = match (heard.holds == Some(true), seen.holds == Some(true)) {
            (true, true) => Found::Both,
            (true, false) => Found::Heard,
            (false, true) => Found::Seen,
            (false, false) => Found::NotFound,
        };
        let moments = |outcome: &Outcome, seen: bool| -> Vec<(Evidence, bool)> {
            let all = outcome.by.iter().flat_map(|metric| &metric.evidence);
            all.take(SHOWN).map(|evidence| (evidence.clone(), seen)).collect()
        };
        let evidence = moments(&heard, false).into_iter().chain(moments(&seen, true)).collect();
        let is_unknown = found == Found::NotFound && (heard.holds.is_none() || seen.holds.is_none());
        let note = [heard.note, seen.note].into_iter().find(|note| is_unknown && !note.is_empty());
        SignalFound { signal, found, note: note.unwrap_or_default(), evidence }
    };
    checklist.signals.iter().map(find).collect()
}

/// What was found of each anti-pattern.
pub fn antipatterns<'a>(checklist: &'a Checklist, metrics: &[Metric]) -> Vec<AntiPatternFound<'a>> {
    let find = |antipattern: &'a AntiPattern| {
        let outcome = judge(&antipattern.any, metrics);
        let evidence = outcome.by.iter().flat_map(|metric| &metric.evidence).take(SHOWN).cloned().collect();
        let confidence = outcome.by.iter().map(|metric| metric.confidence).fold(1.0, f64::min);
        AntiPatternFound { antipattern, found: outcome.holds, confidence, note: outcome.note, evidence }
    };
    checklist.antipatterns.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::super::checklist::tests::TEXT;
    use super::*;
    use crate::rubric::RubricFile;
    use crate::session::Span;

    fn count(id: &str, count: usize) -> Metric {
        Metric::count(id, vec![Evidence::new(Span::from_seconds(1.0, 2.0), id); count])
    }

    #[test]
    fn a_signal_is_heard_or_seen_or_both() {
        let list = Checklist::load(&[RubricFile::new("c.toml", TEXT)]).unwrap();
        let found = |metrics: &[Metric]| signals(&list, metrics).remove(0).found;
        assert_eq!(found(&[count("tradeoff.count", 1)]), Found::NotFound);
        assert_eq!(found(&[count("tradeoff.count", 2)]), Found::Heard);
        let working = Metric::new("working.at", "min", 12.0);
        assert_eq!(found(&[count("edits.silent", 0), working.clone()]), Found::Seen);
        let both = [count("edits.silent", 0), working, count("tradeoff.count", 3)];
        assert_eq!(found(&both), Found::Both);
        assert_eq!(signals(&list, &both)[0].evidence.len(), 3);
    }

    #[test]
    fn what_is_not_known_is_not_denied() {
        let list = Checklist::load(&[RubricFile::new("c.toml", TEXT)]).unwrap();
        let found = |metrics: &[Metric]| antipatterns(&list, metrics).remove(0).found;
        let unknown = Metric::too_little("narration.intent_share", "share", "only 2 utterances");
        assert_eq!(found(&[count("clarify.questions", 0), unknown.clone()]), Some(true));
        assert_eq!(found(&[count("clarify.questions", 1), unknown.clone()]), Some(false));
        let metrics = [unknown];
        assert_eq!(found(&metrics), None);
        assert_eq!(antipatterns(&list, &metrics)[0].note, "not measured in this session");
        let known = Metric::new("narration.intent_share", "share", 0.5);
        assert_eq!(found(&[count("clarify.questions", 1), known]), Some(false));
    }
}
