//! What the HTML template is filled with.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use super::charts::{AXIS, Chart};
use super::document::{MetricEntry, Report};
use super::show;
use crate::session::{CodeHistory, Millis, Role};

/// Unchanged lines shown around a change.
const CONTEXT: usize = 4;

/// A recording that the page can play. Parts follow one another.
#[derive(Clone, Debug, Serialize)]
pub struct AudioPart {
    /// Address, relative to the page or absolute.
    pub src: String,
    pub start: Millis,
}

#[derive(Debug, Serialize)]
pub struct Page<'a> {
    report: &'a Report,
    audio: &'a [AudioPart],
    timeline: String,
    /// Where the time axis lies in the timeline, in its own pixels: left, right, width.
    axis: [u32; 3],
    charts: Vec<String>,
    code: Vec<Vec<FileChange>>,
    measures: Vec<Measure>,
    labels: Vec<String>,
    speakers: bool,
    words: usize,
}

/// What one episode did to one file.
#[derive(Debug, Serialize)]
struct FileChange {
    path: String,
    /// Groups of neighbouring lines.
    groups: Vec<Vec<Line>>,
}

#[derive(Debug, Serialize)]
struct Line {
    /// `+`, `-` or a space.
    mark: char,
    text: String,
}

#[derive(Debug, Serialize)]
struct Measure {
    id: String,
    title: String,
    value: String,
    band: String,
    score: Option<f64>,
    confidence: f64,
    note: String,
    evidence: Vec<(Millis, String)>,
}

impl<'a> Page<'a> {
    /// `groups`: the edits of each episode; `titles`: what people call a metric, by its id.
    pub fn new(
        report: &'a Report,
        charts: &[Chart],
        code: &CodeHistory,
        groups: &[Vec<usize>],
        audio: &'a [AudioPart],
        titles: &BTreeMap<String, String>,
    ) -> Self {
        let svg = |name: &str| charts.iter().find(|chart| chart.name == name).map(|chart| chart.svg.clone());
        let mut labels: Vec<String> =
            report.utterances.iter().flat_map(|said| said.labels.keys().cloned()).collect();
        labels.sort();
        labels.dedup();
        Self {
            report,
            audio,
            timeline: svg("timeline").unwrap_or_default(),
            axis: AXIS,
            // The page's head shows the scores already.
            charts: svg("stages").into_iter().collect(),
            code: changes(code, groups),
            measures: report.metrics.iter().map(|metric| measure(metric, titles)).collect(),
            labels,
            speakers: report.utterances.iter().any(|said| said.speaker != Role::Candidate.name()),
            words: report.word_count(),
        }
    }
}

fn measure(metric: &MetricEntry, titles: &BTreeMap<String, String>) -> Measure {
    let shown = |value: f64| show::value(value, metric.unit);
    Measure {
        id: metric.id.clone(),
        title: titles.get(&metric.id).cloned().unwrap_or_default(),
        value: metric.value.map_or_else(|| "too little data".to_owned(), shown),
        band: metric.band.map_or_else(String::new, |band| band.describe(shown)),
        score: metric.score,
        confidence: metric.confidence,
        note: metric.note.clone(),
        evidence: metric.evidence.iter().map(|e| (e.span.start, show::cut(&e.quote, 90))).collect(),
    }
}

/// For each episode, the files that it touched, before against after.
fn changes(code: &CodeHistory, groups: &[Vec<usize>]) -> Vec<Vec<FileChange>> {
    let mut before: BTreeMap<String, Vec<String>> = code.after(0);
    let mut touched: BTreeSet<String> = BTreeSet::new();
    let mut out = Vec::with_capacity(groups.len());
    let mut group = groups.iter().peekable();
    let mut index = 0;
    code.walk(|edit, files| {
        touched.extend([Some(&edit.path), edit.from.as_ref()].into_iter().flatten().cloned());
        if group.peek().is_some_and(|edits| edits.last() == Some(&index)) {
            group.next();
            let mut changes = Vec::new();
            for path in std::mem::take(&mut touched) {
                changes.extend(difference(&path, before.get(&path), files.get(&path)));
                match files.get(&path) {
                    Some(lines) => before.insert(path, lines.clone()),
                    None => before.remove(&path),
                };
            }
            out.push(changes);
        }
        index += 1;
    });
    out
}

fn difference(path: &str, before: Option<&Vec<String>>, after: Option<&Vec<String>>) -> Option<FileChange> {
    if before == after {
        return None;
    }
    let lines = |file: Option<&Vec<String>>| -> Vec<String> { file.cloned().unwrap_or_default() };
    let (before, after) = (lines(before), lines(after));
    let old: Vec<&str> = before.iter().map(String::as_str).collect();
    let new: Vec<&str> = after.iter().map(String::as_str).collect();
    let diff = TextDiff::from_slices(&old, &new);
    let groups = diff
        .grouped_ops(CONTEXT)
        .iter()
        .map(|ops| ops.iter().flat_map(|op| diff.iter_changes(op)).map(|change| line(&change)).collect())
        .collect();
    Some(FileChange { path: path.to_owned(), groups })
}

fn line(change: &similar::Change<&str>) -> Line {
    let mark = match change.tag() {
        ChangeTag::Insert => '+',
        ChangeTag::Delete => '-',
        ChangeTag::Equal => ' ',
    };
    Line { mark, text: change.value().to_owned() }
}
