//! Flow: how continuous the narration is. Definitions: `docs/metrics.md`, bands: the scorecard.

use crate::analysis::{Evidence, Metric};
use crate::session::time::{complement, covered, total};
use crate::session::{Millis, Pause, Span, Timeline};

/// A pause longer than this is a finding.
pub const LONG_SILENCE: Millis = Millis(60_000);
/// A pause longer than this wants to be announced.
const WANTS_ANNOUNCEMENT: Millis = Millis(15_000);
/// Typing in a pause longer than this is silent coding.
const SILENT_CODING: Millis = Millis(10_000);
/// What was edited so long before a pause is what the person was at.
const SHORTLY_BEFORE: Millis = Millis(60_000);
/// A pause of this length ends a monologue.
const MONOLOGUE_END: Millis = Millis(2_000);
/// Under this much session the flow is not judged.
const MIN_SESSION: Millis = Millis(180_000);
/// Trust in what is read from word times, without audio.
pub const UNHEARD: f64 = 0.5;
/// Trust in who speaks how long, read from utterances: they hold short pauses too.
const FROM_UTTERANCES: f64 = 0.8;
pub const NO_SPEECH: &str = "no speech was heard at all: was the microphone muted?";
const NO_TIMES: &str = "the transcript has no times";
/// An announced silence counts so much of one that was not.
const ANNOUNCED_WEIGHT: f64 = 0.5;

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    let nothing = if timeline.speech.is_empty() {
        Some(NO_SPEECH)
    } else {
        (!timeline.heard && total(timeline.speech.iter().copied()) == Millis::ZERO).then_some(NO_TIMES)
    };
    let metrics: Vec<Metric> = if let Some(reason) = nothing {
        ["silence.gaps_over_60s", "silence.longest", "silence.while_typing", "talk.ratio"]
            .map(|id| Metric::too_little(id, unit(id), reason))
            .into()
    } else {
        let mut metrics = vec![gaps_over_60s(timeline), longest(timeline), announced(timeline)];
        metrics.extend(while_typing(timeline));
        metrics.push(talk(timeline, "talk.ratio", &timeline.candidate_speech));
        if !timeline.interviewer_speech.is_empty() {
            metrics.push(talk(timeline, "talk.interviewer", &timeline.interviewer_speech));
        }
        metrics.push(monologue_longest(timeline));
        metrics.extend(pauses(timeline));
        metrics
    };
    if timeline.heard {
        return metrics;
    }
    let read = |metric: Metric| {
        let confidence = metric.confidence.min(UNHEARD);
        metric.with_confidence(confidence).with_note("read from word times, not heard in audio")
    };
    metrics.into_iter().map(read).collect()
}

fn unit(id: &str) -> &'static str {
    match id {
        "silence.gaps_over_60s" => "count",
        "talk.ratio" => "share",
        _ => "s",
    }
}

fn too_short(timeline: &Timeline) -> bool {
    timeline.active.length() < MIN_SESSION
}

fn gaps_over_60s(timeline: &Timeline) -> Metric {
    let long = timeline.pauses.iter().filter(|pause| pause.span.length() > LONG_SILENCE);
    let evidence: Vec<Evidence> = long.map(|pause| evidence(timeline, pause)).collect();
    if evidence.is_empty() && too_short(timeline) {
        return Metric::too_little("silence.gaps_over_60s", "count", "the session is shorter than 3 minutes");
    }
    let announced = evidence.iter().filter(|evidence| evidence.announced).count();
    let value = (evidence.len() - announced) as f64 + announced as f64 * ANNOUNCED_WEIGHT;
    let metric = Metric::new("silence.gaps_over_60s", "count", value).with_evidence(evidence);
    if announced == 0 { metric } else { metric.with_note(format!("{announced} announced, counted half")) }
}

/// The words before the pause, and the edits made during it, or shortly before.
fn evidence(timeline: &Timeline, pause: &Pause) -> Evidence {
    let before = timeline.utterances.iter().rev().find(|said| said.span.start < pause.span.start);
    let shortly = |end: Millis| end <= pause.span.start && pause.span.start - end <= SHORTLY_BEFORE;
    let episodes = &timeline.episodes;
    let during = episodes
        .iter()
        .position(|episode| episode.span.overlaps(pause.span) || pause.span.contains(episode.span.start));
    let episode = during.or_else(|| episodes.iter().rposition(|episode| shortly(episode.span.end)));
    let quote = before.map_or(String::new(), |said| said.text.clone());
    Evidence { span: pause.span, announced: pause.announced, quote, episode }
}

