//! The recogniser as a user meets it: nothing invented, nothing lost when it is stopped, no favoured word unsaid.
#![cfg(feature = "whisper")]

mod fixture;

use std::f32::consts::TAU;
use std::fs;
use std::path::Path;

use fixture::{bare, json, model, shared, thinkaloud};
use serde_json::Value;
use thinkaloud::adapters::decode::{self, Block};

const RATE: usize = 16_000;
const SECONDS: usize = 90;

/// What `transcribe` heard in a file of 16 kHz.
fn heard(home: &Path, model: &Path, samples: &[f32]) -> Value {
    let path = home.join("audio.wav");
    let format = hound::WavSpec {
        channels: 1,
        sample_rate: RATE as u32,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(&path, format).unwrap();
    samples.iter().for_each(|sample| wav.write_sample((sample * 32_767.0) as i16).unwrap());
    wav.finalize().unwrap();
    transcribe(home, model, &path)
}

fn transcribe(home: &Path, model: &Path, audio: &Path) -> Value {
    let output = thinkaloud(home)
        .arg("transcribe")
        .arg(audio)
        .args(["--format", "json", "--model"])
        .arg(model)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every so many samples of a file, one channel, over and over for ninety seconds.
fn ninety_seconds(path: &Path) -> Vec<f32> {
    let mut samples = Vec::new();
    let mut rate = 0;
    decode::decode(path, None, &mut |block: Block| {
        rate = block.rate as usize;
        samples.extend(block.samples.iter().step_by(block.channels).copied());
        Ok(())
    })
    .unwrap();
    // Nearest samples are good enough for noise.
    let resampled: Vec<f32> =
        (0..samples.len() * RATE / rate).map(|index| samples[index * rate / RATE]).collect();
    resampled.into_iter().cycle().take(SECONDS * RATE).collect()
}

fn texts(document: &Value, key: &str) -> Vec<String> {
    let items = document[key].as_array().unwrap();
    items.iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn where_nobody_speaks_there_are_no_words() {
    let Some(model) = model() else { return };
    let home = tempfile::tempdir().unwrap();
    let all = SECONDS * RATE;
    // A fixed sequence that sounds like noise.
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let room: Vec<f32> = (0..all).map(|_| noise() * 0.004).collect();
    let hum = |index: usize| {
        let at = index as f32 / RATE as f32;
        0.05 * (TAU * 50.0 * at).sin() + 0.02 * (TAU * 150.0 * at).sin()
    };
    let mut sounds = vec![("silence", vec![0.0; all]), ("room", room), ("hum", (0..all).map(hum).collect())];
    for (name, file) in [
        ("rain", "audio/noise/rain.mp3"),
        ("typing", "audio/keyboard/mechvibes_cherrymx-brown-pbt.ogg"),
        ("chatter", "audio/noise/chatter.mp3"),
    ] {
        let Some(path) = shared(file) else { continue };
        sounds.push((name, ninety_seconds(&path)));
    }
    for (name, samples) in sounds {
        assert_eq!(texts(&heard(home.path(), &model, &samples), "words"), [""; 0], "{name}");
    }
}

#[test]
fn no_favoured_word_is_heard_that_was_not_said() {
    let Some(model) = model() else { return };
    let home = tempfile::tempdir().unwrap();
    for (file, said) in [
        (
            "audio/speech/librivox_sense_0870.wav",
            "and mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them",
        ),
        (
            "audio/speech/jfk_16k_mono.wav",
            "and so my fellow americans ask not what your country can do for you ask what you can do for your country",
        ),
        (
            "audio/speech/LJ050-0131.wav",
            "unless a system is established for the frequent formal review of activities thereunder in this regard",
        ),
    ] {
        let Some(path) = shared(file) else { return };
        let words = bare(&texts(&transcribe(home.path(), &model, &path), "words").join(" "));
        assert!(words.len() >= 12, "{words:?}");
        let lexicon = fs::read_to_string(fixture::project("rubrics/lexicon.toml")).unwrap();
        let lexicon: toml::Table = toml::from_str(&lexicon).unwrap();
        let favoured: Vec<&str> = lexicon["favoured"]["words"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|word| word.as_str())
            .collect();
        let leaked: Vec<&String> = words
            .iter()
            .filter(|word| favoured.contains(&word.as_str()) && !bare(said).contains(word))
            .collect();
        assert!(leaked.is_empty(), "{leaked:?} in {words:?}");
    }
}

/// Ctrl-C keeps what is finished, and the next run goes on from there to the same words.
#[cfg(all(unix, feature = "opus"))]
#[test]
fn a_stopped_transcription_goes_on_where_it_was() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let Some(model) = model() else { return };
    let home = tempfile::tempdir().unwrap();
    let audio = fixture::project("samples/rate-limiter/audio/000.opus");
    let folder = home.path().join("transcripts");
    let partial = || {
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "partial"))
    };
    let lines = || partial().map_or(0, |path| fs::read_to_string(path).unwrap_or_default().lines().count());

    let mut running = Command::new(env!("CARGO_BIN_EXE_thinkaloud"))
        .args(["transcribe", "--format", "json", "--model"])
        .args([&model, &audio])
        .env("THINKALOUD_HOME", home.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    // A head and two windows.
    while lines() < 3 && running.try_wait().unwrap().is_none() {
        assert!(started.elapsed() < Duration::from_secs(300), "nothing was heard in five minutes");
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = i32::try_from(running.id()).unwrap();
    // SAFETY: a signal to a child that has not been waited for.
    unsafe { libc::kill(pid, libc::SIGINT) };
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("the same command goes on from there"), "{said}");
    assert_eq!(output.stdout, b"");
    let kept = lines();
    assert!(kept >= 3);

    // The kept windows are taken as they are: a word put into one of them is in the result.
    let path = partial().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let mut windows: Vec<Value> =
        text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    windows[0]["words"][0]["text"] = "Marked".into();
    let first: Vec<String> = std::iter::once(text.lines().next().unwrap().to_owned())
        .chain(windows.iter().map(Value::to_string))
        .collect();
    fs::write(&path, first.join("\n") + "\n").unwrap();
    let words = texts(&transcribe(home.path(), &model, &audio), "words");
    assert_eq!(words.iter().filter(|word| *word == "Marked").count(), 1);
    assert!(words.len() > 850, "{}", words.len());
    assert!(partial().is_none());
    let cached = fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()).next().unwrap();
    assert_eq!(json(&cached)["words"].as_array().unwrap().len(), words.len());
}

#[test]
fn the_report_puts_mishearings_right_and_shows_what_was_heard() {
    let home = tempfile::tempdir().unwrap();
    let words = home.path().join("words.json");
    let said = serde_json::json!({"duration": 60.0, "language": "en", "utterances": [
        {"start": 1.0, "end": 4.0, "text": "So the lookup is all of n in the worst case."},
        {"start": 5.0, "end": 7.0, "text": "Now I sort the list."},
    ]});
    fs::write(&words, said.to_string()).unwrap();
    let out = home.path().join("report");
    thinkaloud(home.path())
        .arg("analyze")
        .arg("--transcript")
        .arg(&words)
        .arg("--out")
        .arg(&out)
        .assert()
        .success();
    let report = json(&out.join("report.json"));
    let said = &report["utterances"][0];
    assert_eq!(said["text"], "So the lookup is O(n) in the worst case.");
    assert_eq!(said["heard"], "So the lookup is all of n in the worst case.");
    assert_eq!(report["utterances"][1].get("heard"), None);
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("heard as “all of n”"));
}
