//! Sources that are not as they were: suspended, unplugged, with two channels.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use thinkaloud::session::{Event, EventKind};

use crate::studio::{Studio, end, find, lines, samples, seconds_recorded, sleep};

fn pactl(studio: &Studio, arguments: &[&str]) -> String {
    let output = studio.command("pactl").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A source of another name beside the usual one, whose sound is what is played into `sink`; gives the module.
fn another_source(studio: &Studio, sink: &str, channels: u16) -> (String, Child) {
    let name = format!("sink_name={sink}");
    let shown = format!("sink_properties=device.description={sink}");
    let channels = format!("channels={channels}");
    let module = pactl(studio, &["load-module", "module-null-sink", &name, &shown, "rate=48000", &channels]);
    pactl(studio, &["set-default-source", &format!("{sink}.monitor")]);
    // The sink sleeps while nobody plays, and its source with it.
    let nothing = ["--latency-msec=200", "--rate=48000", "--channels=1", "--format=s16le", "/dev/zero"];
    let player = studio.command("pacat").arg(format!("--device={sink}")).args(nothing).spawn().unwrap();
    (module, player)
}

fn silence(mut player: Child) {
    let _ = player.kill();
    let _ = player.wait();
}

fn events(session: &Path) -> Vec<EventKind> {
    lines::<Event>(&session.join("events.jsonl")).into_iter().map(|event| event.kind).collect()
}

fn lost_seconds(events: &[EventKind]) -> f64 {
    let lost = |event: &EventKind| match event {
        EventKind::LostAudio { seconds } => Some(*seconds),
        _ => None,
    };
    events.iter().filter_map(lost).sum()
}

/// Noise, the same for each channel number: unlike any other channel's.
fn noise(channel: usize, seconds: usize) -> Vec<f32> {
    let mut state = 12_345_u32 + 777 * channel as u32;
    let mut low = 0.0;
    (0..16_000 * seconds)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            low += ((state >> 8) as f32 / (1 << 23) as f32 - 1.0 - low) * 0.2;
            low * 0.6
        })
        .collect()
}

fn write_wav(path: &Path, channels: &[Vec<f32>]) {
    let spec = hound::WavSpec {
        channels: channels.len() as u16,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    for index in 0..channels[0].len() {
        for channel in channels {
            wav.write_sample((channel[index] * 32_767.0) as i16).unwrap();
        }
    }
    wav.finalize().unwrap();
}

fn one_channel(path: &Path, channel: usize, into: &Path) -> PathBuf {
    let mut wav = hound::WavReader::open(path).unwrap();
    let spec = hound::WavSpec { channels: 1, ..wav.spec() };
    let count = usize::from(wav.spec().channels);
    let file = into.join(format!("channel-{channel}.wav"));
    let mut out = hound::WavWriter::create(&file, spec).unwrap();
    wav.samples::<i16>().skip(channel).step_by(count).for_each(|s| out.write_sample(s.unwrap()).unwrap());
    out.finalize().unwrap();
    file
}

#[test]
fn a_suspended_source_leaves_marked_silence() {
    let Some(studio) = Studio::open() else { return };
    let session = studio.folder.path().join("session");
    let child = studio.record(&session, &[]);
    sleep(2.0);
    pactl(&studio, &["suspend-source", "vmic", "1"]);
    sleep(4.0);
    pactl(&studio, &["suspend-source", "vmic", "0"]);
    sleep(4.0);
    let (code, said) = end(child, "-INT");
    assert_eq!(code, Some(0), "{said}");
    let events = events(&session);
    let lost = lost_seconds(&events);
    assert!((3.0..6.0).contains(&lost), "{events:?}");
    assert!(events.iter().any(|event| matches!(event, EventKind::DeviceLost { .. })), "{events:?}");
    assert!(events.iter().any(|event| matches!(event, EventKind::DeviceBack { .. })), "{events:?}");
    let recorded = seconds_recorded(&session);
    assert!((9.0..12.5).contains(&recorded), "{recorded}");
}

/// The server moves the stream to another source then, without a word.
#[test]
fn a_source_that_is_unplugged_is_told_and_followed_by_another() {
    let Some(studio) = Studio::open() else { return };
    let (module, player) = another_source(&studio, "headset", 1);
    let session = studio.folder.path().join("session");
    let child = studio.record(&session, &[]);
    sleep(2.0);
    pactl(&studio, &["unload-module", &module]);
    sleep(6.0);
    let (code, said) = end(child, "-INT");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("is gone: the sound comes from"), "{said}");
    silence(player);
    let events = events(&session);
    let text = |event: &EventKind| match event {
        EventKind::DeviceLost { text } => Some(format!("lost: {text}")),
        EventKind::DeviceBack { text } => Some(format!("back: {text}")),
        _ => None,
    };
    let told: Vec<String> = events.iter().filter_map(text).collect();
    assert!(told.len() == 2 && told[0].starts_with("lost: ") && told[0].ends_with(" is gone"), "{told:?}");
    assert!(told[1].starts_with("back: ") && told[1].len() > 6, "{told:?}");
    assert!(!told[1].contains(told[0].trim_start_matches("lost: ").trim_end_matches(" is gone")), "{told:?}");
}

#[test]
fn two_channels_are_kept_apart() {
    let Some(studio) = Studio::open() else { return };
    let (_, player) = another_source(&studio, "pair", 2);
    let sides = [noise(0, 4), noise(1, 4)];
    let file = studio.folder.path().join("sides.wav");
    write_wav(&file, &sides);
    let session = studio.folder.path().join("session");
    let child = studio.record(&session, &["--channels", "stereo"]);
    sleep(1.0);
    let mut play = studio.command("paplay");
    let played = play.args(["--device=pair", "--latency-msec=200"]).arg(&file).stderr(Stdio::null()).status();
    assert!(played.unwrap().success());
    sleep(1.0);
    let (code, said) = end(child, "-INT");
    assert_eq!(code, Some(0), "{said}");
    silence(player);
    let part = session.join("audio/000.wav");
    for (channel, side) in sides.iter().enumerate() {
        let recorded = samples(&one_channel(&part, channel, studio.folder.path()));
        let (_, same) = find(side, &recorded);
        let (_, other) = find(&sides[1 - channel], &recorded);
        assert!(same > 0.95 && other < 0.2, "channel {channel}: {same} {other}");
    }
}
