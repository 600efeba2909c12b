//! `thinkaloud report`: what an analysed session gives again, without model and without recognising.

mod fixture;

use std::fs;

use fixture::{Truth, json, sample, thinkaloud};
use predicates::prelude::*;
use tempfile::{TempDir, tempdir};

/// The sample session, analysed with its true words and without its audio.
fn analysed() -> TempDir {
    let session = sample();
    let _ = fs::remove_dir_all(session.path().join("audio"));
    let words = session.path().join("words.json");
    fs::write(&words, Truth::read().transcript().to_string()).unwrap();
    thinkaloud(session.path())
        .arg("analyze")
        .arg(session.path())
        .arg("--transcript")
        .arg(&words)
        .assert()
        .success();
    session
}

#[test]
fn every_form_is_made_again_as_it_was() {
    let session = analysed();
    let folder = session.path().join("report");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let printed = |form: &str| {
        let mut command = thinkaloud(session.path());
        let output = command.arg("report").arg(session.path()).args(["--format", form]).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    assert_eq!(printed("json"), read("report.json") + "\n");
    assert_eq!(printed("md"), read("report.md"));
    let text = printed("text");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("Change first") && !text.contains('\u{1b}'), "{text}");
    let page = read("report.html");
    fs::remove_file(folder.join("report.html")).unwrap();
    assert_eq!(printed("html").trim_end(), folder.join("report.html").display().to_string());
    assert!(read("report.html") == page, "the page that is made again is another one");
    // The folder of the report is as good as that of the session.
    thinkaloud(session.path()).arg("report").arg(&folder).assert().success();
    assert!(read("report.html") == page);
}

#[test]
fn charts_lie_beside_it_as_svg_and_png() {
    let session = analysed();
    let charts = session.path().join("report/charts");
    for name in ["timeline", "scores", "speech", "intent", "stages", "pace"] {
        assert!(fs::read_to_string(charts.join(name).with_extension("svg")).unwrap().starts_with("<svg"));
        assert!(fs::read(charts.join(name).with_extension("png")).unwrap().starts_with(b"\x89PNG"));
    }
}

#[test]
fn what_to_change_names_the_moment_and_the_words() {
    let session = analysed();
    let report = json(&session.path().join("report/report.json"));
    let focus = report["focus"].as_array().unwrap();
    assert!((1..=3).contains(&focus.len()));
    for item in focus {
        let symbols: Vec<&str> = report["episodes"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|episode| episode["symbols"].as_array().unwrap())
            .filter_map(serde_json::Value::as_str)
            .collect();
        let say = item["say"].as_str().unwrap();
        assert!(!say.is_empty(), "{item}");
        // What is missing from the whole session has no moment.
        if !item["start"].is_number() {
            continue;
        }
        assert!(symbols.iter().any(|symbol| say.contains(symbol)), "{say} names none of {symbols:?}");
    }
}

#[test]
fn what_was_not_analysed_says_what_to_do() {
    let session = sample();
    thinkaloud(session.path())
        .arg("report")
        .arg(session.path())
        .assert()
        .code(2)
        .stderr(predicate::str::contains("run `thinkaloud analyze"));
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("report.json"), "{\"format\": 99}").unwrap();
    thinkaloud(folder.path())
        .arg("report")
        .arg(folder.path())
        .assert()
        .code(2)
        .stderr(predicate::str::contains("format 99"));
}
