//! Where there is speech: a neural detector that runs on 16 ms frames.

use earshot::Detector;

/// Scores speech frame by frame.
pub trait SpeechDetector {
    /// Samples a frame, at 16 kHz.
    fn frame(&self) -> usize;

    /// 0 (none) to 1 (speech) for exactly one frame.
    fn score(&mut self, frame: &[f32]) -> f32;
}

/// Earshot: weights inside the program, no file needed.
#[derive(Default)]
pub struct Earshot(Box<Detector>);

impl SpeechDetector for Earshot {
    fn frame(&self) -> usize {
        256
    }

    fn score(&mut self, frame: &[f32]) -> f32 {
        self.0.predict_f32(frame)
    }
}

/// Feeds a stream of any block size to a detector.
pub struct Scores<D> {
    detector: D,
    pending: Vec<f32>,
    scores: Vec<f32>,
}

impl<D: SpeechDetector> Scores<D> {
    pub fn new(detector: D) -> Self {
        Self { detector, pending: Vec::new(), scores: Vec::new() }
    }

    /// Samples outside of -1 to 1, as a resampler makes of clipped ones, are clipped again.
    pub fn push(&mut self, samples: &[f32]) {
        self.pending.extend(samples.iter().map(|sample| sample.clamp(-1.0, 1.0)));
        let size = self.detector.frame();
        let whole = self.pending.len() / size * size;
        for frame in self.pending[..whole].chunks_exact(size) {
            self.scores.push(self.detector.score(frame));
        }
        self.pending.drain(..whole);
    }

    /// The scores since the last call.
    pub fn take(&mut self) -> Vec<f32> {
        std::mem::take(&mut self.scores)
    }

    /// One score a frame, and the frame's length in milliseconds; the last frame is filled with silence.
    pub fn finish(mut self) -> (Vec<f32>, i64) {
        let size = self.detector.frame();
        if !self.pending.is_empty() {
            self.pending.resize(size, 0.0);
            self.scores.push(self.detector.score(&self.pending));
        }
        (self.scores, size as i64 * 1000 / i64::from(super::pcm::RATE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_and_noise_are_no_speech() {
        let mut scores = Scores::new(Earshot::default());
        let mut seed = 1_u32;
        let noise: Vec<f32> = (0..16_000 * 5)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 8) as f32 / (1 << 24) as f32 * 0.02 - 0.01
            })
            .collect();
        scores.push(&[0.0; 1000]);
        scores.push(&noise);
        let (scores, frame_ms) = scores.finish();
        assert_eq!(frame_ms, 16);
        assert_eq!(scores.len(), 81_000_usize.div_ceil(256));
        assert!(scores.iter().all(|&score| score < 0.7));
    }
}
