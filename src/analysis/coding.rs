//! Code that came without words, or before them.

use crate::analysis::inference::first_work;
use crate::analysis::{Evidence, Metric, NO_CUES, NO_LABELS};
use crate::session::time::covered;
use crate::session::{Episode, Millis, Span, Timeline, Utterance};

/// What shows that there was a plan, or an attempt at one, before the code.
const PLANS: [&str; 4] = ["clarifying", "restatement", "intent", "tradeoff"];
/// Edits further apart than this are not one stretch of coding.
const SAME_STRETCH: Millis = Millis(120_000);
/// A stretch with less speech than this is silent.
const SILENT_SHARE: f64 = 0.10;
/// A block that comes out of silence: so many lines in a pause of more than a minute.
const BLOCK: usize = 10;
const BLOCK_SILENCE: Millis = Millis(60_000);
/// An interviewer who asks what the candidate thinks, after so much silence of theirs, asks them to speak.
const ASKED_TO_SPEAK: Millis = Millis(10_000);

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    vec![before_plan(timeline), silent_stretch(timeline), blocks(timeline), prompts(timeline)]
}

/// 1 where the first substantial edit came before any question or plan.
fn before_plan(timeline: &Timeline) -> Metric {
    let id = "code.before_plan";
    let Some(work) = first_work(timeline) else {
        return Metric::too_little(id, "count", "no substantial edit is known");
    };
    if timeline.speech.is_empty() {
        return Metric::too_little(id, "count", crate::analysis::flow::NO_SPEECH);
    }
    if !timeline.labelled {
        return Metric::too_little(id, "count", NO_LABELS);
    }
    let plans = |said: &Utterance| {
        said.is_candidate() && said.span.start < work.span.start && PLANS.iter().any(|label| said.has(label))
    };
    let planned = timeline.utterances.iter().any(plans);
    Metric::count(id, if planned { Vec::new() } else { vec![evidence(timeline, work, work.span)] })
}

/// The longest stretch of coding with speech in less than a tenth of it, in minutes.
fn silent_stretch(timeline: &Timeline) -> Metric {
    let id = "silence.coding_stretch";
    let edits: Vec<Span> =
        timeline.episodes.iter().filter(|episode| episode.lines() > 0).map(|episode| episode.span).collect();
    if edits.is_empty() {
        return Metric::too_little(id, "min", "no edits are known");
    }
    if timeline.speech.is_empty() {
        return Metric::too_little(id, "min", crate::analysis::flow::NO_SPEECH);
    }
    let mut longest = Span::default();
    for stretch in edits.chunk_by(|a, b| b.start - a.end <= SAME_STRETCH) {
        for (at, first) in stretch.iter().enumerate() {
            for last in stretch[at..].iter().rev() {
                let span = Span::new(first.start, last.end);
                if span.length() <= longest.length() {
                    break;
                }
                let speech = covered(&timeline.candidate_speech, span).as_seconds();
                if speech < SILENT_SHARE * span.length().as_seconds() {
                    longest = span;
                    break;
                }
            }
        }
    }
    let shown = (!longest.is_empty()).then(|| Evidence::new(longest, ""));
    Metric::new(id, "min", longest.length().as_seconds() / 60.0)
        .with_confidence(if timeline.heard { 1.0 } else { crate::analysis::flow::UNHEARD })
        .with_evidence(shown.into_iter().collect())
}

/// Pauses of over a minute, unannounced, in which a large block of code appeared.
fn blocks(timeline: &Timeline) -> Metric {
    let id = "silence.then_block";
    if timeline.speech.is_empty() || timeline.episodes.is_empty() {
        return Metric::too_little(id, "count", "edits and speech are not both known");
    }
    let silent =
        timeline.pauses.iter().filter(|pause| pause.span.length() > BLOCK_SILENCE && !pause.announced);
    let block = |pause: Span| {
        let inside = |episode: &&Episode| {
            episode.lines() >= BLOCK && pause.contains(episode.span.start) && episode.span.end <= pause.end
        };
        timeline.episodes.iter().find(inside).map(|episode| evidence(timeline, episode, pause))
    };
    Metric::count(id, silent.filter_map(|pause| block(pause.span)).collect())
        .with_confidence(if timeline.heard { 1.0 } else { crate::analysis::flow::UNHEARD })
}

/// How often the interviewer had to ask a silent candidate to speak.
fn prompts(timeline: &Timeline) -> Metric {
    let id = "prompts.to_speak";
    if timeline.utterances.iter().all(Utterance::is_candidate) {
        return Metric::too_little(id, "count", "there was no interviewer");
    }
    if !timeline.labelled {
        return Metric::too_little(id, "count", NO_LABELS);
    }
    if !timeline.cued {
        return Metric::too_little(id, "count", NO_CUES);
    }
    let after_silence = |said: &&Utterance| {
        let before = Span::new(said.span.start - ASKED_TO_SPEAK, said.span.start);
        !said.is_candidate()
            && said.has("prompt")
            && said.cues_of("asks_to_speak").next().is_some()
            && before.start >= Millis::ZERO
            && covered(&timeline.candidate_speech, before) == Millis::ZERO
    };
    let asked = timeline.utterances.iter().filter(after_silence);
    Metric::count(id, asked.map(|said| Evidence::new(said.span, said.text.as_str())).collect())
}

