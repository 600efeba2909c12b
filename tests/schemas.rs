//! What scripts may rely on: `docs/schemas` against real output.

mod fixture;

use std::fs;

use fixture::{json, project, thinkaloud};
use serde_json::Value;
use tempfile::tempdir;

fn conforms(schema: &str, document: &Value) {
    let schema = json(&project(&format!("docs/schemas/{schema}.schema.json")));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_report_conforms() {
    let home = tempdir().unwrap();
    let session = project("samples/rate-limiter");
    let words = home.path().join("words.json");
    fs::write(&words, fixture::Truth::read().transcript().to_string()).unwrap();
    // A session without its audio: readable in every build.
    for name in ["session.json", "edits.jsonl", "events.jsonl", "clock.jsonl"] {
        fs::copy(session.join(name), home.path().join(name)).unwrap();
    }
    let output = thinkaloud(home.path())
        .arg("analyze")
        .arg(home.path())
        .arg("--transcript")
        .arg(&words)
        .args(["--json", "--profile", "live-45"])
        .assert()
        .success();
    let report: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    conforms("report", &report);
    let broken = {
        let mut broken = report.clone();
        broken["gaps"][0]["seconds"] = Value::from("64");
        broken
    };
    let schema = json(&project("docs/schemas/report.schema.json"));
    assert!(!jsonschema::is_valid(&schema, &broken));
}

#[test]
fn an_exported_history_and_its_trends_conform() {
    let home = tempdir().unwrap();
    let words = home.path().join("words.json");
    fs::write(&words, fixture::Truth::read().transcript().to_string()).unwrap();
    let run = |arguments: &[&str]| -> Value {
        let output = thinkaloud(home.path()).args(arguments).assert().success();
        serde_json::from_slice(&output.get_output().stdout).unwrap_or_default()
    };
    run(&["goal", "set", "silence.gaps_over_60s", "0"]);
    let words = words.display().to_string();
    let out = home.path().join("report").display().to_string();
    let analyze =
        ["analyze", "--json", "--transcript", &words, "--out", &out, "--profile", "live-45", "--tag", "a"];
    let report = run(&analyze);
    conforms("report", &report);
    assert_eq!(report["goals"][0]["metric"], "silence.gaps_over_60s");
    // More sessions of the same kind: enough for a trend and what changed.
    let mut history = run(&["history", "export", "json"]);
    conforms("history", &history);
    let first = history["sessions"][0].clone();
    for day in 1..8 {
        let mut next = first.clone();
        next["id"] = format!("day-{day}").into();
        next["started_at"] = format!("2026-01-0{day}T10:00:00Z").into();
        next["total"] = (40.0 + 5.0 * f64::from(day)).into();
        history["sessions"].as_array_mut().unwrap().push(next);
    }
    let file = home.path().join("history.json");
    fs::write(&file, history.to_string()).unwrap();
    run(&["history", "import", &file.display().to_string()]);
    conforms("history", &run(&["history", "export", "json"]));
    let trends = run(&["trends", "--json"]);
    conforms("trends", &trends);
    assert!(trends["measures"].as_array().unwrap().iter().any(|measure| measure["trend"].is_object()));
    assert!(trends["practice"].is_object() && !trends["habits"].as_array().unwrap().is_empty());
    assert!(!trends["last_time"].as_array().unwrap().is_empty());
}

#[test]
fn silence_conforms() {
    let home = tempdir().unwrap();
    let path = home.path().join("zero.wav");
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    (0..16_000 * 3).for_each(|_| writer.write_sample(0_i16).unwrap());
    writer.finalize().unwrap();
    let output = thinkaloud(home.path()).args(["silence", "--json"]).arg(&path).assert().success();
    let document: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    conforms("silence", &document);
    assert_eq!(document["duration"], 3.0);
    assert_eq!(document["gaps"][0]["seconds"], 3.0);
}
