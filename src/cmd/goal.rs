//! `thinkaloud goal`

use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use serde::Serialize;

use super::environment;
use super::failure::NOT_PASSED;
use super::history::{look, open};
use super::output::{print, tell};
use crate::adapters::history::{Detail, History};
use crate::analysis::trend::Aim;
use crate::cli;
use crate::report::goals::GoalState;
use crate::report::trends::measure;
use crate::rubric::Scorecard;
use crate::rubric::scorecard::is_metric;
use crate::session::history::record::{SCORE, TOTAL};
use crate::session::history::{Direction, Filter, Goal, row};
use crate::session::{FORMAT, TOOL};

/// `goal list --json`.
#[derive(Serialize)]
struct Document {
    format: u32,
    tool: &'static str,
    goals: Vec<GoalState>,
}

pub fn run(command: cli::Goal) -> Result<ExitCode> {
    let folders = environment::folders()?;
    match command {
        cli::Goal::Set { metric, value, at_least, at_most } => {
            let goal = goal(metric, &value, at_least, at_most, &environment::scorecard(&folders, None)?)?;
            let mut history = open(&folders)?;
            history.set_goal(&goal)?;
            print(&line(&state(&goal, &history)?))?;
        }
        cli::Goal::List { json } => {
            let history = look(&folders)?;
            let goals = history.goals()?;
            let goals: Vec<GoalState> =
                goals.iter().map(|goal| state(goal, &history)).collect::<Result<_>>()?;
            if json {
                let document = Document { format: FORMAT, tool: TOOL, goals };
                print(&format!("{}\n", serde_json::to_string_pretty(&document)?))?;
            } else if goals.is_empty() {
                print("No goals yet. One to begin with: thinkaloud goal set silence.gaps_over_60s 0\n")?;
            } else {
                print(&goals.iter().map(line).collect::<String>())?;
            }
        }
        cli::Goal::Clear { metric } => {
            if !open(&folders)?.clear_goal(&metric)? {
                tell(&format!("There is no goal for {metric}"));
                return Ok(ExitCode::from(NOT_PASSED));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(goal: &GoalState) -> String {
    let mark = if goal.reached { "✓" } else { "·" };
    format!("{mark} {} {}\n", goal.metric, goal.words)
}

/// As of the last session.
fn state(goal: &Goal, history: &History) -> Result<GoalState> {
    let filter = Filter { limit: Some(1), ..Filter::default() };
    let last = history.sessions(&filter, Detail::Values(std::slice::from_ref(&goal.metric)))?;
    let value = last.last().and_then(|record| record.value(&goal.metric));
    Ok(GoalState::new(goal, value, &measure::unit(&goal.metric, &last.iter().collect::<Vec<_>>())))
}

fn goal(metric: String, value: &str, at_least: bool, at_most: bool, card: &Scorecard) -> Result<Goal> {
    let category =
        metric.strip_prefix(SCORE).is_some_and(|id| card.categories.iter().any(|own| own.id == id));
    if !(is_metric(&metric) || metric == TOTAL || category) {
        bail!(
            "no measure is named {metric}; a report lists them all, and there are score.total and score.CATEGORY"
        );
    }
    let (number, share) = match value.strip_suffix('%') {
        Some(percent) => (row::number(percent).map(|percent| percent / 100.0), true),
        None => (row::number(value), false),
    };
    let Some(target) = number else { bail!("{value} is no number") };
    let band = card.rules.iter().find(|rule| rule.metric == metric).map(|rule| rule.band);
    let aim = if metric.starts_with(SCORE) { Some(Aim::More) } else { band.map(measure::aim) };
    let direction = match (at_least, at_most, aim) {
        (true, _, _) | (false, false, Some(Aim::More)) => Direction::AtLeast,
        (_, true, _) | (false, false, Some(Aim::Less)) => Direction::AtMost,
        _ => bail!(
            "the scorecard does not say whether {metric} should be high or low: add --at-least or --at-most"
        ),
    };
    let is_share = band.is_some_and(|band| {
        [band.good_min, band.poor_min, band.good_max, band.poor_max]
            .into_iter()
            .flatten()
            .any(|edge| edge.fract() != 0.0)
    });
    ensure!(
        !is_share || share || target <= 1.0,
        "{metric} is a share: write {target}% or a number from 0 to 1"
    );
    Ok(Goal { metric, direction, target })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_is_that_of_the_scorecard_or_asked_for() {
        let files = crate::rubric::builtin::files("scorecards");
        let file = files.iter().find(|file| file.name.contains("senior")).unwrap();
        let card = crate::rubric::Scorecard::parse(file).unwrap();
        let set = |metric: &str, value, least, most| goal(metric.into(), value, least, most, &card);
        assert_eq!(set("silence.gaps_over_60s", "0", false, false).unwrap().direction, Direction::AtMost);
        assert_eq!(set("score.total", "80", false, false).unwrap().direction, Direction::AtLeast);
        let share = set("narration.intent_share", "70%", false, false).unwrap();
        assert_eq!((share.direction, share.target), (Direction::AtLeast, 0.7));
        assert_eq!(set("talk.ratio", "0.5", false, true).unwrap().direction, Direction::AtMost);
        for (metric, value, says) in [
            ("talk.ratio", "0.5", "--at-least or --at-most"),
            ("pause.mean", "1", "--at-least or --at-most"),
            ("narration.intent_share", "70", "write 70%"),
            ("silence.longst", "3", "no measure is named silence.longst"),
            ("score.flaw", "3", "no measure is named score.flaw"),
            ("silence.longest", "NaN", "no number"),
        ] {
            let error = set(metric, value, false, false).unwrap_err().to_string();
            assert!(error.contains(says), "{metric}: {error}");
        }
    }
}
