//! What is going on when something is said: the stage, and whether code is being edited.

use crate::analysis::{Material, alignment, episodes};
use crate::session::time::union;
use crate::session::{EventKind, Millis, Span, Utterance};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moment {
    /// The last one that was marked.
    pub stage: Option<String>,
    /// Whether it lies in the window of an edit by hand; `None` where no edits are known.
    pub editing: Option<bool>,
}

/// One moment an utterance.
pub fn of(material: &Material, utterances: &[Utterance]) -> Vec<Moment> {
    let episodes = episodes::group(&material.code);
    let by_hand = episodes.iter().filter(|episode| episode.lines() > 0);
    let windows: Vec<Span> = union(by_hand.map(alignment::window).collect());
    let editing = |at: Millis| {
        let after = windows.partition_point(|window| window.end <= at);
        (!windows.is_empty()).then(|| windows.get(after).is_some_and(|window| window.start <= at))
    };
    let stage = |at: Millis| {
        let so_far = material.events.iter().take_while(|event| event.at <= at);
        so_far
            .filter_map(|event| match &event.kind {
                EventKind::Stage { stage } => Some(stage.clone()),
                _ => None,
            })
            .last()
    };
    let moment =
        |said: &Utterance| Moment { stage: stage(said.span.start), editing: editing(said.span.start) };
    utterances.iter().map(moment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Event, Role};

    fn said(at: f64) -> Utterance {
        Utterance {
            span: Span::from_seconds(at, at + 1.0),
            speaker: Role::Candidate,
            text: "so".into(),
            words: vec![],
            heard: None,
            labels: vec![],
            cues: vec![],
        }
    }

    #[test]
    fn the_stage_is_the_one_marked_last_and_edits_must_be_known() {
        let mark = |at: i64, stage: &str| Event {
            at: Millis::seconds(at),
            monotonic_ns: None,
            kind: EventKind::Stage { stage: stage.into() },
        };
        let material =
            Material { events: vec![mark(10, "clarify"), mark(20, "skeleton")], ..Material::default() };
        let moments = of(&material, &[said(5.0), said(10.0), said(25.0)]);
        let stages: Vec<Option<&str>> = moments.iter().map(|moment| moment.stage.as_deref()).collect();
        assert_eq!(stages, [None, Some("clarify"), Some("skeleton")]);
        assert_eq!(moments[0].editing, None);
    }
}
