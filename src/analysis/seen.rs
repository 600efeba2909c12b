//! What is seen in the code: the features that each episode brought.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::code::{FeatureKind, Kind, Reader, Table, features};
use crate::analysis::episodes::is_code;
use crate::analysis::{Evidence, Metric, working};
use crate::session::{CodeHistory, Timeline};

/// Measures that count features, and the kinds of these.
const COUNTED: [(&str, &[FeatureKind]); 6] = [
    (
        "code.errors",
        &[
            FeatureKind::ErrorRaised,
            FeatureKind::ErrorCaught,
            FeatureKind::ErrorType,
            FeatureKind::Validation,
        ],
    ),
    ("code.logging", &[FeatureKind::Logging]),
    ("code.tests", &[FeatureKind::Test]),
    ("code.concurrency", &[FeatureKind::Lock, FeatureKind::Concurrency]),
    ("code.library", &[FeatureKind::StandardLibrary, FeatureKind::Generator, FeatureKind::ResourceScope]),
    ("code.advanced", &[FeatureKind::AdvancedStructure]),
];
/// What serves many callers or machines: before anything works, it is early.
const SCALE: [FeatureKind; 3] = [FeatureKind::Lock, FeatureKind::Concurrency, FeatureKind::Distribution];
const IDS: [&str; 8] = [
    "code.abstractions",
    "code.errors",
    "code.logging",
    "code.tests",
    "code.concurrency",
    "code.library",
    "code.advanced",
    "code.early_scale",
];

/// Something that was not in the code before.
struct Seen {
    what: What,
    evidence: Evidence,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Feature(FeatureKind, String),
    /// A class or its like.
    Type(String),
    /// A function that belongs to none.
    Function(String),
}

pub fn measure(timeline: &Timeline, code: &CodeHistory, tables: &[Table]) -> Vec<Metric> {
    if timeline.episodes.iter().all(|episode| episode.lines() == 0) {
        return IDS.map(|id| Metric::too_little(id, "count", "no edits are known")).into();
    }
    let seen = find(timeline, code, tables);
    let count = |id: &str, holds: &dyn Fn(&Seen) -> bool| {
        Metric::count(id, seen.iter().filter(|seen| holds(seen)).map(|seen| seen.evidence.clone()).collect())
    };
    let is = |seen: &Seen, kinds: &[FeatureKind]| matches!(&seen.what, What::Feature(kind, _) if kinds.contains(kind));
    // One class is a place to put code; from the second on somebody has told parts apart.
    let types = seen.iter().filter(|seen| matches!(seen.what, What::Type(_))).skip(1);
    // Two functions are the solution and what runs it.
    let functions = seen.iter().filter(|seen| matches!(seen.what, What::Function(_))).skip(2);
    let abstract_ones = seen.iter().filter(|seen| is(seen, &[FeatureKind::Abstraction]));
    let abstractions =
        types.chain(functions).chain(abstract_ones).map(|seen| seen.evidence.clone()).collect();
    let works = working::first(timeline).map(|(evidence, _)| evidence.span.start);
    let mut metrics = vec![Metric::count("code.abstractions", abstractions)];
    metrics.extend(COUNTED.map(|(id, kinds)| count(id, &|seen| is(seen, kinds))));
    metrics.push(count("code.early_scale", &|seen| {
        is(seen, &SCALE) && works.is_none_or(|at| seen.evidence.span.start < at)
    }));
    metrics
}

/// Classes that were begun, as decisions that want to be weighed.
pub fn types(timeline: &Timeline, code: &CodeHistory) -> Vec<Evidence> {
    let seen = find(timeline, code, &[]);
    seen.into_iter().filter(|seen| matches!(seen.what, What::Type(_))).map(|seen| seen.evidence).collect()
}

/// In order of time, each thing once. What is there from the start is nobody's doing.
fn find(timeline: &Timeline, code: &CodeHistory, tables: &[Table]) -> Vec<Seen> {
    let mut reader = Reader::default();
    let mut known: BTreeSet<What> = BTreeSet::new();
    for (path, text) in code.snapshots.iter().filter(|(path, _)| is_code(path)) {
        known.extend(read(&mut reader, path, text, tables).into_iter().map(|(what, _)| what));
    }
    let ends: BTreeMap<usize, usize> = timeline
        .episodes
        .iter()
        .enumerate()
        .filter(|(_, episode)| episode.lines() > 0)
        .filter_map(|(index, episode)| Some((*episode.edits.last()?, index)))
        .collect();
    let (mut seen, mut edit) = (Vec::new(), 0);
    code.walk(|_, files| {
        if let Some(&index) = ends.get(&edit) {
            let episode = &timeline.episodes[index];
            for path in episode.files.iter().filter(|path| is_code(path)) {
                let Some(lines) = files.get(path) else { continue };
                for (what, line) in read(&mut reader, path, &lines.join("\n"), tables) {
                    if known.insert(what.clone()) {
                        let evidence = Evidence { episode: Some(index), ..Evidence::new(episode.span, line) };
                        seen.push(Seen { what, evidence });
                    }
                }
            }
        }
        edit += 1;
    });
    seen
}

