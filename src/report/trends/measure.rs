//! One measure over the sessions.

use serde::Serialize;

use super::{counted, day, title};
use crate::analysis::trend::{self, Aim, FEWEST, SURE, Streak, Trend, records};
use crate::report::show;
use crate::rubric::Scorecard;
use crate::rubric::scorecard::Band;
use crate::session::history::SessionRecord;
use crate::session::history::record::{POINTS, SCORE};

#[derive(Clone, Debug, Serialize)]
pub struct MeasureTrend {
    pub id: String,
    pub title: String,
    pub unit: String,
    pub aim: Option<Aim>,
    pub band: Option<Band>,
    pub points: Vec<Point>,
    /// Compared sessions in which it was measured.
    pub measured: usize,
    /// `null` below five of them.
    pub trend: Option<Trend>,
    /// The trend's p, adjusted for looking at several measures at once.
    pub p_adjusted: Option<f64>,
    pub verdict: Verdict,
    /// The verdict for people.
    pub words: String,
    /// The last value of the compared sessions.
    pub last: Option<f64>,
    pub best: Option<BestEntry>,
    /// Sessions in a row in the good range; 0 where there is none.
    pub streak: Streak,
    pub change: Option<ChangeEntry>,
}

impl MeasureTrend {
    /// Nothing where there was no row of good sessions.
    pub fn streak_words(&self) -> Option<String> {
        match self.streak {
            Streak { longest: 0 | 1, .. } => None,
            Streak { now, longest } if now == longest => {
                Some(format!("good {now} times in a row, the longest row so far"))
            }
            Streak { now: 0 | 1, longest } => Some(format!("was good {longest} times in a row")),
            Streak { now, longest } => Some(format!("good {now} times in a row (longest {longest})")),
        }
    }
}

