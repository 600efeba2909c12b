//! Speech laid between known silences, with a noise that goes on all the time.

use crate::material::{Half, Material, SECOND};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    None,
    Typing,
    Rain,
    Chatter,
    Hum,
}

impl Noise {
    pub const ALL: [Self; 4] = [Self::Typing, Self::Rain, Self::Chatter, Self::Hum];
}

/// Silences between the pieces of speech, in seconds, in turn; none is near 60 s.
const SILENCES: [f64; 12] = [5.0, 0.5, 75.0, 1.0, 8.0, 0.7, 120.0, 2.0, 20.0, 1.5, 66.0, 0.4];
/// Room under every mixture, dB under the speech: no recording is digitally silent.
const ROOM: f32 = -55.0;
/// Speech pieces in a mixture, one after each silence.
const PIECES: usize = SILENCES.len();

pub struct Mixture {
    pub samples: Vec<f32>,
    /// In samples, in order, not touching.
    pub islands: Vec<(usize, usize)>,
}

/// Numbers that look like chance and are the same each time.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// 0 to below 1.
    pub fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1_u64 << 24) as f32
    }

    fn below(&mut self, end: usize) -> usize {
        ((self.next() * end as f32) as usize).min(end - 1)
    }

    /// From -1 to 1, evenly.
    fn white(&mut self) -> f32 {
        self.next() * 2.0 - 1.0
    }
}

/// `snr` dB of the speech's level over the noise's; `level` of the speech, dB of full scale, lowered where
/// its peak would pass -3 dBFS.
pub fn mix(material: &Material, half: Half, noise: Noise, snr: f32, level: f32, seed: u64) -> Mixture {
    let mut chance = Chance::new(seed * 2 + u64::from(half == Half::Report));
    let mut samples = Vec::new();
    let mut islands: Vec<(usize, usize)> = Vec::new();
    let first = chance.below(material.speech.len());
    let turn = chance.below(SILENCES.len());
    for index in 0..PIECES {
        let piece = &material.speech[(first + index) % material.speech.len()];
        let silence = SILENCES[(turn + index) % SILENCES.len()];
        samples.resize(samples.len() + (silence * SECOND as f64) as usize, 0.0);
        let at = samples.len();
        let gain = 1.0 / rms(piece.islands.iter().flat_map(|&(from, to)| &piece.samples[from..to]));
        samples.extend(piece.samples.iter().map(|sample| sample * gain));
        islands.extend(piece.islands.iter().map(|&(from, to)| (at + from, at + to)));
    }
    samples.resize(samples.len() + 5 * SECOND, 0.0);
    // The speech has a mean power of 1 here.
    add(&mut samples, &white(SECOND * 7, &mut chance), ROOM);
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let length = samples.len();
    match noise {
        Noise::None => {}
        Noise::Typing => add(&mut samples, &typing(&material.strokes, length, &mut chance), -snr),
        Noise::Rain => add(&mut samples, &material.rain, -snr),
        Noise::Chatter => add(&mut samples, &material.chatter, -snr),
        Noise::Hum => add(&mut samples, &hum(length, &mut chance), -snr),
    }
    let gain = decibels(level).min(decibels(-3.0) / peak);
    // As a recorder writes it: 16 bit, clipped.
    for sample in &mut samples {
        *sample = ((*sample * gain).clamp(-1.0, 1.0) * 32767.0).round() / 32767.0;
    }
    Mixture { samples, islands }
}

/// Recordings with nobody in them, to be heard as silence: name and samples, a minute each at `level` dBFS.
pub fn nobody(material: &Material, level: f32) -> Vec<(&'static str, Vec<f32>)> {
    let mut chance = Chance::new(77);
    let length = 60 * SECOND;
    let mut all = vec![
        ("room", white(length, &mut chance)),
        ("fan", fan(length, &mut chance)),
        ("breathing", breathing(length, &mut chance)),
        ("hum", hum(length, &mut chance)),
        ("typing", typing(&material.strokes, length, &mut chance)),
        ("rain", material.rain.iter().copied().cycle().take(length).collect()),
        ("chatter", material.chatter.iter().copied().cycle().take(length).collect()),
    ];
    for (_, samples) in &mut all {
        let gain = decibels(level) / rms(samples.iter());
        samples.iter_mut().for_each(|sample| *sample = (*sample * gain).clamp(-1.0, 1.0));
    }
    let offset = white(length, &mut chance).iter().map(|sample| 0.15 + sample * 0.0005).collect();
    all.push(("DC offset", offset));
    all.push(("zeros", vec![0.0; length]));
    all
}