fn longest(timeline: &Timeline) -> Metric {
    if too_short(timeline) {
        return Metric::too_little("silence.longest", "s", "the session is shorter than 3 minutes");
    }
    let longest = timeline.pauses.iter().max_by_key(|pause| pause.span.length());
    let length = longest.map_or(Millis::ZERO, |pause| pause.span.length());
    Metric::seconds("silence.longest", length)
        .with_evidence(longest.map(|pause| evidence(timeline, pause)).into_iter().collect())
}

fn announced(timeline: &Timeline) -> Metric {
    let long: Vec<&Pause> =
        timeline.pauses.iter().filter(|pause| pause.span.length() > WANTS_ANNOUNCEMENT).collect();
    if long.is_empty() {
        return Metric::too_little("silence.announced", "share", "there was no pause over 15 s");
    }
    if !timeline.labelled {
        return Metric::too_little("silence.announced", "share", crate::analysis::NO_LABELS);
    }
    let unannounced: Vec<Evidence> =
        long.iter().filter(|pause| !pause.announced).map(|pause| evidence(timeline, pause)).collect();
    let share = 1.0 - unannounced.len() as f64 / long.len() as f64;
    Metric::new("silence.announced", "share", share)
        .with_note(format!("{} of {} pauses over 15 s", long.len() - unannounced.len(), long.len()))
        .with_evidence(unannounced)
}

/// Coding time that passed without a word, of anyone: who listens to a question is not silent. In seconds and as a
/// share.
fn while_typing(timeline: &Timeline) -> [Metric; 2] {
    let (seconds, share) = ("silence.while_typing", "silence.while_typing_share");
    let by_hand = || timeline.episodes.iter().enumerate().filter(|(_, episode)| episode.lines() > 0);
    let coding = total(by_hand().map(|(_, episode)| episode.span));
    if coding == Millis::ZERO {
        let reason = match by_hand().next() {
            Some(_) => "edits are known only as single moments",
            None => "no edits are known",
        };
        return [(seconds, "s"), (share, "share")].map(|(id, unit)| Metric::too_little(id, unit, reason));
    }
    let pauses: Vec<Span> = complement(&timeline.speech, timeline.active)
        .into_iter()
        .filter(|pause| pause.length() > SILENT_CODING)
        .collect();
    let mut evidence = Vec::new();
    for (index, episode) in by_hand() {
        for typed in pauses.iter().filter_map(|pause| pause.intersection(episode.span)) {
            evidence
                .push(Evidence { episode: Some(index), ..Evidence::new(typed, episode.names().join(", ")) });
        }
    }
    let silent = total(evidence.iter().map(|evidence| evidence.span));
    [
        Metric::seconds(seconds, silent).with_evidence(evidence.clone()),
        Metric::new(share, "share", silent.as_seconds() / coding.as_seconds()).with_evidence(evidence),
    ]
}

/// How much of the session one person speaks.
fn talk(timeline: &Timeline, id: &str, speech: &[Span]) -> Metric {
    if too_short(timeline) {
        return Metric::too_little(id, "share", "the session is shorter than 3 minutes");
    }
    let counted = complement(&timeline.excluded, timeline.active);
    let session = total(counted.iter().copied());
    let talk = counted.iter().fold(Millis::ZERO, |sum, span| sum + covered(speech, *span));
    let metric = Metric::new(id, "share", talk.as_seconds() / session.as_seconds());
    if timeline.interviewer_speech.is_empty() || timeline.told_apart.is_some() {
        metric
    } else {
        metric.with_confidence(FROM_UTTERANCES).with_note("one person's alone, from utterance times")
    }
}

