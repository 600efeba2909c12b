//! Cues and what is measured by them, on texts whose truth is known.

mod fixture;

use std::fs;
use std::sync::LazyLock;

use proptest::prelude::*;
use thinkaloud::analysis::Material;
use thinkaloud::rubric::repair::Repairs;
use thinkaloud::rubric::{Cues, Labeller, Layers, Past, Unit, builtin};
use thinkaloud::session::{Cue, Millis, Role, Span, Word};
use thinkaloud::{Rules, analyse};

/// Reading all patterns takes seconds where the tests are not optimised.
static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let lexicon = [builtin::lexicon()];
    let labels = Labeller::load(&lexicon, &builtin::files("labels"), &[]).unwrap();
    let cues = Cues::load(&lexicon, &builtin::files("cues"), &[], &labels).unwrap();
    let repairs = Repairs::parse(&builtin::lexicon()).unwrap();
    Rules { labels: Layers::patterns_alone(labels).with_cues(cues), repairs, tables: vec![] }
});

fn found(text: &str) -> Vec<Cue> {
    let unit = Unit { text, ..Unit::default() };
    RULES.labels.cues("en").unwrap().of("en", &unit, &[], &Past::default())
}

fn of<'a>(cues: &'a [Cue], kind: &'a str) -> Vec<&'a str> {
    cues.iter().filter(|cue| cue.cue.starts_with(kind)).map(|cue| cue.words.as_str()).collect()
}

#[test]
fn fillers_count_only_as_fillers() {
    for (text, wanted) in [
        ("So, um, I'd like to, uh, like, keep a map.", vec!["so", "um", "uh", "like"]),
        ("It looks like the right pointer is all right, so I return it.", vec![]),
        ("So that later reads are cheap, do it like this.", vec![]),
        ("Is that right? It goes to the right side.", vec![]),
        ("Right, so, um, so the sum stays well below it.", vec!["right", "so", "um", "so"]),
        ("We keep a list or something, you know.", vec!["or something", "you know"]),
        ("Do you know what kind of keys there are?", vec![]),
    ] {
        assert_eq!(of(&found(text), "filler_"), wanted, "{text}");
    }
}

#[test]
fn what_is_denied_asked_or_heard_in_another_word_is_no_cue() {
    for (text, kind, wanted) in [
        ("I'm not going to use a hash map here.", "decision", vec![]),
        ("Should I use a trie?", "decision", vec![]),
        ("I'll try the trie, so a trie it is.", "decision", vec!["trie"]),
        ("I use a hash mop for the counts.", "decision", vec!["hash mop"]),
        ("When it's done the worker sleeps.", "done", vec![]),
        ("We are not done.", "done", vec![]),
        ("Okay, I think we're done.", "done", vec!["i think we're done"]),
        ("No locks, one thread does it all.", "rung_concurrent", vec![]),
        ("The locker has a block and a clock.", "rung_concurrent", vec![]),
        ("Given the time I start with a plain scan.", "triage", vec!["given the time"]),
        ("It takes linear time.", "triage", vec![]),
        ("I won't write tests unless we have time.", "test_strategy", vec![]),
        ("Maybe it fits, I guess.", "hedge", vec!["maybe", "i guess"]),
        ("Let me think, the guess may be a string.", "hedge", vec![]),
    ] {
        let cues = found(text);
        let own = of(&cues, kind);
        assert_eq!(own.is_empty(), wanted.is_empty(), "{text}: {own:?}");
        assert!(wanted.iter().zip(&own).all(|(wanted, own)| own.contains(wanted)), "{text}: {own:?}");
    }
}

