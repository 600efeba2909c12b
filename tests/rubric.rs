//! The rubric files that come with the program, and `thinkaloud rubric`.

mod fixture;

use std::fs;

use fixture::thinkaloud;
use predicates::prelude::*;
use tempfile::tempdir;

#[test]
fn every_example_holds() {
    let home = tempdir().unwrap();
    thinkaloud(home.path())
        .args(["rubric", "test"])
        .assert()
        .success()
        .stdout(predicate::str::is_match(r"^(\d+) of (\d+) examples hold, in \d+ labels\n$").unwrap());
}

#[test]
fn utterances_are_labelled_line_by_line() {
    let home = tempdir().unwrap();
    let file = home.path().join("units.jsonl");
    fs::write(
        &file,
        "{\"id\":\"a\",\"session\":\"s\",\"speaker\":\"candidate\",\"text\":\"Can I assume that the input is sorted?\"}\n\
         {\"id\":\"b\",\"session\":\"s\",\"speaker\":\"interviewer\",\"text\":\"Yes.\"}\n",
    )
    .unwrap();
    let output = thinkaloud(home.path()).args(["rubric", "label"]).arg(&file).assert().success();
    let lines: Vec<serde_json::Value> = String::from_utf8(output.get_output().stdout.clone())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0]["labels"]["clarifying"].as_f64().unwrap() > 0.3);
    assert_eq!(lines[1], serde_json::json!({"id": "b", "labels": {}}));
    fs::write(&file, "{\"id\":\"a\"}\n").unwrap();
    thinkaloud(home.path())
        .args(["rubric", "label"])
        .arg(&file)
        .assert()
        .code(2)
        .stderr(predicate::str::contains("units.jsonl:1: missing field `text`"));
}

#[test]
fn a_label_is_explained_by_its_words() {
    let home = tempdir().unwrap();
    thinkaloud(home.path())
        .args(["rubric", "explain", "It's all of n log n in time."])
        .assert()
        .success()
        .stdout(predicate::str::is_match(r#"complexity +yes, \d+ % sure: [a-z-]+ matches ""#).unwrap())
        .stdout(predicate::str::is_match("clarifying +no: no pattern matches").unwrap());
}
