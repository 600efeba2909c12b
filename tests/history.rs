//! The history, trends and goals, with the program as people use it.

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::Duration;

use fixture::{json, shared, thinkaloud};
use predicates::prelude::*;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

/// What the program says on standard output; it must end well.
fn says(home: &Path, arguments: &[&str]) -> String {
    let output = thinkaloud(home).args(arguments).assert().success();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

fn document(home: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&says(home, arguments)).unwrap()
}

/// A session without audio: its words, and an id and a date of its own.
fn session(folder: &Path, number: u32, date: &str, words: &str) -> PathBuf {
    let session = folder.join(format!("session-{number}"));
    fs::create_dir(&session).unwrap();
    let manifest = json!({"format": 1, "id": format!("019ab{number:03}-0000-7000-8000-000000000000"),
        "title": format!("Session {number}"), "started_at": date, "problem": "two-sum", "profile": "live-45"});
    fs::write(session.join("session.json"), manifest.to_string()).unwrap();
    fs::write(session.join("transcript.json"), words).unwrap();
    session
}

/// Four minutes: some sentences, with one silence of `silence` seconds in the middle.
fn words(silence: f64) -> String {
    let sentence =
        "I will keep a map from each value to its index so that one pass is enough because lookups are cheap";
    let mut pieces = Vec::new();
    let mut at = 1.0;
    for index in 0..16 {
        if index == 8 {
            at += silence;
        }
        pieces.push(json!({"start": at, "end": at + 9.0, "text": format!("{sentence}.")}));
        at += 12.0;
    }
    json!({"language": "en", "model": "given", "utterances": pieces}).to_string()
}

/// A history of sessions with one measure, as a file to import.
fn exported(values: &[(&str, f64)], change: impl Fn(usize, &mut Value)) -> String {
    let sessions: Vec<Value> = values
        .iter()
        .enumerate()
        .map(|(index, (date, value))| {
            let mut session = json!({"id": format!("s{index}"), "title": format!("S {index}"), "started_at": date,
                "scorecard": {"id": "c", "version": 1, "hash": "h"}, "model": "m", "profile": "live-45",
                "metrics": [{"id": "silence.longest", "value": value, "unit": "s", "confidence": 1.0}]});
            change(index, &mut session);
            session
        })
        .collect();
    json!({"format": 1, "sessions": sessions}).to_string()
}

fn days(count: u32) -> Vec<String> {
    (1..=count).map(|day| format!("2026-01-{day:02}T10:00:00Z")).collect()
}

fn imported(home: &Path, text: &str) {
    let file = home.join("import.json");
    fs::write(&file, text).unwrap();
    thinkaloud(home).args(["history", "import"]).arg(&file).assert().success();
}

