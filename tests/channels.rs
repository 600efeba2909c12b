//! Two people on two channels, from the file to the report. The voices are those of the sample session: one as it is,
//! one played faster, so that it is another's.
#![cfg(feature = "opus")]

mod fixture;

use std::fs;
use std::path::Path;

use fixture::{Truth, project, thinkaloud};
use serde_json::Value;
use tempfile::{TempDir, tempdir};
use thinkaloud::adapters::decode;

const RATE: usize = 48_000;
/// Length of the recordings, in seconds.
const SECONDS: usize = 200;

/// The sample's sound from one second to another.
fn sample(from: f64, to: f64) -> Vec<f32> {
    let mut all = Vec::new();
    let end = (to * RATE as f64) as usize;
    // Nobody wants to hear more than that; the reader is stopped by an error.
    let _ = decode::decode(&project("samples/rate-limiter/audio/000.opus"), None, &mut |block| {
        assert_eq!((block.rate as usize, block.channels), (RATE, 1));
        all.extend_from_slice(block.samples);
        if all.len() > end { Err(std::io::Error::other("enough")) } else { Ok(()) }
    });
    all[(from * RATE as f64) as usize..end.min(all.len())].to_vec()
}

/// Who says what when: start on the new time line, and the utterance of the sample.
struct Talk {
    /// Candidate, interviewer.
    voices: [Vec<f32>; 2],
    /// Seconds of speech by the script.
    spoken: [f64; 2],
    /// The words of all, in order, with nobody's name.
    words: Value,
    said: [usize; 2],
}

/// Two in five of the sample's utterances are the interviewer's, a quarter faster; they follow at 0.6 s.
fn talk() -> Talk {
    let says: Vec<_> = Truth::read().say.into_iter().filter(|say| say.end < 330.0).collect();
    let sound = sample(0.0, 332.0);
    let mut voices = [vec![0.0; SECONDS * RATE], vec![0.0; SECONDS * RATE]];
    let (mut spoken, mut said, mut words) = ([0.0; 2], [0; 2], Vec::new());
    let mut at = 1.0;
    for (index, say) in says.iter().enumerate() {
        let who = usize::from(index % 5 % 2 == 1);
        let speed = if who == 1 { 1.25 } else { 1.0 };
        let length = (say.end - say.start) / speed;
        if at + length > SECONDS as f64 - 1.0 {
            break;
        }
        for frame in 0..(length * RATE as f64) as usize {
            let from = (say.start * RATE as f64) as usize + (frame as f64 * speed) as usize;
            voices[who][(at * RATE as f64) as usize + frame] = sound[from];
        }
        for (text, start, end) in &say.words {
            let time = |time: f64| at + (time - say.start) / speed;
            words.push(serde_json::json!({"start": time(*start), "end": time(*end), "text": text}));
        }
        said[who] += say.words.len();
        spoken[who] += length;
        at += length + 0.6;
    }
    Talk { voices, spoken, words: serde_json::json!({"words": words}), said }
}

