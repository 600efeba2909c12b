//! The rubric files that come with the program, and `thinkaloud rubric`.

mod fixture;

use std::fs;
use std::path::Path;

use fixture::thinkaloud;
use predicates::prelude::*;
use predicates::str::{contains, is_match};
use tempfile::tempdir;

const ASKED: &str = "{\"id\":\"a\",\"session\":\"s\",\"speaker\":\"candidate\",\"text\":\"Can I assume that the input is sorted?\"}\n";
const ANSWERED: &str =
    "{\"id\":\"b\",\"session\":\"s\",\"speaker\":\"interviewer\",\"text\":\"No, in any order.\"}\n";
/// A label of the user's own, with one example that does not hold.
const OWN: &str = "id = 'greeting'\ntitle = 'Greeting'\nspeaker = 'candidate'\nlanguage = 'en'\nwhat = 'w'\nwhy = 'w'\n\
    [[patterns]]\nname = 'hello'\nmatch = '\\bhello\\b'\nconfidence = 0.9\n\
    [[matches]]\ntext = 'hello'\nbecause = 'b'\n[[matches]]\ntext = 'hello you'\nbecause = 'b'\n\
    [[matches]]\ntext = 'good day'\nbecause = 'so it is said here'\n\
    [[passes]]\ntext = 'a'\nbecause = 'b'\n[[passes]]\ntext = 'b'\nbecause = 'b'\n[[passes]]\ntext = 'c'\nbecause = 'b'\n";

/// The lines that `rubric label` prints.
fn labelled(home: &Path, units: &str, more: &[&str]) -> Vec<serde_json::Value> {
    let file = home.join("units.jsonl");
    fs::write(&file, units).unwrap();
    let output = thinkaloud(home).args(["rubric", "label"]).arg(&file).args(more).assert().success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_example_holds() {
    let home = tempdir().unwrap();
    thinkaloud(home.path()).args(["rubric", "test"]).assert().success().stdout(
        is_match(r"^(\d+) of (\d+) examples hold, in 18 labels, 46 cues and 8 tables of code\n$").unwrap(),
    );
}

#[test]
fn one_file_is_tested_by_itself_and_a_failure_is_named_with_its_line() {
    let home = tempdir().unwrap();
    let file = home.path().join("greeting.toml");
    fs::write(&file, OWN).unwrap();
    let test = || thinkaloud(home.path()).args(["rubric", "test"]).arg(&file).assert();
    test()
        .code(1)
        .stdout(contains("5 of 6 examples hold"))
        .stderr(contains("greeting.toml:18: \"good day\" should be greeting: so it is said here"));
    fs::write(&file, OWN.replace("\\bhello\\b", "(hello")).unwrap();
    test().code(2).stderr(contains("greeting.toml:9:9: not a pattern"));
    thinkaloud(home.path())
        .args(["rubric", "test"])
        .arg(fixture::project("rubrics/labels/intent.toml"))
        .assert()
        .success()
        .stdout(is_match(r"^(\d+) of (\d+) examples hold, in .*intent.toml\n$").unwrap());
}

#[test]
fn utterances_are_labelled_in_the_context_of_their_session() {
    let home = tempdir().unwrap();
    let lines = labelled(home.path(), &format!("{ASKED}{ANSWERED}"), &[]);
    assert_eq!(lines.len(), 2);
    assert!(lines[0]["labels"]["clarifying"].as_f64().unwrap() > 0.3);
    assert!(lines[1]["labels"]["answer"].as_f64().unwrap() > 0.3);
    // Of another session, and after nothing that could be answered: patterns say nothing, the network is less sure.
    let apart = ANSWERED.replace("\"s\"", "\"other\"").replace("No, in any order.", "No.");
    let answer = |arguments: &[&str]| {
        labelled(home.path(), &format!("{ASKED}{apart}"), arguments)[1]["labels"]["answer"].as_f64()
    };
    assert_eq!(answer(&["--patterns"]), None);
    assert!(answer(&[]).unwrap_or(0.0) + 0.1 < lines[1]["labels"]["answer"].as_f64().unwrap());
}

#[test]
fn a_line_that_cannot_be_read_is_refused_with_its_number() {
    let home = tempdir().unwrap();
    let file = home.path().join("units.jsonl");
    fs::write(&file, format!("{ASKED}\n{{\"id\":\"a\"}}\n")).unwrap();
    thinkaloud(home.path())
        .args(["rubric", "label"])
        .arg(&file)
        .assert()
        .code(2)
        .stderr(contains("units.jsonl:3: missing field `text`"));
}

#[test]
fn another_language_is_told_and_gets_no_labels() {
    let home = tempdir().unwrap();
    let file = home.path().join("units.jsonl");
    fs::write(&file, ASKED).unwrap();
    thinkaloud(home.path())
        .args(["rubric", "label", "--language", "de"])
        .arg(&file)
        .assert()
        .success()
        .stdout("{\"id\":\"a\",\"labels\":{}}\n")
        .stderr(contains("no label files for the language de"));
}

#[test]
fn labels_of_ones_own_are_used_and_refused_like_those_of_the_program() {
    let home = tempdir().unwrap();
    let folder = home.path().join("rubrics/labels");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("greeting.toml"), OWN.replace("hello\\b", "{hi}\\b")).unwrap();
    let test = || thinkaloud(home.path()).args(["rubric", "test"]).assert();
    test().code(2).stderr(contains("greeting.toml:9:9: no set is named {hi}"));
    fs::write(
        home.path().join("rubrics/lexicon.toml"),
        "[sets.hi]\nwhat = 'w'\nwords = ['hello', 'good day']\n",
    )
    .unwrap();
    test().success().stdout(contains("in 19 labels"));
    let unit = "{\"id\":\"a\",\"text\":\"good day\"}\n";
    assert_eq!(labelled(home.path(), unit, &[])[0]["labels"], serde_json::json!({"greeting": 0.9}));
}

