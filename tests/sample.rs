//! The sample session against its truth, `samples/rate-limiter/script.toml`.
#![cfg(feature = "opus")]

mod fixture;

use std::fs;
use std::sync::LazyLock;

use fixture::{Truth, json, metric, sample, thinkaloud};
use serde_json::Value;
use tempfile::TempDir;

/// The sample analysed once with its true words (no model is needed): its folder and its report.
static REPLAYED: LazyLock<(TempDir, Value)> = LazyLock::new(|| {
    let session = sample();
    let words = session.path().join("words.json");
    fs::write(&words, Truth::read().transcript().to_string()).unwrap();
    thinkaloud(session.path())
        .arg("analyze")
        .arg(session.path())
        .arg("--transcript")
        .arg(&words)
        .assert()
        .success();
    let report = json(&session.path().join("report/report.json"));
    (session, report)
});

#[test]
fn silences_are_found_where_they_are() {
    let truth = Truth::read();
    let report = &REPLAYED.1;
    let long: Vec<&Value> = report["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|gap| gap["seconds"].as_f64().unwrap() > 50.0)
        .collect();
    assert_eq!(long.len(), 2, "{long:?}");
    for (found, seconds, edited) in [(long[0], 57.0, true), (long[1], 64.0, false)] {
        let gap = truth.gap(seconds);
        for (edge, at) in [("start", gap.start), ("end", gap.end)] {
            assert!((found[edge].as_f64().unwrap() - at).abs() < 0.3, "{edge} of {seconds} s: {found}");
        }
        assert_eq!(found["announced"], false);
        assert_eq!(!found["edited"].as_array().unwrap().is_empty(), edited);
    }
    assert_eq!(metric(report, "silence.gaps_over_60s"), Some(1.0));
    let findings = report["findings"].as_array().unwrap();
    let silences: Vec<&Value> = findings.iter().filter(|finding| finding["rule"] == "long-silence").collect();
    assert_eq!(silences.len(), 1);
    let announced = truth.gap(22.0);
    let gaps = report["gaps"].as_array().unwrap();
    let found =
        gaps.iter().find(|gap| (gap["start"].as_f64().unwrap() - announced.start).abs() < 0.5).unwrap();
    assert_eq!(found["announced"], true);
}

#[test]
fn edits_are_replayed_and_explained_as_the_script_says() {
    let report = &REPLAYED.1;
    let episodes = report["episodes"].as_array().unwrap();
    assert_eq!(episodes.len(), 20);
    // The silent typing of the 57 s pause: three methods.
    assert_eq!(metric(report, "edits.silent"), Some(3.0));
    let silent: Vec<&Value> = episodes.iter().filter(|episode| episode["silent"] == true).collect();
    assert!(
        silent.iter().all(|e| e["start"].as_f64().unwrap() > 279.0 && e["end"].as_f64().unwrap() < 306.0)
    );
    let symbols: Vec<&str> = silent.iter().map(|e| e["symbols"][0].as_str().unwrap()).collect();
    assert_eq!(symbols, ["take", "wait", "retry_after"]);
    assert_eq!(metric(report, "working.at").map(|minutes| (minutes * 60.0).round()), Some(498.0));
    assert!(metric(report, "edits.explained").unwrap() > 0.4);
}

#[test]
fn every_edit_leaves_the_text_that_its_hash_names() {
    use sha2::{Digest, Sha256};
    let stored = thinkaloud::adapters::store::open(&fixture::project("samples/rate-limiter")).unwrap();
    assert_eq!(stored.problems, Vec::<String>::new());
    assert_eq!(stored.code.edits.len(), Truth::read().edit.len());
    stored.code.walk(|edit, files| {
        let text: String = files[&edit.path].iter().map(|line| format!("{line}\n")).collect();
        let hash: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, edit.hash, "{} at {}", edit.path, edit.at);
    });
}

