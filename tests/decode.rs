//! What comes out of every recording: as long and as loud as it should be, or one clear error.
//!
//! The table `decode.csv` holds what other readers (ffmpeg 5.1, and plain arithmetic where that misreads) get.

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use thinkaloud::adapters::decode::{DecodeError, Decoded, decode};

use fixture::shared;

/// Levels may differ by this part: decoders of lossy formats round in their own ways.
const LEVEL: f64 = 0.01;
/// And by so much at the end of a lossy format, where decoders keep more or less of the last frame.
const LEVEL_LOSSY: f64 = 0.02;

struct Heard {
    decoded: Decoded,
    seconds: f64,
    rms: f64,
    peak: f64,
    samples: Vec<f32>,
}

fn hear(path: &Path, track: Option<usize>) -> Result<Heard, DecodeError> {
    let mut samples = Vec::new();
    let decoded = decode(path, track, &mut |block| {
        assert!(matches!(block.channels, 1 | 2) && block.samples.len() % block.channels == 0);
        assert!(block.samples.iter().all(|sample| sample.is_finite()));
        samples.extend_from_slice(block.samples);
        Ok(())
    })?;
    assert_eq!(samples.len() as u64, decoded.frames * decoded.channels as u64);
    let square: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    Ok(Heard {
        seconds: decoded.frames as f64 / f64::from(decoded.rate),
        rms: (square / samples.len().max(1) as f64).sqrt(),
        peak: samples.iter().fold(0.0, |peak, &sample| f64::from(sample.abs()).max(peak)),
        samples,
        decoded,
    })
}

fn check(path: &Path, row: &[&str]) -> Result<(), String> {
    let number = |index: usize| row[index].parse::<f64>().ok();
    let heard = match hear(path, None) {
        Ok(heard) => heard,
        Err(error) if row[2].is_empty() => return Err(format!("error: {error}")),
        Err(error) if error.to_string().contains(row[2]) => return Ok(()),
        Err(error) => return Err(format!("another error: {error}")),
    };
    if !row[2].is_empty() {
        return Err(format!("{:.3} s instead of an error", heard.seconds));
    }
    let (seconds, within) = (number(3).unwrap(), number(4).unwrap());
    let mut wrong = Vec::new();
    if (heard.seconds - seconds).abs() > within {
        wrong.push(format!("{} s instead of {seconds}", heard.seconds));
    }
    if [heard.decoded.channels as f64, f64::from(heard.decoded.rate)].map(Some) != [number(5), number(6)] {
        wrong.push(format!("{} channels at {} Hz", heard.decoded.channels, heard.decoded.rate));
    }
    let part = if within > 0.001 { LEVEL_LOSSY } else { LEVEL };
    for (name, is, should) in [("rms", heard.rms, number(7)), ("peak", heard.peak, number(8))] {
        if should.is_some_and(|should| (is - should).abs() > should * part + 1e-5) {
            wrong.push(format!("{name} {is} instead of {}", should.unwrap()));
        }
    }
    let problems = heard.decoded.problems.join("; ");
    if row[9].is_empty() != problems.is_empty() || !problems.contains(row[9]) {
        wrong.push(format!("said “{problems}” instead of “{}”", row[9]));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join(", ")) }
}

