//! What must not change a number: when the clock began, files that have nothing to do with it, how a transcript is cut.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use thinkaloud::Rules;
use thinkaloud::analysis::{Analysis, Material, Metric, Planned};
use thinkaloud::rubric::code;
use thinkaloud::rubric::repair::Repairs;
use thinkaloud::rubric::{Cues, Labeller, Layers, Scorecard, builtin, scoring};
use thinkaloud::session::{
    Cause, CodeHistory, Edit, EditKind, Event, EventKind, Hunk, Millis, Role, Span, Word,
};

/// Sentences of every kind, as people say them.
const SAID: [&str; 16] = [
    "So let me say the problem back, we get requests and decide which of them may pass.",
    "How many clients do we expect at once?",
    "Can I assume that the timestamps come in order?",
    "I keep one bucket per client so that one of them cannot starve the others.",
    "def allow self client",
    "self dot buckets client equals bucket",
    "and then return true",
    "A sliding window would be exact but it costs memory per request, the bucket is cheaper, so I take the bucket.",
    "This is constant time per call and linear in the number of clients.",
    "Let me trace it with a limit of two, the third call gives false.",
    "What if the list is empty?",
    "Um, let me think for a moment.",
    "Is this right?",
    "Two threads could come in between, so it needs a lock.",
    "Okay.",
    "If it is negative we raise a value error.",
];

/// One thing that happens, and the seconds until the next.
#[derive(Clone, Debug)]
enum Step {
    Say { text: usize, other: bool },
    Type { lines: usize, file: usize },
    Run { passes: bool },
    Wait { seconds: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..SAID.len(), prop::bool::weighted(0.1)).prop_map(|(text, other)| Step::Say { text, other }),
        3 => (1..6usize, 0..2usize).prop_map(|(lines, file)| Step::Type { lines, file }),
        1 => any::<bool>().prop_map(|passes| Step::Run { passes }),
        2 => (1..90u32).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

fn material(steps: &[Step]) -> Material {
    let mut at = 1.0;
    let mut lines = [0; 2];
    let mut material = Material {
        plan: [("clarify", 5.0), ("skeleton", 20.0), ("iterate", 10.0), ("optimize", 5.0)]
            .map(|(stage, minutes)| Planned { stage: stage.into(), minutes })
            .into(),
        ..Material::default()
    };
    for step in steps {
        match step {
            Step::Say { text, other } => {
                for text in SAID[*text].split(' ') {
                    material.words.push(Word {
                        span: Span::from_seconds(at, at + 0.3),
                        text: text.into(),
                        probability: 0.9,
                        speaker: if *other { Role::Interviewer } else { Role::Candidate },
                        ends_utterance: false,
                    });
                    at += 0.35;
                }
                at += 1.5;
            }
            Step::Type { lines: count, file } => {
                let added =
                    (0..*count).map(|line| format!("    self.buckets[{line}] = allow(client)")).collect();
                let path = ["limiter.py", "test_limiter.py"][*file];
                material.code.edits.push(edit(at, path, lines[*file] + 1, added));
                lines[*file] += count;
                at += 4.0;
            }
            Step::Run { passes } => {
                let kind =
                    EventKind::Run { command: "pytest".into(), exit_code: i32::from(!passes), seconds: 0.5 };
                material.events.push(Event { at: Millis::from_seconds(at), monotonic_ns: None, kind });
                at += 2.0;
            }
            Step::Wait { seconds } => at += f64::from(*seconds),
        }
    }
    material.duration = Millis::from_seconds(at + 1.0);
    material
}

fn edit(at: f64, path: &str, line: usize, added: Vec<String>) -> Edit {
    Edit {
        at: Millis::from_seconds(at),
        monotonic_ns: None,
        path: path.into(),
        kind: EditKind::Modify,
        from: None,
        cause: Cause::Typing,
        hunks: vec![Hunk { line, removed: vec![], added }],
        hash: String::new(),
    }
}

/// By patterns alone: the network is slow where it is not optimised, and knows nothing of times and cuts.
static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let labels = Labeller::load(&[builtin::lexicon()], &builtin::files("labels"), &[]).unwrap();
    let cues = Cues::load(&[builtin::lexicon()], &builtin::files("cues"), &[], &labels).unwrap();
    let tables = builtin::files("code");
    Rules {
        labels: Layers::patterns_alone(labels).with_cues(cues),
        repairs: Repairs::parse(&builtin::lexicon()).unwrap(),
        tables: tables.iter().map(|file| code::parse(file).unwrap().0).collect(),
    }
});