#[test]
fn labels_agree_with_the_script_on_the_whole() {
    let truth = Truth::read();
    let report = &REPLAYED.1;
    // Two were asked. How often labels are right is judged by `rubric label` on many sessions.
    assert!((2.0..=3.0).contains(&metric(report, "clarify.questions").unwrap()));
    assert_eq!(metric(report, "narration.syntax_runs").map(|runs| runs >= 1.0), Some(true));
    assert!((1.0..=2.0).contains(&metric(report, "tradeoff.count").unwrap()));
    let share =
        |label: &str| truth.say.iter().filter(|say| say.labels.iter().any(|l| l == label)).count() as f64;
    let true_share = share("intent") / (share("intent") + share("syntax"));
    assert!((metric(report, "narration.intent_share").unwrap() - true_share).abs() < 0.25);
}

#[test]
fn every_form_of_the_report_is_written() {
    let session = &REPLAYED.0;
    let read = |name: &str| fs::read_to_string(session.path().join("report").join(name)).unwrap();
    let page = read("report.html");
    // The sound is inside, as Opus in Ogg.
    assert!(page.contains("id=\"sound\">T2dnUw"));
    assert!(page.contains("over 60 s") && page.contains("test_rate_limiter.py"));
    assert!(
        !page.contains("http://")
            || page.matches("http://").count() == page.matches("http://www.w3.org").count()
    );
    assert!(read("report.md").contains("| silence.gaps_over_60s | 1 |"));
    for chart in ["timeline", "scores", "stages"] {
        let svg = read(&format!("charts/{chart}.svg"));
        assert!(svg.starts_with("<svg") && !svg.contains("NaN") && !svg.contains("inf"));
    }
}

#[cfg(feature = "whisper")]
#[test]
fn recognised_words_and_their_times() {
    let Some(model) = fixture::model() else { return };
    let truth = Truth::read();
    let session = sample();
    let analyze = || {
        let mut command = thinkaloud(session.path());
        command.arg("analyze").arg(session.path()).arg("--model").arg(&model);
        command
    };
    analyze().assert().success();
    let path = session.path().join("transcript.json");
    let transcript = json(&path);
    let words = transcript["words"].as_array().unwrap();
    let heard: Vec<&str> = words.iter().map(|word| word["text"].as_str().unwrap()).collect();
    let errors = fixture::word_error_rate(&truth.text(), &heard.join(" "));
    assert!(errors <= 0.12, "word error rate {errors}");
    let mut late: Vec<f64> = onsets(&truth, words).into_iter().map(f64::abs).collect();
    late.sort_by(f64::total_cmp);
    assert!(late.len() > 800, "{}", late.len());
    assert!(late[late.len() / 2] <= 0.08, "median {}", late[late.len() / 2]);
    assert!(late[late.len() * 95 / 100] <= 0.25, "p95 {}", late[late.len() * 95 / 100]);
    assert!(words.windows(2).all(|pair| pair[0]["end"].as_f64() <= pair[1]["start"].as_f64()));

    // The second time the words come from the file.
    let mut marked = transcript.clone();
    marked["words"].as_array_mut().unwrap().truncate(3);
    fs::write(&path, marked.to_string()).unwrap();
    analyze().assert().success();
    assert_eq!(json(&path)["words"].as_array().unwrap().len(), 3);
}

/// How late each rightly heard word begins, in seconds.
#[cfg(feature = "whisper")]
fn onsets(truth: &Truth, heard: &[Value]) -> Vec<f64> {
    let first = |text: &str| fixture::bare(text).into_iter().next().unwrap_or_default();
    let said: Vec<(String, f64)> =
        truth.say.iter().flat_map(|say| &say.words).map(|(text, start, _)| (first(text), *start)).collect();
    let heard: Vec<(String, f64)> = heard
        .iter()
        .map(|word| (first(word["text"].as_str().unwrap()), word["start"].as_f64().unwrap()))
        .collect();
    let old: Vec<&str> = said.iter().map(|(text, _)| text.as_str()).collect();
    let new: Vec<&str> = heard.iter().map(|(text, _)| text.as_str()).collect();
    similar::TextDiff::from_slices(&old, &new)
        .iter_all_changes()
        .filter_map(|change| Some(heard[change.new_index()?].1 - said[change.old_index()?].1))
        .collect()
}
