//! Measures as people read them, in groups by the first part of their id.

use serde::Serialize;

use crate::report::definitions::Definitions;
use crate::report::document::{MetricEntry, RuleEntry};
use crate::report::show;
use crate::session::Millis;

#[derive(Debug, Serialize)]
pub struct Group<'a> {
    pub id: String,
    pub title: String,
    pub measures: Vec<Measure<'a>>,
}

/// More moments than this of one measure nobody reads; three hours have hundreds.
const SHOWN: usize = 60;

#[derive(Debug, Serialize)]
pub struct Measure<'a> {
    pub id: &'a str,
    title: String,
    /// None where there was too little to judge.
    pub value: Option<String>,
    /// What is good.
    band: String,
    pub rule: Option<&'a RuleEntry>,
    score: Option<f64>,
    verdict: &'static str,
    confidence: f64,
    note: &'a str,
    moments: Vec<(Millis, &'a str)>,
    /// Moments that only report.json has.
    more: usize,
    /// How it is made, as HTML.
    definition: String,
}

pub fn measure<'a>(metric: &'a MetricEntry, definitions: &Definitions) -> Measure<'a> {
    let shown = |value: f64| show::value(value, &metric.unit);
    let rule = metric.rule.as_ref();
    Measure {
        id: &metric.id,
        title: rule.map_or_else(|| show::name(&metric.id), |rule| rule.title.clone()),
        value: metric.value.map(shown),
        band: metric.band.map_or_else(String::new, |band| band.describe(shown)),
        rule,
        score: metric.score,
        verdict: metric.score.map_or("", show::verdict),
        confidence: metric.confidence,
        note: &metric.note,
        moments: metric
            .evidence
            .iter()
            .take(SHOWN)
            .map(|moment| (moment.span.start, moment.quote.as_str()))
            .collect(),
        more: metric.evidence.len().saturating_sub(SHOWN),
        definition: definitions.of(&metric.id).unwrap_or_default().to_owned(),
    }
}

/// Beginnings of ids that belong under one heading. What is new stands under its own.
const HEADINGS: [(&str, &[&str]); 7] = [
    ("Flow", &["silence", "talk", "pause", "phonation", "run"]),
    ("Why and what", &["narration", "edits"]),
    ("Trade-offs", &["tradeoff"]),
    ("Questions", &["clarify", "code"]),
    ("Costs and tests", &["complexity", "testing", "edge_cases", "runs", "working"]),
    ("Stages", &["stage"]),
    ("Delivery", &["pace", "fillers", "hedges", "repeated_phrases", "approval"]),
];

pub fn groups<'a>(measures: impl Iterator<Item = Measure<'a>>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group> = HEADINGS
        .iter()
        .map(|(title, _)| Group { id: slug(title), title: (*title).to_owned(), measures: vec![] })
        .collect();
    for measure in measures {
        let head = measure.id.split('.').next().unwrap_or_default();
        let title = HEADINGS
            .iter()
            .find(|(_, heads)| heads.contains(&head))
            .map_or_else(|| show::name(head), |(title, _)| (*title).to_owned());
        match groups.iter_mut().find(|group| group.title == title) {
            Some(group) => group.measures.push(measure),
            None => groups.push(Group { id: slug(&title), title, measures: vec![measure] }),
        }
    }
    groups.retain(|group| !group.measures.is_empty());
    groups
}

fn slug(title: &str) -> String {
    title.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(id: &str) -> MetricEntry {
        MetricEntry {
            id: id.into(),
            value: Some(3.0),
            unit: "count".into(),
            rule: None,
            band: None,
            score: None,
            confidence: 1.0,
            note: String::new(),
            evidence: vec![],
        }
    }

    #[test]
    fn a_new_metric_finds_its_place_or_makes_one() {
        let metrics = ["pace.speech_rate", "fillers.per_100_words", "levels.reached"].map(metric);
        let definitions = Definitions::default();
        let groups = groups(metrics.iter().map(|metric| measure(metric, &definitions)));
        let read: Vec<_> = groups.iter().map(|group| (group.title.as_str(), group.measures.len())).collect();
        assert_eq!(read, [("Delivery", 2), ("Levels", 1)]);
        assert_eq!(groups[0].measures[1].title, "Fillers per 100 words");
        assert!(!groups[0].measures[0].definition.is_empty());
    }
}
