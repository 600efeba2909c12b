//! `history compare`: what changed between two sessions, with moments of both.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::show;
use super::text::{clean, wrapped};
use super::trends::{day, title};
use crate::rubric::Scorecard;
use crate::session::history::record::{POINTS, SCORE, TOTAL};
use crate::session::history::{Moment, SessionHead, SessionRecord};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
/// A rule's score (0 to 1) differs when it does by this much.
const DIFFERENT: f64 = 0.1;

#[derive(Debug, Serialize)]
pub struct Comparison {
    pub a: SessionHead,
    pub b: SessionHead,
    /// Why the numbers say less than they seem to: what was not the same.
    pub warnings: Vec<String>,
    /// What differs most comes first.
    pub changes: Vec<Change>,
}

#[derive(Debug, Serialize)]
pub struct Change {
    pub id: String,
    pub title: String,
    pub unit: String,
    pub a: Option<f64>,
    pub b: Option<f64>,
    pub better: Option<bool>,
    /// Score (0 to 100) of the second less that of the first; of scores, their difference.
    pub points: Option<f64>,
    pub moments_a: Vec<Moment>,
    pub moments_b: Vec<Moment>,
}

impl Comparison {
    /// From `a` to `b`: scores, and the measures that the scorecard asks for.
    pub fn new(a: &SessionRecord, b: &SessionRecord, card: &Scorecard) -> Self {
        let ids = [TOTAL.to_owned()]
            .into_iter()
            .chain(card.categories.iter().map(|category| format!("{SCORE}{}", category.id)))
            .chain(card.rules.iter().map(|rule| rule.metric.clone()));
        let mut changes: Vec<Change> = ids
            .map(|id| change(&id, a, b, card))
            .filter(|change| change.a.is_some() || change.b.is_some())
            .collect();
        // Scores stay in front, in their order.
        let scores = changes.iter().take_while(|change| change.id.starts_with(SCORE)).count();
        changes[scores..].sort_by(|x, y| {
            let size = |change: &Change| change.points.map_or(-1.0, f64::abs);
            size(y).total_cmp(&size(x))
        });
        Self { a: a.head.clone(), b: b.head.clone(), warnings: warnings(&a.head, &b.head), changes }
    }

    pub fn text(&self) -> String {
        let mut out = String::new();
        for (name, head) in [("A", &self.a), ("B", &self.b)] {
            let date = head.started_at.map_or("no date".to_owned(), day);
            let _ = writeln!(out, "{BOLD}{name}{BOLD:#}  {date}  {}", show::cut(&clean(&head.title), 60));
        }
        self.warnings.iter().for_each(|warning| wrapped(&mut out, "! ", warning));
        out.push('\n');
        for change in &self.changes {
            let shown =
                |value: Option<f64>| value.map_or("-".to_owned(), |value| show::value(value, &change.unit));
            let (word, style) = match change.better {
                Some(true) => ("better", Style::new().fg_color(Some(AnsiColor::Green.into()))),
                Some(false) => ("worse", Style::new().fg_color(Some(AnsiColor::Red.into()))),
                None => ("", DIM),
            };
            let values = format!("{:>20} → {:<20}", shown(change.a), shown(change.b));
            let _ = writeln!(
                out,
                "{:<28} {} {style}{word}{style:#}",
                show::cut(&clean(&change.title), 28),
                if word.is_empty() { values.trim_end() } else { &values }
            );
            if change.better.is_none() {
                continue;
            }
            for (name, moments) in [("A", &change.moments_a), ("B", &change.moments_b)] {
                if let Some(moment) = moments.iter().max_by_key(|moment| moment.span.length()) {
                    let quote = show::cut(&clean(&moment.quote), 56);
                    let quote = if quote.is_empty() { String::new() } else { format!(" \"{quote}\"") };
                    let _ = writeln!(out, "{DIM}    {name} {}{quote}{DIM:#}", moment.span.start);
                }
            }
        }
        out
    }
}

fn change(id: &str, a: &SessionRecord, b: &SessionRecord, card: &Scorecard) -> Change {
    let metric = |record: &SessionRecord| record.metrics.iter().find(|metric| metric.id == id).cloned();
    let (in_a, in_b) = (metric(a), metric(b));
    let band = card.rules.iter().find(|rule| rule.metric == id).map(|rule| rule.band);
    let (was, is) = (a.value(id), b.value(id));
    let is_score = id.starts_with(SCORE);
    let points = was.zip(is).and_then(|(was, is)| {
        if is_score { Some(is - was) } else { band.map(|band| (band.score(is) - band.score(was)) * 100.0) }
    });
    let unit = in_b.as_ref().or(in_a.as_ref()).map_or_else(String::new, |metric| metric.unit.clone());
    Change {
        id: id.to_owned(),
        title: title(id, card),
        unit: if is_score { POINTS.into() } else { unit },
        a: was,
        b: is,
        better: points.filter(|points| points.abs() >= DIFFERENT * 100.0).map(|points| points > 0.0),
        points,
        moments_a: in_a.map_or_else(Vec::new, |metric| metric.evidence),
        moments_b: in_b.map_or_else(Vec::new, |metric| metric.evidence),
    }
}

fn warnings(a: &SessionHead, b: &SessionHead) -> Vec<String> {
    let mut warnings = Vec::new();
    if a.scorecard != b.scorecard {
        warnings.push("they were scored by different scorecards: compare measures, not scores, or run `thinkaloud history rescore`".to_owned());
    }
    if a.model != b.model {
        warnings.push(
            "their words were recognised by different models: what rests on words may differ for that alone"
                .to_owned(),
        );
    }
    if a.profile != b.profile {
        warnings.push("they had different stage plans".to_owned());
    }
    if a.heard != b.heard {
        warnings.push(
            "silence was measured on audio in one of them, and read from the times of words in the other"
                .to_owned(),
        );
    }
    warnings
}
