//! `thinkaloud models`

mod fixture;

use std::fs;

use fixture::thinkaloud;
use predicates::prelude::*;
use tempfile::tempdir;

#[test]
fn list_names_the_catalogue_and_what_is_here() {
    let home = tempdir().unwrap();
    thinkaloud(home.path())
        .args(["models", "list"])
        .assert()
        .success()
        .stdout(predicate::str::is_match(r"(?m)^tiny\.en .* no  \(default\)$").unwrap());
    let output = thinkaloud(home.path()).args(["models", "list", "--json"]).assert().success();
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(rows.iter().filter(|row| row["default"] == true).count(), 1);
    assert!(rows.iter().all(|row| row["installed"] == false && row["size_bytes"].as_u64() > Some(5_000_000)));
}

#[test]
fn what_is_not_there_is_said_with_its_way_out() {
    let home = tempdir().unwrap();
    let text = home.path().join("notes.txt");
    fs::write(&text, "no model").unwrap();
    let text = text.display().to_string();
    let cases: [(&[&str], i32, &str); 6] = [
        (&["path"], 3, "models pull tiny.en"),
        (&["path", "huge"], 2, "no model named"),
        (&["pull", "huge"], 2, "no model named"),
        (&["verify"], 2, "models pull"),
        (&["import", "/no/such/folder"], 2, "/no/such/folder"),
        (&["import", &text], 2, "notes.txt"),
    ];
    for (arguments, code, says) in cases {
        thinkaloud(home.path())
            .arg("models")
            .args(arguments)
            .assert()
            .code(code)
            .stdout("")
            .stderr(predicate::str::contains(says));
    }
}

#[test]
fn a_pulled_model_is_what_the_catalogue_says() {
    let Some(model) = fixture::model() else { return };
    let home = tempdir().unwrap();
    fs::create_dir(home.path().join("models")).unwrap();
    fs::copy(model, home.path().join("models/ggml-tiny.en.bin")).unwrap();
    let verify = || thinkaloud(home.path()).args(["models", "verify", "tiny.en"]).assert();
    verify().success().stdout(predicate::str::starts_with("tiny.en: right, sha256 921e4cf8"));
    let path = home.path().join("models/ggml-tiny.en.bin");
    let mut bytes = fs::read(&path).unwrap();
    bytes[50_000_000] ^= 1;
    fs::write(&path, bytes).unwrap();
    verify().code(2).stderr(predicate::str::contains("damaged or incomplete"));
}
