//! One analysed session, as the history keeps it.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::session::hash::sha256;
use crate::session::{Millis, Span};

/// Scores stand beside the measures under these names.
pub const TOTAL: &str = "score.total";
pub const SCORE: &str = "score.";
/// Unit of scores: 0 to 100.
pub const POINTS: &str = "points";

/// Who, when and by which rules; what a table of sessions needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionHead {
    /// The session's own, or the hash of its recording or transcript.
    pub id: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub problem: Option<String>,
    /// Name of the stage plan.
    #[serde(default)]
    pub profile: Option<String>,
    #[serde(default)]
    pub tags: Vec<String>,
    /// Wall time of the beginning, with the offset of that place and day.
    #[serde(default)]
    pub started_at: Option<DateTime<FixedOffset>>,
    #[serde(default)]
    pub dated: Dated,
    #[serde(default)]
    pub duration: Option<Millis>,
    #[serde(default)]
    pub scorecard: CardRef,
    #[serde(default)]
    pub model: String,
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub tool: String,
    /// Whether silence was measured on audio.
    #[serde(default)]
    pub heard: bool,
    /// 0 to 100.
    #[serde(default)]
    pub total: Option<f64>,
    #[serde(default)]
    pub analysed_at: Option<DateTime<FixedOffset>>,
    #[serde(default)]
    pub material: Material,
}

/// How the date of a session is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dated {
    /// By the recorder, or by whoever wrote the row.
    Session,
    /// By the file's last change: a guess.
    File,
    #[default]
    Unknown,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CardRef {
    pub id: String,
    pub version: u32,
    pub hash: String,
}

/// Where a session lies, so that it can be scored again: a session folder, or the report's folder with the files that
/// were named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Material {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionRecord {
    #[serde(flatten)]
    pub head: SessionHead,
    /// False of what a later analysis has replaced.
    #[serde(default = "yes")]
    pub current: bool,
    /// Category id to its score, 0 to 100.
    #[serde(default)]
    pub categories: BTreeMap<String, Option<f64>>,
    #[serde(default)]
    pub metrics: Vec<MetricRow>,
    /// Rule id to how many moments it objected to.
    #[serde(default)]
    pub findings: BTreeMap<String, u32>,
    /// The things to change first, in that order.
    #[serde(default)]
    pub focus: Vec<FocusRow>,
    #[serde(default)]
    pub plan: Vec<PlanRow>,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MetricRow {
    pub id: String,
    /// Missing where the session held too little to judge.
    #[serde(default)]
    pub value: Option<f64>,
    #[serde(default)]
    pub unit: String,
    /// 0 to 1.
    #[serde(default = "certain")]
    pub confidence: f64,
    /// A few of the moments that it counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Moment>,
}

fn certain() -> f64 {
    1.0
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    #[serde(flatten)]
    pub span: Span,
    pub quote: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FocusRow {
    pub rule: String,
    /// Points of the total that full marks there would have added.
    #[serde(default)]
    pub points: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanRow {
    pub stage: String,
    pub minutes: f64,
}

impl SessionHead {
    /// Only sessions with the same of these are compared: scorecard, model, stage plan.
    pub fn conditions(&self) -> (&CardRef, &str, Option<&str>) {
        (&self.scorecard, &self.model, self.profile.as_deref())
    }
}

impl SessionRecord {
    /// Equal measurements of one session have an equal hash, whenever they were made and wherever the files lie.
    pub fn content(&self) -> String {
        let mut bare = self.clone();
        (bare.current, bare.head.analysed_at, bare.head.material) = (true, None, Material::default());
        bare.head.tags.clear();
        sha256(serde_json::to_string(&bare).unwrap_or_default())
    }

    /// The value of a measure, or of a score such as `score.total` or `score.flow`.
    pub fn value(&self, id: &str) -> Option<f64> {
        if id == TOTAL {
            return self.head.total;
        }
        if let Some(category) = id.strip_prefix(SCORE) {
            return self.categories.get(category).copied().flatten();
        }
        self.metrics.iter().find(|metric| metric.id == id)?.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_what_was_measured_and_not_when_or_where() {
        let one = SessionRecord {
            head: SessionHead { id: "a".into(), ..Default::default() },
            ..Default::default()
        };
        let mut other = one.clone();
        other.head.material.session = Some("/elsewhere".into());
        other.head.analysed_at = DateTime::parse_from_rfc3339("2026-01-05T10:00:00Z").ok();
        assert_eq!(one.content(), other.content());
        other.head.total = Some(1.0);
        assert_ne!(one.content(), other.content());
    }

    #[test]
    fn scores_are_values_like_any_other() {
        let mut record = SessionRecord::default();
        record.head.total = Some(62.0);
        record.categories.insert("flow".into(), Some(40.0));
        record.metrics.push(MetricRow { id: "talk.ratio".into(), value: Some(0.5), ..Default::default() });
        assert_eq!(record.value("score.total"), Some(62.0));
        assert_eq!(record.value("score.flow"), Some(40.0));
        assert_eq!(record.value("talk.ratio"), Some(0.5));
        assert_eq!(record.value("talk.monologue"), None);
    }
}
