//! `thinkaloud analyze` on good and bad input.

mod fixture;

use std::fs;

use fixture::{json, metric, shared, thinkaloud};
use predicates::prelude::*;
use tempfile::tempdir;

/// One line on standard error that says so, and the exit code.
fn refused(arguments: &[&str], code: i32, says: &str) {
    let home = tempdir().unwrap();
    thinkaloud(home.path())
        .current_dir(home.path())
        .args(arguments)
        .assert()
        .code(code)
        .stdout("")
        .stderr(predicate::str::contains(says))
        .stderr(predicate::function(|text: &str| text.trim_end().lines().count() == 1));
}

#[test]
fn bad_input_is_told_in_a_line() {
    let folder = tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let text = put("talk.wav", b"this is a text file, whatever its name says\n");
    let empty = put("empty.wav", b"");
    let words = put("words.json", b"{\"words\": [{\"start\": 0}]}");
    let here = folder.path().display().to_string();
    refused(&["analyze", "--audio", &text], 2, "talk.wav: this is not an audio file");
    refused(&["analyze", "--audio", &empty], 2, "empty.wav: the file is empty");
    refused(&["analyze", "--audio", "nowhere.wav"], 2, "nowhere.wav: No such file");
    refused(&["analyze", &here], 2, "no session.json in it");
    refused(&["analyze", "--transcript", &words], 2, "words.json: not a transcript");
    refused(
        &["analyze", "--transcript", &words, "--profile", "live-99"],
        2,
        "no stage plan is named live-99",
    );
    refused(&["analyze", "--audio", &text, "--loud"], 2, "unexpected argument '--loud'");
    refused(&["analyze"], 2, "required arguments were not provided");
}

#[cfg(feature = "whisper")]
#[test]
fn a_missing_or_wrong_model_is_told_in_a_line() {
    let folder = tempdir().unwrap();
    let audio = folder.path().join("tone.wav");
    tone(&audio, 16_000, 1.0);
    let audio = audio.display().to_string();
    let page = folder.path().join("page.bin");
    fs::write(&page, "<!doctype html><html>not found</html>").unwrap();
    let page = page.display().to_string();
    refused(&["analyze", "--audio", &audio], 3, "run `thinkaloud models pull tiny.en`");
    refused(&["analyze", "--audio", &audio, "--model", "huge"], 2, "there is no model named \"huge\"");
    refused(&["analyze", "--audio", &audio, "--model", "/no/such/ggml.bin"], 2, "/no/such/ggml.bin");
    refused(&["analyze", "--audio", &audio, "--model", &page], 2, "page.bin is not a ggml Whisper model");
}

#[cfg(not(feature = "whisper"))]
#[test]
fn without_a_recogniser_the_way_out_is_named() {
    let folder = tempdir().unwrap();
    let audio = folder.path().join("tone.wav");
    tone(&audio, 16_000, 1.0);
    refused(&["analyze", "--audio", &audio.display().to_string()], 3, "--transcript FILE");
}

