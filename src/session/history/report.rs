//! `report.json` to the row that the history keeps.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde::Deserialize;

use super::{CardRef, Dated, FocusRow, MetricRow, Moment, PlanRow, SessionHead, SessionRecord};
use crate::session::Millis;

/// So many moments of a measure are kept, the longest.
const MOMENTS: usize = 2;
/// In characters.
const LONGEST_QUOTE: usize = 160;

/// What is read of a report.
#[derive(Deserialize)]
struct ReportText {
    #[serde(default)]
    tool: String,
    session: SessionText,
    duration: Millis,
    #[serde(default)]
    heard: bool,
    #[serde(default)]
    plan: Option<PlanText>,
    metrics: Vec<MetricRow>,
    scorecard: CardRef,
    scores: ScoresText,
    #[serde(default)]
    findings: Vec<FindingText>,
    #[serde(default)]
    focus: Vec<FocusRow>,
}

#[derive(Deserialize)]
struct SessionText {
    id: Option<String>,
    #[serde(default)]
    title: String,
    started_at: Option<String>,
    problem: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    model: String,
    #[serde(default)]
    language: String,
}

#[derive(Deserialize)]
struct PlanText {
    id: String,
    #[serde(default)]
    stages: Vec<PlanRow>,
}

#[derive(Deserialize)]
struct ScoresText {
    total: Option<f64>,
    #[serde(default)]
    categories: BTreeMap<String, Option<f64>>,
}

#[derive(Deserialize)]
struct FindingText {
    rule: String,
}

/// Reads a report; the error says what it lacks.
pub fn record(text: &str) -> Result<SessionRecord, String> {
    let report: ReportText = serde_json::from_str(text).map_err(|error| format!("not a report: {error}"))?;
    let id = report.session.id.ok_or("a report without session.id cannot be told from others")?;
    let started_at = report.session.started_at.and_then(|at| DateTime::parse_from_rfc3339(&at).ok());
    let mut findings = BTreeMap::new();
    for finding in report.findings {
        *findings.entry(finding.rule).or_insert(0) += 1;
    }
    let (profile, plan) = report.plan.map_or((None, Vec::new()), |plan| (Some(plan.id), plan.stages));
    Ok(SessionRecord {
        head: SessionHead {
            id,
            title: report.session.title,
            problem: report.session.problem,
            profile,
            tags: report.session.tags,
            dated: started_at.map_or(Dated::Unknown, |_| Dated::Session),
            started_at,
            duration: Some(report.duration),
            scorecard: report.scorecard,
            model: report.session.model,
            language: report.session.language,
            tool: report.tool,
            heard: report.heard,
            total: report.scores.total,
            analysed_at: None,
            material: Default::default(),
        },
        current: true,
        categories: report.scores.categories,
        metrics: report.metrics.into_iter().map(shortened).collect(),
        findings,
        focus: report.focus,
        plan,
    })
}

fn shortened(mut metric: MetricRow) -> MetricRow {
    metric.evidence.sort_by_key(|moment| std::cmp::Reverse(moment.span.length()));
    metric.evidence.truncate(MOMENTS);
    metric.evidence.sort_by_key(|moment| moment.span.start);
    for Moment { quote, .. } in &mut metric.evidence {
        if let Some((end, _)) = quote.char_indices().nth(LONGEST_QUOTE) {
            quote.truncate(end);
            quote.push('…');
        }
    }
    metric
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_report_says_is_kept() {
        let text = r#"{"tool": "t", "session": {"id": "a", "title": "T", "started_at": "2026-01-05T10:00:00+01:00",
            "problem": "two-sum", "model": "m", "language": "en", "tags": ["x"], "problems": []},
            "duration": 600.0, "heard": true, "plan": {"id": "live-45", "title": "", "stages": [{"stage": "clarify", "minutes": 5, "what": ""}]},
            "metrics": [{"id": "silence.longest", "value": 64.0, "unit": "s", "band": null, "score": 0, "confidence": 1, "note": "",
              "evidence": [{"start": 1, "end": 2, "quote": "short", "episode": null}, {"start": 3, "end": 9, "quote": "long", "episode": 1},
                           {"start": 20, "end": 25, "quote": "middle", "episode": null}]}],
            "scorecard": {"id": "c", "version": 2, "hash": "h", "title": ""},
            "scores": {"total": 50.0, "categories": {"flow": null}, "ordered": []},
            "findings": [{"rule": "r", "start": 0, "end": 1}, {"rule": "r", "start": 2, "end": 3}],
            "focus": [{"rule": "r", "points": 12.5, "title": ""}]}"#;
        let record = record(text).unwrap();
        assert_eq!(record.head.started_at.unwrap().to_rfc3339(), "2026-01-05T10:00:00+01:00");
        assert_eq!(record.head.profile.as_deref(), Some("live-45"));
        assert_eq!(record.findings["r"], 2);
        assert_eq!(record.focus[0].points, 12.5);
        assert_eq!(record.categories["flow"], None);
        let quotes: Vec<&str> =
            record.metrics[0].evidence.iter().map(|moment| moment.quote.as_str()).collect();
        assert_eq!(quotes, ["long", "middle"]);
        assert!(super::record("{}").unwrap_err().contains("session"));
    }
}