/// The traps of the shared collection, where it is at hand.
#[test]
fn the_fillers_of_the_shared_traps() {
    let Some(path) = fixture::shared("cases/text/spoken_coding.jsonl") else { return };
    let text = fs::read_to_string(path).unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        // German is another language, of which there are no cue files.
        let (Some(wanted), false) = (case["expect"]["filler_count"].as_u64(), case["id"] == "T042") else {
            continue;
        };
        let cues = found(case["text"].as_str().unwrap());
        let fillers = of(&cues, "filler_");
        count += 1;
        if fillers.len() as u64 != wanted {
            wrong.push(format!("{}: {wanted}, not {fillers:?}", case["text"]));
        }
    }
    assert!(count >= 11);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const SCRIPT: &str = "So let me say it back, we get a stream of events and return the top ten. How many events are there? \
    Can two threads call it at once? Um, so one option is a sorted list, which is simple but every insert is linear. \
    The other is a heap, so inserts are log n and it costs some memory. I'll go with the heap, I guess. \
    I keep a hash map from the name to its count so that an update is constant. Like, I mean, it is kind of an index. \
    Let me walk through an example with three events, say a, a and b. The count of a is two, which is what we expected. \
    What if there are no events? Then it returns an empty list. I think we're done. I'd also write unit tests for ties.";

/// The script's words, half a second each, cut into segments after these words.
fn words(cuts: &[usize], shift: i64) -> Vec<Word> {
    let word = |(index, text): (usize, &str)| {
        let start = Millis(index as i64 * 500 + shift);
        Word {
            span: Span::new(start, start + Millis(450)),
            text: text.into(),
            probability: 1.0,
            speaker: Role::Candidate,
            ends_utterance: cuts.contains(&index),
        }
    };
    SCRIPT.split_whitespace().enumerate().map(word).collect()
}

fn measured(cuts: &[usize], shift: i64) -> Vec<(String, Option<f64>)> {
    let material = Material { words: words(cuts, shift), ..Material::default() };
    let metrics = analyse(material, &RULES, "en").metrics;
    metrics.into_iter().map(|metric| (metric.id.clone(), metric.value())).collect()
}

fn value(metrics: &[(String, Option<f64>)], id: &str) -> Option<f64> {
    metrics.iter().find(|(other, _)| other == id).and_then(|(_, value)| *value)
}

#[test]
fn a_whole_session_is_measured() {
    let metrics = measured(&[], 0);
    for (id, wanted) in [
        ("tradeoff.complete", 1.0),
        ("clarify.topics", 2.0),
        ("testing.before_done", 0.0),
        ("testing.strategy", 1.0),
        ("complexity.time_and_space", 2.0),
        ("tradeoff.decisions", 2.0),
    ] {
        assert_eq!(value(&metrics, id), Some(wanted), "{id}: {metrics:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn other_segments_change_fillers_and_hedges_little_and_nothing_is_not_a_number(
        cuts in prop::collection::vec(0_usize..140, 0..6)
    ) {
        let (whole, cut) = (measured(&[], 0), measured(&cuts, 0));
        for id in ["fillers.per_100_words", "hedges.per_100_words"] {
            let (a, b) = (value(&whole, id).unwrap(), value(&cut, id).unwrap());
            // Each cut may part one phrase or leave one word hanging.
            prop_assert!((a - b).abs() <= cuts.len() as f64 * 100.0 / 140.0, "{} {} {}", id, a, b);
        }
        prop_assert!(cut.iter().filter_map(|(_, value)| *value).all(f64::is_finite));
    }

    #[test]
    fn a_later_start_changes_nothing(shift in 0_i64..1_000_000) {
        for (early, late) in measured(&[], 0).iter().zip(measured(&[], shift)) {
            let of_facets = ["tradeoff.", "clarify.", "complexity.", "testing.", "edge_cases.", "fillers.", "hedges.",
                "approval", "phrases.", "phonation.", "run."];
            // The first half of a session is another one when it begins later.
            if of_facets.iter().any(|kind| early.0.starts_with(kind)) && early.0 != "tradeoff.complete_early" {
                prop_assert_eq!(early, &late);
            }
        }
    }
}