#[test]
fn every_recording_has_its_length_and_level_or_one_clear_error() {
    let (Some(cases), Some(malformed)) = (shared("cases/audio"), shared("audio/malformed_wav")) else {
        return;
    };
    let table = fs::read_to_string(fixture::project("tests/decode.csv")).unwrap();
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in table.lines().skip(1) {
        let row: Vec<&str> = line.split(',').collect();
        let folder = if row[0] == "cases" { &cases } else { &malformed };
        if row[1] == "opus.ogg" && !cfg!(feature = "opus") {
            continue;
        }
        rows += 1;
        if let Err(why) = check(&folder.join(row[1]), &row) {
            wrong.push(format!("{}: {why}", row[1]));
        }
    }
    assert!(rows > 100);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sound_that_begins_late_in_a_film_begins_late() {
    let Some(film) = shared("cases/audio/mp4_audio_delayed_2s.mp4") else { return };
    let heard = hear(&film, None).unwrap();
    // The speech itself begins at once; the encoder may smear it by a frame of 1024 samples.
    let first = heard.samples.iter().position(|sample| sample.abs() > 0.005).unwrap();
    assert!((31_000..32_800).contains(&first), "{first}");
}

#[test]
fn a_track_can_be_asked_for() {
    let Some(film) = shared("cases/audio/obs_like_two_audio_tracks.mkv") else { return };
    let (noise, voice) = (hear(&film, Some(1)).unwrap(), hear(&film, Some(2)).unwrap());
    assert!(noise.rms < 0.002 && voice.rms > 0.08);
    assert!(voice.decoded.problems.is_empty());
    let error = hear(&film, Some(3)).err().unwrap().to_string();
    assert!(error.contains("no audio track 3") && error.contains("2: "), "{error}");
}

/// Of a file that was cut all sound is heard, it is not shifted, and the cut is said.
#[test]
fn what_was_cut_off_is_heard_as_far_as_it_goes() {
    let Some(folder) = shared("cases/audio") else { return };
    for (name, track, word) in [
        ("obs_like_two_audio_tracks.mkv", 2, "bytes are missing"),
        ("m4a_faststart.m4a", 1, "header said 11.5 s"),
        ("flac.flac", 1, "header said 11.4 s"),
        ("mp3_cbr.mp3", 1, "header said 11.4 s"),
        ("speech.aiff", 1, "bytes are missing"),
    ] {
        let path = folder.join(name);
        let whole = hear(&path, Some(track)).unwrap();
        let bytes = fs::read(&path).unwrap();
        let cut = hear(&written(name, &bytes[..bytes.len() * 6 / 10]).1, Some(track)).unwrap();
        assert!(cut.decoded.problems.concat().contains(word), "{name}: {:?}", cut.decoded.problems);
        assert!((5.0..8.5).contains(&cut.seconds), "{name}: {} s", cut.seconds);
        // The last frame may lack the half of the one after it.
        let same = cut.samples.len() - 4_096;
        assert_eq!(cut.samples[..same], whole.samples[..same], "{name}");
    }
}

/// A header of 16 bit at 16 kHz, with the sizes as given.
fn wav(channels: u16, data_size: u32, samples: &[i16]) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0".to_vec();
    file.extend_from_slice(&channels.to_le_bytes());
    file.extend_from_slice(&16_000_u32.to_le_bytes());
    file.extend_from_slice(&(32_000 * u32::from(channels)).to_le_bytes());
    file.extend_from_slice(&(2 * channels).to_le_bytes());
    file.extend_from_slice(b"\x10\0data");
    file.extend_from_slice(&data_size.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

fn tone(count: usize) -> Vec<i16> {
    (0..count).map(|index| ((index as f32 * 0.3).sin() * 8_000.0) as i16).collect()
}

struct Written(#[allow(dead_code)] tempfile::TempDir, PathBuf);

fn written(name: &str, bytes: &[u8]) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    Written(folder, path)
}

fn heard(bytes: &[u8]) -> Heard {
    hear(&written("a.wav", bytes).1, None).unwrap()
}

#[test]
fn a_header_that_a_crash_left_is_mended() {
    let samples = tone(32_000);
    for (said, word) in
        [(0, "read 2.0 s"), (u32::MAX, "read 2.0 s"), (16_000, "said 0.5 s"), (96_000, "said 3.0 s")]
    {
        let heard = heard(&wav(1, said, &samples));
        assert_eq!(heard.decoded.frames, 32_000, "{said}");
        assert!(heard.decoded.problems.concat().contains(word), "{:?}", heard.decoded.problems);
    }
    assert!(heard(&wav(1, 64_000, &samples)).decoded.problems.is_empty());
}

#[test]
fn chunks_around_the_samples_are_no_samples() {
    let samples = tone(16_000);
    let mut file = wav(1, 32_000, &samples);
    file.extend_from_slice(b"LIST\x04\0\0\0INFO");
    assert_eq!(heard(&file).decoded.frames, 16_000);
    // An empty recording with a title is empty, not a crash.
    let mut empty = wav(1, 0, &[]);
    empty.extend_from_slice(b"LIST\x04\0\0\0INFO");
    assert!(matches!(hear(&written("a.wav", &empty).1, None), Err(DecodeError::NoSamples(_))));
    // A second chunk of samples goes on where the first ends, with an odd chunk between that is not padded.
    file = wav(1, 32_000, &samples);
    file.extend_from_slice(b"note\x03\0\0\0abcdata");
    file.extend_from_slice(&32_000_u32.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    assert_eq!(heard(&file).decoded.frames, 32_000);
}

#[test]
fn big_endian_and_wide_headers_are_read() {
    let samples = tone(16_000);
    let mut rifx =
        b"RIFX\0\0\0\0WAVEfmt \0\0\0\x10\0\x01\0\x01\0\0\x3e\x80\0\0\x7d\0\0\x02\0\x10data".to_vec();
    rifx.extend_from_slice(&32_000_u32.to_be_bytes());
    rifx.extend(samples.iter().flat_map(|sample| sample.to_be_bytes()));
    let mut rf64 = b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    rf64.extend_from_slice(&32_000_u64.to_le_bytes());
    rf64.extend_from_slice(&[0; 12]);
    rf64.extend_from_slice(&wav(1, u32::MAX, &samples)[12..]);
    rf64.extend_from_slice(b"LIST\x04\0\0\0INFO");
    let whole = heard(&wav(1, 32_000, &samples));
    for file in [rifx, rf64] {
        let heard = heard(&file);
        assert_eq!(heard.samples, whole.samples);
        assert!(heard.decoded.problems.is_empty(), "{:?}", heard.decoded.problems);
    }
}

#[test]
fn what_is_no_sound_is_refused_in_words() {
    let error = |name: &str, bytes: &[u8]| hear(&written(name, bytes).1, None).err().unwrap().to_string();
    assert!(error("a.mp3", b"").contains("empty"));
    assert!(error("a.wav", b"Notes of today's practice\n").contains("it is text"));
    let noise: Vec<u8> = tone(40_000).iter().flat_map(|sample| sample.to_le_bytes()).collect();
    assert!(error("a.wav", &noise).contains("header"));
    assert!(error("a.m4a", b"\0\0\0\x10ftypM4A \0\0\0\0\0\0\0\0mdat").contains("moov"));
    assert!(hear(Path::new("nowhere.wav"), None).is_err());
    let whole = written("a.wav", &wav(1, 64, &tone(32)));
    assert!(hear(&whole.1, Some(2)).err().unwrap().to_string().contains("no audio track 2"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever happens to the bytes, there is an answer, and never more sound than there are bytes.
    #[test]
    fn damage_is_no_reason_to_panic(
        channels in 1_u16..9,
        said in prop_oneof![Just(0_u32), Just(u32::MAX), any::<u32>()],
        keep in 0_usize..5_000,
        changes in prop::collection::vec((0_usize..120, any::<u8>()), 0..8),
    ) {
        let mut file = wav(channels, said, &tone(2_400));
        file.truncate(keep);
        for (place, value) in changes {
            if let Some(byte) = file.get_mut(place) {
                *byte = value;
            }
        }
        if let Ok(heard) = hear(&written("a.wav", &file).1, None) {
            prop_assert!(heard.decoded.frames <= 8 * file.len() as u64);
        }
    }
}

/// A small generator of its own, so that a failure can be repeated.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

#[test]
fn damaged_recordings_of_every_kind_have_an_answer() {
    let Some(folder) = shared("cases/audio") else { return };
    let mut seed = 7;
    for name in [
        "flac.flac",
        "m4a_alac.m4a",
        "m4a_faststart.m4a",
        "m4a_fragmented.m4a",
        "mp3_cbr.mp3",
        "mp4_audio_delayed_2s.mp4",
        "obs_like_two_audio_tracks.mkv",
        "opus.ogg",
        "speech.aiff",
        "wav_ima_adpcm.wav",
        "wave64.w64",
    ] {
        let whole = fs::read(folder.join(name)).unwrap();
        let seconds = 14.0;
        for round in 0..6 {
            let mut bytes = whole.clone();
            if round % 2 == 0 {
                bytes.truncate(random(&mut seed) % bytes.len());
            } else {
                // The first kilobytes hold what readers trust.
                let reach = if round == 1 { 2_000 } else { bytes.len() };
                for _ in 0..20 {
                    let place = random(&mut seed) % reach.min(bytes.len());
                    bytes[place] = random(&mut seed) as u8;
                }
            }
            let damaged = written(name, &bytes);
            let result = hear(&damaged.1, Some(1));
            if let (0, Ok(heard)) = (round % 2, result) {
                assert!(heard.seconds <= seconds, "{name}: {} s", heard.seconds);
            }
        }
    }
}
