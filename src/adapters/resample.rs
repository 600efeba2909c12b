//! Any rate to 16 kHz, in a stream; the only place that knows the resampler.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};

use super::pcm::RATE;

/// Input frames a call, in one transform: for all usual rates its length has only small factors.
const CHUNK: usize = 960;

pub struct Resampler {
    /// `None` when the input is at 16 kHz already.
    inner: Option<Fft<f32>>,
    pending: Vec<f32>,
    /// Output frames still to be dropped: the filter's delay.
    skip: usize,
    taken: u64,
    given: u64,
    ratio: f64,
}

impl Resampler {
    /// `rate` in Hz, above 0.
    pub fn new(rate: u32) -> Result<Self, String> {
        let inner = if rate == RATE {
            None
        } else {
            let (from, to, window) = (rate as usize, RATE as usize, WindowFunction::BlackmanHarris2);
            let fft = Fft::new_custom(from, to, CHUNK, 1, 1, window, FixedSync::Input);
            Some(fft.map_err(|error| error.to_string())?)
        };
        let skip = inner.as_ref().map_or(0, |fft| fft.output_delay());
        Ok(Self {
            inner,
            pending: Vec::new(),
            skip,
            taken: 0,
            given: 0,
            ratio: f64::from(RATE) / f64::from(rate),
        })
    }

    /// Takes mono samples, gives what is ready.
    pub fn push(&mut self, samples: &[f32]) -> Result<Vec<f32>, String> {
        self.taken += samples.len() as u64;
        let Some(fft) = &mut self.inner else {
            self.given += samples.len() as u64;
            return Ok(samples.to_vec());
        };
        self.pending.extend_from_slice(samples);
        let mut out = Vec::new();
        let mut from = 0;
        while self.pending.len() - from >= fft.input_frames_next() {
            let need = fft.input_frames_next();
            run(fft, &self.pending[from..from + need], None, &mut self.skip, &mut out)?;
            from += need;
        }
        self.pending.drain(..from);
        self.given += out.len() as u64;
        Ok(out)
    }

    /// The rest, so that the whole output is as long as the input.
    pub fn finish(&mut self) -> Result<Vec<f32>, String> {
        let Some(fft) = &mut self.inner else { return Ok(Vec::new()) };
        let wanted = (self.taken as f64 * self.ratio).round() as u64;
        let mut out = Vec::new();
        let mut rest = std::mem::take(&mut self.pending);
        while self.given + (out.len() as u64) < wanted {
            let valid = rest.len();
            rest.resize(fft.input_frames_next(), 0.0);
            run(fft, &rest, Some(valid), &mut self.skip, &mut out)?;
            rest.clear();
        }
        out.truncate((wanted - self.given) as usize);
        self.given = wanted;
        Ok(out)
    }
}

fn run(
    fft: &mut Fft<f32>,
    input: &[f32],
    valid: Option<usize>,
    skip: &mut usize,
    out: &mut Vec<f32>,
) -> Result<(), String> {
    let input = InterleavedSlice::new(input, 1, input.len()).map_err(|error| error.to_string())?;
    let indexing = valid.map(|valid| Indexing::new().partial_len(valid));
    let chunk = fft.process(&input, indexing.as_ref()).map_err(|error| error.to_string())?.take_data();
    let dropped = (*skip).min(chunk.len());
    *skip -= dropped;
    out.extend_from_slice(&chunk[dropped..]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resampled(rate: u32, seconds: f64, block: usize) -> Vec<f32> {
        let count = (f64::from(rate) * seconds) as usize;
        let input: Vec<f32> =
            (0..count).map(|i| (i as f32 / rate as f32 * 440.0 * std::f32::consts::TAU).sin()).collect();
        let mut resampler = Resampler::new(rate).unwrap();
        let mut out = Vec::new();
        for part in input.chunks(block) {
            out.extend(resampler.push(part).unwrap());
        }
        out.extend(resampler.finish().unwrap());
        out
    }

    #[test]
    fn length_and_phase_are_kept_at_every_rate() {
        for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000] {
            let out = resampled(rate, 2.0, 777);
            assert_eq!(out.len(), 32_000, "{rate}");
            let worst = (2_000..22_000)
                .map(|i| (out[i] - (i as f32 / 16_000.0 * 440.0 * std::f32::consts::TAU).sin()).abs())
                .fold(0.0, f32::max);
            // A shift of one sample (0.06 ms) would be 0.17.
            assert!(worst < 0.17, "{rate} Hz: off by {worst}");
        }
    }

    #[test]
    fn a_few_samples_are_enough() {
        assert_eq!(resampled(48_000, 0.001, 5).len(), 16);
    }
}
