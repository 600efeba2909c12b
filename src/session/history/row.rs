//! A session as a row of named cells: of a CSV file, or of a list that another program wrote.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, TimeZone};

use super::{Dated, FocusRow, MetricRow, PlanRow, SessionRecord, moment, record::SCORE};
use crate::session::Millis;
use crate::session::hash::sha256;

/// Measures under names that others use: name, id, unit.
const KNOWN: [(&str, &str, &str); 3] = [
    ("intent_ratio", "narration.intent_share", "share"),
    ("longest_gap_s", "silence.longest", "s"),
    ("words", "words", "count"),
];
/// Larger than anything that can be measured; sums of such numbers would lose all others.
const LARGEST: f64 = 1e12;

/// A number that can be reckoned with.
pub fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|value| value.abs() <= LARGEST)
}

/// Leaves out numbers that nothing can be reckoned with, and tells.
pub fn checked(mut record: SessionRecord, place: &str, problems: &mut Vec<String>) -> SessionRecord {
    let fine = |value: &f64| value.is_finite() && value.abs() <= LARGEST;
    for metric in &mut record.metrics {
        if metric.value.is_some_and(|value| !fine(&value)) {
            problems.push(format!("{place}: {} is out of all bounds and is taken for missing", metric.id));
            metric.value = None;
        }
        metric.confidence =
            if metric.confidence.is_finite() { metric.confidence.clamp(0.0, 1.0) } else { 0.0 };
    }
    record.head.total = record.head.total.filter(fine);
    record.categories.values_mut().for_each(|score| *score = score.filter(fine));
    record.focus.retain(|focus| fine(&focus.points));
    record
}

/// Reads cells; what has no meaning is told with `place`. A row without an id gets one from its contents.
pub fn record(
    cells: Vec<(String, String)>,
    place: &str,
    zone: &impl TimeZone,
    problems: &mut Vec<String>,
) -> SessionRecord {
    let mut record = SessionRecord { current: true, ..SessionRecord::default() };
    let mut metrics: BTreeMap<String, MetricRow> = BTreeMap::new();
    let all = format!("{cells:?}");
    for (name, text) in cells {
        let mut told = |why: &str| problems.push(format!("{place}: {name}: {why}"));
        if text.is_empty() && !is_measure(&name) {
            continue;
        }
        if let Err(why) = head(&mut record, &name, &text, zone) {
            told(&why);
        } else if !HEAD.contains(&name.as_str()) && !measure(&mut record, &mut metrics, &name, &text) {
            told("left out: it is neither a number nor known");
        }
    }
    record.metrics = metrics.into_values().collect();
    if record.head.id.is_empty() {
        record.head.id = format!("row-{}", &sha256(all)[..16]);
        problems.push(format!("{place}: it has no id and is kept as {}", record.head.id));
    }
    record
}

/// Cells that are no measures.
const HEAD: [&str; 28] = [
    "id",
    "current",
    "title",
    "problem",
    "profile",
    "tags",
    "started_at",
    "date",
    "dated",
    "duration",
    "scorecard",
    "scorecard_version",
    "scorecard_hash",
    "model",
    "language",
    "tool",
    "heard",
    "total",
    "analysed_at",
    "session",
    "report",
    "transcript",
    "edits",
    "plan",
    "focus",
    "score.total",
    "started",
    "start",
];

/// A known number may be missing and still have been looked for.
fn is_measure(name: &str) -> bool {
    !HEAD.contains(&name)
}