fn analysed(material: Material) -> Analysis {
    thinkaloud::analyse(material, &RULES, "en")
}

fn values(analysis: &Analysis) -> BTreeMap<String, Option<f64>> {
    analysis.metrics.iter().map(|metric| (metric.id.clone(), metric.value())).collect()
}

fn total(analysis: &Analysis) -> f64 {
    let file = builtin::files("scorecards").into_iter().find(|file| file.name.contains("senior")).unwrap();
    let card = Scorecard::parse(&file).unwrap();
    scoring::judge(&card, &analysis.metrics, &analysis.timeline.episodes, &[]).total.value().unwrap_or(0.0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_number_is_ever_no_number(steps in prop::collection::vec(step(), 0..40)) {
        for Metric { id, reading, confidence, .. } in analysed(material(&steps)).metrics {
            if let thinkaloud::analysis::Reading::Value(value) = reading {
                prop_assert!(value.is_finite(), "{id}: {value}");
            }
            prop_assert!((0.0..=1.0).contains(&confidence), "{id}: {confidence}");
        }
    }

    #[test]
    fn a_file_that_has_nothing_to_do_with_it_changes_no_measure_of_narration(
        steps in prop::collection::vec(step(), 5..40),
        at in prop::collection::vec(0.0..1.0f64, 1..5),
    ) {
        let plain = material(&steps);
        let mut noted = plain.clone();
        for (index, share) in at.iter().enumerate() {
            let at = plain.duration.as_seconds() * share;
            noted.code.edits.push(edit(at, "notes.md", index + 1, vec!["call the dentist".into()]));
        }
        noted.code.edits.sort_by_key(|edit| edit.at);
        let (plain, noted) = (values(&analysed(plain)), values(&analysed(noted)));
        for (id, value) in plain {
            // What is said of edits may change with edits.
            if ["narration", "tradeoff", "clarify", "complexity", "testing", "pace"].iter().any(|kind| id.starts_with(kind)) {
                prop_assert_eq!(noted.get(&id), Some(&value), "{}", id);
            }
        }
    }

    #[test]
    fn cutting_the_transcript_elsewhere_changes_no_score_by_more_than_a_point(
        steps in prop::collection::vec(step(), 10..40),
        cuts in prop::collection::vec(any::<bool>(), 40),
    ) {
        // The end of a sentence may be marked as the end of a segment or not.
        let whole = material(&steps);
        let mut cut = whole.clone();
        let ends = cut.words.iter_mut().filter(|word| word.text.ends_with(['.', '?']));
        for (word, &cut) in ends.zip(cuts.iter().cycle()) {
            word.ends_utterance = cut;
        }
        let (whole, cut) = (analysed(whole), analysed(cut));
        let (one, other) = (total(&whole), total(&cut));
        let differ: Vec<_> = values(&whole).into_iter().zip(values(&cut)).filter(|(a, b)| a != b).collect();
        prop_assert!((one - other).abs() <= 1.0, "{one} {other}: {differ:?}");
    }

    #[test]
    fn shifting_all_times_changes_nothing(steps in prop::collection::vec(step(), 5..40), shift in 1..600i64) {
        let first = material(&steps);
        let later = shifted(first.clone(), Millis::seconds(shift));
        let (first, later) = (analysed(first), analysed(later));
        let later_values = values(&later);
        for (id, value) in values(&first) {
            match (value, later_values[&id]) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9, "{id}: {a} {b}"),
                (a, b) => prop_assert_eq!(a, b, "{}", id),
            }
        }
    }
}

fn shifted(mut material: Material, by: Millis) -> Material {
    let shift = |at: Millis| at + by;
    material.duration = shift(material.duration);
    for word in &mut material.words {
        word.span = Span::new(shift(word.span.start), shift(word.span.end));
    }
    let CodeHistory { edits, .. } = &mut material.code;
    edits.iter_mut().for_each(|edit| edit.at = shift(edit.at));
    material.events.iter_mut().for_each(|event| event.at = shift(event.at));
    material
}