/// Sixteen bits, with a little noise of its own on each channel.
fn write(path: &Path, channels: [&[f32]; 2]) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: RATE as u32,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let mut state = 1_u32;
    for (left, right) in channels[0].iter().zip(channels[1]) {
        for sample in [left, right] {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 16) as f32 / 65_536.0 * 16.0 - 8.0;
            writer.write_sample((sample * 30_000.0 + noise) as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
}

/// Both channels, each with some of the other 12 ms later.
fn with_bleed(voices: &[Vec<f32>; 2], gain: f32) -> [Vec<f32>; 2] {
    [0, 1].map(|own: usize| {
        let late = RATE * 12 / 1000;
        let other = &voices[1 - own];
        let bleed = std::iter::repeat_n(&0.0, late).chain(other);
        voices[own].iter().zip(bleed).map(|(own, other)| own + gain * other).collect()
    })
}

fn silence(folder: &TempDir, more: &[&str]) -> (Value, String) {
    let mut command = thinkaloud(folder.path());
    let output = command.args(["silence", "--json"]).arg(folder.path().join("talk.wav")).args(more);
    let output = output.assert().success().get_output().clone();
    (serde_json::from_slice(&output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn seconds(spans: &Value) -> f64 {
    let length = |span: &Value| span["end"].as_f64().unwrap() - span["start"].as_f64().unwrap();
    spans.as_array().unwrap().iter().map(length).sum()
}

#[test]
fn two_people_are_two_from_the_file_to_the_report() {
    let talk = talk();
    let folder = tempdir().unwrap();
    // The interviewer is on the left, and each hears the other at -12 dB.
    let [candidate, interviewer] = with_bleed(&talk.voices, 0.25);
    write(&folder.path().join("talk.wav"), [&interviewer, &candidate]);

    let (document, told) = silence(&folder, &[]);
    assert!(told.contains("the right") && told.contains("--candidate left"), "{told}");
    let found = [0, 1].map(|who: usize| seconds(&document["speakers"][who]["speech"]));
    // The script's utterances hold short pauses that the detector sees, so its seconds are a ceiling.
    for who in [0, 1] {
        let share = found[who] / talk.spoken[who];
        assert!((0.75..1.02).contains(&share), "{who}: {found:?} of {:?}", talk.spoken);
    }
    assert!(document["speakers"][0]["confidence"].as_f64().unwrap() > 0.6);

    // What somebody says outweighs who talks more.
    let (turned, told) = silence(&folder, &["--candidate", "left"]);
    assert_eq!(told, "");
    assert_eq!(turned["speakers"][1]["speech"], document["speakers"][0]["speech"]);
    assert_eq!(turned["speech"], document["speech"]);

    fs::write(folder.path().join("words.json"), talk.words.to_string()).unwrap();
    let analyze = |input: &[&str]| -> Value {
        let mut command = thinkaloud(folder.path());
        command.current_dir(folder.path()).arg("analyze").args(input);
        let output = command.args(["--json", "--transcript", "words.json"]).assert().success();
        serde_json::from_slice(&output.get_output().stdout).unwrap()
    };
    let said = |report: &Value, who: &str| -> usize {
        let all = report["utterances"].as_array().unwrap().iter();
        let own = all.filter(|said| said["speaker"] == who);
        own.map(|said| said["text"].as_str().unwrap().split_whitespace().count()).sum()
    };
    let report = analyze(&["--audio", "talk.wav"]);
    let heard = ["candidate", "interviewer"].map(|who| said(&report, who));
    for who in [0, 1] {
        let off = heard[who].abs_diff(talk.said[who]) as f64 / talk.said[who] as f64;
        assert!(off < 0.03, "{heard:?} of {:?}", talk.said);
    }
    let of = |id: &str| report["metrics"].as_array().unwrap().iter().find(|m| m["id"] == id).unwrap().clone();
    let share = |id: &str| of(id)["value"].as_f64().unwrap();
    assert!(share("talk.ratio") > 1.3 * share("talk.interviewer") && share("talk.interviewer") > 0.1);
    let sure = report["speakers"][0]["confidence"].as_f64().unwrap();
    // Who talks more is only a guess, and everything that rests on it says so.
    assert!(sure < 1.0, "{sure}");
    assert_eq!(of("talk.ratio")["confidence"].as_f64(), Some(sure));
    assert_eq!(of("silence.longest")["confidence"], 1.0);

    // A recording of two people needs no flag, and is sure of who is who.
    let session = folder.path().join("session");
    fs::create_dir_all(session.join("audio")).unwrap();
    fs::rename(folder.path().join("talk.wav"), session.join("audio/000.wav")).unwrap();
    let manifest = serde_json::json!({"format": 1, "id": "019ab000-0000-7000-8000-000000000000",
        "speakers": [{"channel": 0, "role": "interviewer"}, {"channel": 1, "role": "candidate"}]});
    fs::write(session.join("session.json"), manifest.to_string()).unwrap();
    let recorded = analyze(&["session"]);
    assert_eq!(recorded["speakers"][0]["confidence"], 1.0);
    assert_eq!(recorded["session"]["problems"], serde_json::json!([]));
    assert_eq!(said(&recorded, "interviewer"), heard[1]);
}

#[test]
fn one_voice_is_one_however_it_lies_on_the_channels() {
    let voice = sample(0.0, 60.0);
    let nothing = vec![0.0; voice.len()];
    let inverted: Vec<f32> = voice.iter().map(|sample| -sample).collect();
    let late: Vec<f32> =
        std::iter::repeat_n(0.0, 40).chain(voice.iter().map(|sample| 0.7 * sample)).collect();
    let folder = tempdir().unwrap();
    let hear = |left: &[f32], right: &[f32]| {
        write(&folder.path().join("talk.wav"), [left, right]);
        let (document, told) = silence(&folder, &[]);
        assert!(document["speakers"].is_null(), "{told}");
        (seconds(&document["speech"]), told)
    };
    let (alone, told) = hear(&voice, &voice);
    assert_eq!(told, "");
    assert!(alone > 20.0, "{alone}");
    let same = |(heard, told): (f64, String), says: &str| {
        assert!((heard - alone).abs() < 0.05 * alone, "{heard} of {alone}");
        assert!(if says.is_empty() { told.is_empty() } else { told.contains(says) }, "{told}");
    };
    same(hear(&voice, &inverted), "turned over");
    same(hear(&voice, &nothing), "only the left channel holds speech");
    same(hear(&nothing, &voice), "only the right channel holds speech");
    same(hear(&voice, &late), "");
}
