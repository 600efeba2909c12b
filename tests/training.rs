//! The sessions that labels are to be learned from: whole, and with labels that their speakers can have.

mod fixture;

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unit {
    id: String,
    session: String,
    speaker: String,
    text: String,
    labels: BTreeSet<String>,
}

const CANDIDATE: [&str; 14] = [
    "intent",
    "syntax",
    "tradeoff",
    "clarifying",
    "restatement",
    "complexity",
    "testing",
    "edge_case",
    "error_handling",
    "concurrency",
    "scaling",
    "approval_seeking",
    "thinking",
    "self_correction",
];
const INTERVIEWER: [&str; 4] = ["prompt", "hint", "followup", "answer"];

#[test]
fn every_unit_is_whole_and_has_labels_of_its_speaker() {
    let mut ids = BTreeSet::new();
    let mut used = BTreeSet::new();
    for entry in fs::read_dir(fixture::project("models/labels")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let session = path.file_stem().unwrap().to_string_lossy().into_owned();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let unit: Unit = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            let allowed: &[&str] = if unit.speaker == "candidate" { &CANDIDATE } else { &INTERVIEWER };
            assert!(["candidate", "interviewer"].contains(&unit.speaker.as_str()), "{line}");
            assert!(unit.session == session && unit.id.starts_with(&session), "{line}");
            assert!(!unit.text.trim().is_empty() && ids.insert(unit.id), "{line}");
            assert!(unit.labels.iter().all(|label| allowed.contains(&label.as_str())), "{line}");
            used.extend(unit.labels);
        }
    }
    assert_eq!(used.len(), CANDIDATE.len() + INTERVIEWER.len(), "every label has a unit: {used:?}");
}
