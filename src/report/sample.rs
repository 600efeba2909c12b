//! Reports that tests are about, put together by hand.

use super::document::{CardEntry, CategoryScore};
use super::document::{
    EpisodeEntry, GapEntry, MetricEntry, Report, SaidEntry, Scores, SessionInfo, WordEntry,
};
use crate::rubric::Profile;
use crate::rubric::profile::PlannedStage;
use crate::session::{Cause, FORMAT, Millis, Role, Run, Span, Stage, StageSource, TOOL};

/// A session in which nothing happened, of this many seconds.
pub fn empty(seconds: f64) -> Report {
    Report {
        format: FORMAT,
        tool: TOOL.into(),
        session: SessionInfo { title: "Sample".into(), language: "en".into(), ..SessionInfo::default() },
        duration: Millis::from_seconds(seconds),
        active: Span::from_seconds(0.0, seconds),
        heard: true,
        plan: None,
        stages: vec![],
        speech: vec![],
        speakers: vec![],
        utterances: vec![],
        dropped: vec![],
        episodes: vec![],
        runs: vec![],
        notes: vec![],
        gaps: vec![],
        metrics: vec![],
        scorecard: CardEntry { id: "c".into(), version: 1, hash: "0".into(), title: "Card".into() },
        scores: Scores { total: None, categories: Default::default(), ordered: vec![] },
        findings: vec![],
        strengths: vec![],
        signals: vec![],
        antipatterns: vec![],
        focus: vec![],
        goals: vec![],
    }
}

/// The words are spread evenly, each as sure as 0.9.
pub fn said(start: f64, end: f64, text: &str) -> SaidEntry {
    let words: Vec<&str> = text.split_whitespace().collect();
    let each = (end - start) / words.len().max(1) as f64;
    SaidEntry {
        span: Span::from_seconds(start, end),
        speaker: Role::Candidate,
        text: text.trim().to_owned(),
        heard: None,
        labels: Default::default(),
        words: words
            .iter()
            .enumerate()
            .map(|(index, word)| WordEntry {
                span: Span::from_seconds(start + each * index as f64, start + each * (index + 1) as f64),
                text: (*word).to_owned(),
                probability: 0.9,
            })
            .collect(),
    }
}

pub fn score(title: &str, score: Option<f64>) -> CategoryScore {
    CategoryScore { id: title.to_lowercase(), title: title.into(), weight: 1.0, score }
}

pub fn silence(start: f64, end: f64, announced: bool) -> GapEntry {
    let span = Span::from_seconds(start, end);
    let seconds = span.length();
    GapEntry { span, seconds, long: seconds > Millis::seconds(60), announced, edited: vec![] }
}

pub fn edit(start: f64, end: f64, file: &str, explained_by: Option<usize>) -> EpisodeEntry {
    EpisodeEntry {
        span: Span::from_seconds(start, end),
        files: vec![file.into()],
        symbols: vec!["evict".into()],
        added: 4,
        removed: 1,
        cause: Cause::Typing,
        explained: explained_by.is_some(),
        links: vec![],
        explained_before: false,
        silent: explained_by.is_none(),
        explained_by,
    }
}

pub fn run(at: f64, exit_code: i32) -> Run {
    Run { span: Span::from_seconds(at, at + 2.0), command: "pytest".into(), exit_code }
}

/// Equal stages, in plan and fact.
pub fn staged(report: &mut Report, names: &[&str]) {
    let each = report.duration.as_seconds() / names.len() as f64;
    for (index, name) in names.iter().enumerate() {
        let span = Span::from_seconds(each * index as f64, each * (index + 1) as f64);
        report.stages.push(Stage {
            span,
            stage: (*name).to_owned(),
            from: StageSource::Marks,
            confidence: 1.0,
        });
        report.metrics.push(metric(&format!("stage.{name}.minutes"), each / 60.0, "min"));
    }
    let planned =
        |name: &&str| PlannedStage { stage: (*name).to_owned(), minutes: each / 60.0, what: String::new() };
    let stages = names.iter().map(planned).collect();
    report.plan = Some(Profile { id: "plan".into(), title: "Plan".into(), stages });
}

pub fn metric(id: &str, value: f64, unit: &'static str) -> MetricEntry {
    MetricEntry {
        id: id.into(),
        value: Some(value),
        unit: unit.into(),
        rule: None,
        band: None,
        score: None,
        confidence: 1.0,
        note: String::new(),
        evidence: vec![],
    }
}

/// Everything of one kind is alike: a sentence every ten seconds, a burst of edits every minute, one score for all.
pub fn regular(seconds: f64) -> Report {
    let mut report = empty(seconds);
    for index in 0..(seconds / 10.0) as usize {
        let start = index as f64 * 10.0;
        let mut said = said(start, start + 6.0, "so we keep a map because a lookup is then cheap");
        said.labels.insert(if index % 3 == 0 { "syntax" } else { "intent" }.into(), 0.9);
        report.speech.push(said.span);
        report.utterances.push(said);
    }
    for index in 0..(seconds / 60.0) as usize {
        let start = index as f64 * 60.0;
        report.episodes.push(edit(start + 5.0, start + 25.0, "a.py", (index % 2 == 0).then_some(index * 6)));
        report.runs.push(run(start + 50.0, i32::from(index % 2 == 0)));
    }
    staged(&mut report, &["clarify", "skeleton", "iterate"]);
    report.scores.ordered = ["Flow", "Intent", "Verify"].map(|title| score(title, Some(60.0))).into();
    report.scores.total = Some(60.0);
    report
}

/// One of everything.
pub fn single() -> Report {
    let mut report = empty(90.0);
    report.speech = vec![Span::from_seconds(1.0, 7.0)];
    report.utterances = vec![said(1.0, 7.0, "one two three four five six seven eight nine ten")];
    report.utterances[0].labels.insert("intent".into(), 0.8);
    report.gaps = vec![silence(7.0, 80.0, true)];
    report.episodes = vec![edit(80.0, 80.0, "a.py", None)];
    report.runs = vec![run(89.0, 0)];
    staged(&mut report, &["all"]);
    report.scores.ordered = vec![score("Flow", Some(0.0)), score("Intent", None)];
    report
}