fn read(reader: &mut Reader, path: &str, text: &str, tables: &[Table]) -> Vec<(What, String)> {
    let code = reader.read(path, text);
    let types = code
        .outline
        .definitions
        .iter()
        .filter(|one| matches!(one.kind, Kind::Class | Kind::Struct | Kind::Trait | Kind::Interface));
    // A class of tests is no part of the design.
    let types = types.filter(|one| !one.name.contains("Test"));
    let types: Vec<_> = types.map(|one| (What::Type(one.name.clone()), one.name.clone())).collect();
    let functions =
        code.outline.definitions.iter().filter(|one| one.kind == Kind::Function && one.parent.is_none());
    let functions =
        functions.filter(|one| !one.name.to_lowercase().contains("test") && !path.contains("test"));
    let functions: Vec<_> =
        functions.map(|one| (What::Function(one.name.clone()), one.name.clone())).collect();
    let features = features::find(&code, tables).into_iter();
    types
        .into_iter()
        .chain(functions)
        .chain(features.map(|one| (What::Feature(one.kind, one.what), one.text)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::episodes;
    use crate::rubric::{builtin, code};
    use crate::session::{Cause, Edit, EditKind, Hunk, Millis, Run, Span};

    const STEPS: [(f64, &[&str]); 3] = [
        (
            10.0,
            &[
                "import threading",
                "from collections import deque",
                "class Window:",
                "    def __init__(self, size):",
                "        if size < 1:",
                "            raise ValueError(size)",
                "        self.hits = deque()",
                "        self.lock = threading.Lock()",
            ],
        ),
        (60.0, &["class Limiter:", "    def allow(self, now):", "        return True", "", ""]),
        (120.0, &["def test_allows():", "    assert Limiter().allow(0)"]),
    ];

    fn history() -> CodeHistory {
        let mut line = 1;
        let edits = STEPS.map(|(at, added)| {
            let hunk = Hunk { line, removed: vec![], added: added.iter().map(|l| l.to_string()).collect() };
            line += added.len();
            Edit {
                at: Millis::from_seconds(at),
                monotonic_ns: None,
                path: "limiter.py".into(),
                kind: EditKind::Modify,
                from: None,
                cause: Cause::Typing,
                hunks: vec![hunk],
                hash: String::new(),
            }
        });
        CodeHistory { snapshots: Default::default(), edits: edits.into() }
    }

    fn values(timeline: &Timeline, code: &CodeHistory) -> Vec<(String, Option<f64>)> {
        let files = builtin::files("code");
        let tables: Vec<Table> = files.iter().map(|file| code::parse(file).unwrap().0).collect();
        measure(timeline, code, &tables).iter().map(|metric| (metric.id.clone(), metric.value())).collect()
    }

    #[test]
    fn features_are_counted_once_and_where_they_came() {
        let code = history();
        let mut timeline = Timeline { episodes: episodes::group(&code), ..Timeline::default() };
        let value = |timeline: &Timeline, id: &str| {
            values(timeline, &code).into_iter().find(|(other, _)| other == id).unwrap().1
        };
        assert_eq!(value(&timeline, "code.abstractions"), Some(1.0));
        assert!(value(&timeline, "code.errors") >= Some(1.0));
        assert_eq!(value(&timeline, "code.logging"), Some(0.0));
        assert!(value(&timeline, "code.tests") >= Some(1.0));
        assert!(value(&timeline, "code.library") >= Some(1.0));
        assert!(value(&timeline, "code.early_scale") >= Some(1.0));
        timeline.runs =
            vec![Run { span: Span::from_seconds(5.0, 6.0), command: "pytest".into(), exit_code: 0 }];
        assert_eq!(value(&timeline, "code.early_scale"), Some(0.0));
        assert!(value(&timeline, "code.concurrency") >= Some(1.0));
        let seen: Vec<Option<usize>> =
            types(&timeline, &code).into_iter().map(|evidence| evidence.episode).collect();
        assert_eq!(seen, [Some(0), Some(1)]);
    }

    #[test]
    fn what_was_there_from_the_start_is_nobodys_doing() {
        let mut code = history();
        let text: Vec<&str> = STEPS.iter().flat_map(|(_, lines)| lines.iter().copied()).collect();
        code.snapshots.insert("other.py".into(), text.join("\n"));
        let timeline = Timeline { episodes: episodes::group(&code), ..Timeline::default() };
        assert!(values(&timeline, &code).iter().all(|(_, value)| *value == Some(0.0)));
        assert!(values(&Timeline::default(), &code).iter().all(|(_, value)| value.is_none()));
    }
}
