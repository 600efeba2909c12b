//! The active span: what counts as the session.

use crate::session::{Edit, Event, EventKind, Millis, Span};

/// From the first frame to the last sign of life: speech, an edit, a run or a mark. A recorder that was left
/// running afterwards does not make its owner silent. Without audio nobody knows when the session began: the first sign
/// of life stands for it.
pub fn span(duration: Millis, heard: bool, speech: &[Span], edits: &[Edit], events: &[Event]) -> Span {
    let last_speech = speech.last().map(|span| span.end);
    let last_edit = edits.iter().filter(|edit| edit.cause.is_by_hand()).map(|edit| edit.at).max();
    let last_event = events.iter().filter_map(sign_of_life).max();
    let end = [last_speech, last_edit, last_event].into_iter().flatten().max().unwrap_or(Millis::ZERO);
    let first_edit = edits.iter().filter(|edit| edit.cause.is_by_hand()).map(|edit| edit.at).min();
    let first_event = events.iter().filter(|event| sign_of_life(event).is_some()).map(|event| event.at).min();
    let signs = [speech.first().map(|span| span.start), first_edit, first_event].into_iter().flatten();
    let start = if heard { Millis::ZERO } else { signs.min().unwrap_or(Millis::ZERO) };
    Span::new(start, end.min(duration))
}

/// When the event shows that the person was there.
pub fn sign_of_life(event: &Event) -> Option<Millis> {
    match &event.kind {
        EventKind::Run { seconds, .. } => Some(event.at + Millis::from_seconds(*seconds)),
        EventKind::Stage { .. } | EventKind::Note { .. } => Some(event.at),
        _ => None,
    }
}

/// Stretches that were held or whose audio was lost, in order and joined.
pub fn excluded(duration: Millis, events: &[Event]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut held: Option<Millis> = None;
    for event in events {
        match event.kind {
            EventKind::Pause => {
                held.get_or_insert(event.at);
            }
            EventKind::Resume => {
                if let Some(from) = held.take() {
                    // Session time stands still while held: the moment is kept so that it cuts a pause in two.
                    spans.push(Span::new(from, event.at.max(from + Millis(1))));
                }
            }
            EventKind::LostAudio { seconds } => {
                spans.push(Span::new(event.at, event.at + Millis::from_seconds(seconds)));
            }
            _ => {}
        }
    }
    if let Some(from) = held {
        spans.push(Span::new(from, duration));
    }
    crate::session::time::union(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, kind: EventKind) -> Event {
        Event { at: Millis::seconds(at), monotonic_ns: None, kind }
    }

    #[test]
    fn the_recorder_left_running_is_not_silence() {
        let speech = [Span::from_seconds(1.0, 100.0)];
        let run = event(110, EventKind::Run { command: "pytest".into(), exit_code: 0, seconds: 2.0 });
        let active = span(Millis::seconds(900), true, &speech, &[], &[run]);
        assert_eq!(active, Span::from_seconds(0.0, 112.0));
    }

    #[test]
    fn pause_without_resume_lasts_to_the_end() {
        let events = [
            event(10, EventKind::Pause),
            event(20, EventKind::Resume),
            event(30, EventKind::LostAudio { seconds: 3.0 }),
            event(50, EventKind::Pause),
        ];
        assert_eq!(
            excluded(Millis::seconds(60), &events),
            [Span::from_seconds(10.0, 20.0), Span::from_seconds(30.0, 33.0), Span::from_seconds(50.0, 60.0)]
        );
    }
}
