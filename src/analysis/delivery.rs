//! Delivery: fillers by their use, hedges, asking for approval.

use crate::analysis::{Evidence, Metric, acts};
use crate::session::time::total;
use crate::session::{Millis, Timeline, Utterance};

const PER_WORDS: &str = "per 100 words";
const PER_MINUTE: &str = "per minute";
/// Cues of this kind are fillers.
const FILLER: &str = "filler_";
/// Less speech than this gives no steady rate.
const MIN_SPEECH: Millis = Millis(30_000);
const IDS: [(&str, &str); 3] = [
    ("fillers.per_100_words", PER_WORDS),
    ("fillers.per_minute", PER_MINUTE),
    ("hedges.per_100_words", PER_WORDS),
];
const APPROVAL: &str = "approval_seeking.count";

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    let mut metrics = match acts::cued(timeline) {
        Ok(said) => rates(timeline, &said),
        Err(reason) => IDS.map(|(id, unit)| Metric::too_little(id, unit, reason)).into(),
    };
    metrics.push(match acts::labelled(timeline) {
        Ok(said) => {
            let asked = acts::with(&said, "approval_seeking", acts::everything(timeline));
            Metric::count(APPROVAL, acts::evidence(&asked))
        }
        Err(reason) => Metric::too_little(APPROVAL, "count", reason),
    });
    metrics
}

fn rates(timeline: &Timeline, said: &[(usize, &Utterance)]) -> Vec<Metric> {
    let words = acts::words(said) as f64;
    let fillers = found(said, |cue| cue.starts_with(FILLER));
    let hedges = found(said, |cue| cue == "hedge");
    let speech = total(timeline.candidate_speech.iter().copied());
    let counts = by_words(&fillers);
    let per_minute = if speech < MIN_SPEECH {
        Metric::too_little(IDS[1].0, PER_MINUTE, "less than 30 s of speech")
    } else {
        Metric::new(IDS[1].0, PER_MINUTE, fillers.len() as f64 / speech.as_seconds() * 60.0)
            .with_note(&counts)
            .with_evidence(fillers.clone())
    };
    vec![
        Metric::new(IDS[0].0, PER_WORDS, fillers.len() as f64 / words * 100.0)
            .with_note(&counts)
            .with_evidence(fillers),
        per_minute,
        Metric::new(IDS[2].0, PER_WORDS, hedges.len() as f64 / words * 100.0)
            .with_note(by_words(&hedges))
            .with_evidence(hedges),
    ]
}

fn found(said: &[(usize, &Utterance)], is_wanted: impl Fn(&str) -> bool) -> Vec<Evidence> {
    let cues = said.iter().flat_map(|(_, said)| said.cues.iter().map(move |cue| (said, cue)));
    cues.filter(|(_, cue)| is_wanted(&cue.cue))
        .map(|(said, cue)| Evidence::new(said.span_of(cue), cue.words.as_str()))
        .collect()
}

/// "so 12, um 9", the most used first.
fn by_words(found: &[Evidence]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for evidence in found {
        match counts.iter_mut().find(|(words, _)| *words == evidence.quote) {
            Some((_, count)) => *count += 1,
            None => counts.push((&evidence.quote, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let counts: Vec<String> = counts.into_iter().map(|(words, count)| format!("{words} {count}")).collect();
    if counts.is_empty() { "none".into() } else { counts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::spoken::{said, session, value};
    use crate::session::Span;

    #[test]
    fn rates_by_words_and_by_time() {
        let mut timeline = session(vec![
            said(0.0, &["approval_seeking"], &["filler_um=um", "filler_so=so", "hedge=maybe"]),
            said(60.0, &["approval_seeking"], &["filler_so=so", "option=heap"]),
        ]);
        let metrics = measure(&timeline);
        assert_eq!(value(&metrics, "fillers.per_100_words"), Some(1.5));
        assert_eq!(metrics[0].note, "so 2, um 1");
        assert_eq!(metrics[0].evidence.len(), 3);
        assert_eq!(value(&metrics, "fillers.per_minute"), None);
        assert_eq!(value(&metrics, "hedges.per_100_words"), Some(0.5));
        assert_eq!(value(&metrics, "approval_seeking.count"), Some(2.0));
        timeline.candidate_speech = vec![Span::from_seconds(0.0, 45.0)];
        assert_eq!(value(&measure(&timeline), "fillers.per_minute"), Some(4.0));
    }

    #[test]
    fn no_filler_is_zero_and_no_cue_files_are_too_little() {
        let mut timeline = session(vec![said(0.0, &[], &[])]);
        let metrics = measure(&timeline);
        assert_eq!((value(&metrics, "fillers.per_100_words"), metrics[0].note.as_str()), (Some(0.0), "none"));
        timeline.cued = false;
        let metrics = measure(&timeline);
        assert_eq!(value(&metrics, "hedges.per_100_words"), None);
        assert_eq!(value(&metrics, "approval_seeking.count"), Some(0.0));
    }
}
