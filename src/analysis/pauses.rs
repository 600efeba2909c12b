//! Pauses: stretches without speech inside the active span.

use crate::session::time::complement;
use crate::session::{Edit, Millis, Pause, Span, Utterance};

/// Shorter ones are part of fluent speech (De Jong and Bosker 2013).
pub const MIN_PAUSE: Millis = Millis(250);
/// How long before a pause its announcement may end.
const ANNOUNCED_WITHIN: Millis = Millis(8_000);
/// How long into a pause the key still announces it.
const KEY_WITHIN: Millis = Millis(15_000);
/// How far an announcement may reach into the pause: word times are not exact.
const SLACK: Millis = Millis(1_000);

/// Pauses of [`MIN_PAUSE`] and more. `excluded` (held or lost audio) cuts a pause in two: what happened meanwhile
/// is not known, and a wrong long silence is worse than a missed one.
pub fn find(speech: &[Span], active: Span, excluded: &[Span]) -> Vec<Span> {
    let taken = crate::session::time::union(speech.iter().chain(excluded).copied().collect());
    complement(&taken, active).into_iter().filter(|gap| gap.length() >= MIN_PAUSE).collect()
}

/// Adds what is known of each pause: whether it was announced, and what was edited meanwhile.
///
/// `thinking`: when the person said so by key.
pub fn describe(
    gaps: Vec<Span>,
    utterances: &[Utterance],
    edits: &[Edit],
    thinking: &[Millis],
) -> Vec<Pause> {
    gaps.into_iter()
        .map(|span| {
            let by_key = Span::new(span.start - ANNOUNCED_WITHIN, span.start + KEY_WITHIN);
            let announced = thinking.iter().any(|at| by_key.contains(*at))
                || utterances.iter().any(|utterance| {
                    utterance.is_candidate()
                        && utterance.has("thinking")
                        && utterance.span.end <= span.start + SLACK
                        && utterance.span.end + ANNOUNCED_WITHIN >= span.start
                });
            let first = edits.partition_point(|edit| edit.at < span.start);
            let mut edited: Vec<String> = edits[first..]
                .iter()
                .take_while(|edit| edit.at < span.end)
                .filter(|edit| edit.cause.is_by_hand())
                .map(|edit| edit.path.clone())
                .collect();
            edited.sort();
            edited.dedup();
            Pause { span, announced, edited }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{LabelHit, Role};

    #[test]
    fn held_audio_cuts_a_pause() {
        let speech = [Span::from_seconds(0.0, 10.0), Span::from_seconds(80.0, 90.0)];
        let active = Span::from_seconds(0.0, 90.0);
        assert_eq!(find(&speech, active, &[]), [Span::from_seconds(10.0, 80.0)]);
        let held = [Span::from_seconds(40.0, 50.0)];
        assert_eq!(
            find(&speech, active, &held),
            [Span::from_seconds(10.0, 40.0), Span::from_seconds(50.0, 80.0)]
        );
    }

    #[test]
    fn an_announcement_counts_for_eight_seconds() {
        let said = |end: f64| Utterance {
            span: Span::from_seconds(end - 2.0, end),
            speaker: Role::Candidate,
            text: "let me think".into(),
            words: vec![],
            heard: None,
            labels: vec![LabelHit {
                label: "thinking".into(),
                confidence: 0.9,
                pattern: String::new(),
                words: String::new(),
            }],
            cues: vec![],
        };
        let gap = vec![Span::from_seconds(20.0, 50.0)];
        assert!(describe(gap.clone(), &[said(19.5)], &[], &[])[0].announced);
        assert!(describe(gap.clone(), &[said(20.4)], &[], &[])[0].announced);
        assert!(!describe(gap.clone(), &[said(11.9)], &[], &[])[0].announced);
        assert!(!describe(gap.clone(), &[said(25.0)], &[], &[])[0].announced);
        assert!(describe(gap.clone(), &[], &[], &[Millis(26_000)])[0].announced);
        assert!(!describe(gap, &[], &[], &[Millis(36_000)])[0].announced);
    }
}
