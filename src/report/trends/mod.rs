//! Whether a person is getting better: what the history says of many sessions. Pure.

pub mod charts;
pub mod habits;
pub mod html;
pub mod measure;
pub mod text;

use chrono::{DateTime, Datelike, FixedOffset};
use serde::Serialize;

pub use habits::{Followed, Habit, Practice};
pub use measure::{MeasureTrend, Point, Verdict};

use super::goals::GoalState;
use crate::analysis::trend::{Streak, records};
use crate::rubric::Scorecard;
use crate::session::history::record::{SCORE, TOTAL};
use crate::session::history::{Goal, SessionHead, SessionRecord, moment};
use crate::session::{FORMAT, TOOL};

/// Trends look at the latest so many sessions: what was years ago says little of now.
pub const WINDOW: usize = 200;

/// `trends --json`.
#[derive(Clone, Debug, Serialize)]
pub struct Trends {
    pub format: u32,
    pub tool: &'static str,
    /// All that were asked for.
    pub sessions: usize,
    /// Those that are compared: the latest one, and all under the same conditions.
    pub compared: Option<Series>,
    /// Those that are drawn apart.
    pub apart: Vec<Series>,
    /// What is left out, and what is drawn apart, in words.
    pub notes: Vec<String>,
    /// Weeks in a row with a session.
    pub weeks: Streak,
    pub measures: Vec<MeasureTrend>,
    /// What came up most often, most often first.
    pub habits: Vec<Habit>,
    /// What the session before the last one said to change, and whether it did.
    pub last_time: Vec<Followed>,
    pub goals: Vec<GoalState>,
    /// What to practise next.
    pub practice: Option<Practice>,
}

/// Sessions under the same scorecard, model and stage plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    pub scorecard: String,
    pub version: u32,
    pub hash: String,
    pub model: String,
    pub profile: Option<String>,
    pub sessions: usize,
    pub first: String,
    pub last: String,
}

/// The measures that are followed: the total, and whatever the scorecard or a goal asks for.
pub fn followed(card: &Scorecard, goals: &[Goal]) -> Vec<String> {
    let mut ids = vec![TOTAL.to_owned()];
    let more = card.rules.iter().map(|rule| &rule.metric).chain(goals.iter().map(|goal| &goal.metric));
    for id in more {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

impl Trends {
    /// `sessions`: oldest first, with the values of `measures`. `now` tells impossible dates.
    pub fn new(
        sessions: &[SessionRecord],
        measures: &[String],
        card: &Scorecard,
        goals: &[Goal],
        now: DateTime<FixedOffset>,
    ) -> Self {
        let mut notes = Vec::new();
        let dated = dated(sessions, now, &mut notes);
        let shown = &dated[dated.len().saturating_sub(WINDOW)..];
        if shown.len() < dated.len() {
            notes.push(format!(
                "trends are those of the latest {} sessions, personal bests those of all",
                shown.len()
            ));
        }
        let last = dated.last().map(|record| record.head.conditions());
        let of_last = |record: &SessionRecord| Some(record.head.conditions()) == last;
        let all: Vec<&SessionRecord> = dated.iter().copied().filter(|record| of_last(record)).collect();
        let own: Vec<&SessionRecord> = shown.iter().copied().filter(|record| of_last(record)).collect();
        let mut groups = series(shown);
        let compared = last.and_then(|last| {
            let place = groups.iter().position(|(head, _)| head.conditions() == last)?;
            Some(groups.remove(place).1)
        });
        let apart: Vec<Series> = groups.into_iter().map(|(_, series)| series).collect();
        notes.extend(apart.iter().filter_map(|other| Some(difference(compared.as_ref()?, other))));
        let measures = measure::all(measures, card, shown, &own, &all);
        Self {
            format: FORMAT,
            tool: TOOL,
            sessions: sessions.len(),
            weeks: records::weeks_in_a_row(
                dated.iter().filter_map(|record| week(record.head.started_at?)).collect(),
                week(now).unwrap_or(0),
            ),
            habits: habits::recurring(&own, card),
            last_time: habits::followed(&own, card),
            practice: habits::practice(&own, card),
            goals: goals.iter().map(|goal| goal_state(goal, &own, &measures)).collect(),
            measures,
            compared,
            apart,
            notes,
        }
    }
}

fn goal_state(goal: &Goal, own: &[&SessionRecord], measures: &[MeasureTrend]) -> GoalState {
    let value = own.last().and_then(|record| record.value(&goal.metric));
    let unit =
        measures.iter().find(|measure| measure.id == goal.metric).map_or("", |measure| measure.unit.as_str());
    GoalState::new(goal, value, unit)
}

/// Those whose date can be believed; the others are told.
fn dated<'a>(
    sessions: &'a [SessionRecord],
    now: DateTime<FixedOffset>,
    notes: &mut Vec<String>,
) -> Vec<&'a SessionRecord> {
    let fine =
        |record: &SessionRecord| record.head.started_at.is_some_and(|at| moment::is_plausible(at, now));
    let without = sessions.iter().filter(|record| record.head.started_at.is_none()).count();
    let wrong: Vec<String> = sessions
        .iter()
        .filter(|record| record.head.started_at.is_some() && !fine(record))
        .filter_map(|record| Some(day(record.head.started_at?)))
        .collect();
    if without > 0 {
        notes.push(format!(
            "{without} {} no date and {} left out",
            plural(without, "session has", "sessions have"),
            plural(without, "is", "are")
        ));
    }
    if !wrong.is_empty() {
        let shown = wrong.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        notes.push(format!(
            "{} with an impossible date ({shown}) {} left out",
            counted(wrong.len(), "session"),
            plural(wrong.len(), "is", "are")
        ));
    }
    sessions.iter().filter(|record| fine(record)).collect()
}

