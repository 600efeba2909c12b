//! Made-up voices for the tests: noise in a speaker's bands that rises and falls by syllables.

use crate::session::Span;

/// Samples a second.
const RATE: f64 = 16_000.0;

struct Dice(u64);

impl Dice {
    /// -1 to 1.
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

pub fn spans(times: &[(f64, f64)]) -> Vec<Span> {
    times.iter().map(|&(start, end)| Span::from_seconds(start, end)).collect()
}

/// Five to eight syllables a second at these times; each brings out other parts of the noise.
pub fn voice(seed: u64, times: &[(f64, f64)], seconds: f64) -> Vec<f32> {
    let mut dice = Dice(seed);
    let mut out = vec![0.0; (seconds * RATE) as usize];
    for &(start, end) in times {
        let mut at = (start * RATE) as usize;
        while at < (end * RATE) as usize {
            let length = (0.15 + 0.05 * dice.next()) * RATE as f32;
            let (level, dark) = (0.12 + 0.1 * dice.next(), 0.5 + 0.45 * dice.next());
            let mut low = 0.0;
            for index in 0..length as usize {
                let Some(sample) = out.get_mut(at + index) else { break };
                low = dark * low + (1.0 - dark) * dice.next();
                *sample = level * low * (std::f32::consts::PI * index as f32 / length).sin();
            }
            at += length as usize;
        }
    }
    out
}

/// The sum of voices at a gain and so many samples later, in a little noise that is different every time.
pub fn mixed(voices: &[(&Vec<f32>, f32, usize)], length: usize) -> Vec<f32> {
    // The first samples that are not silence tell one mixture from another.
    let first =
        |voice: &[f32]| voice.iter().find(|sample| **sample != 0.0).map_or(1, |s| u64::from(s.to_bits()));
    let seed = voices.iter().fold(9, |seed: u64, (voice, gain, delay)| {
        seed.wrapping_mul(31).wrapping_add(first(voice) ^ u64::from(gain.to_bits()) ^ *delay as u64)
    });
    let mut dice = Dice(seed);
    let mut out: Vec<f32> = (0..length).map(|_| 0.0003 * dice.next()).collect();
    for &(voice, gain, delay) in voices {
        for index in delay..length {
            out[index] += gain * voice[index - delay];
        }
    }
    out
}
