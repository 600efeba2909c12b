//! What the narration does: intent against syntax, trade-offs, questions, complexity. Counts of labels.

use crate::analysis::alignment;
use crate::analysis::{Evidence, Metric, NO_LABELS};
use crate::session::time::{covered, union};
use crate::session::{Episode, Millis, Span, Timeline, Utterance};

/// Fewer utterances of intent or syntax than this are no basis for a share.
const MIN_NARRATION: usize = 5;
/// Syntax utterances in a row that make a run.
const RUN: usize = 3;
/// Fewer words than this are no session to count labels in.
const MIN_WORDS: usize = 100;
const IDS: [(&str, &str); 6] = [
    ("narration.intent_share", "share"),
    ("narration.syntax_runs", "count"),
    ("tradeoff.count", "count"),
    ("clarify.questions", "count"),
    ("complexity.stated", "count"),
    ("testing.walked", "count"),
];

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    let said: Vec<&Utterance> = timeline.utterances.iter().filter(|said| said.is_candidate()).collect();
    let words: usize = said.iter().map(|said| said.word_count()).sum();
    let reason = match timeline.labelled {
        false => Some(NO_LABELS),
        true if words < MIN_WORDS => Some("fewer than 100 words were said"),
        true => None,
    };
    if let Some(reason) = reason {
        return IDS.map(|(id, unit)| Metric::too_little(id, unit, reason)).into();
    }
    let mut metrics = vec![intent_share(timeline, &said), syntax_runs(&said)];
    for (id, label) in [
        ("tradeoff.count", "tradeoff"),
        ("clarify.questions", "clarifying"),
        ("complexity.stated", "complexity"),
        ("testing.walked", "testing"),
    ] {
        let window = if label == "clarifying" { before_code(timeline) } else { everything(timeline) };
        let hits = said.iter().enumerate();
        let hits = hits.filter(|(_, said)| said.has(label) && window.contains(said.span.start));
        metrics.push(Metric::count(id, acts(hits.map(|(index, said)| (index, *said)))));
    }
    metrics
}

fn everything(timeline: &Timeline) -> Span {
    Span::new(Millis::ZERO, timeline.duration + Millis(1))
}

/// Up to the end of the first stage, or the first edit by hand, whichever is later: questions belong before code.
fn before_code(timeline: &Timeline) -> Span {
    let first_word = timeline.utterances.iter().find(|said| said.is_candidate()).map(|said| said.span.start);
    // A starter file that appears before anything was said is no coding.
    let is_set_up = |episode: &Episode| episode.creates_only && Some(episode.span.start) < first_word;
    let coding = timeline.episodes.iter().find(|episode| episode.lines() > 0 && !is_set_up(episode));
    let first_edit = coding.map(|episode| episode.span.start);
    let stage_end = timeline.stages.iter().find(|stage| stage.stage == "clarify").map(|stage| stage.span.end);
    match first_edit.max(stage_end) {
        Some(end) => Span::new(Millis::ZERO, end),
        None => everything(timeline),
    }
}

/// Neighbouring hits (less than 10 s apart; in a row, where no times are known) are one act: a trade-off told in three
/// sentences is one trade-off.
fn acts<'a>(hits: impl Iterator<Item = (usize, &'a Utterance)>) -> Vec<Evidence> {
    const SAME_ACT: Millis = Millis(10_000);
    let mut acts: Vec<Evidence> = Vec::new();
    let mut last = 0;
    for (index, said) in hits {
        let near = said.span != Span::default() || index == last + 1;
        match acts.last_mut() {
            Some(act) if near && said.span.start - act.span.end < SAME_ACT && !act.quote.ends_with('?') => {
                act.span.end = said.span.end;
                act.quote.push(' ');
                act.quote.push_str(&said.text);
            }
            _ => acts.push(Evidence::new(said.span, said.text.as_str())),
        }
        last = index;
    }
    acts
}

/// Intent / (intent + syntax) among utterances in the windows of edit episodes, or everywhere without edits.
fn intent_share(timeline: &Timeline, said: &[&Utterance]) -> Metric {
    let id = "narration.intent_share";
    let windows = union(timeline.episodes.iter().filter(|e| e.lines() > 0).map(alignment::window).collect());
    let while_coding = |said: &&&Utterance| {
        windows.is_empty()
            || covered(&windows, Span::new(said.span.start, said.span.start + Millis(1))) > Millis::ZERO
    };
    let coding: Vec<&&Utterance> = said.iter().filter(while_coding).collect();
    let intent = coding.iter().filter(|said| said.has("intent")).count();
    let syntax: Vec<Evidence> = coding
        .iter()
        .filter(|said| said.has("syntax"))
        .map(|said| Evidence::new(said.span, said.text.as_str()))
        .collect();
    let total = intent + syntax.len();
    let Some(share) = share(intent, syntax.len()) else {
        return Metric::too_little(id, "share", format!("only {total} utterances spoke of the code"));
    };
    Metric::new(id, "share", share)
        .with_note(format!("{intent} of {total} utterances say what the code is for"))
        .with_evidence(syntax)
}

