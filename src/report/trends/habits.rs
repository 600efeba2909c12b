//! What comes up again and again, what became of it, and what to practise next.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{counted, measure};
use crate::report::show;
use crate::rubric::{Rule, Scorecard};
use crate::session::history::SessionRecord;

/// Habits are those of the latest so many sessions.
const LATEST: usize = 20;
/// What to practise is told from the latest so many.
const RECENT: usize = 5;
const HABITS: usize = 3;
/// A rule's score (0 to 1) has changed when it has by this much.
const CHANGED: f64 = 0.1;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Habit {
    pub rule: String,
    pub title: String,
    /// Sessions in which it came up, of `of` sessions.
    pub sessions: usize,
    pub of: usize,
    /// Moments in all of them.
    pub moments: u32,
    pub words: String,
}

/// One thing to change of the session before, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Followed {
    pub rule: String,
    pub title: String,
    pub before: Option<f64>,
    pub after: Option<f64>,
    pub outcome: Outcome,
    pub words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// In the good range now.
    Done,
    Better,
    Same,
    Worse,
    NotMeasured,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Practice {
    pub rule: String,
    pub title: String,
    /// Sessions of the latest in which it was one of the things to change.
    pub sessions: usize,
    pub of: usize,
    /// Points of the total that it cost in a session, in the mean over these sessions.
    pub points: f64,
    pub why: String,
    pub drill: String,
    /// What will tell whether it helped.
    pub measure: String,
}

fn rule<'a>(card: &'a Scorecard, id: &str) -> Option<&'a Rule> {
    card.rules.iter().find(|rule| rule.id == id)
}

fn latest<'a, 'b>(own: &'b [&'a SessionRecord], count: usize) -> &'b [&'a SessionRecord] {
    &own[own.len().saturating_sub(count)..]
}

/// The rules that most of the latest sessions went against.
pub fn recurring(own: &[&SessionRecord], card: &Scorecard) -> Vec<Habit> {
    let latest = latest(own, LATEST);
    let mut seen: BTreeMap<&str, (usize, u32)> = BTreeMap::new();
    for record in latest {
        let found = record.findings.iter().map(|(rule, count)| (rule.as_str(), *count));
        let focus = record.focus.iter().map(|focus| (focus.rule.as_str(), 0));
        let mut here: BTreeMap<&str, u32> = BTreeMap::new();
        found.chain(focus).for_each(|(rule, count)| *here.entry(rule).or_default() += count);
        for (rule, count) in here {
            let entry = seen.entry(rule).or_default();
            entry.0 += 1;
            entry.1 += count;
        }
    }
    let mut habits: Vec<Habit> = seen
        .into_iter()
        .map(|(id, (sessions, moments))| Habit {
            rule: id.to_owned(),
            title: rule(card, id).map_or_else(|| id.to_owned(), |rule| rule.title.clone()),
            sessions,
            of: latest.len(),
            moments,
            words: format!("in {sessions} of the latest {}", counted(latest.len(), "session")),
        })
        .collect();
    habits.sort_by(|a, b| (b.sessions, b.moments).cmp(&(a.sessions, a.moments)).then(a.rule.cmp(&b.rule)));
    habits.truncate(HABITS);
    habits
}

/// Whether what the session before the last one was told to change did change.
pub fn followed(own: &[&SessionRecord], card: &Scorecard) -> Vec<Followed> {
    let [.., before, after] = own else { return Vec::new() };
    before.focus.iter().filter_map(|focus| Some(outcome(rule(card, &focus.rule)?, before, after))).collect()
}

fn outcome(rule: &Rule, before: &SessionRecord, after: &SessionRecord) -> Followed {
    let unit = measure::unit(&rule.metric, &[before, after]);
    let [was, is] = [before, after].map(|record| record.value(&rule.metric));
    let shown = |value: f64| show::value(value, &unit);
    let (outcome, words) = match (was, is) {
        (Some(was), Some(is)) => {
            let (old, new) = (rule.band.score(was), rule.band.score(is));
            let (outcome, word) = match new - old {
                _ if new >= 1.0 => (Outcome::Done, "done"),
                change if change >= CHANGED => (Outcome::Better, "better"),
                change if change <= -CHANGED => (Outcome::Worse, "worse"),
                _ => (Outcome::Same, "no change"),
            };
            (outcome, format!("{word}: {} before, {} last time", shown(was), shown(is)))
        }
        (_, Some(is)) => (Outcome::NotMeasured, format!("{} last time; not measured before", shown(is))),
        (_, None) => (Outcome::NotMeasured, "not measured last time".into()),
    };
    Followed { rule: rule.id.clone(), title: rule.title.clone(), before: was, after: is, outcome, words }
}

