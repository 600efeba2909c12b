//! How well two people on two channels are told apart: `cargo run --release --example channel_eval -- DIR`.
//!
//! DIR holds `speech/lucier.mp3`, `speech/silero_test_60s.wav`, `speech/LJ050-0131.wav`, `speech/jfk_16k_mono.wav` and
//! `speech/librivox_sense_*.wav`. They are laid as a conversation of known turns, each voice on its own channel, with
//! noise; then each channel gets some of the other, later and through a room. Printed: the share of the interviewer's
//! speech that is counted as the candidate's, and the share of the candidate's that is lost, alone and while both speak.

#[path = "speakers_eval/hearing.rs"]
mod hearing;

use std::path::{Path, PathBuf};

use thinkaloud::analysis::channels::{Bleed, Layout, Levels, Side};
use thinkaloud::session::time::{complement, covered, total, union};
use thinkaloud::session::{Millis, Span};

const RATE: usize = 16_000;
const CANDIDATE: [&str; 2] = ["lucier.mp3", "silero_test_60s.wav"];
const INTERVIEWER: [&str; 5] = [
    "LJ050-0131.wav",
    "jfk_16k_mono.wav",
    "librivox_sense_0870.wav",
    "librivox_sense_0890.wav",
    "librivox_sense_0920.wav",
];

/// A small generator of numbers, so that every run is the same.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.next()
    }
}

fn load(path: &Path) -> Vec<f32> {
    hearing::samples(path).unwrap_or_else(|error| panic!("{error:#}"))
}

fn hear(samples: &[f32]) -> Vec<Span> {
    hearing::hear(samples).expect("a working copy").1
}

/// All of a voice, at a level of -23 dB while it speaks.
fn voice(folder: &Path, names: &[&str]) -> Vec<f32> {
    let mut all = Vec::new();
    for name in names {
        let samples = load(&folder.join(name));
        let spoken: Vec<f32> = hear(&samples)
            .iter()
            .flat_map(|s| {
                samples[s.start.0 as usize * 16..(s.end.0 as usize * 16).min(samples.len())].to_vec()
            })
            .collect();
        let rms = (spoken.iter().map(|s| s * s).sum::<f32>() / spoken.len() as f32).sqrt();
        all.extend(samples.iter().map(|sample| sample * 0.0708 / rms));
    }
    all
}

/// Each voice alone, as laid in time.
struct Conversation {
    voices: [Vec<f32>; 2],
}

/// Turns of both until `seconds` are full; every third one begins before the one before has ended.
fn conversation(sources: [&[f32]; 2], seconds: usize, dice: &mut Dice) -> Conversation {
    let mut voices = [vec![0.0; seconds * RATE], vec![0.0; seconds * RATE]];
    let mut taken = [0, 0];
    let (mut at, mut turn) = (RATE, 0);
    loop {
        let who = turn % 2;
        let length = (dice.between(4.0, if who == 0 { 16.0 } else { 8.0 }) * RATE as f32) as usize;
        if at + length >= seconds * RATE {
            break;
        }
        for index in 0..length {
            voices[who][at + index] = sources[who][(taken[who] + index) % sources[who].len()];
        }
        taken[who] += length;
        turn += 1;
        let gap = if turn % 3 == 0 { -dice.between(0.8, 2.5) } else { dice.between(0.2, 1.5) };
        at = (at as i64 + length as i64 + (gap * RATE as f32) as i64) as usize;
    }
    Conversation { voices }
}

/// Sound through a room that rings for `seconds` (60 dB), with most of it direct; 0 is no room.
fn room(samples: &[f32], seconds: f32, dice: &mut Dice) -> Vec<f32> {
    if seconds == 0.0 {
        return samples.to_vec();
    }
    // A few hundred echoes stand for all.
    let echoes: Vec<(usize, f32)> = (0..300)
        .map(|_| {
            let at = dice.between(0.003, seconds);
            let gain = 10_f32.powf(-3.0 * at / seconds) * 0.12 * if dice.next() < 0.5 { -1.0 } else { 1.0 };
            ((at * RATE as f32) as usize, gain)
        })
        .collect();
    let mut out = samples.to_vec();
    for (at, gain) in echoes {
        for index in at..samples.len() {
            out[index] += gain * samples[index - at];
        }
    }
    out
}

/// Adds `gain` decibels of `from`, so many milliseconds later.
fn add(to: &mut [f32], from: &[f32], gain: f32, delay_ms: usize) {
    let (gain, delay) = (10_f32.powf(gain / 20.0), delay_ms * RATE / 1000);
    for index in delay..to.len() {
        to[index] += gain * from[index - delay];
    }
}