#[test]
fn cues_of_ones_own_are_tested_found_and_explained() {
    let home = tempdir().unwrap();
    let folder = home.path().join("rubrics/cues");
    fs::create_dir_all(&folder).unwrap();
    let cue = OWN.replace("confidence = 0.9\n", "").replace("text = 'good day'", "text = 'hello hello'");
    let path = folder.join("greeting.toml");
    fs::write(&path, cue.replace("because = 'so it is said here'", "words = ['hello']\nbecause = 'twice'"))
        .unwrap();
    let test = |file: Option<&Path>| thinkaloud(home.path()).args(["rubric", "test"]).args(file).assert();
    test(Some(&path)).code(1).stdout(contains("5 of 6 examples hold")).stderr(contains(
        r#"greeting.toml:17: "hello hello" should be greeting in the words ["hello"], not in ["hello", "hello"]: twice"#,
    ));
    fs::write(&path, format!("labels = ['greetings']\n{cue}")).unwrap();
    test(None).code(2).stderr(contains("greeting.toml:1:11: greetings is no label"));
    fs::write(&path, &cue).unwrap();
    test(None).success().stdout(contains("in 18 labels, 47 cues"));
    let unit = "{\"id\":\"a\",\"text\":\"Hello, um, hello.\"}\n";
    assert_eq!(
        labelled(home.path(), unit, &["--cues"])[0]["cues"],
        serde_json::json!([
            {"cue": "greeting", "words": "hello", "at": 0},
            {"cue": "filler_um", "words": "um", "at": 1},
            {"cue": "greeting", "words": "hello", "at": 2},
        ])
    );
    assert_eq!(labelled(home.path(), unit, &[])[0].get("cues"), None);
    thinkaloud(home.path())
        .args(["rubric", "explain", "I like it, like, um."])
        .assert()
        .success()
        .stdout(contains("filler_um        yes, sound matches \"um\""))
        .stdout(is_match("filler_like +yes, ").unwrap());
}

#[test]
fn a_label_is_explained_by_its_words() {
    let home = tempdir().unwrap();
    let explain = |arguments: &[&str]| {
        let output = thinkaloud(home.path()).args(["rubric", "explain"]).args(arguments).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let text = explain(&["It's all of n log n in time."]);
    let why = r#"complexity +yes, \d+ % sure: the network \d+ %.*\n +[a-z-]+ matches ""#;
    assert!(is_match(why).unwrap().eval(&text), "{text}");
    assert!(is_match("clarifying +no, .*\n +no pattern matches").unwrap().eval(&text), "{text}");
    let vetoed = explain(&["The race condition of hiring."]);
    assert!(
        is_match(r#"concurrency +no, .*\n.*its `unless` matches "race"#).unwrap().eval(&vetoed),
        "{vetoed}"
    );
    let after = explain(&[
        "You can take Python for this.",
        "--speaker",
        "interviewer",
        "--after",
        "candidate: which language do you want",
    ]);
    assert!(is_match("answer +yes").unwrap().eval(&after), "{after}");
    let alone = explain(&["You can take Python for this.", "--speaker", "interviewer"]);
    assert!(is_match("answer .*\n.*tells-the-problem").unwrap().eval(&alone), "{alone}");
}

#[test]
fn labels_are_scored_against_the_truth() {
    let home = tempdir().unwrap();
    let (given, gold) = (home.path().join("given.jsonl"), home.path().join("gold.jsonl"));
    fs::write(
        &given,
        "{\"id\":\"a\",\"labels\":{\"intent\":0.5}}\n{\"id\":\"b\",\"labels\":{\"intent\":0.5}}\n",
    )
    .unwrap();
    let line = |id: &str, labels: &str| {
        format!("{{\"id\":\"{id}\",\"session\":\"s\",\"speaker\":\"candidate\",\"labels\":[{labels}]}}\n")
    };
    fs::write(&gold, line("a", "\"intent\",\"testing\"") + &line("b", "")).unwrap();
    let score = || {
        let mut command = thinkaloud(home.path());
        command.args(["rubric", "score"]).arg(&given).arg(&gold);
        command
    };
    score()
        .assert()
        .success()
        .stdout(is_match(r"intent +0.50 +1.00 +0.67 +1 +1 +0\n").unwrap())
        .stdout(is_match(r"testing +- +0.00 +0.00 +0 +0 +1\n").unwrap())
        .stdout(is_match(r"all +0.50 +0.50 +0.50 +1 +1 +1\n").unwrap())
        .stdout(contains("1 of 1 utterances without a true label got one (100 %)"))
        .stdout(is_match(r"\ns +-/- +0/0 +0/0 +0/0 +0/1\n").unwrap());
    let json = score().arg("--json").assert().success();
    let json: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    assert_eq!(json["sessions"][0]["counts"]["testing"], serde_json::json!({"given": 0, "truth": 1}));
    fs::write(&gold, line("a", "") + &line("c", "")).unwrap();
    score().assert().code(2).stderr(contains("gold.jsonl:2: c has no line in"));
    fs::write(&gold, line("a", "3")).unwrap();
    score().assert().code(2).stderr(contains("gold.jsonl:1: labels: a list of names"));
}
