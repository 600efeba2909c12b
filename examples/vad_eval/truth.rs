//! Where there is speech in a clean recording, by its energy alone: no detector has a say in it.
//!
//! A window of 20 ms every 10 ms, low rumble filtered away, is speech when it is at most [`RANGE`] dB under
//! the recording's speech level and at least [`ABOVE_FLOOR`] dB over its own noise. Holes under 200 ms
//! belong to the word (a stop before its burst); islands under 60 ms are clicks, and one without a voice is a breath or a
//! knock.

use thinkaloud::adapters::pcm::RATE;

/// Samples a window moves on.
pub const HOP: usize = RATE as usize / 100;
/// Weak ends of words lie some 25 dB under the level of a voice, its room and breath lower.
const RANGE: f64 = 28.0;
const ABOVE_FLOOR: f64 = 8.0;
const HOLE: usize = 20;
const CLICK: usize = 6;
/// A breath, a knock or a click of the lips has no period: a true island has five windows that have.
const VOICED: f32 = 0.75;
const VOICED_WINDOWS: usize = 5;

/// Islands of speech, in samples.
pub fn islands(samples: &[f32]) -> Vec<(usize, usize)> {
    let smooth = without_rumble(samples);
    let energies = energies(&smooth);
    let (level, floor) = levels(&energies);
    let least = (level - RANGE).max(floor + ABOVE_FLOOR);
    let mut islands: Vec<(usize, usize)> = Vec::new();
    for (index, _) in energies.iter().enumerate().filter(|(_, energy)| **energy >= least) {
        match islands.last_mut() {
            Some(last) if index - last.1 < HOLE => last.1 = index + 1,
            _ => islands.push((index, index + 1)),
        }
    }
    islands.retain(|island| island.1 - island.0 >= CLICK);
    islands.retain(|&(from, to)| {
        (from..to).filter(|&at| voicing(&smooth, at) >= VOICED).count() >= VOICED_WINDOWS
    });
    islands.into_iter().map(|(from, to)| (from * HOP, (to * HOP).min(samples.len()))).collect()
}

/// How like itself the sound is one period of a voice (70 to 400 Hz) later: 0 for noise, 1 for a pure voice.
fn voicing(samples: &[f32], window: usize) -> f32 {
    const WINDOW: usize = RATE as usize / 25;
    let from = (window * HOP).min(samples.len().saturating_sub(WINDOW));
    let window = &samples[from..(from + WINDOW).min(samples.len())];
    let alike = |lag: usize| {
        let pairs = || window.iter().zip(window.iter().skip(lag));
        let sum: f32 = pairs().map(|(one, later)| one * later).sum();
        let power: f32 = pairs().map(|(one, later)| one * one + later * later).sum();
        2.0 * sum / power.max(1e-12)
    };
    (RATE as usize / 400..RATE as usize / 70).map(alike).fold(0.0, f32::max)
}

/// Level of the speech (mean power of the windows within 20 dB of the loudest twentieth) and of the
/// quietest tenth, dB of full scale.
fn levels(energies: &[f64]) -> (f64, f64) {
    let mut sorted = energies.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
    let loud = at(0.95);
    let powers: Vec<f64> =
        energies.iter().filter(|&&e| e > loud - 20.0).map(|e| 10_f64.powf(e / 10.0)).collect();
    (10.0 * (powers.iter().sum::<f64>() / powers.len() as f64).log10(), at(0.1))
}

/// dB of full scale of each window.
fn energies(samples: &[f32]) -> Vec<f64> {
    (0..samples.len() / HOP)
        .map(|index| {
            let from = (index * HOP).saturating_sub(HOP / 2);
            let window = &samples[from..(index * HOP + HOP * 3 / 2).min(samples.len())];
            let sum: f64 = window.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
            10.0 * (sum / window.len() as f64 + 1e-12).log10()
        })
        .collect()
}

/// Two first-order high-passes at 80 Hz.
fn without_rumble(samples: &[f32]) -> Vec<f32> {
    let keep = 1.0 / (1.0 + 2.0 * std::f32::consts::PI * 80.0 / RATE as f32);
    let mut out = samples.to_vec();
    for _ in 0..2 {
        let (mut before, mut last) = (out.first().copied().unwrap_or(0.0), 0.0);
        for sample in &mut out {
            last = keep * (last + *sample - before);
            before = *sample;
            *sample = last;
        }
    }
    out
}