fn noise(to: &mut [f32], decibels: f32, dice: &mut Dice) {
    // Three even numbers make a bell that is good enough.
    let scale = 10_f32.powf(decibels / 20.0);
    to.iter_mut().for_each(|sample| *sample += scale * 2.0 * (dice.next() + dice.next() + dice.next() - 1.5));
}

/// Seconds of `spans` that lie in `inside`.
fn shared(spans: &[Span], inside: &[Span]) -> f64 {
    inside.iter().fold(Millis::ZERO, |sum, window| sum + covered(spans, *window)).as_seconds()
}

fn without(spans: &[Span], other: &[Span]) -> Vec<Span> {
    spans.iter().flat_map(|span| complement(other, *span)).collect()
}

struct Told {
    layout: Layout,
    own: [Vec<Span>; 2],
    gains: [Option<f32>; 2],
}

fn tell(left: &[f32], right: &[f32]) -> Told {
    let mut levels = Levels::default();
    levels.push(left, right);
    let compared = levels.finish();
    let heard = [hear(left), hear(right)];
    let spans = [heard[0].as_slice(), heard[1].as_slice()];
    let layout = Layout::of(&compared, spans, false);
    let apart = if let Layout::TwoSpeakers { apart } = layout { apart } else { 8.0 };
    let bleed = Bleed::learn(&compared, spans, apart);
    let own = Side::BOTH.map(|side| bleed.own(&compared, side, spans[side.index()]));
    Told { layout, own, gains: Side::BOTH.map(|side| bleed.gain(side)) }
}

struct Condition {
    name: &'static str,
    /// Decibels of the interviewer on the candidate's channel, and the other way; `None` is nothing.
    bleed: [Option<f32>; 2],
    delay_ms: usize,
    room: f32,
    noise: f32,
    /// Decibels added to the candidate's whole channel.
    gain: f32,
}

fn row(talk: &Conversation, condition: &Condition, dice: &mut Dice) -> [f64; 4] {
    let gain = |who: usize| if who == 0 { 10_f32.powf(condition.gain / 20.0) } else { 1.0 };
    let mut channels = [0, 1].map(|who: usize| {
        let mut channel = room(&talk.voices[who], condition.room / 2.0, dice);
        noise(&mut channel, condition.noise, dice);
        channel.iter_mut().for_each(|sample| *sample *= gain(who));
        channel
    });
    // What the detector hears of each voice through this noise, were there no bleed.
    let truth = [hear(&channels[0]), hear(&channels[1])];
    for who in [0, 1] {
        if let Some(decibels) = condition.bleed[who] {
            let mut bleed = room(&talk.voices[1 - who], condition.room, dice);
            bleed.iter_mut().for_each(|sample| *sample *= gain(who));
            add(&mut channels[who], &bleed, decibels, condition.delay_ms);
        }
    }
    let told = tell(&channels[0], &channels[1]);
    let [candidate, interviewer] = &truth;
    let own = &told.own[0];
    let only_interviewer = without(interviewer, &grown(candidate));
    let only_candidate = without(candidate, interviewer);
    let both: Vec<Span> =
        candidate.iter().flat_map(|c| interviewer.iter().filter_map(|i| c.intersection(*i))).collect();
    let seconds = |spans: &[Span]| total(spans.iter().copied()).as_seconds();
    let percent = |part: f64, whole: f64| 100.0 * part / whole.max(1e-9);
    let counted = percent(shared(own, &only_interviewer), seconds(&only_interviewer));
    let lost = 100.0 - percent(shared(own, &only_candidate), seconds(&only_candidate));
    let lost_both = 100.0 - percent(shared(own, &both), seconds(&both));
    let before = percent(shared(&hear(&channels[0]), &only_interviewer), seconds(&only_interviewer));
    let gain = |gain: Option<f32>| gain.map_or("none".into(), |gain| format!("{gain:.0}"));
    println!(
        "{:34} {:>4} ms  room {:.1}  {:22}  counted {counted:5.1} % (was {before:5.1})  lost {lost:4.1} %, both at once {lost_both:5.1} %  heard at {} and {} dB",
        condition.name,
        condition.delay_ms,
        condition.room,
        format!("{:?}", told.layout),
        gain(told.gains[0]),
        gain(told.gains[1]),
    );
    [counted, lost, lost_both, before]
}

