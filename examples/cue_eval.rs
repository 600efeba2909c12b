//! What the cues find in labelled texts, and which trade-offs are complete, to be judged by a reader.
//!
//!     CUES=weighed,choice cargo run --release --example cue_eval FILE.jsonl...
//!
//! Reads the rules from `rubrics` of this folder, so that a change of them needs no build. Prints a line of JSON for each
//! utterance with its cues of the kinds that `CUES` names (all, without it), and what is measured by them.

use std::collections::BTreeMap;
use std::{env, fs};

use serde_json::{Value, json};
use thinkaloud::analysis::{Known, Material};
use thinkaloud::rubric::{Cues, Labeller, RubricFile, Unit};
use thinkaloud::session::{LabelHit, Role, Utterance};

fn files(kind: &str) -> Vec<RubricFile> {
    let mut paths: Vec<_> =
        fs::read_dir(format!("rubrics/{kind}")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        RubricFile::new(path.display().to_string(), fs::read_to_string(path).unwrap())
    };
    paths.iter().map(read).collect()
}

fn utterance(line: &Value) -> Utterance {
    let label = |label: &Value| LabelHit {
        label: label.as_str().unwrap().into(),
        confidence: 1.0,
        pattern: String::new(),
        words: String::new(),
    };
    Utterance {
        speaker: if line["speaker"] == "interviewer" { Role::Interviewer } else { Role::Candidate },
        text: line["text"].as_str().unwrap().into(),
        labels: line["labels"].as_array().unwrap().iter().map(label).collect(),
        ..Utterance::default()
    }
}

fn main() {
    let lexicon =
        [RubricFile::new("rubrics/lexicon.toml", fs::read_to_string("rubrics/lexicon.toml").unwrap())];
    let labels = Labeller::load(&lexicon, &files("labels"), &[]).unwrap();
    let cues = Cues::load(&lexicon, &files("cues"), &[], &labels).unwrap();
    let asked = env::var("CUES").unwrap_or_default();
    let is_asked = |cue: &str| asked.is_empty() || asked.split(',').any(|kind| cue.starts_with(kind));
    let mut sessions: BTreeMap<String, Vec<(String, Utterance)>> = BTreeMap::new();
    for path in env::args().skip(1) {
        for line in fs::read_to_string(&path).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let said = (line["id"].as_str().unwrap().to_owned(), utterance(&line));
            sessions.entry(line["session"].as_str().unwrap().into()).or_default().push(said);
        }
    }
    for (session, said) in sessions {
        let (ids, mut said): (Vec<String>, Vec<Utterance>) = said.into_iter().unzip();
        let given: Vec<_> = said.iter().map(|said| said.labels.clone()).collect();
        let units: Vec<Unit> = said
            .iter()
            .map(|said| Unit { speaker: said.speaker, text: &said.text, ..Unit::default() })
            .collect();
        let found = cues.of_session("en", &units, &given);
        for ((said, cues), id) in said.iter_mut().zip(found).zip(&ids) {
            said.cues = cues;
            let mut by_cue: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for cue in said.cues.iter().filter(|cue| is_asked(&cue.cue)) {
                by_cue.entry(&cue.cue).or_default().push(&cue.words);
            }
            let labels: Vec<&str> = said.labels.iter().map(|hit| hit.label.as_str()).collect();
            let by = said.is_candidate();
            println!(
                "{}",
                json!({"id": id, "candidate": by, "text": said.text, "labels": labels, "cues": by_cue})
            );
        }
        let known = Known { labels: true, cues: true };
        let analysis = thinkaloud::analysis::analyse(Material::default(), said, known, &[]);
        for metric in analysis.metrics {
            let quotes: Vec<&str> = metric.evidence.iter().map(|evidence| evidence.quote.as_str()).collect();
            if ["tradeoff.", "clarify.", "complexity.", "library."]
                .iter()
                .any(|kind| metric.id.starts_with(kind))
            {
                println!(
                    "{}",
                    json!({"session": session, "metric": metric.id, "value": metric.value(), "note": metric.note, "quotes": quotes})
                );
            }
        }
    }
}
