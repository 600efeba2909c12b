//! `thinkaloud score`: scorecards by name, of one's own and by file.

mod fixture;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use fixture::{Truth, sample, thinkaloud};
use predicates::str::contains;
use serde_json::Value;
use tempfile::TempDir;

/// The sample with its true words in place of its audio: nothing has to be heard.
fn session() -> TempDir {
    let session = sample();
    fs::remove_dir_all(session.path().join("audio")).unwrap();
    fs::write(session.path().join("transcript.json"), Truth::read().transcript().to_string()).unwrap();
    session
}

fn score(session: &Path) -> Command {
    let mut command = thinkaloud(session);
    command.arg("score").arg(session);
    command
}

const OWN: &str = "id = 'mine'\nversion = 3\ntitle = 'Only tests'\nwhat = 'w'\n\
    [[categories]]\nid = 'tests'\ntitle = 'Tests'\nweight = 1\n\
    [[rules]]\nid = 'few-tests'\nmetric = 'label.testing'\ncategory = 'tests'\nweight = 1\ntitle = 't'\n\
    good_min = 8\npoor_min = 0\ncurve = 'gentle'\nwhat = 'w'\nwhy = 'w'\nadvice = 'a'\nstrength = 's'\nsource = 's'\n";

#[test]
fn a_scorecard_by_name_by_file_and_of_ones_own() {
    let session = session();
    let json = |name: &str| -> Value {
        let output = score(session.path()).args(["--json", "--scorecard", name]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let silent = json("silent-coder-check");
    let names: Vec<&String> = silent["scores"]["categories"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["coding", "silence"]);
    // Silence 64 s and longest over 60 s: (3 × 66.7 + 0) / 4; nobody could have asked the lonely candidate.
    let close = |value: &Value, to: f64| (value.as_f64().unwrap() - to).abs() < 0.01;
    assert!(close(&silent["scores"]["categories"]["silence"], 50.0), "{}", silent["scores"]);
    assert!(!session.path().join("report").exists(), "scoring writes nothing");

    let folder = session.path().join("rubrics/scorecards");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("anything.toml");
    fs::write(&file, OWN).unwrap();
    for name in ["mine", file.to_str().unwrap()] {
        let own = json(name);
        let metrics = own["metrics"].as_array().unwrap();
        let tests = metrics.iter().find(|metric| metric["id"] == "label.testing").unwrap();
        let count = tests["value"].as_f64().unwrap();
        assert!(count >= 2.0 && tests["evidence"].as_array().unwrap().len() == count as usize);
        assert!(close(&own["scores"]["total"], 100.0 * (count / 8.0).min(1.0).sqrt()), "{}", own["scores"]);
        assert_eq!(own["scorecard"]["version"], 3);
    }
}

#[test]
fn an_unknown_scorecard_and_a_bad_one_are_told_apart() {
    let session = session();
    let known = contains("no scorecard is named nosuch; there are senior-interview, silent-coder-check");
    score(session.path()).args(["--scorecard", "nosuch"]).assert().code(2).stderr(known);
    let bad = session.path().join("bad.toml");
    fs::write(&bad, OWN.replace("label.testing", "testing")).unwrap();
    let place = contains("bad.toml:11:10: no metric is named testing");
    score(session.path()).arg("--scorecard").arg(&bad).assert().code(2).stderr(place);
    score(session.path()).args(["--fail-under", "99"]).assert().code(1);
    score(session.path()).args(["--fail-under", "1"]).assert().code(0);
}
