//! Stages from their marks, and the time of the first passing run.

use crate::analysis::{Evidence, Metric};
use crate::session::{Event, EventKind, Millis, Run, Span, Stage, Timeline, time};

/// Each mark opens a stage that lasts to the next one, the last to the end of the active span.
pub fn from_marks(events: &[Event], active: Span) -> Vec<Stage> {
    let marks: Vec<(Millis, &String)> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Stage { stage } => Some((event.at.min(active.end), stage)),
            _ => None,
        })
        .collect();
    let ends = marks.iter().skip(1).map(|&(at, _)| at).chain([active.end]);
    marks
        .iter()
        .zip(ends)
        .map(|(&(at, stage), end)| Stage { span: Span::new(at, end), stage: stage.clone() })
        .collect()
}

pub fn runs(events: &[Event]) -> Vec<Run> {
    events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Run { command, exit_code, seconds } => Some(Run {
                span: Span::new(event.at, event.at + Millis::from_seconds(*seconds)),
                command: command.clone(),
                exit_code: *exit_code,
            }),
            _ => None,
        })
        .collect()
}

/// Minutes in each stage (a stage that was entered twice counts both times), and when the code first worked.
pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = Vec::new();
    for stage in &timeline.stages {
        let id = format!("stage.{}.minutes", stage.stage);
        if metrics.iter().any(|metric| metric.id == id) {
            continue;
        }
        let spans: Vec<Span> = timeline
            .stages
            .iter()
            .filter(|other| other.stage == stage.stage)
            .map(|other| other.span)
            .collect();
        let total = time::total(spans.iter().copied());
        metrics.push(
            Metric::new(&id, "min", total.as_seconds() / 60.0)
                .with_note("from marks")
                .with_evidence(spans.into_iter().map(|span| Evidence::new(span, "")).collect()),
        );
    }
    metrics.push(match timeline.runs.iter().find(|run| run.passed()) {
        Some(run) => Metric::new("working.at", "min", run.span.start.as_seconds() / 60.0)
            .with_evidence(vec![Evidence::new(run.span, run.command.as_str())]),
        None if timeline.runs.is_empty() => Metric::too_little("working.at", "min", "no run is known"),
        None => Metric::too_little("working.at", "min", "no run passed"),
    });
    metrics
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, kind: EventKind) -> Event {
        Event { at: Millis::seconds(at), monotonic_ns: None, kind }
    }

    #[test]
    fn a_stage_entered_twice_counts_both_times() {
        let mark = |at, stage: &str| event(at, EventKind::Stage { stage: stage.into() });
        let events = [mark(0, "clarify"), mark(60, "skeleton"), mark(180, "clarify"), mark(210, "skeleton")];
        let timeline = Timeline {
            stages: from_marks(&events, Span::from_seconds(0.0, 300.0)),
            runs: runs(&[
                event(100, EventKind::Run { command: "t".into(), exit_code: 1, seconds: 1.0 }),
                event(240, EventKind::Run { command: "t".into(), exit_code: 0, seconds: 1.0 }),
            ]),
            ..Timeline::default()
        };
        let read: Vec<_> =
            measure(&timeline).into_iter().map(|metric| (metric.id.clone(), metric.value())).collect();
        assert_eq!(
            read,
            [
                ("stage.clarify.minutes".to_string(), Some(1.5)),
                ("stage.skeleton.minutes".to_string(), Some(3.5)),
                ("working.at".to_string(), Some(4.0)),
            ]
        );
    }
}