/// The one habit that cost most in the latest sessions: how often it came up, weighted by the points it cost.
pub fn practice(own: &[&SessionRecord], card: &Scorecard) -> Option<Practice> {
    let latest = latest(own, RECENT);
    let of_rule = |rule: &Rule| -> Vec<f64> {
        let focus = latest.iter().flat_map(|record| &record.focus);
        focus.filter(|focus| focus.rule == rule.id).map(|focus| focus.points).collect()
    };
    let costs = card.rules.iter().map(|rule| (rule, of_rule(rule))).filter(|(_, points)| !points.is_empty());
    let sum = |points: &[f64]| points.iter().sum::<f64>();
    let (rule, points) = costs.max_by(|(_, a), (_, b)| sum(a).total_cmp(&sum(b)))?;
    let unit = measure::unit(&rule.metric, latest);
    let shown = |value: f64| show::value(value, &unit);
    let last = latest.last().and_then(|record| record.value(&rule.metric));
    let now = last.map_or_else(String::new, |value| format!("; last time {}", shown(value)));
    Some(Practice {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        sessions: points.len(),
        of: latest.len(),
        points: sum(&points) / latest.len() as f64,
        why: rule.why.clone(),
        drill: rule.drill.clone().unwrap_or_else(|| rule.what.clone()),
        measure: format!("{} ({}): {}{now}", rule.title, rule.metric, rule.band.describe(shown)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rubric::builtin;
    use crate::session::history::{FocusRow, MetricRow};

    fn card() -> Scorecard {
        Scorecard::parse(&builtin::files("scorecards")[0]).unwrap()
    }

    fn record(focus: &[(&str, f64)], findings: &[(&str, u32)], longest: Option<f64>) -> SessionRecord {
        SessionRecord {
            focus: focus
                .iter()
                .map(|(rule, points)| FocusRow { rule: (*rule).into(), points: *points })
                .collect(),
            findings: findings.iter().map(|(rule, count)| ((*rule).to_owned(), *count)).collect(),
            metrics: vec![MetricRow {
                id: "silence.longest".into(),
                value: longest,
                unit: "s".into(),
                confidence: 1.0,
                evidence: Vec::new(),
            }],
            ..SessionRecord::default()
        }
    }

    #[test]
    fn habits_are_counted_by_session_and_then_by_moment() {
        let sessions = [
            record(&[("few-questions", 9.0)], &[("syntax-run", 9)], None),
            record(&[("few-questions", 9.0)], &[("silent-edits", 1), ("long-silence", 2)], None),
            record(&[], &[("long-silence", 2), ("silent-edits", 1)], None),
        ];
        let own: Vec<&SessionRecord> = sessions.iter().collect();
        let rules: Vec<(String, usize)> =
            recurring(&own, &card()).into_iter().map(|habit| (habit.rule, habit.sessions)).collect();
        let expected = [("long-silence", 2), ("silent-edits", 2), ("few-questions", 2)];
        assert_eq!(rules, expected.map(|(rule, sessions)| (rule.to_owned(), sessions)));
        assert!(recurring(&[], &card()).is_empty());
    }

    #[test]
    fn what_was_to_change_is_followed_to_the_next_session() {
        let outcome = |before: Option<f64>, after: Option<f64>| {
            let sessions = [record(&[("longest-silence", 5.0)], &[], before), record(&[], &[], after)];
            followed(&sessions.iter().collect::<Vec<_>>(), &card())[0].outcome
        };
        // Good up to 30 s, poor from 60 s on.
        assert_eq!(outcome(Some(60.0), Some(25.0)), Outcome::Done);
        assert_eq!(outcome(Some(60.0), Some(50.0)), Outcome::Better);
        assert_eq!(outcome(Some(50.0), Some(49.0)), Outcome::Same);
        assert_eq!(outcome(Some(90.0), Some(80.0)), Outcome::Same);
        assert_eq!(outcome(Some(40.0), Some(50.0)), Outcome::Worse);
        assert_eq!(outcome(Some(40.0), None), Outcome::NotMeasured);
        let one = record(&[("longest-silence", 5.0)], &[], None);
        assert!(followed(&[&one], &card()).is_empty());
    }

    #[test]
    fn what_costs_most_in_all_is_practised() {
        let sessions = [
            record(&[("few-questions", 30.0)], &[], Some(90.0)),
            // Older than the latest five.
            record(&[("longest-silence", 6.0), ("few-tradeoffs", 9.0)], &[], Some(40.0)),
            record(&[("longest-silence", 6.0)], &[], Some(40.0)),
            record(&[], &[], Some(40.0)),
            record(&[], &[], Some(40.0)),
            record(&[("no-such-rule", 50.0)], &[], Some(45.0)),
        ];
        let own: Vec<&SessionRecord> = sessions.iter().collect();
        let practice = practice(&own, &card()).unwrap();
        assert_eq!((practice.rule.as_str(), practice.sessions, practice.of), ("longest-silence", 2, 5));
        assert!((practice.points - 2.4).abs() < 1e-9);
        assert!(practice.measure.ends_with("at most 30.0 s; last time 45.0 s"), "{}", practice.measure);
        assert!(!practice.drill.is_empty());
        assert_eq!(super::practice(&own[3..5], &card()), None);
    }

    #[test]
    fn every_rule_of_the_program_has_a_drill() {
        for rule in &card().rules {
            assert!(rule.drill.as_ref().is_some_and(|drill| drill.len() > 40), "{}", rule.id);
        }
    }
}