fn monologue_longest(timeline: &Timeline) -> Metric {
    let mut longest = Span::default();
    let mut current: Option<Span> = None;
    for span in &timeline.candidate_speech {
        let joined = match current {
            Some(run) if span.start - run.end < MONOLOGUE_END => Span::new(run.start, span.end),
            _ => *span,
        };
        current = Some(joined);
        if joined.length() > longest.length() {
            longest = joined;
        }
    }
    Metric::seconds("talk.monologue_longest", longest.length())
        .with_evidence(vec![Evidence::new(longest, "")])
}

fn pauses(timeline: &Timeline) -> [Metric; 2] {
    let count = timeline.pauses.len();
    let length = total(timeline.pauses.iter().map(|pause| pause.span));
    let mean = if count == 0 {
        Metric::too_little("pause.mean", "s", "there was no pause")
    } else {
        Metric::new("pause.mean", "s", length.as_seconds() / count as f64)
    };
    [Metric::new("pause.count", "count", count as f64), mean]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, Episode};

    fn pause(start: f64, end: f64, announced: bool) -> Pause {
        Pause { span: Span::from_seconds(start, end), announced, edited: vec![] }
    }

    fn speech() -> Vec<Span> {
        [(0.0, 100.0), (160.0, 200.0), (260.001, 300.0), (301.0, 330.0), (350.0, 400.0)]
            .map(|(start, end)| Span::from_seconds(start, end))
            .into()
    }

    fn timeline() -> Timeline {
        Timeline {
            duration: Millis::seconds(400),
            active: Span::from_seconds(0.0, 400.0),
            candidate_speech: speech(),
            speech: speech(),
            labelled: true,
            pauses: vec![
                pause(100.0, 160.0, false),
                pause(200.0, 260.001, false),
                pause(300.0, 301.0, false),
                pause(330.0, 350.0, true),
            ],
            episodes: vec![Episode {
                span: Span::from_seconds(190.0, 240.0),
                symbols: vec!["allow".into()],
                added: 3,
                cause: Cause::Typing,
                ..Episode::default()
            }],
            heard: true,
            ..Timeline::default()
        }
    }

    fn value(metrics: &[Metric], id: &str) -> f64 {
        metrics.iter().find(|metric| metric.id == id).and_then(Metric::value).unwrap()
    }

    #[test]
    fn known_values() {
        let metrics = measure(&timeline());
        // 60.000 s is not over 60 s; 60.001 s is.
        assert_eq!(value(&metrics, "silence.gaps_over_60s"), 1.0);
        assert_eq!(value(&metrics, "silence.longest"), 60.001);
        assert!((value(&metrics, "silence.announced") - 1.0 / 3.0).abs() < 1e-9);
        assert_eq!(value(&metrics, "silence.while_typing"), 40.0);
        assert_eq!(value(&metrics, "silence.while_typing_share"), 0.8);
        assert!((value(&metrics, "talk.ratio") - 258.999 / 400.0).abs() < 1e-9);
        assert_eq!(value(&metrics, "talk.monologue_longest"), 100.0);
        assert_eq!(value(&metrics, "pause.count"), 4.0);
    }

    #[test]
    fn silent_coding_is_seen_where_it_was() {
        let metrics = measure(&timeline());
        let share = metrics.iter().find(|metric| metric.id == "silence.while_typing_share").unwrap();
        assert_eq!(share.evidence.len(), 1);
        assert_eq!(share.evidence[0].span, Span::from_seconds(200.0, 240.0));
        assert_eq!(share.evidence[0].quote, "allow");
    }

    #[test]
    fn an_announced_silence_counts_half() {
        let mut timeline = timeline();
        timeline.pauses[1].announced = true;
        let metrics = measure(&timeline);
        assert_eq!(value(&metrics, "silence.gaps_over_60s"), 0.5);
        assert_eq!(metrics[0].note, "1 announced, counted half");
    }

    #[test]
    fn what_was_held_is_in_neither_part_of_the_talk_ratio() {
        let mut timeline = timeline();
        timeline.excluded = vec![Span::from_seconds(50.0, 350.0)];
        assert_eq!(value(&measure(&timeline), "talk.ratio"), 1.0);
    }

    #[test]
    fn a_muted_microphone_is_not_a_silent_person() {
        let muted = Timeline { duration: Millis::seconds(900), heard: true, ..Timeline::default() };
        assert!(measure(&muted).iter().all(|metric| metric.value().is_none()));
    }
}