/// A tone: sound, but no speech.
fn tone(path: &std::path::Path, rate: u32, seconds: f64) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for index in 0..(f64::from(rate) * seconds) as u32 {
        let value = (f64::from(index) / f64::from(rate) * 440.0 * std::f64::consts::TAU).sin();
        writer.write_sample((value * 3000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

#[test]
fn a_recording_without_speech_is_not_scored() {
    let folder = tempdir().unwrap();
    let (audio, words, out) =
        (folder.path().join("tone.wav"), folder.path().join("words.json"), folder.path().join("out"));
    tone(&audio, 44_100, 200.0);
    fs::write(&words, "{\"words\": []}").unwrap();
    thinkaloud(folder.path())
        .args(["analyze", "--audio"])
        .arg(&audio)
        .arg("--transcript")
        .arg(&words)
        .arg("--out")
        .arg(&out)
        .assert()
        .success()
        .stdout(predicate::str::contains("No speech was heard at all"));
    let report = json(&out.join("report.json"));
    assert_eq!(report["duration"], 200.0);
    assert!(report["scores"]["total"].is_null());
    assert!(report["findings"].as_array().unwrap().is_empty());
}

#[test]
fn a_transcript_alone_is_enough() {
    let folder = tempdir().unwrap();
    let words = folder.path().join("words.json");
    let said = |start: f64, text: &str| serde_json::json!({"start": start, "end": start + 5.0, "text": text});
    let mut utterances: Vec<_> = (0..30)
        .map(|index| {
            said(f64::from(index) * 6.0, "So I keep a second map so that remove stays constant time.")
        })
        .collect();
    utterances.push(said(250.0, "And that is it."));
    fs::write(&words, serde_json::json!({ "utterances": utterances }).to_string()).unwrap();
    let analyze = |more: &[&str]| {
        let mut command = thinkaloud(folder.path());
        command.current_dir(folder.path()).args(["analyze", "--transcript", "words.json"]).args(more);
        command
    };
    let output = analyze(&["--json"]).assert().success();
    let report: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(report, json(&folder.path().join("words-report/report.json")));
    assert_eq!(metric(&report, "silence.gaps_over_60s"), Some(1.0));
    assert_eq!(report["gaps"].as_array().unwrap().last().unwrap()["seconds"], 71.0);
    // Without audio the silence is only read from word times.
    let silence =
        report["metrics"].as_array().unwrap().iter().find(|m| m["id"] == "silence.longest").unwrap();
    assert_eq!(silence["confidence"], 0.5);
    analyze(&["--fail-under", "101"]).assert().code(1);
    analyze(&["--fail-under", "1"]).assert().success();
}

#[test]
fn a_transcript_without_times_or_in_another_language_is_judged_as_far_as_it_goes() {
    let folder = tempdir().unwrap();
    let said = |text: &str| serde_json::json!({ "text": text });
    let mut utterances = vec![said("Can I assume that the input is sorted?")];
    utterances.resize(21, said("So I keep a second map so that a lookup is cheap."));
    let report = |language: &str| {
        let transcript = serde_json::json!({ "language": language, "utterances": utterances });
        fs::write(folder.path().join("words.json"), transcript.to_string()).unwrap();
        let mut command = thinkaloud(folder.path());
        command.current_dir(folder.path()).args(["analyze", "--transcript", "words.json", "--json"]);
        let output = command.assert().success();
        serde_json::from_slice::<serde_json::Value>(&output.get_output().stdout).unwrap()
    };
    let english = report("en");
    assert_eq!(metric(&english, "clarify.questions"), Some(1.0));
    assert_eq!(metric(&english, "narration.intent_share"), Some(1.0));
    assert_eq!(metric(&english, "silence.longest"), None);
    let german = report("de");
    assert_eq!(metric(&german, "narration.intent_share"), None);
    let text = german["metrics"].to_string();
    assert!(text.contains("there are no label files for this language"), "{text}");
}

#[test]
fn text_from_outside_stays_text() {
    let folder = tempdir().unwrap();
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u{202e}\u{0}|`*";
    let put = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put(
        "session.json",
        serde_json::json!({"format": 1, "id": "019ab000-0000-7000-8000-000000000000", "title": hostile})
            .to_string(),
    );
    put(
        "events.jsonl",
        serde_json::json!({"at": 0.0, "kind": "stage", "stage": hostile}).to_string()
            + "\n"
            + &serde_json::json!({"at": 5.0, "kind": "run", "command": hostile, "exit_code": 1, "seconds": 1.0})
                .to_string(),
    );
    put(
        "edits.jsonl",
        serde_json::json!({"at": 2.0, "path": hostile, "kind": "create", "cause": "typing",
            "hunks": [{"line": 1, "added": [hostile, "x".repeat(100_000)]}]})
        .to_string(),
    );
    let said = serde_json::json!({"start": 1.0, "end": 9.0, "text": hostile});
    put("transcript.json", serde_json::json!({"utterances": [said]}).to_string());
    thinkaloud(folder.path())
        .arg("analyze")
        .arg(folder.path())
        .assert()
        .success()
        .stdout(predicate::str::contains("\u{0}").not());
    for name in ["report.html", "charts/timeline.svg"] {
        let text = fs::read_to_string(folder.path().join("report").join(name)).unwrap();
        assert!(!text.contains("<script>alert") && !text.contains("<img"), "{name}");
        // The page's own: its data and its script.
        let own = if name.ends_with("html") { 2 } else { 0 };
        assert_eq!(text.matches("<script").count(), own, "{name}");
    }
}

#[cfg(feature = "whisper")]
#[test]
fn a_president_is_heard() {
    let (Some(model), Some(audio)) = (fixture::model(), shared("audio/speech/jfk_16k_mono.wav")) else {
        return;
    };
    let folder = tempdir().unwrap();
    let output = thinkaloud(folder.path())
        .current_dir(folder.path())
        .args(["analyze", "--audio"])
        .arg(audio)
        .arg("--model")
        .arg(model)
        .assert()
        .success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let words = fixture::bare(&text).join(" ");
    assert!(
        words.contains("ask not what your country can do for you ask what you can do for your country"),
        "{text}"
    );
}

#[test]
fn no_file_of_others_brings_the_program_down() {
    let Some(folder) = shared("cases/audio") else { return };
    let home = tempdir().unwrap();
    let mut count = 0;
    let malformed = shared("audio/malformed_wav").unwrap_or_else(|| folder.clone());
    for entry in fs::read_dir(folder).unwrap().chain(fs::read_dir(malformed).unwrap()) {
        let path = entry.unwrap().path();
        let output = thinkaloud(home.path()).args(["silence", "--json"]).arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            matches!(output.status.code(), Some(0 | 2)),
            "{}: {:?} {said}",
            path.display(),
            output.status
        );
        assert!(!said.contains("panicked"), "{}: {said}", path.display());
        count += 1;
    }
    assert!(count > 100, "{count}");
}
