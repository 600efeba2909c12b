//! Where there is speech: what a detector and the level say of each few milliseconds of a recording.
//!
//! ```text
//! recording ─→ high-pass ─→ level ─→ gain for the whole recording     first pass
//!          └─→ high-pass ─→ × gain ─→ detector ─→ scores              second pass
//! live      ─→ high-pass ─→ × slow gain ─→ detector                   cannot look ahead
//! ```

use std::f32::consts::{PI, SQRT_2};
use std::io;

use super::pcm::{Pcm, RATE};
use super::silero::Silero;
use crate::session::Millis;
use crate::session::hearing::{Heard, MIN_SPEECH, ONSET, Track};

/// Scores speech frame by frame.
pub trait SpeechDetector {
    /// Samples a frame, at 16 kHz.
    fn frame(&self) -> usize;

    /// 0 (none) to 1 (speech) for exactly one frame, which follows the last one.
    fn score(&mut self, frame: &[f32]) -> f32;
}

/// Samples a level is measured over: 8 ms, short enough for the edges of words.
const STEP: usize = 128;
/// Hum, rumble and a constant offset lie below; of a low voice the harmonics are above. 150 Hz lost nothing
/// against 90 Hz and gained up to 0.01 of F1 in hum.
const RUMBLE_HZ: f32 = 150.0;
/// What speech is brought to, dB of full scale. At -24 more of a room full of far voices was taken for speech (F1 in
/// chatter at 5 dB 0.79 for 0.89 at -20); other noises hardly cared.
const TARGET_DB: f32 = -20.0;
/// More would make a voice of the noise of a converter.
const MOST_GAIN_DB: f32 = 60.0;
/// Steps whose median is the level of a moment: longer than the stroke of a key.
const MOMENT: usize = 12;

/// Hears a whole recording, twice.
pub fn listen(pcm: &mut Pcm, detector: &mut dyn SpeechDetector) -> io::Result<Heard> {
    let mut levels = Vec::new();
    let mut filter = HighPass::new(RUMBLE_HZ);
    pcm.each(&mut |_, block| {
        let mut block = block.to_vec();
        filter.run(&mut block);
        levels.extend(block.chunks(STEP).map(decibels));
        Ok(())
    })?;
    let gain = amplitude((TARGET_DB - speech_level(&levels)).min(MOST_GAIN_DB));
    let mut filter = HighPass::new(RUMBLE_HZ);
    let (mut pending, mut scores) = (Vec::new(), Vec::new());
    let frame = detector.frame();
    pcm.each(&mut |_, block| {
        let mut block = block.to_vec();
        filter.run(&mut block);
        pending.extend(block.iter().map(|sample| (sample * gain).clamp(-1.0, 1.0)));
        score(&mut pending, detector, &mut scores);
        Ok(())
    })?;
    if !pending.is_empty() {
        pending.resize(frame, 0.0);
        score(&mut pending, detector, &mut scores);
    }
    let step = |samples: usize| (samples * 1000 / RATE as usize) as i64;
    Ok(Heard {
        scores: Track { values: scores, step: step(frame) },
        levels: Track { values: levels, step: step(STEP) },
    })
}

/// Scores all whole frames and takes them out.
fn score(pending: &mut Vec<f32>, detector: &mut dyn SpeechDetector, scores: &mut Vec<f32>) {
    let size = detector.frame();
    let whole = pending.len() / size * size;
    scores.extend(pending[..whole].chunks_exact(size).map(|frame| detector.score(frame)));
    pending.drain(..whole);
}

/// How loud it is when somebody speaks, dB of full scale: what a twentieth of all moments passes. Where
/// people speak less than that, the loudest moments say it (they are some 8 dB over a voice's usual ones).
fn speech_level(levels: &[f32]) -> f32 {
    let mut moments: Vec<f32> = levels.chunks(MOMENT).map(|moment| share(moment.to_vec(), 0.5)).collect();
    moments.sort_by(f32::total_cmp);
    share(moments.clone(), 0.95).max(share(moments, 0.995) - 8.0)
}

/// The value that `share` of them do not pass; the floor of 16 bits where there are none.
fn share(mut values: Vec<f32>, share: f32) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(((values.len().max(1) - 1) as f32 * share) as usize).copied().unwrap_or(-96.0)
}

fn decibels(samples: &[f32]) -> f32 {
    let sum: f32 = samples.iter().map(|sample| sample * sample).sum();
    10.0 * (sum / samples.len().max(1) as f32 + 1e-12).log10()
}

fn amplitude(decibels: f32) -> f32 {
    10_f32.powf(decibels / 20.0)
}

/// A high-pass of second order (Butterworth, by the bilinear transform).
struct HighPass {
    forward: [f32; 3],
    back: [f32; 2],
    kept: [f32; 2],
}

impl HighPass {
    fn new(hertz: f32) -> Self {
        let k = (PI * hertz / RATE as f32).tan();
        let norm = 1.0 / (1.0 + SQRT_2 * k + k * k);
        Self {
            forward: [norm, -2.0 * norm, norm],
            back: [2.0 * (k * k - 1.0) * norm, (1.0 - SQRT_2 * k + k * k) * norm],
            kept: [0.0; 2],
        }
    }