/// Groups of like conditions, in order of their first session.
fn series<'a>(sessions: &[&'a SessionRecord]) -> Vec<(&'a SessionHead, Series)> {
    let mut groups: Vec<(&SessionHead, Series)> = Vec::new();
    for record in sessions {
        let head = &record.head;
        let date = head.started_at.map(day).unwrap_or_default();
        match groups.iter_mut().find(|(other, _)| other.conditions() == head.conditions()) {
            Some((_, series)) => {
                series.sessions += 1;
                series.last = date;
            }
            None => groups.push((
                head,
                Series {
                    scorecard: head.scorecard.id.clone(),
                    version: head.scorecard.version,
                    hash: head.scorecard.hash.clone(),
                    model: head.model.clone(),
                    profile: head.profile.clone(),
                    sessions: 1,
                    first: date.clone(),
                    last: date,
                },
            )),
        }
    }
    groups
}

impl Series {
    /// Its conditions in words.
    pub fn words(&self) -> String {
        let card = match self.scorecard.as_str() {
            "" => "no scorecard".to_owned(),
            id => format!("{id} version {}", self.version),
        };
        let model = if self.model.is_empty() { "no recogniser" } else { &self.model };
        let plan = self.profile.as_deref().map_or("no stage plan".to_owned(), |plan| format!("plan {plan}"));
        format!("{card}, {model}, {plan}")
    }
}

/// Why some sessions are not compared with the others.
fn difference(compared: &Series, other: &Series) -> String {
    let mut what = Vec::new();
    if compared.hash != other.hash
        || compared.scorecard != other.scorecard
        || compared.version != other.version
    {
        what.push("another scorecard");
    }
    if compared.model != other.model {
        what.push("another model");
    }
    if compared.profile != other.profile {
        what.push("another stage plan");
    }
    let remedy = if what.contains(&"another scorecard") {
        "; `thinkaloud history rescore` scores them by the present one"
    } else {
        ""
    };
    format!(
        "{} under {} ({}) {} drawn apart{remedy}",
        counted(other.sessions, "session"),
        what.join(" and "),
        other.words(),
        plural(other.sessions, "is", "are")
    )
}

pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", plural(count, "", "s"))
}

fn plural<'a>(count: usize, one: &'a str, more: &'a str) -> &'a str {
    if count == 1 { one } else { more }
}

/// The day where it was recorded.
pub fn day(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// Weeks since a Monday long ago, by the day where it was recorded.
fn week(at: DateTime<FixedOffset>) -> Option<i64> {
    Some((i64::from(at.date_naive().num_days_from_ce()) - 1).div_euclid(7))
}

/// What people call a measure.
pub fn title(id: &str, card: &Scorecard) -> String {
    if id == TOTAL {
        return "Total score".into();
    }
    if let Some(category) = id.strip_prefix(SCORE) {
        let found = card.categories.iter().find(|own| own.id == category);
        return found.map_or_else(|| id.to_owned(), |category| format!("Score: {}", category.title));
    }
    card.rules.iter().find(|rule| rule.metric == id).map_or_else(|| id.to_owned(), |rule| rule.title.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday_where_it_was_recorded() {
        let week = |text: &str| super::week(DateTime::parse_from_rfc3339(text).unwrap()).unwrap();
        // 4 January 2026 is a Sunday.
        assert_eq!(week("2026-01-04T23:00:00-10:00") + 1, week("2026-01-05T00:30:00+14:00"));
        assert_eq!(week("2026-01-05T00:00:00Z"), week("2026-01-11T23:59:00Z"));
    }

    #[test]
    fn conditions_that_differ_are_named() {
        let series = |hash: &str, model: &str, sessions| Series {
            scorecard: "c".into(),
            version: 1,
            hash: hash.into(),
            model: model.into(),
            profile: None,
            sessions,
            first: String::new(),
            last: String::new(),
        };
        let (own, other) = (series("a", "tiny", 9), series("b", "base", 1));
        assert_eq!(
            difference(&own, &other),
            "1 session under another scorecard and another model (c version 1, base, no stage plan) is drawn apart; \
             `thinkaloud history rescore` scores them by the present one"
        );
        assert!(!difference(&own, &series("a", "base", 2)).contains("rescore"));
    }
}
