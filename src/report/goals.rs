//! How far the person's goals are.

use serde::{Deserialize, Serialize};

use super::{Report, show};
use crate::session::history::record::{POINTS, SCORE, TOTAL};
use crate::session::history::{Direction, Goal};

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct GoalState {
    pub metric: String,
    pub direction: Direction,
    pub target: f64,
    pub unit: String,
    /// `null` where it was not measured.
    pub value: Option<f64>,
    pub reached: bool,
    /// Distance to the target in the unit of the measure; 0 when it is reached.
    pub away: Option<f64>,
    pub words: String,
}

impl GoalState {
    pub fn new(goal: &Goal, value: Option<f64>, unit: &str) -> Self {
        let reached = value.is_some_and(|value| goal.is_reached(value));
        let away = value.map(|value| if reached { 0.0 } else { (value - goal.target).abs() });
        let shown = |value: f64| show::value(value, unit);
        let wanted = format!("{} {}", goal.direction.words(), shown(goal.target));
        let words = match (value, away) {
            (Some(value), Some(away)) if !reached => {
                format!("{wanted}: not yet, {} now, {} to go", shown(value), shown(away))
            }
            (Some(value), _) => format!("{wanted}: reached, with {}", shown(value)),
            (None, _) => format!("{wanted}: not measured in this session"),
        };
        Self {
            metric: goal.metric.clone(),
            direction: goal.direction,
            target: goal.target,
            unit: unit.to_owned(),
            value,
            reached,
            away,
            words,
        }
    }
}

/// The goals in a session's report.
pub fn states(goals: &[Goal], report: &Report) -> Vec<GoalState> {
    let state = |goal: &Goal| {
        if goal.metric == TOTAL {
            return GoalState::new(goal, report.scores.total, POINTS);
        }
        if let Some(category) = goal.metric.strip_prefix(SCORE) {
            return GoalState::new(goal, report.scores.categories.get(category).copied().flatten(), POINTS);
        }
        let metric = report.metrics.iter().find(|metric| metric.id == goal.metric);
        GoalState::new(
            goal,
            metric.and_then(|metric| metric.value),
            metric.map_or("", |metric| metric.unit.as_ref()),
        )
    };
    goals.iter().map(state).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_says_how_far_it_is() {
        let goal = |direction, target| Goal { metric: "m".into(), direction, target };
        let silence = goal(Direction::AtMost, 0.0);
        assert_eq!(GoalState::new(&silence, Some(2.0), "count").words, "at most 0: not yet, 2 now, 2 to go");
        assert_eq!(GoalState::new(&silence, Some(0.0), "count").words, "at most 0: reached, with 0");
        let talk = GoalState::new(&goal(Direction::AtLeast, 0.7), Some(0.5), "share");
        assert_eq!(talk.words, "at least 70 %: not yet, 50 % now, 20 % to go");
        assert!((talk.away.unwrap() - 0.2).abs() < 1e-12);
        assert!(!GoalState::new(&silence, None, "count").reached);
    }
}