    fn run(&mut self, samples: &mut [f32]) {
        for sample in samples {
            let out = self.forward[0] * *sample + self.kept[0];
            self.kept[0] = self.forward[1] * *sample - self.back[0] * out + self.kept[1];
            self.kept[1] = self.forward[2] * *sample - self.back[1] * out;
            *sample = out;
        }
    }
}

/// Hears speech while it is said.
pub struct Live {
    detector: Silero,
    filter: HighPass,
    unheard: Vec<f32>,
    pending: Vec<f32>,
    /// Follows the louder moments, dB of full scale.
    level: f32,
    run: Millis,
}

/// A rather quiet microphone, until it is known better: a louder one is known at once.
const USUAL_DB: f32 = -40.0;
/// How fast the level follows what is louder, and forgets it, in dB a second: one loud noise must not
/// deafen it. Falling by 0.5 it made a voice of the typing in two minutes of silence.
const RISE_DB: f32 = 12.0;
const FALL_DB: f32 = 0.1;

impl Default for Live {
    fn default() -> Self {
        Self {
            detector: Silero::default(),
            filter: HighPass::new(RUMBLE_HZ),
            unheard: Vec::new(),
            pending: Vec::new(),
            level: USUAL_DB,
            run: Millis::ZERO,
        }
    }
}

impl Live {
    /// Takes samples at 16 kHz; whether there was speech in them for as long as speech lasts at least.
    pub fn hears(&mut self, samples: &[f32]) -> bool {
        self.unheard.extend_from_slice(samples);
        let whole = self.unheard.len() / (STEP * MOMENT) * (STEP * MOMENT);
        let mut heard: Vec<f32> = self.unheard.drain(..whole).collect();
        self.filter.run(&mut heard);
        let mut scores = Vec::new();
        for moment in heard.chunks_exact(STEP * MOMENT) {
            let seconds = moment.len() as f32 / RATE as f32;
            let now = share(moment.chunks(STEP).map(decibels).collect(), 0.5);
            self.level = now.clamp(self.level - FALL_DB * seconds, self.level + RISE_DB * seconds);
            let gain = amplitude((TARGET_DB - self.level).min(MOST_GAIN_DB));
            self.pending.extend(moment.iter().map(|sample| (sample * gain).clamp(-1.0, 1.0)));
        }
        score(&mut self.pending, &mut self.detector, &mut scores);
        let frame = Millis((self.detector.frame() * 1000 / RATE as usize) as i64);
        scores.into_iter().fold(false, |speech, score| {
            self.run = if score >= ONSET { self.run + frame } else { Millis::ZERO };
            speech || self.run >= MIN_SPEECH
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::pcm::PcmWriter;

    fn noise(count: usize, level: f32) -> Vec<f32> {
        let mut seed = 1_u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((seed >> 8) as f32 / (1 << 23) as f32 - 1.0) * level
        };
        (0..count).map(|_| next()).collect()
    }

    fn hear(samples: &[f32]) -> Heard {
        let mut pcm = PcmWriter::create().unwrap();
        pcm.push(samples).unwrap();
        listen(&mut pcm.finish().unwrap(), &mut Silero::default()).unwrap()
    }

    #[test]
    fn silence_noise_and_an_offset_are_no_speech() {
        let mut samples = vec![0.0; 1000];
        samples.extend(noise(16_000 * 4, 0.01));
        samples.extend(noise(16_000 * 2, 0.0005).iter().map(|sample| sample + 0.2));
        let heard = hear(&samples);
        assert_eq!((heard.scores.step, heard.levels.step), (32, 8));
        assert_eq!(heard.scores.values.len(), samples.len().div_ceil(512));
        assert!(heard.scores.values.iter().all(|&score| score < ONSET));
        let mut live = Live::default();
        assert!(!samples.chunks(701).any(|block| live.hears(block)));
    }

    #[test]
    fn the_level_is_that_of_the_loud_moments_and_not_of_clicks() {
        let mut levels = vec![-70.0; 12_000];
        levels[4_000..5_000].fill(-30.0);
        assert_eq!(speech_level(&levels), -30.0);
        levels[6_000..6_120].fill(-30.0);
        for click in levels[7_000..12_000].chunks_mut(50) {
            click[0] = 0.0;
        }
        assert_eq!(speech_level(&levels), -30.0);
        // A minute of speech in two hours.
        let mut levels = vec![-70.0; 900_000];
        levels[4_000..11_500].fill(-30.0);
        assert_eq!(speech_level(&levels), -38.0);
        assert_eq!(speech_level(&[]), -96.0);
    }

    #[test]
    fn hum_is_filtered_and_a_voice_is_not() {
        let through = |hertz: f32| {
            let tone = |index: usize| (index as f32 * hertz * 2.0 * PI / RATE as f32).sin();
            let mut samples: Vec<f32> = (0..16_000).map(tone).collect();
            HighPass::new(RUMBLE_HZ).run(&mut samples);
            decibels(&samples[8_000..]) + 3.01
        };
        assert!(through(50.0) < -18.0 && through(400.0) > -0.5 && through(0.0) < -60.0);
    }
}