/// Strokes in bursts of 3 to 12 a second, each burst at a pace of its own, with short stops between.
fn typing(strokes: &[Vec<f32>], length: usize, chance: &mut Chance) -> Vec<f32> {
    let mut out = vec![0.0; length];
    let mut at = 0;
    while at < length {
        let pace = 3.0 + 9.0 * chance.next();
        for _ in 0..5 + chance.below(40) {
            let loud = 0.5 + chance.next();
            let stroke = &strokes[chance.below(strokes.len())];
            for (sample, stroke) in out[at.min(length)..].iter_mut().zip(stroke) {
                *sample += stroke * loud;
            }
            at += ((0.6 + 0.8 * chance.next()) / pace * SECOND as f32) as usize;
        }
        at += (chance.next() * 2.0 * SECOND as f32) as usize;
    }
    out
}

/// Mains at 50 or 60 Hz with 15 harmonics, the odd ones stronger.
fn hum(length: usize, chance: &mut Chance) -> Vec<f32> {
    let mains = if chance.next() < 0.5 { 50.0 } else { 60.0 };
    let tones: Vec<(f64, f32, f64)> = (1..=15)
        .map(|k: i32| {
            let strength = if k % 2 == 1 { 1.0 } else { 0.4 } / k as f32 * (0.5 + chance.next());
            (f64::from(k) * mains, strength, f64::from(chance.next()) * std::f64::consts::TAU)
        })
        .collect();
    (0..length)
        .map(|index| {
            let turn = index as f64 / SECOND as f64 * std::f64::consts::TAU;
            tones.iter().map(|(hertz, strength, phase)| strength * (turn * hertz + phase).sin() as f32).sum()
        })
        .collect()
}

fn white(length: usize, chance: &mut Chance) -> Vec<f32> {
    (0..length).map(|_| chance.white()).collect()
}

/// Noise that falls with frequency, and the whine of its blades.
fn fan(length: usize, chance: &mut Chance) -> Vec<f32> {
    let mut low = 0.0;
    (0..length)
        .map(|index| {
            low = 0.97 * low + chance.white();
            let turn = index as f32 % (SECOND as f32 / 116.0) / (SECOND as f32 / 116.0);
            low + (turn * std::f32::consts::TAU).sin()
        })
        .collect()
}

/// A breath in and one out each four seconds.
fn breathing(length: usize, chance: &mut Chance) -> Vec<f32> {
    let (mut low, mut lower) = (0.0, 0.0);
    (0..length)
        .map(|index| {
            let white = chance.white();
            low += 0.45 * (white - low);
            lower += 0.10 * (low - lower);
            let turn = (index as f32 / SECOND as f32).rem_euclid(2.0);
            let swell = if turn < 1.2 { (turn / 1.2 * std::f32::consts::PI).sin() } else { 0.02 };
            (low - lower) * swell
        })
        .collect()
}

/// Lays `noise`, repeated, under the samples with a mean power of `level` dB.
fn add(samples: &mut [f32], noise: &[f32], level: f32) {
    let gain = decibels(level) / rms(noise.iter());
    samples.iter_mut().zip(noise.iter().cycle()).for_each(|(sample, noise)| *sample += noise * gain);
}

fn rms<'a>(samples: impl Iterator<Item = &'a f32>) -> f32 {
    let (sum, count) =
        samples.fold((0.0, 0), |(sum, count), &s| (sum + f64::from(s) * f64::from(s), count + 1));
    ((sum / f64::from(count.max(1))).sqrt() as f32).max(1e-9)
}

fn decibels(level: f32) -> f32 {
    10_f32.powf(level / 20.0)
}
