//! When the code first worked, and what was said when it did not.

use crate::analysis::{Evidence, Metric};
use crate::session::{Millis, Span, Timeline};

/// What does not work by now is triaged.
pub const TRIAGE: Millis = Millis(25 * 60_000);
/// Triage talk counts from so long before that moment to so long after.
const TRIAGE_BEFORE: Millis = Millis(5 * 60_000);
const TRIAGE_AFTER: Millis = Millis(3 * 60_000);
/// Trust in a test that was walked through in words.
const WALKED: f64 = 0.6;
/// Trust in what is told from there being no run and no trace at all.
const NEVER_TRIED: f64 = 0.5;

/// The first passing run; else the first test that was walked through to its right end.
pub fn first(timeline: &Timeline) -> Option<(Evidence, f64)> {
    let run = timeline.runs.iter().find(|run| run.passed());
    let run = run.map(|run| (Evidence::new(run.span, run.command.as_str()), 1.0));
    run.or_else(|| {
        let ends = |said: &&crate::session::Utterance| {
            said.is_candidate() && said.cues_of("trace_end").next().is_some()
        };
        let said = timeline.utterances.iter().find(ends)?;
        Some((Evidence::new(said.span, said.text.as_str()), WALKED))
    })
}

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    let (at, by) = ("working.at", "working.by_25");
    let first = first(timeline);
    let working_at = match &first {
        Some((evidence, sure)) => {
            Metric::new(at, "min", (evidence.span.start - timeline.active.start).as_seconds() / 60.0)
                .with_confidence(*sure)
                .with_note(if *sure < 1.0 { "a test walked through in words; no run passed" } else { "" })
                .with_evidence(vec![evidence.clone()])
        }
        None if timeline.runs.is_empty() => Metric::too_little(at, "min", "no run is known"),
        None => Metric::too_little(at, "min", "no run passed"),
    };
    vec![
        first_green(timeline),
        working_at,
        by_25(timeline, by, first.as_ref()),
        untriaged(timeline, first.as_ref()),
    ]
}

/// The first run that passed, whatever was said.
fn first_green(timeline: &Timeline) -> Metric {
    let id = "runs.first_green_at";
    match timeline.runs.iter().find(|run| run.passed()) {
        Some(run) => Metric::new(id, "min", (run.span.start - timeline.active.start).as_seconds() / 60.0)
            .with_evidence(vec![Evidence::new(run.span, run.command.as_str())]),
        None if timeline.runs.is_empty() => Metric::too_little(id, "min", "no run is known"),
        None => Metric::too_little(id, "min", "no run passed"),
    }
}

fn by_25(timeline: &Timeline, id: &str, first: Option<&(Evidence, f64)>) -> Metric {
    let deadline = timeline.active.start + TRIAGE;
    match first {
        Some((evidence, sure)) if evidence.span.start <= deadline => {
            Metric::new(id, "yes/no", 1.0).with_confidence(*sure).with_evidence(vec![evidence.clone()])
        }
        _ if timeline.active.end < deadline => {
            Metric::too_little(id, "yes/no", "it was over before 25 minutes")
        }
        _ if timeline.episodes.is_empty() && timeline.runs.is_empty() => {
            Metric::too_little(id, "yes/no", "neither edits nor runs are known")
        }
        _ => {
            let (sure, note) = if timeline.runs.is_empty() {
                (NEVER_TRIED, "nothing was run, and no example traced to its end")
            } else {
                (1.0, "no run passed until then")
            };
            Metric::new(id, "yes/no", 0.0)
                .with_confidence(sure)
                .with_note(note)
                .with_evidence(vec![Evidence::new(Span::new(deadline, deadline + Millis(1)), "")])
        }
    }
}

/// 1 where nothing works at 25 minutes and nobody says what to drop.
fn untriaged(timeline: &Timeline, first: Option<&(Evidence, f64)>) -> Metric {
    let id = "working.untriaged";
    let working = by_25(timeline, id, first);
    let deadline = timeline.active.start + TRIAGE;
    let window = Span::new(deadline - TRIAGE_BEFORE, deadline + TRIAGE_AFTER);
    let triages = |said: &&crate::session::Utterance| {
        said.is_candidate() && said.cues_of("triage").next().is_some() && window.contains(said.span.start)
    };
    match working.value() {
        None => working,
        Some(1.0) => Metric::new(id, "count", 0.0).with_confidence(working.confidence),
        _ if !timeline.labelled => Metric::too_little(id, "count", crate::analysis::NO_LABELS),
        _ => {
            let said = timeline.utterances.iter().find(triages);
            let moment = vec![Evidence::new(Span::new(deadline, window.end), "")];
            Metric::count(id, if said.is_some() { Vec::new() } else { moment })
                .with_confidence(working.confidence)
                .with_note(said.map_or("", |_| "you said what to do about it"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cue, Episode, Run, Utterance};

    fn run(minute: f64, exit_code: i32) -> Run {
        let at = Millis::from_seconds(minute * 60.0);
        Run { span: Span::new(at, at + Millis(500)), command: "pytest".into(), exit_code }
    }

    fn said(minute: f64, cue: &str) -> Utterance {
        let at = minute * 60.0;
        Utterance {
            span: Span::from_seconds(at, at + 3.0),
            text: "as expected".into(),
            cues: vec![Cue { cue: cue.into(), words: String::new(), at: 0 }],
            ..Utterance::default()
        }
    }

    fn timeline(runs: Vec<Run>, utterances: Vec<Utterance>) -> Timeline {
        Timeline {
            active: Span::from_seconds(60.0, 2400.0),
            episodes: vec![Episode { added: 9, ..Episode::default() }],
            labelled: true,
            runs,
            utterances,
            ..Timeline::default()
        }
    }

    fn read(timeline: &Timeline) -> Vec<Option<f64>> {
        measure(timeline).iter().map(Metric::value).collect()
    }

    #[test]
    fn a_passing_run_counts_from_the_start_of_the_session() {
        let session = timeline(vec![run(10.0, 1), run(21.0, 0)], vec![said(5.0, "trace_end")]);
        assert_eq!(read(&session), [Some(20.0), Some(20.0), Some(1.0), Some(0.0)]);
    }

    #[test]
    fn without_a_passing_run_a_finished_trace_is_a_working_program() {
        let session = timeline(vec![run(10.0, 1)], vec![said(31.0, "trace_end")]);
        assert_eq!(read(&session), [None, Some(30.0), Some(0.0), Some(1.0)]);
        assert_eq!(measure(&session)[1].confidence, WALKED);
    }

    #[test]
    fn triage_aloud_mends_it() {
        // 25 minutes after the start is minute 26.
        assert_eq!(read(&timeline(vec![run(10.0, 1)], vec![said(22.0, "triage")]))[3], Some(0.0));
        assert_eq!(read(&timeline(vec![run(10.0, 1)], vec![said(20.9, "triage")]))[3], Some(1.0));
    }

    #[test]
    fn nothing_tried_is_half_known_and_a_short_session_not_at_all() {
        let mut session = timeline(vec![], vec![]);
        assert_eq!(read(&session), [None, None, Some(0.0), Some(1.0)]);
        assert_eq!(measure(&session)[2].confidence, NEVER_TRIED);
        session.active = Span::from_seconds(0.0, 1499.0);
        assert_eq!(read(&session), [None, None, None, None]);
    }
}