/// The share of intent, where there are enough utterances that speak of the code.
pub fn share(intent: usize, syntax: usize) -> Option<f64> {
    let total = intent + syntax;
    (total >= MIN_NARRATION).then(|| intent as f64 / total as f64)
}

fn syntax_runs(said: &[&Utterance]) -> Metric {
    let mut runs = Vec::new();
    // Utterances that do nothing ("okay") neither make nor break a run.
    let speaking: Vec<&&Utterance> = said.iter().filter(|said| !said.labels.is_empty()).collect();
    for run in speaking.chunk_by(|a, b| a.has("syntax") == b.has("syntax")) {
        if run.len() >= RUN && run[0].has("syntax") {
            let text: Vec<&str> = run.iter().map(|said| said.text.as_str()).collect();
            runs.push(Evidence::new(
                Span::new(run[0].span.start, run[run.len() - 1].span.end),
                text.join(" "),
            ));
        }
    }
    let about_code = said.iter().filter(|said| said.has("syntax") || said.has("intent")).count();
    if about_code < MIN_NARRATION {
        let reason = format!("only {about_code} utterances spoke of the code");
        return Metric::too_little("narration.syntax_runs", "count", reason);
    }
    Metric::count("narration.syntax_runs", runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{LabelHit, Role};

    fn said(at: f64, labels: &[&str]) -> Utterance {
        let hit = |label: &&str| LabelHit {
            label: label.to_string(),
            confidence: 1.0,
            pattern: String::new(),
            words: String::new(),
        };
        Utterance {
            span: Span::from_seconds(at, at + 2.0),
            speaker: Role::Candidate,
            text: "word ".repeat(20).trim().into(),
            words: vec![],
            heard: None,
            labels: labels.iter().map(hit).collect(),
            cues: vec![],
        }
    }

    fn measured(utterances: Vec<Utterance>) -> Vec<Metric> {
        let timeline =
            Timeline { duration: Millis::seconds(600), utterances, labelled: true, ..Timeline::default() };
        measure(&timeline)
    }

    fn value(metrics: &[Metric], id: &str) -> Option<f64> {
        metrics.iter().find(|metric| metric.id == id).unwrap().value()
    }

    #[test]
    fn share_and_runs() {
        let metrics = measured(vec![
            said(0.0, &["intent"]),
            said(5.0, &["syntax"]),
            said(10.0, &["syntax"]),
            said(15.0, &[]),
            said(20.0, &["syntax"]),
            said(25.0, &["intent"]),
            said(30.0, &["syntax"]),
            said(35.0, &["syntax"]),
        ]);
        assert_eq!(value(&metrics, "narration.intent_share"), Some(2.0 / 7.0));
        assert_eq!(value(&metrics, "narration.syntax_runs"), Some(1.0));
    }

    #[test]
    fn neighbouring_sentences_are_one_trade_off_and_two_far_apart_are_two() {
        let metrics = measured(vec![
            said(0.0, &["tradeoff"]),
            said(3.0, &["tradeoff"]),
            said(60.0, &["tradeoff"]),
            said(90.0, &[]),
            said(95.0, &[]),
        ]);
        assert_eq!(value(&metrics, "tradeoff.count"), Some(2.0));
        assert_eq!(value(&metrics, "complexity.stated"), Some(0.0));
    }

    #[test]
    fn without_times_sentences_in_a_row_are_one_act() {
        let untimed = |label| Utterance { span: Span::default(), ..said(0.0, &[label]) };
        let metrics = measured(["tradeoff", "tradeoff", "intent", "tradeoff", "intent"].map(untimed).into());
        assert_eq!(value(&metrics, "tradeoff.count"), Some(2.0));
    }

    #[test]
    fn a_starter_file_is_no_coding() {
        let question = said(10.0, &["clarifying"]);
        let mut timeline = Timeline {
            duration: Millis::seconds(600),
            utterances: [question]
                .into_iter()
                .chain((0..8).map(|i| said(20.0 + f64::from(i) * 5.0, &[])))
                .collect(),
            episodes: vec![Episode { added: 5, creates_only: true, ..Episode::default() }],
            labelled: true,
            ..Timeline::default()
        };
        assert_eq!(value(&measure(&timeline), "clarify.questions"), Some(1.0));
        timeline.episodes[0].creates_only = false;
        assert_eq!(value(&measure(&timeline), "clarify.questions"), Some(0.0));
    }

    #[test]
    fn too_few_words_are_not_judged() {
        let metrics = measured(vec![said(0.0, &["intent"])]);
        assert!(
            metrics.iter().filter(|metric| metric.id != "narration.syntax_runs").all(|m| m.value().is_none())
        );
    }
}