fn evidence(timeline: &Timeline, episode: &Episode, span: Span) -> Evidence {
    let index = timeline.episodes.iter().position(|other| other == episode);
    Evidence { episode: index, ..Evidence::new(span, episode.names().join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, Cue, LabelHit, Pause, Role};

    fn typed(start: f64, end: f64, added: usize) -> Episode {
        Episode {
            span: Span::from_seconds(start, end),
            files: vec!["a.py".into()],
            added,
            cause: Cause::Typing,
            ..Episode::default()
        }
    }

    fn said(start: f64, speaker: Role, label: &str) -> Utterance {
        let hit =
            LabelHit { label: label.into(), confidence: 1.0, pattern: String::new(), words: String::new() };
        Utterance {
            span: Span::from_seconds(start, start + 2.0),
            speaker,
            text: label.into(),
            labels: vec![hit],
            ..Utterance::default()
        }
    }

    fn speech(spans: &[(f64, f64)]) -> Vec<Span> {
        spans.iter().map(|&(start, end)| Span::from_seconds(start, end)).collect()
    }

    fn timeline(episodes: Vec<Episode>, spoken: &[(f64, f64)]) -> Timeline {
        Timeline {
            episodes,
            speech: speech(spoken),
            candidate_speech: speech(spoken),
            labelled: true,
            heard: true,
            ..Timeline::default()
        }
    }

    #[test]
    fn a_plan_must_come_before_the_code() {
        let mut timeline = timeline(vec![typed(5.0, 5.0, 1), typed(30.0, 60.0, 9)], &[(0.0, 1.0)]);
        timeline.utterances =
            vec![said(1.0, Role::Candidate, "syntax"), said(40.0, Role::Candidate, "intent")];
        let metric = before_plan(&timeline);
        assert_eq!((metric.value(), metric.evidence[0].episode), (Some(1.0), Some(1)));
        timeline.utterances[0] = said(1.0, Role::Candidate, "clarifying");
        assert_eq!(before_plan(&timeline).value(), Some(0.0));
        timeline.episodes.pop();
        assert_eq!(before_plan(&timeline).value(), None);
    }

    #[test]
    fn the_longest_silent_stretch_of_coding() {
        let episodes = vec![
            typed(0.0, 100.0, 5),
            typed(200.0, 400.0, 5),
            typed(480.0, 700.0, 5),
            typed(900.0, 1200.0, 9),
        ];
        // 60 s of talk in the first part; 200 to 700 s has 40 s in 500; 900 to 1200 begins a stretch of its own.
        let found = silent_stretch(&timeline(episodes, &[(0.0, 60.0), (410.0, 450.0)]));
        assert_eq!(found.evidence[0].span, Span::from_seconds(200.0, 700.0));
        assert!((found.value().unwrap() - 500.0 / 60.0).abs() < 1e-9);
        let talkative = silent_stretch(&timeline(vec![typed(0.0, 100.0, 5)], &[(0.0, 60.0)]));
        assert_eq!((talkative.value(), talkative.evidence.len()), (Some(0.0), 0));
    }

    #[test]
    fn a_block_out_of_silence() {
        let mut timeline = timeline(vec![typed(40.0, 90.0, 12), typed(200.0, 220.0, 3)], &[(0.0, 1.0)]);
        timeline.pauses = [(20.0, 100.0), (150.0, 260.0)]
            .map(|(start, end)| Pause {
                span: Span::from_seconds(start, end),
                announced: false,
                edited: vec![],
            })
            .into();
        assert_eq!(blocks(&timeline).value(), Some(1.0));
        timeline.pauses[0].announced = true;
        assert_eq!(blocks(&timeline).value(), Some(0.0));
    }

    #[test]
    fn who_asks_for_thoughts_after_silence_asks_to_speak() {
        let mut timeline = timeline(vec![], &[(0.0, 20.0), (33.0, 34.0), (60.0, 62.0)]);
        timeline.cued = true;
        let asks = |start: f64, label: &str, cue: &str| Utterance {
            cues: vec![Cue { cue: cue.into(), words: "what are you thinking".into(), at: 0 }],
            ..said(start, Role::Interviewer, label)
        };
        timeline.utterances = vec![
            said(10.0, Role::Candidate, "intent"),
            // Nobody answers the first one.
            asks(31.0, "prompt", "asks_to_speak"),
            asks(33.0, "prompt", "asks_to_speak"),
            // Right after the candidate spoke; about something else; no question to the candidate.
            asks(36.0, "prompt", "asks_to_speak"),
            asks(58.0, "prompt", "asks_complexity"),
            asks(59.0, "answer", "asks_to_speak"),
            asks(90.0, "prompt", "asks_to_speak"),
        ];
        assert_eq!(prompts(&timeline).value(), Some(3.0));
        // What the interviewer says meanwhile breaks no silence.
        timeline.speech = speech(&[(0.0, 95.0)]);
        assert_eq!(prompts(&timeline).value(), Some(3.0));
        timeline.cued = false;
        assert_eq!(prompts(&timeline).value(), None);
        timeline.cued = true;
        timeline.utterances.truncate(1);
        assert_eq!(prompts(&timeline).value(), None);
    }
}