/// One session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    pub session: String,
    pub date: String,
    pub value: Option<f64>,
    /// Of the sessions that are compared; the others are drawn apart.
    pub compared: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Fewer than five sessions.
    TooFew,
    NoClearChange,
    Better,
    Worse,
    /// It changes, and neither way is better.
    Rising,
    Falling,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BestEntry {
    pub value: f64,
    pub session: String,
    pub date: String,
    /// It is that of the last session, and there were others before.
    pub new: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeEntry {
    /// Of the first session after the change.
    pub session: String,
    pub date: String,
    pub before: f64,
    pub after: f64,
    pub p: f64,
}

/// `shown`: the sessions that are drawn; `own`: those of them that are compared; `all`: the same, however long ago.
/// Measures that no session has are left out.
pub fn all(
    ids: &[String],
    card: &Scorecard,
    shown: &[&SessionRecord],
    own: &[&SessionRecord],
    all: &[&SessionRecord],
) -> Vec<MeasureTrend> {
    let known = |id: &&String| shown.iter().any(|record| record.value(id).is_some());
    let mut measures: Vec<MeasureTrend> =
        ids.iter().filter(known).map(|id| one(id, card, shown, own, all)).collect();
    let p: Vec<f64> = measures.iter().filter_map(|measure| Some(measure.trend.as_ref()?.kendall.p)).collect();
    let trends = measures.iter_mut().filter(|measure| measure.trend.is_some());
    for (measure, p) in trends.zip(trend::adjusted(&p)) {
        measure.p_adjusted = Some(p);
    }
    measures.iter_mut().for_each(conclude);
    measures
}

fn one(
    id: &str,
    card: &Scorecard,
    shown: &[&SessionRecord],
    own: &[&SessionRecord],
    all: &[&SessionRecord],
) -> MeasureTrend {
    let rule = card.rules.iter().find(|rule| rule.metric == id);
    let band = rule.map(|rule| rule.band);
    let is_score = id.starts_with(SCORE);
    let aim = if is_score { Some(Aim::More) } else { band.map(aim) };
    let last = own.last().map(|record| record.head.conditions());
    let date = |record: &SessionRecord| record.head.started_at.map(day).unwrap_or_default();
    let points = shown
        .iter()
        .map(|record| Point {
            session: record.head.id.clone(),
            date: date(record),
            value: record.value(id),
            compared: Some(record.head.conditions()) == last,
        })
        .collect();
    let measured: Vec<(&SessionRecord, f64)> =
        own.iter().filter_map(|record| Some((*record, record.value(id)?))).collect();
    let values: Vec<f64> = measured.iter().map(|(_, value)| *value).collect();
    let trend = trend::trend(&values);
    let ever: Vec<Option<f64>> = all.iter().map(|record| record.value(id)).collect();
    let best = aim.and_then(|aim| records::best(&ever, aim)).map(|best| BestEntry {
        value: best.value,
        session: all[best.session].head.id.clone(),
        date: date(all[best.session]),
        new: best.session + 1 == all.len() && ever.iter().flatten().count() > 1,
    });
    let change = trend.as_ref().and_then(|trend| trend.change).map(|change| ChangeEntry {
        session: measured[change.first].0.head.id.clone(),
        date: date(measured[change.first].0),
        before: change.before,
        after: change.after,
        p: change.p,
    });
    MeasureTrend {
        id: id.to_owned(),
        title: title(id, card),
        unit: unit(id, shown),
        aim,
        band,
        points,
        measured: values.len(),
        trend,
        p_adjusted: None,
        verdict: Verdict::TooFew,
        words: String::new(),
        last: own.last().and_then(|record| record.value(id)),
        best,
        streak: records::streak(ever.iter().map(|value| Some(band?.score((*value)?) >= 1.0))),
        change,
    }
}

/// As the latest session that has the measure says.
pub fn unit(id: &str, sessions: &[&SessionRecord]) -> String {
    if id.starts_with(SCORE) {
        return POINTS.into();
    }
    let own =
        |record: &&SessionRecord| Some(record.metrics.iter().find(|metric| metric.id == id)?.unit.clone());
    sessions.iter().rev().find_map(own).unwrap_or_default()
}

pub fn aim(band: Band) -> Aim {
    match (band.good_min, band.good_max) {
        (Some(_), None) => Aim::More,
        (None, Some(_)) => Aim::Less,
        _ => Aim::Within,
    }
}

fn conclude(measure: &mut MeasureTrend) {
    let (Some(trend), Some(p)) = (&measure.trend, measure.p_adjusted) else {
        measure.words = format!(
            "{} so far; {FEWEST} are needed before anything is said",
            counted(measure.measured, "session")
        );
        return;
    };
    let slope = trend.slope;
    // A slope of zero says nothing, however sure the ranks are.
    let clear = p < SURE && slope.per_session != 0.0;
    let rises = slope.per_session > 0.0;
    measure.verdict = match (clear, measure.aim) {
        (false, _) => Verdict::NoClearChange,
        (_, Some(Aim::More)) if rises => Verdict::Better,
        (_, Some(Aim::Less)) if !rises => Verdict::Better,
        (_, Some(Aim::More | Aim::Less)) => Verdict::Worse,
        _ if rises => Verdict::Rising,
        _ => Verdict::Falling,
    };
    let name = match measure.verdict {
        Verdict::TooFew | Verdict::NoClearChange => {
            measure.words = "no clear change yet".into();
            return;
        }
        Verdict::Better => "getting better",
        Verdict::Worse => "getting worse",
        Verdict::Rising => "rising",
        Verdict::Falling => "falling",
    };
    let change = |value: f64| show::change(value, &measure.unit);
    measure.words = format!(
        "{name}: {} a session (95 % {} to {}, p {})",
        change(slope.per_session),
        change(slope.low),
        change(slope.high),
        chance(p)
    );
}

/// A probability for people.
pub fn chance(p: f64) -> String {
    if p < 0.001 { "under 0.001".into() } else { format!("{p:.3}") }
}
