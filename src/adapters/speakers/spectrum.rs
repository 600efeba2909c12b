//! Mel spectrum of short windows, as the speaker encoder was trained on.

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

use crate::adapters::models::mel;

/// Mel bands.
pub const BANDS: usize = 40;
/// Samples between two frames: 10 ms.
pub const STEP: usize = 160;
/// Samples of a frame: 25 ms.
pub const FRAME: usize = 400;
/// Mean of a window's mel powers after levelling: what speech at -30 dBFS has, the level that the encoder
/// was trained at (measured on a clean recording of one voice).
const LEVEL: f32 = 0.0092;

pub struct Spectrum {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// Per band: its first frequency bin, and the weights from there.
    filters: Vec<(usize, Vec<f32>)>,
}

impl Spectrum {
    pub fn new() -> Self {
        let turn = std::f32::consts::TAU / FRAME as f32;
        let filters = mel::filters(BANDS)
            .chunks(mel::BINS)
            .map(|row| {
                let first = row.iter().position(|&weight| weight > 0.0).unwrap_or(0);
                let last = row.iter().rposition(|&weight| weight > 0.0).unwrap_or(first);
                (first, row[first..=last].to_vec())
            })
            .collect();
        Self {
            transform: RealFftPlanner::new().plan_fft_forward(FRAME),
            window: (0..FRAME).map(|i| 0.5 - 0.5 * (turn * i as f32).cos()).collect(),
            filters,
        }
    }

    /// Mel powers, [`BANDS`] a frame, of the whole frames in `samples`; no frame where there are too few.
    pub fn powers(&self, samples: &[f32]) -> Vec<f32> {
        let mut powers = Vec::with_capacity((samples.len() / STEP + 1) * BANDS);
        let mut bins = self.transform.make_output_vec();
        let mut frame = self.transform.make_input_vec();
        let mut scratch = self.transform.make_scratch_vec();
        for start in (0..(samples.len() + 1).saturating_sub(FRAME)).step_by(STEP) {
            let part = &samples[start..start + FRAME];
            frame.iter_mut().zip(part).zip(&self.window).for_each(|((to, from), weight)| *to = from * weight);
            // Fails only for buffers of a wrong length, and these are its own.
            if self.transform.process_with_scratch(&mut frame, &mut bins, &mut scratch).is_err() {
                break;
            }
            powers.extend(self.filters.iter().map(|(first, weights)| {
                weights.iter().zip(&bins[*first..]).map(|(weight, bin)| weight * bin.norm_sqr()).sum::<f32>()
            }));
        }
        powers
    }
}

/// Brings a window to the level of the training data, so that distance to the microphone counts less than
/// the voice does.
pub fn level(powers: &mut [f32]) {
    let mean = powers.iter().sum::<f32>() / powers.len().max(1) as f32;
    let factor = LEVEL / (mean + 1e-12);
    powers.iter_mut().for_each(|power| *power *= factor);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_strongest_in_its_band() {
        let tone = |hertz: f32| -> Vec<f32> {
            (0..4000).map(|i| (std::f32::consts::TAU * hertz * i as f32 / 16_000.0).sin() * 0.1).collect()
        };
        let spectrum = Spectrum::new();
        let loudest = |hertz: f32| {
            let powers = spectrum.powers(&tone(hertz));
            assert_eq!(powers.len(), ((4000 - FRAME) / STEP + 1) * BANDS);
            let frame = &powers[BANDS..2 * BANDS];
            (0..BANDS).max_by(|&a, &b| frame[a].total_cmp(&frame[b])).unwrap()
        };
        // 45.2 mel up to 8 kHz in 41 steps: band i is centred on 1.1037 (i + 1) mel of 66.7 Hz each.
        assert_eq!(loudest(73.6 * 5.0), 4);
        assert_eq!(loudest(73.6 * 10.0), 9);
        assert!(spectrum.powers(&[0.0; FRAME - 1]).is_empty());
    }

    #[test]
    fn levelling_makes_loud_and_quiet_alike() {
        let mut quiet: Vec<f32> = (0..80).map(|i| i as f32 * 1e-6).collect();
        let mut loud: Vec<f32> = quiet.iter().map(|power| power * 1e4).collect();
        level(&mut quiet);
        level(&mut loud);
        assert!(quiet.iter().zip(&loud).all(|(a, b)| (a - b).abs() < 1e-4));
        let mut nothing = [0.0; 8];
        level(&mut nothing);
        assert_eq!(nothing, [0.0; 8]);
        level(&mut []);
    }
}