#[test]
fn every_analysis_is_kept_and_one_of_the_same_session_takes_its_place() {
    let home = tempdir().unwrap();
    let folder = tempdir().unwrap();
    let one = session(folder.path(), 1, "2026-01-04T10:00:00+01:00", &words(70.0));
    let two = session(folder.path(), 2, "2026-01-05T10:00:00+01:00", &words(2.0));
    for path in [&two, &one] {
        thinkaloud(home.path())
            .arg("analyze")
            .arg(path)
            .args(["--tag", "solo", "--tag", "x"])
            .assert()
            .success();
    }
    let list = document(home.path(), &["history", "--json"]);
    let titles: Vec<&str> =
        list["sessions"].as_array().unwrap().iter().map(|s| s["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Session 1", "Session 2"], "oldest first, whenever it was analysed");
    let table = says(home.path(), &["history"]);
    assert!(table.contains("2026-01-05 10:00"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    let longest = |home: &Path| {
        let shown = document(home, &["history", "show", "silence.longest", "--json"]);
        shown["points"].as_array().unwrap().iter().map(|p| p["value"].as_f64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(longest(home.path()).len(), 2);
    assert!(longest(home.path())[0] > 70.0);

    // The same again is nothing new; other words are a revision.
    thinkaloud(home.path()).arg("analyze").arg(&one).assert().success();
    let export = document(home.path(), &["history", "export", "json"]);
    assert_eq!(export["sessions"].as_array().unwrap().len(), 2);
    fs::write(one.join("transcript.json"), words(40.0)).unwrap();
    thinkaloud(home.path()).arg("analyze").arg(&one).assert().success();
    let export = document(home.path(), &["history", "export", "json"]);
    let current: Vec<bool> =
        export["sessions"].as_array().unwrap().iter().map(|s| s["current"].as_bool().unwrap()).collect();
    assert_eq!(current, [false, true, true]);
    assert_eq!(export["sessions"][1]["tags"], json!(["solo", "x"]));
    assert_eq!(longest(home.path()).len(), 2);
    assert!(longest(home.path())[0] < 60.0);

    // Filters.
    let count = |arguments: &[&str]| {
        let all = [&["history", "--json"], arguments].concat();
        document(home.path(), &all)["sessions"].as_array().unwrap().len()
    };
    assert_eq!(count(&["--since", "2026-01-05"]), 1);
    assert_eq!(count(&["--until", "2026-01-04"]), 1);
    assert_eq!(count(&["--tag", "solo"]), 2);
    assert_eq!(count(&["--tag", "duo"]), 0);
    assert_eq!(count(&["--problem", "two-sum", "--profile", "live-45", "--limit", "1"]), 1);

    // Forgotten is forgotten, revisions and words too.
    says(home.path(), &["history", "forget", "019ab001"]);
    assert_eq!(
        document(home.path(), &["history", "export", "json"])["sessions"].as_array().unwrap().len(),
        1
    );
    assert!(one.join("transcript.json").exists());
    let bytes = fs::read(home.path().join("history.db")).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("Session 1"));
}

#[test]
fn no_history_leaves_no_trace() {
    let home = tempdir().unwrap();
    let folder = tempdir().unwrap();
    let one = session(folder.path(), 1, "2026-01-05T10:00:00+01:00", &words(70.0));
    thinkaloud(home.path()).arg("analyze").arg(&one).arg("--no-history").assert().success();
    assert!(!home.path().join("history.db").exists());
    assert!(says(home.path(), &["history"]).contains("No sessions"));
    assert!(says(home.path(), &["trends"]).contains("No sessions"));
}

#[test]
fn a_history_that_cannot_be_written_costs_no_analysis() {
    let home = tempdir().unwrap();
    let folder = tempdir().unwrap();
    let one = session(folder.path(), 1, "2026-01-05T10:00:00+01:00", &words(70.0));
    fs::write(home.path().join("history.db"), "this is no database, but somebody's own file").unwrap();
    let report = one.join("report/report.json");
    thinkaloud(home.path())
        .arg("analyze")
        .arg(&one)
        .assert()
        .success()
        .stdout(predicate::str::contains("of 100"))
        .stderr(
            predicate::str::contains("is not in the history").and(predicate::str::contains("history import")),
        );
    assert!(fs::read_to_string(home.path().join("history.db")).unwrap().starts_with("this is no database"));
    // What it said to do works.
    fs::remove_file(home.path().join("history.db")).unwrap();
    thinkaloud(home.path()).args(["history", "import"]).arg(&report).assert().success();
    let list = document(home.path(), &["history", "--json"]);
    assert_eq!(list["sessions"][0]["title"], "Session 1");
    assert_eq!(list["sessions"][0]["profile"], "live-45");
}

#[test]
fn goals_are_told_in_every_report() {
    let home = tempdir().unwrap();
    let folder = tempdir().unwrap();
    says(home.path(), &["goal", "set", "silence.gaps_over_60s", "0"]);
    says(home.path(), &["goal", "set", "silence.longest", "100", "--at-most"]);
    let one = session(folder.path(), 1, "2026-01-05T10:00:00+01:00", &words(70.0));
    let text = says(home.path(), &["analyze", one.to_str().unwrap()]);
    assert!(text.contains("· silence.gaps_over_60s at most 0: not yet, 1 now, 1 to go"), "{text}");
    assert!(text.contains("✓ silence.longest at most 100.0 s: reached"), "{text}");
    assert!(fs::read_to_string(one.join("report/report.html")).unwrap().contains("Your goals"));
    let list = document(home.path(), &["goal", "list", "--json"]);
    assert_eq!(list["goals"][0]["away"], 1.0);
    says(home.path(), &["goal", "clear", "silence.longest"]);
    thinkaloud(home.path()).args(["goal", "clear", "silence.longest"]).assert().code(1);
    assert_eq!(document(home.path(), &["goal", "list", "--json"])["goals"].as_array().unwrap().len(), 1);
    thinkaloud(home.path()).args(["goal", "set", "talk.ratio", "much"]).assert().code(2);
}

#[test]
fn two_sessions_compared_show_moments_of_both() {
    let home = tempdir().unwrap();
    let folder = tempdir().unwrap();
    for (number, silence) in [(1, 70.0), (2, 2.0)] {
        let path = session(folder.path(), number, &format!("2026-01-0{number}T10:00:00Z"), &words(silence));
        says(home.path(), &["analyze", path.to_str().unwrap()]);
    }
    let compared = document(home.path(), &["history", "compare", "last-1", "last", "--json"]);
    let longest =
        compared["changes"].as_array().unwrap().iter().find(|c| c["id"] == "silence.longest").unwrap();
    assert_eq!(longest["better"], true);
    assert!(longest["a"].as_f64().unwrap() > 70.0 && longest["b"].as_f64().unwrap() < 30.0);
    assert_eq!(longest["moments_a"].as_array().unwrap().len(), 1);
    assert_eq!(compared["warnings"], json!([]));
    let text = says(home.path(), &["history", "compare", "019ab001", "019ab002"]);
    assert!(text.contains("better"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    thinkaloud(home.path())
        .args(["history", "compare", "019ab", "last"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("several sessions begin with 019ab"));
    thinkaloud(home.path()).args(["history", "compare", "zzz", "last"]).assert().code(2);
}

#[test]
fn silence_that_was_measured_outlives_the_audio() {
    let home = tempdir().unwrap();
    let folder = tempdir().unwrap();
    // Words alone have no silence here; what was heard has one of 70 s.
    let one = session(folder.path(), 1, "2026-01-05T10:00:00Z", &words(0.0));
    let turn = |start: f64, end: f64| json!({"start": start, "end": end, "speaker": "candidate", "confidence": 1.0, "channel": 0});
    let hearing =
        json!({"format": 1, "audio": "x", "duration": 230.0, "turns": [turn(1.0, 90.0), turn(160.0, 225.0)]});
    fs::write(one.join("hearing.json"), hearing.to_string()).unwrap();
    let report = document(home.path(), &["analyze", one.to_str().unwrap(), "--json"]);
    assert_eq!(report["heard"], true);
    assert_eq!(fixture::metric(&report, "silence.longest"), Some(70.0));
    // Scored again, it is the same; without what was heard, it is left alone.
    let all = ["history", "rescore", "--all"];
    says(home.path(), &all);
    let report = json(&one.join("report/report.json"));
    assert_eq!(fixture::metric(&report, "silence.longest"), Some(70.0));
    fs::remove_file(one.join("hearing.json")).unwrap();
    thinkaloud(home.path())
        .args(all)
        .assert()
        .code(1)
        .stderr(predicate::str::contains("measured on audio that is gone"));
    assert_eq!(document(home.path(), &["history", "--json"])["sessions"][0]["heard"], true);
    fs::remove_dir_all(&one).unwrap();
    thinkaloud(home.path()).args(all).assert().code(1).stderr(predicate::str::contains("is gone"));
    assert_eq!(document(home.path(), &["history", "--json"])["sessions"].as_array().unwrap().len(), 1);
}

#[test]
fn sessions_of_other_rules_are_scored_again_and_keep_what_they_were() {
    let home = tempdir().unwrap();
    let folder = tempdir().unwrap();
    let one = session(folder.path(), 1, "2026-01-05T10:00:00Z", &words(70.0));
    says(home.path(), &["analyze", one.to_str().unwrap()]);
    let words_file = folder.path().join("words.json");
    fs::write(&words_file, words(3.0)).unwrap();
    let out = folder.path().join("out");
    let given = ["analyze", "--transcript", words_file.to_str().unwrap(), "--out", out.to_str().unwrap()];
    says(home.path(), &[&given[..], &["--started-at", "2026-01-06 10:00", "--title", "Given"]].concat());
    assert!(says(home.path(), &["history", "rescore"]).contains("present rules already"));
    let database = Connection::open(home.path().join("history.db")).unwrap();
    database.execute("UPDATE analysis SET card_hash = 'old', total = 1.0, content = 'old'", []).unwrap();
    assert!(says(home.path(), &["history"]).contains("scored by other rules"));
    let text = says(home.path(), &["history", "rescore"]);
    assert!(text.contains("Session 1: 1 -> ") && text.contains("Given: 1 -> "), "{text}");
    let export = document(home.path(), &["history", "export", "json"]);
    let totals: Vec<f64> =
        export["sessions"].as_array().unwrap().iter().map(|s| s["total"].as_f64().unwrap()).collect();
    assert_eq!(totals.len(), 4, "what was before is kept as a revision");
    assert!(totals.iter().filter(|total| **total == 1.0).count() == 2);
}

#[test]
fn a_clear_trend_is_told_and_an_unclear_one_is_not() {
    let home = tempdir().unwrap();
    let dates = days(12);
    let falling: Vec<(&str, f64)> =
        dates.iter().enumerate().map(|(index, date)| (date.as_str(), 80.0 - 3.0 * index as f64)).collect();
    imported(home.path(), &exported(&falling, |_, _| {}));
    let shown = document(home.path(), &["history", "show", "silence.longest", "--json"]);
    assert_eq!(shown["verdict"], "better");
    assert_eq!(shown["trend"]["slope"]["per_session"], -3.0);
    assert_eq!(shown["best"]["value"], 47.0);
    assert_eq!(shown["best"]["new"], true);
    let text = says(home.path(), &["trends"]);
    assert!(text.contains("getting better: -3.00 s a session"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");

    let home = tempdir().unwrap();
    let steady: Vec<(&str, f64)> = dates.iter().map(|date| (date.as_str(), 40.0)).collect();
    imported(home.path(), &exported(&steady, |_, _| {}));
    assert!(says(home.path(), &["trends"]).contains("no clear change yet"));

    let home = tempdir().unwrap();
    imported(home.path(), &exported(&falling[..4], |_, _| {}));
    assert!(says(home.path(), &["trends"]).contains("4 sessions so far; 5 are needed"));
}

#[test]
fn a_step_is_named_by_its_date() {
    let home = tempdir().unwrap();
    let dates = days(14);
    let values = [40.0, 42.0, 39.0, 41.0, 43.0, 40.0, 42.0, 30.0, 29.0, 31.0, 28.0, 30.0, 32.0, 29.0];
    let step: Vec<(&str, f64)> = dates.iter().map(String::as_str).zip(values).collect();
    imported(home.path(), &exported(&step, |_, _| {}));
    let shown = document(home.path(), &["history", "show", "silence.longest", "--json"]);
    assert_eq!(shown["change"]["date"], "2026-01-08");
    assert_eq!(
        (shown["change"]["before"].as_f64(), shown["change"]["after"].as_f64()),
        (Some(41.0), Some(30.0))
    );
    let text = says(home.path(), &["trends"]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("changed on 2026-01-08: 41.0 s before, 30.0 s after"), "{text}");
}

#[test]
fn only_like_is_compared_with_like() {
    let home = tempdir().unwrap();
    let dates = days(12);
    let values: Vec<(&str, f64)> =
        dates.iter().enumerate().map(|(index, date)| (date.as_str(), 80.0 - 3.0 * index as f64)).collect();
    // The first six were scored by another card: what is left is six sessions.
    imported(
        home.path(),
        &exported(&values, |index, session| {
            if index < 6 {
                session["scorecard"]["hash"] = "other".into();
            }
        }),
    );
    let trends = document(home.path(), &["trends", "--json"]);
    assert_eq!(trends["compared"]["sessions"], 6);
    assert_eq!(trends["apart"][0]["sessions"], 6);
    let longest =
        trends["measures"].as_array().unwrap().iter().find(|m| m["id"] == "silence.longest").unwrap();
    assert_eq!(longest["measured"], 6);
    assert_eq!(longest["points"].as_array().unwrap().iter().filter(|p| p["compared"] == false).count(), 6);
    let text = says(home.path(), &["trends"]);
    assert!(text.replace('\n', " ").contains("6 sessions under another scorecard"), "{text}");
}

#[test]
fn a_page_has_no_nan_and_no_script_whatever_is_in_the_history() {
    let Some(cases) = shared("cases/history") else { return };
    let list: Vec<(&str, usize)> = vec![
        ("none.json", 0),
        ("one.json", 1),
        ("two_same_value.json", 2),
        ("all_zero.json", 7),
        ("nan_inf_null.json", 3),
        ("outlier.json", 9),
        ("out_of_order.json", 3),
        ("string_sort_trap.json", 5),
        ("time_zones.json", 3),
        ("dst_fall_back.json", 3),
        ("future_and_epoch.json", 3),
        ("hostile_names.json", 0),
        ("many_5000.json", 5000),
    ];
    for (name, count) in list {
        let home = tempdir().unwrap();
        let file = cases.join(name);
        thinkaloud(home.path()).env("TZ", "UTC").args(["history", "import"]).arg(&file).assert().success();
        let found = document(home.path(), &["history", "--json"])["sessions"].as_array().unwrap().len();
        let rows = json_rows(&file);
        assert_eq!(found, if count > 0 { count } else { rows }, "{name}");
        let path = says(home.path(), &["trends", "--html"]);
        let page = fs::read_to_string(path.trim()).unwrap();
        for word in ["NaN", "Infinity", ">inf", "\"inf", "<script", "onerror=alert(1)>", "<svg onload"] {
            assert!(!page.contains(word), "{name}: {word}");
        }
        let text = says(home.path(), &["trends"]) + &says(home.path(), &["history"]);
        assert!(!text.contains("NaN") && !text.contains('\u{1b}'), "{name}: {text}");
    }
}

fn json_rows(file: &Path) -> usize {
    let text = fs::read_to_string(file)
        .unwrap()
        .replace("NaN", "0")
        .replace("-Infinity", "0")
        .replace("Infinity", "0");
    serde_json::from_str::<Value>(&text).unwrap().as_array().unwrap().len()
}

#[test]
fn order_and_days_are_those_of_the_sessions() {
    let Some(cases) = shared("cases/history") else { return };
    let ids = |name: &str, zone: &str| {
        let home = tempdir().unwrap();
        let import = |home: &TempDir| {
            let output = thinkaloud(home.path())
                .env("TZ", zone)
                .args(["history", "import"])
                .arg(cases.join(name))
                .assert()
                .success();
            String::from_utf8(output.get_output().stderr.clone()).unwrap()
        };
        let problems = import(&home);
        let list = document(home.path(), &["history", "--json"]);
        let sessions = list["sessions"].as_array().unwrap().clone();
        // Once more is nothing new.
        import(&home);
        assert_eq!(
            document(home.path(), &["history", "--json"])["sessions"].as_array().unwrap().len(),
            sessions.len()
        );
        let pairs: Vec<(String, String)> = sessions
            .iter()
            .map(|s| {
                (s["id"].as_str().unwrap().to_owned(), s["started_at"].as_str().unwrap_or("").to_owned())
            })
            .collect();
        (pairs, problems)
    };
    let order =
        |name: &str, zone: &str| -> Vec<String> { ids(name, zone).0.into_iter().map(|(id, _)| id).collect() };
    assert_eq!(order("out_of_order.json", "UTC"), ["a", "b", "c"]);
    // 2:30 in summer time comes 40 minutes before 2:10 in winter time.
    assert_eq!(order("dst_fall_back.json", "Europe/Berlin"), ["gap", "before", "after"]);
    let (zones, _) = ids("time_zones.json", "UTC");
    assert!(zones.iter().any(|(id, at)| id == "kiritimati" && at.starts_with("2026-08-07T04:46:50+14:00")));
    let (mixed, problems) = ids("string_sort_trap.json", "UTC");
    let order: Vec<&str> = mixed.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(order, ["c", "a", "d", "e", "b"], "no date first, then by time");
    assert!(problems.contains("10/01/2026"), "{problems}");
    let home = tempdir().unwrap();
    thinkaloud(home.path())
        .args(["history", "import"])
        .arg(cases.join("future_and_epoch.json"))
        .assert()
        .success();
    let trends = document(home.path(), &["trends", "--json"]);
    assert_eq!(trends["compared"]["sessions"], 1);
    assert!(trends["notes"][0].as_str().unwrap().contains("1970-01-01, 2099-01-01"));
}

#[test]
fn files_of_other_versions_are_brought_up_with_a_backup_or_left_alone() {
    let Some(cases) = shared("cases/history") else { return };
    let with = |name: &str| {
        let home = tempdir().unwrap();
        let path = home.path().join("history.db");
        fs::write(&path, fs::read(cases.join(name)).unwrap()).unwrap();
        (home, path)
    };
    for (name, version, sessions) in
        [("v0_no_user_version.sqlite", 0, 1), ("v1.sqlite", 1, 1), ("dup_no_unique.sqlite", 0, 1)]
    {
        let (home, path) = with(name);
        let before = fs::read(&path).unwrap();
        let list = document(home.path(), &["history", "--json"]);
        assert_eq!(list["sessions"].as_array().unwrap().len(), sessions, "{name}");
        assert_eq!(list["sessions"][0]["started_at"], "2026-01-05T10:00:00Z", "{name}");
        let shown = document(home.path(), &["history", "show", "words", "--json"]);
        assert_eq!(shown["points"][0]["value"], 900.0, "{name}");
        let backup = home.path().join(format!("history.schema-{version}.backup"));
        let rows = |path: &Path| -> i64 {
            Connection::open(path)
                .unwrap()
                .query_row("SELECT count(*) FROM session", [], |row| row.get(0))
                .unwrap()
        };
        let original = home.path().join("original.db");
        fs::write(&original, &before).unwrap();
        assert_eq!(rows(&backup), rows(&original), "{name}");
    }
    for (name, says) in [
        ("v99_newer.sqlite", "newer thinkaloud"),
        ("not_a_db.sqlite", "no history of thinkaloud"),
        ("truncated.sqlite", "damaged"),
        ("malformed_page.sqlite", "damaged"),
    ] {
        let (home, path) = with(name);
        let before = fs::read(&path).unwrap();
        for command in [vec!["history"], vec!["trends"], vec!["goal", "set", "score.total", "80"]] {
            thinkaloud(home.path())
                .args(&command)
                .assert()
                .code(2)
                .stderr(predicate::str::contains(says))
                .stderr(predicate::function(|text: &str| text.trim_end().lines().count() == 1));
        }
        assert_eq!(fs::read(&path).unwrap(), before, "{name} was changed");
    }
    let (home, _) = with("zero_byte.sqlite");
    assert!(says(home.path(), &["history"]).contains("No sessions"));
    says(home.path(), &["goal", "set", "score.total", "80"]);
}

#[test]
fn a_database_of_another_program_or_half_a_migration_is_left_alone() {
    let home = tempdir().unwrap();
    let path = home.path().join("history.db");
    for sql in [
        "CREATE TABLE bookmarks(url TEXT);",
        "CREATE TABLE session(id TEXT PRIMARY KEY, started_at TEXT, words INT); CREATE TABLE analysis(key INTEGER); PRAGMA user_version = 1;",
        "CREATE TABLE session(id TEXT, mood TEXT);",
        "CREATE TABLE x(y); PRAGMA user_version = 2;",
    ] {
        let _ = fs::remove_file(&path);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let before = fs::read(&path).unwrap();
        thinkaloud(home.path())
            .arg("history")
            .assert()
            .code(2)
            .stderr(predicate::str::contains("Nothing was changed"));
        assert_eq!(fs::read(&path).unwrap(), before, "{sql}");
    }
}

#[test]
fn a_locked_history_is_waited_for_and_then_told() {
    let home = tempdir().unwrap();
    says(home.path(), &["goal", "set", "score.total", "80"]);
    let holder = Connection::open(home.path().join("history.db")).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE; INSERT INTO goal VALUES('x', 'at_most', 1.0);").unwrap();
    // Readers are not held up by a writer.
    assert!(says(home.path(), &["goal", "list"]).contains("score.total"));
    thinkaloud(home.path())
        .args(["goal", "set", "score.total", "90"])
        .assert()
        .code(3)
        .stderr(predicate::str::contains("locked by another program"));
    let waiter = Process::new(env!("CARGO_BIN_EXE_thinkaloud"))
        .env("THINKALOUD_HOME", home.path())
        .args(["goal", "set", "score.total", "85"])
        .stdout(Stdio::null())
        .spawn();
    std::thread::sleep(Duration::from_millis(700));
    holder.execute_batch("COMMIT").unwrap();
    assert!(waiter.unwrap().wait().unwrap().success());
    assert!(says(home.path(), &["goal", "list"]).contains("at least 85"));
}

#[test]
fn two_processes_at_once_lose_no_row() {
    let home = tempdir().unwrap();
    let dates = days(28);
    let files: Vec<PathBuf> = (0..2)
        .map(|process| {
            let values: Vec<(&str, f64)> = dates.iter().map(|date| (date.as_str(), 40.0)).collect();
            let path = home.path().join(format!("{process}.json"));
            let text =
                exported(&values, |index, session| session["id"] = format!("p{process}-{index}").into());
            fs::write(&path, text).unwrap();
            path
        })
        .collect();
    // They may also be the first to make the file.
    let children: Vec<_> = files
        .iter()
        .map(|file| {
            Process::new(env!("CARGO_BIN_EXE_thinkaloud"))
                .env("THINKALOUD_HOME", home.path())
                .args(["history", "import"])
                .arg(file)
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(document(home.path(), &["history", "--json"])["sessions"].as_array().unwrap().len(), 56);
}

#[test]
fn a_kill_while_writing_leaves_all_or_nothing() {
    let home = tempdir().unwrap();
    says(home.path(), &["goal", "set", "score.total", "80"]);
    let rows: Vec<Value> = (0..4000)
        .map(|index| json!({"id": index.to_string(), "started_at": 1_767_952_800 + index, "words": index}))
        .collect();
    let file = home.path().join("many.json");
    fs::write(&file, Value::from(rows).to_string()).unwrap();
    let mut killed = 0;
    for wait in [5, 20, 40, 80, 120, 200, 300] {
        let mut child = Process::new(env!("CARGO_BIN_EXE_thinkaloud"))
            .env("THINKALOUD_HOME", home.path())
            .args(["history", "import"])
            .arg(&file)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        let found = document(home.path(), &["history", "--json"])["sessions"].as_array().unwrap().len();
        assert!(found == 0 || found == 4000, "{found} rows after {wait} ms");
        let database = Connection::open(home.path().join("history.db")).unwrap();
        let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        if found > 0 {
            break;
        }
    }
    assert!(killed > 0, "no kill came in time");
    thinkaloud(home.path()).args(["history", "import"]).arg(&file).assert().success();
    assert_eq!(document(home.path(), &["history", "--json"])["sessions"].as_array().unwrap().len(), 4000);
}

#[test]
fn a_history_that_may_not_be_written_can_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempdir().unwrap();
    let dates = days(5);
    let values: Vec<(&str, f64)> = dates.iter().map(|date| (date.as_str(), 40.0)).collect();
    imported(home.path(), &exported(&values, |_, _| {}));
    let allow = |folder: u32, file: u32| {
        fs::set_permissions(home.path().join("history.db"), fs::Permissions::from_mode(file)).unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(folder)).unwrap();
    };
    allow(0o555, 0o444);
    if tempfile::tempfile_in(home.path()).is_ok() {
        eprintln!("skipped: this user may write everywhere");
        allow(0o755, 0o644);
        return;
    }
    assert_eq!(document(home.path(), &["history", "--json"])["sessions"].as_array().unwrap().len(), 5);
    thinkaloud(home.path())
        .args(["goal", "set", "score.total", "80"])
        .assert()
        .code(3)
        .stderr(predicate::str::contains("may not be written"));
    allow(0o755, 0o644);
}

#[test]
fn what_is_exported_can_be_imported_elsewhere() {
    let home = tempdir().unwrap();
    let folder = tempdir().unwrap();
    let one = session(folder.path(), 1, "2026-01-05T10:00:00+01:00", &words(70.0));
    says(home.path(), &["analyze", one.to_str().unwrap(), "--tag", "solo"]);
    fs::write(one.join("transcript.json"), words(3.0)).unwrap();
    says(home.path(), &["analyze", one.to_str().unwrap()]);
    says(home.path(), &["goal", "set", "score.total", "80"]);
    let exported = says(home.path(), &["history", "export", "json"]);
    let other = tempdir().unwrap();
    imported(other.path(), &exported);
    assert_eq!(says(other.path(), &["history", "export", "json"]), exported);
    // CSV carries everything but the moments.
    let table = says(home.path(), &["history", "export", "csv"]);
    let third = tempdir().unwrap();
    let file = third.path().join("history.csv");
    fs::write(&file, &table).unwrap();
    thinkaloud(third.path()).args(["history", "import"]).arg(&file).assert().success().stderr("");
    assert_eq!(says(third.path(), &["history", "export", "csv"]), table);
}
