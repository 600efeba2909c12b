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
