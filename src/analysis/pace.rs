//! Pace: words a minute, with and without the pauses inside utterances.

use crate::analysis::Metric;
use crate::session::time::{covered, total, union};
use crate::session::{Millis, Span, Timeline, Utterance};

/// Less speech than this gives no steady rate.
const MIN_SPEECH: Millis = Millis(30_000);

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    let ids = ["pace.speech_rate", "pace.articulation"];
    let said: Vec<&Utterance> = timeline.utterances.iter().filter(|said| said.is_candidate()).collect();
    let words: usize = said.iter().map(|said| said.word_count()).sum();
    let spans: Vec<Span> = union(said.iter().map(|said| said.span).collect());
    let talking = total(spans.iter().copied());
    let sounding =
        spans.iter().fold(Millis::ZERO, |sum, span| sum + covered(&timeline.candidate_speech, *span));
    if talking < MIN_SPEECH || sounding < MIN_SPEECH {
        return ids.map(|id| Metric::too_little(id, "words/min", "less than 30 s of speech")).into();
    }
    vec![
        Metric::new(ids[0], "words/min", words as f64 / talking.as_seconds() * 60.0),
        Metric::new(ids[1], "words/min", words as f64 / sounding.as_seconds() * 60.0)
            .with_confidence(if timeline.heard { 1.0 } else { 0.5 }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Role;

    #[test]
    fn silence_is_not_slow_talk() {
        let said = |start: f64| Utterance {
            span: Span::from_seconds(start, start + 60.0),
            speaker: Role::Candidate,
            text: "word ".repeat(120),
            words: vec![],
            heard: None,
            labels: vec![],
            cues: vec![],
        };
        let timeline = Timeline {
            utterances: vec![said(0.0), said(500.0)],
            candidate_speech: vec![Span::from_seconds(0.0, 60.0), Span::from_seconds(500.0, 530.0)],
            heard: true,
            ..Timeline::default()
        };
        let values: Vec<_> = measure(&timeline).iter().map(Metric::value).collect();
        assert_eq!(values, [Some(120.0), Some(160.0)]);
        assert!(measure(&Timeline::default()).iter().all(|metric| metric.value().is_none()));
    }
}
