//! Fluency: how much of talking is sound, and how much is said between two pauses.

use crate::analysis::pauses::MIN_PAUSE;
use crate::analysis::{Evidence, Metric, flow};
use crate::session::time::total;
use crate::session::{Millis, Span, Timeline};

const IDS: [(&str, &str); 2] = [("phonation.ratio", "share"), ("run.mean_length", "words")];
/// A pause of this length ends a turn.
const TURN_END: Millis = Millis(2_000);
/// Less speech than this gives no steady value.
const MIN_SPEECH: Millis = Millis(30_000);

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    if total(timeline.candidate_speech.iter().copied()) < MIN_SPEECH {
        return IDS.map(|(id, unit)| Metric::too_little(id, unit, "less than 30 s of speech")).into();
    }
    let runs = joined(&timeline.candidate_speech, MIN_PAUSE);
    let metrics = [phonation(&timeline.candidate_speech), run_length(timeline, &runs)];
    let read = |metric: Metric| {
        metric.with_confidence(flow::UNHEARD).with_note("read from word times, not heard in audio")
    };
    if timeline.heard { metrics.into() } else { metrics.map(read).into() }
}

/// Stretches with less than `pause` between them as one.
fn joined(speech: &[Span], pause: Millis) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in speech {
        match joined.last_mut() {
            Some(last) if span.start - last.end < pause => *last = Span::new(last.start, span.end),
            _ => joined.push(*span),
        }
    }
    joined
}

fn phonation(speech: &[Span]) -> Metric {
    let talking = total(joined(speech, TURN_END));
    Metric::new(IDS[0].0, "share", total(speech.iter().copied()).as_seconds() / talking.as_seconds())
}

/// Words for each run in which there is one at all. A word belongs to the run that holds its middle.
fn run_length(timeline: &Timeline, runs: &[Span]) -> Metric {
    let said = timeline.utterances.iter().filter(|said| said.is_candidate());
    let mut counts = vec![0_usize; runs.len()];
    for word in said.flat_map(|said| &said.words) {
        let middle = Millis((word.span.start.0 + word.span.end.0) / 2);
        let run = runs.partition_point(|run| run.end <= middle);
        if runs.get(run).is_some_and(|run| run.start <= middle) {
            counts[run] += 1;
        }
    }
    let spoken = counts.iter().filter(|count| **count > 0).count();
    if spoken == 0 {
        return Metric::too_little(IDS[1].0, "words", "the words have no times");
    }
    let longest = runs.iter().zip(&counts).max_by_key(|(_, count)| **count);
    Metric::new(IDS[1].0, "words", counts.iter().sum::<usize>() as f64 / spoken as f64).with_evidence(
        longest.map(|(run, count)| Evidence::new(*run, format!("{count} words"))).into_iter().collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Utterance, Word};

    fn word(start: f64) -> Word {
        let span = Span::from_seconds(start, start + 0.4);
        Word {
            span,
            text: "word".into(),
            probability: 1.0,
            speaker: Default::default(),
            ends_utterance: false,
        }
    }

    fn timeline() -> Timeline {
        // Two runs of talk with 1 s between, the second with a hole of 0.2 s; a cough without a word far away.
        let speech = [(0.0, 20.0), (21.0, 31.0), (31.2, 41.0), (100.0, 100.8)];
        let words: Vec<Word> = (0..20).map(f64::from).chain((21..41).map(f64::from)).map(word).collect();
        Timeline {
            candidate_speech: speech.map(|(start, end)| Span::from_seconds(start, end)).into(),
            utterances: vec![Utterance { words, ..Utterance::default() }],
            heard: true,
            ..Timeline::default()
        }
    }

    #[test]
    fn known_values() {
        let metrics = measure(&timeline());
        assert!((metrics[0].value().unwrap() - 40.6 / 41.8).abs() < 1e-9);
        assert_eq!(metrics[1].value(), Some(20.0));
    }

    #[test]
    fn little_speech_and_words_without_times_are_not_judged() {
        assert!(measure(&Timeline::default()).iter().all(|metric| metric.value().is_none()));
        let mut untimed = timeline();
        untimed.utterances.clear();
        assert_eq!(measure(&untimed)[1].value(), None);
    }
}
