//! What came after the first solution: how far it was taken, and how much of the old code each step rewrote.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::episodes::is_code;
use crate::analysis::inference::first_work;
use crate::analysis::{Evidence, Metric, NO_LABELS, working};
use crate::session::{CodeHistory, Millis, Span, Stage, Timeline, Utterance};

/// Less code than this before a follow-up is nothing to build on.
const MIN_OLD: usize = 10;
/// Fewer new lines than this extend nothing.
const MIN_NEW: usize = 5;

pub fn measure(timeline: &Timeline, code: &CodeHistory) -> Vec<Metric> {
    vec![rungs(timeline), rewritten(timeline, code)]
}

/// How many rungs of the ladder were reached: working, edge cases, concurrent, distributed, fault-tolerant.
fn rungs(timeline: &Timeline) -> Metric {
    let id = "followup.rungs";
    if !timeline.labelled {
        return Metric::too_little(id, "count", NO_LABELS);
    }
    if timeline.utterances.is_empty() {
        return Metric::too_little(id, "count", "nothing was said");
    }
    let first = |holds: &dyn Fn(&Utterance) -> bool| {
        let said = timeline.utterances.iter().find(|said| said.is_candidate() && holds(said))?;
        Some(Evidence::new(said.span, said.text.as_str()))
    };
    let cue = |said: &Utterance, id: &str| said.cues_of(id).next().is_some();
    let reached = [
        ("working", working::first(timeline).map(|(evidence, _)| evidence)),
        ("edge cases", first(&|said| said.has("edge_case"))),
        ("concurrent", first(&|said| said.has("concurrency") || cue(said, "rung_concurrent"))),
        ("distributed", first(&|said| cue(said, "rung_distributed"))),
        ("fault-tolerant", first(&|said| cue(said, "rung_fault"))),
    ];
    let names: Vec<&str> =
        reached.iter().filter(|(_, evidence)| evidence.is_some()).map(|(name, _)| *name).collect();
    let note = names.join(", ");
    Metric::count(id, reached.into_iter().filter_map(|(_, evidence)| evidence).collect()).with_note(note)
}

/// Of the lines that stood when a follow-up began, the share that was gone at its end. Moving a line, or indenting it, is
/// no rewriting.
fn rewritten(timeline: &Timeline, code: &CodeHistory) -> Metric {
    let id = "extend.rewritten";
    if code.edits.is_empty() {
        return Metric::too_little(id, "share", "no edits are known");
    }
    let starts = starts(timeline);
    let ends = starts.iter().skip(1).copied().chain([timeline.active.end + Millis(1)]);
    let (mut old_lines, mut gone_lines, mut evidence) = (0, 0, Vec::new());
    for (&start, end) in starts.iter().zip(ends) {
        let (old, new) = (lines(code, start), lines(code, end));
        let total: usize = old.values().sum();
        if total < MIN_OLD || missing(&new, &old) < MIN_NEW {
            continue;
        }
        let gone = missing(&old, &new);
        (old_lines, gone_lines) = (old_lines + total, gone_lines + gone);
        evidence.push(Evidence::new(Span::new(start, end), format!("{gone} of {total} lines")));
    }
    if old_lines == 0 {
        return Metric::too_little(id, "share", "no follow-up extended code of ten lines or more");
    }
    let note = format!("{gone_lines} of {old_lines} lines over {} follow-ups", evidence.len());
    Metric::new(id, "share", gone_lines as f64 / old_lines as f64).with_note(note).with_evidence(evidence)
}

/// More is asked at each level and extension that was marked, and where the interviewer says so.
fn starts(timeline: &Timeline) -> Vec<Millis> {
    let Some(work) = first_work(timeline) else { return Vec::new() };
    let asks_more = |stage: &&Stage| stage.stage.starts_with("level") || stage.stage == "extend";
    let stages = timeline.stages.iter().filter(asks_more).map(|stage| stage.span.start);
    let asked = timeline.utterances.iter().filter(|said| !said.is_candidate() && said.has("followup"));
    let starts = stages.chain(asked.map(|said| said.span.end)).filter(|&at| at > work.span.start);
    starts.collect::<BTreeSet<Millis>>().into_iter().collect()
}