fn head(record: &mut SessionRecord, name: &str, text: &str, zone: &impl TimeZone) -> Result<(), String> {
    let own = || Some(text.to_owned());
    let list = |text: &str| -> Vec<String> {
        text.split(';').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
    };
    let at = |text: &str| -> Result<DateTime<FixedOffset>, String> { moment::read(text, zone) };
    let wrong = |what: &str| format!("\"{text}\" is no {what}; the cell is left out");
    let head = &mut record.head;
    match name {
        "id" => head.id = text.to_owned(),
        "current" => record.current = text.parse().map_err(|_| wrong("true or false"))?,
        "title" => head.title = text.to_owned(),
        "problem" => head.problem = own(),
        "profile" => head.profile = own(),
        "tags" => head.tags = list(text),
        "started_at" | "date" | "started" | "start" => {
            head.started_at = Some(at(text).map_err(|why| format!("{why}; kept without a date"))?);
            if head.dated == Dated::Unknown {
                head.dated = Dated::Session;
            }
        }
        "dated" => head.dated = if text == "file" { Dated::File } else { head.dated },
        "duration" => {
            head.duration =
                Some(Millis::from_seconds(number(text).ok_or_else(|| wrong("number of seconds"))?));
        }
        "scorecard" => head.scorecard.id = text.to_owned(),
        "scorecard_version" => head.scorecard.version = text.parse().map_err(|_| wrong("version"))?,
        "scorecard_hash" => head.scorecard.hash = text.to_owned(),
        "model" => head.model = text.to_owned(),
        "language" => head.language = text.to_owned(),
        "tool" => head.tool = text.to_owned(),
        "heard" => head.heard = text.parse().map_err(|_| wrong("true or false"))?,
        "total" | "score.total" => head.total = Some(number(text).ok_or_else(|| wrong("number"))?),
        "analysed_at" => head.analysed_at = Some(at(text)?),
        "session" => head.material.session = own(),
        "report" => head.material.report = own(),
        "transcript" => head.material.transcript = own(),
        "edits" => head.material.edits = own(),
        "plan" => {
            let stage = |(stage, minutes)| PlanRow { stage, minutes };
            record.plan = pairs(&list(text))
                .ok_or_else(|| wrong("list of stage=minutes"))?
                .into_iter()
                .map(stage)
                .collect();
        }
        "focus" => {
            let focus = |(rule, points)| FocusRow { rule, points };
            record.focus = pairs(&list(text))
                .ok_or_else(|| wrong("list of rule=points"))?
                .into_iter()
                .map(focus)
                .collect();
        }
        _ => {}
    }
    Ok(())
}

fn pairs(list: &[String]) -> Option<Vec<(String, f64)>> {
    list.iter()
        .map(|one| one.rsplit_once('=').and_then(|(name, value)| Some((name.to_owned(), number(value)?))))
        .collect()
}

/// `score.flow`, `finding.long-silence`, `silence.longest [s]`, `silence.longest [s] confidence`, or any other number.
fn measure(
    record: &mut SessionRecord,
    metrics: &mut BTreeMap<String, MetricRow>,
    name: &str,
    text: &str,
) -> bool {
    let value = number(text);
    if let Some(category) = name.strip_prefix(SCORE) {
        let fine = value.is_some() || text.is_empty();
        if fine {
            record.categories.insert(category.to_owned(), value);
        }
        return fine;
    }
    if let Some(rule) = name.strip_prefix("finding.") {
        let count = value.filter(|value| *value >= 0.0);
        if let Some(count) = count.filter(|count| *count > 0.0) {
            record.findings.insert(rule.to_owned(), count as u32);
        }
        return count.is_some() || text.is_empty();
    }
    let (stem, is_confidence) = name.strip_suffix(" confidence").map_or((name, false), |stem| (stem, true));
    let unit = stem.strip_suffix(']').and_then(|stem| stem.rsplit_once(" ["));
    let is_own = unit.is_some();
    let (id, unit) = unit.unwrap_or((stem, ""));
    let (id, unit) = KNOWN.iter().find(|known| known.0 == id).map_or((id, unit), |known| (known.1, known.2));
    if value.is_none() && !text.is_empty() {
        return false;
    }
    if text.is_empty() && is_own {
        return true;
    }
    let new = || MetricRow {
        id: id.to_owned(),
        value: None,
        unit: unit.to_owned(),
        confidence: 1.0,
        evidence: Vec::new(),
    };
    let row = metrics.entry(id.to_owned()).or_insert_with(new);
    match (is_confidence, value) {
        (true, Some(confidence)) => row.confidence = confidence.clamp(0.0, 1.0),
        (_, value) => row.value = value,
    }
    true
}
