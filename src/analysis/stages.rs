//! Stages from their marks, and how long each took against the plan.

use crate::analysis::{Evidence, Metric};
use crate::session::time::{covered, total};
use crate::session::{Event, EventKind, Millis, Run, Span, Stage, StageSource, Timeline};

/// A stage keeps to its plan between half and one and a half times the planned time.
const KEPT: (f64, f64) = (0.5, 1.5);

/// One stage of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub stage: String,
    pub minutes: f64,
}

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
        .map(|(&(at, stage), end)| Stage {
            span: Span::new(at, end),
            stage: stage.clone(),
            from: StageSource::Marks,
            confidence: 1.0,
        })
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

/// Minutes and talk in each stage (one that was entered twice counts both times), and how many kept to the plan.
pub fn measure(timeline: &Timeline, plan: &[Planned]) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = Vec::new();
    let mut minutes: Vec<(&str, f64)> = Vec::new();
    for stage in &timeline.stages {
        if minutes.iter().any(|(name, _)| *name == stage.stage) {
            continue;
        }
        let same = || timeline.stages.iter().filter(|other| other.stage == stage.stage);
        let spans: Vec<Span> = same().map(|other| other.span).collect();
        let confidence = same().map(|other| other.confidence).fold(1.0, f64::min);
        let length = total(spans.iter().copied());
        minutes.push((&stage.stage, length.as_seconds() / 60.0));
        let source = match stage.from {
            StageSource::Marks => "from marks",
            StageSource::Inferred => "no stage was marked: told from questions, edits, runs and tests",
        };
        let id = |what: &str| format!("stage.{}.{what}", stage.stage);
        metrics.push(
            Metric::new(&id("minutes"), "min", length.as_seconds() / 60.0)
                .with_confidence(confidence)
                .with_note(source)
                .with_evidence(spans.iter().map(|span| Evidence::new(*span, "")).collect()),
        );
        if length > Millis::ZERO && !timeline.speech.is_empty() {
            let talk: Millis =
                spans.iter().fold(Millis::ZERO, |sum, span| sum + covered(&timeline.candidate_speech, *span));
            let share = talk.as_seconds() / length.as_seconds();
            metrics.push(Metric::new(&id("talk"), "share", share).with_confidence(confidence));
        }
    }
    metrics.push(kept(timeline, plan, &minutes));
    metrics
}

/// Of the planned stages, the share that took between half and one and a half times its planned time.
fn kept(timeline: &Timeline, plan: &[Planned], minutes: &[(&str, f64)]) -> Metric {
    let (id, unit) = ("stages.kept", "share");
    if plan.is_empty() {
        return Metric::too_little(id, unit, "there was no stage plan");
    }
    if !plan.iter().any(|planned| minutes.iter().any(|(name, _)| *name == planned.stage)) {
        return Metric::too_little(id, unit, "no stage of the plan is known");
    }
    let took = |planned: &Planned| {
        minutes.iter().find(|(name, _)| *name == planned.stage).map_or(0.0, |&(_, minutes)| minutes)
    };
    let off: Vec<&Planned> = plan
        .iter()
        .filter(|planned| {
            let share = took(planned) / planned.minutes;
            !(KEPT.0..=KEPT.1).contains(&share)
        })
        .collect();
    let evidence = off
        .iter()
        .map(|planned| {
            let span = timeline.stages.iter().find(|stage| stage.stage == planned.stage);
            let words =
                format!("{}: {:.1} min for {:.1} planned", planned.stage, took(planned), planned.minutes);
            Evidence::new(span.map(|stage| stage.span).unwrap_or_default(), words)
        })
        .collect();
    let confidence = timeline.stages.iter().map(|stage| stage.confidence).fold(1.0, f64::min);
    Metric::new(id, unit, 1.0 - off.len() as f64 / plan.len() as f64)
        .with_confidence(confidence)
        .with_note(format!("{} of {} stages near their planned time", plan.len() - off.len(), plan.len()))
        .with_evidence(evidence)
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
            speech: vec![Span::from_seconds(0.0, 45.0)],
            candidate_speech: vec![Span::from_seconds(0.0, 45.0)],
            ..Timeline::default()
        };
        let plan = [("clarify", 1.0), ("skeleton", 2.0)]
            .map(|(stage, minutes)| Planned { stage: stage.into(), minutes });
        let metrics = measure(&timeline, &plan);
        let read: Vec<_> = metrics.iter().map(|metric| (metric.id.as_str(), metric.value())).collect();
        assert_eq!(
            read,
            [
                ("stage.clarify.minutes", Some(1.5)),
                ("stage.clarify.talk", Some(0.5)),
                ("stage.skeleton.minutes", Some(3.5)),
                ("stage.skeleton.talk", Some(0.0)),
                // 1.5 times the plan is still near it, 1.75 times is not.
                ("stages.kept", Some(0.5)),
            ]
        );
        assert_eq!(metrics[4].evidence[0].quote, "skeleton: 3.5 min for 2.0 planned");
    }

    #[test]
    fn without_a_plan_nothing_is_kept_or_broken() {
        assert_eq!(measure(&Timeline::default(), &[])[0].value(), None);
    }
}