/// How many lines of the one are not in the other.
fn missing(of: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>) -> usize {
    of.iter().map(|(line, &count)| count.saturating_sub(other.get(line).copied().unwrap_or(0))).sum()
}

/// Lines that hold something, of all files but those of tests, and how often each is there.
fn lines(code: &CodeHistory, at: Millis) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    let files = code.at(at);
    let own = files.iter().filter(|(path, _)| is_code(path) && !path.to_lowercase().contains("test"));
    for line in own.flat_map(|(_, lines)| lines).map(|line| line.trim()).filter(|line| !line.is_empty()) {
        *count.entry(line.to_owned()).or_default() += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, Cue, Edit, EditKind, Episode, Hunk, LabelHit, Run, StageSource};

    fn edit(at: f64, line: usize, removed: Vec<String>, added: Vec<String>) -> Edit {
        Edit {
            at: Millis::from_seconds(at),
            monotonic_ns: None,
            path: "a.py".into(),
            kind: EditKind::Modify,
            from: None,
            cause: Cause::Typing,
            hunks: vec![Hunk { line, removed, added }],
            hash: String::new(),
        }
    }

    fn numbered(prefix: &str, range: std::ops::Range<usize>) -> Vec<String> {
        range.map(|index| format!("{prefix}{index}")).collect()
    }

    fn stage(name: &str, start: f64, end: f64) -> Stage {
        Stage {
            span: Span::from_seconds(start, end),
            stage: name.into(),
            from: StageSource::Marks,
            confidence: 1.0,
        }
    }

    #[test]
    fn old_lines_that_are_gone_at_the_end_of_a_follow_up() {
        let moved: Vec<String> = numbered("    a", 0..2);
        let code = CodeHistory {
            snapshots: Default::default(),
            edits: vec![
                edit(10.0, 1, vec![], numbered("a", 0..20)),
                // Two lines move (no rewriting), three are replaced, five are new.
                edit(110.0, 1, numbered("a", 0..2), vec![]),
                edit(111.0, 19, vec![], moved),
                edit(120.0, 1, numbered("a", 2..5), numbered("b", 0..8)),
                // Nothing in the third part.
            ],
        };
        let timeline = Timeline {
            active: Span::from_seconds(0.0, 300.0),
            episodes: vec![Episode {
                span: Span::from_seconds(10.0, 10.0),
                files: vec!["a.py".into()],
                added: 20,
                ..Episode::default()
            }],
            stages: vec![
                stage("clarify", 0.0, 9.0),
                stage("level-1", 9.0, 100.0),
                stage("level-2", 100.0, 200.0),
                stage("level-3", 200.0, 300.0),
            ],
            ..Timeline::default()
        };
        let metric = rewritten(&timeline, &code);
        assert_eq!(metric.value(), Some(3.0 / 20.0));
        assert_eq!(metric.evidence.len(), 1);
        assert_eq!(rewritten(&Timeline::default(), &code).value(), None);
    }

    #[test]
    fn rungs_are_counted_where_they_are_spoken_of() {
        let said = |at: f64, label: Option<&str>, cue: Option<&str>| Utterance {
            span: Span::from_seconds(at, at + 2.0),
            text: "words".into(),
            labels: label
                .map(|label| LabelHit {
                    label: label.into(),
                    confidence: 1.0,
                    pattern: String::new(),
                    words: String::new(),
                })
                .into_iter()
                .collect(),
            cues: cue.map(|cue| Cue { cue: cue.into(), words: String::new(), at: 0 }).into_iter().collect(),
            ..Utterance::default()
        };
        let timeline = Timeline {
            labelled: true,
            utterances: vec![said(5.0, Some("edge_case"), None), said(9.0, None, Some("rung_distributed"))],
            runs: vec![Run { span: Span::from_seconds(20.0, 21.0), command: "t".into(), exit_code: 0 }],
            ..Timeline::default()
        };
        let metric = rungs(&timeline);
        assert_eq!(metric.value(), Some(3.0));
        assert_eq!(metric.note, "working, edge cases, distributed");
    }
}