/// A word's edge is not known better than this.
fn grown(spans: &[Span]) -> Vec<Span> {
    union(spans.iter().map(|s| Span::new(s.start - Millis(100), s.end + Millis(100))).collect())
}

fn main() {
    let folder: PathBuf = std::env::args_os().nth(1).expect("the folder with the sound").into();
    let speech = folder.join("speech");
    let (candidate, interviewer) = (voice(&speech, &CANDIDATE), voice(&speech, &INTERVIEWER));
    let mut dice = Dice(7);
    let talk = conversation([&candidate, &interviewer], 150, &mut dice);
    let odd =
        |name, bleed, delay_ms, room, noise, gain| Condition { name, bleed, delay_ms, room, noise, gain };
    for condition in [
        odd("no bleed", [None, None], 0, 0.0, -65.0, 0.0),
        odd("no bleed, quiet candidate", [None, None], 0, 0.0, -80.0, -25.0),
        odd("no noise at all", [Some(-20.0), Some(-20.0)], 5, 0.0, -120.0, 0.0),
        odd("loud noise", [Some(-12.0), Some(-12.0)], 10, 0.3, -45.0, 0.0),
        odd("quiet candidate", [Some(-12.0), Some(-30.0)], 10, 0.3, -75.0, -20.0),
        odd("loud candidate", [Some(-12.0), Some(-30.0)], 10, 0.3, -65.0, 10.0),
        odd("loudspeaker far behind", [Some(-12.0), None], 180, 0.4, -65.0, 0.0),
    ] {
        row(&talk, &condition, &mut dice);
    }
    let mut rows = Vec::new();
    for bleed in [-6.0, -12.0, -20.0, -30.0] {
        for (delay_ms, room) in [(0, 0.0), (10, 0.3), (20, 0.5)] {
            for both in [true, false] {
                let condition = Condition {
                    name: Box::leak(
                        format!("bleed {bleed} dB {}", if both { "both ways" } else { "one way" })
                            .into_boxed_str(),
                    ),
                    bleed: [Some(bleed), both.then_some(bleed)],
                    delay_ms,
                    room,
                    noise: -65.0,
                    gain: 0.0,
                };
                rows.push((bleed, row(&talk, &condition, &mut dice)));
            }
        }
    }
    for bleed in [-6.0, -12.0, -20.0, -30.0] {
        let of: Vec<[f64; 4]> = rows.iter().filter(|row| row.0 == bleed).map(|row| row.1).collect();
        let mean = |column: usize| of.iter().map(|row| row[column]).sum::<f64>() / of.len() as f64;
        println!(
            "MEAN {bleed} dB: counted {:.2} % (was {:.1}), lost {:.2} %, both at once {:.1} %",
            mean(0),
            mean(3),
            mean(1),
            mean(2)
        );
    }
    println!("\nOne voice, or a room");
    for (name, samples) in [("candidate", &candidate), ("interviewer", &interviewer)] {
        let samples = &samples[..samples.len().min(100 * RATE)];
        for (gain, delay, ring, level) in [
            (0.0, 0, 0.0, -65.0),
            (-2.0, 1, 0.3, -65.0),
            (-4.0, 2, 0.5, -60.0),
            (-10.0, 3, 0.5, -55.0),
            (-20.0, 1, 0.3, -60.0),
            (0.0, 0, 0.4, -45.0),
        ] {
            let mut left = room(samples, ring, &mut dice);
            let mut right = vec![0.0; left.len()];
            add(&mut right, &room(samples, ring, &mut dice), gain, delay);
            noise(&mut left, level, &mut dice);
            noise(&mut right, level, &mut dice);
            let told = tell(&left, &right);
            println!("{name:12} right {gain} dB {delay} ms, room {ring}, noise {level}: {:?}", told.layout);
        }
        let mut right = vec![0.0; samples.len()];
        noise(&mut right, -55.0, &mut dice);
        println!("{name:12} right only noise: {:?}", tell(samples, &right).layout);
    }
    for (ring, gain) in [(0.3, -1.5), (0.5, -3.0)] {
        let mut channels = [0, 1].map(|who: usize| {
            let mut channel = room(&talk.voices[who], ring, &mut dice);
            add(&mut channel, &room(&talk.voices[1 - who], ring, &mut dice), gain, 1);
            channel
        });
        channels.iter_mut().for_each(|channel| noise(channel, -60.0, &mut dice));
        let told = tell(&channels[0], &channels[1]);
        println!("two people before two microphones at {gain} dB, room {ring}: {:?}", told.layout);
    }
}
