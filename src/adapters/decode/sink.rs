//! Where decoded samples go: checked, folded, counted, handed on.

use std::io;
use std::path::{Path, PathBuf};

use super::error::DecodeError;
use super::fold::Fold;
use super::{Block, Decoded};

/// Rates outside are a broken header, not a recording.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;
/// No converter gives more than 18 dB over full scale; what is louder is damage.
const LOUDEST: f32 = 8.0;
/// Frames of silence in one block.
const SILENT_BLOCK: u64 = 8_192;

pub struct Sink<'a> {
    path: PathBuf,
    each: &'a mut dyn FnMut(Block) -> io::Result<()>,
    block: Vec<f32>,
    rate: u32,
    channels: usize,
    frames: u64,
    not_numbers: u64,
    converted: bool,
    pub problems: Vec<String>,
}

impl<'a> Sink<'a> {
    pub fn new(path: &Path, each: &'a mut dyn FnMut(Block) -> io::Result<()>) -> Self {
        Self {
            path: path.to_path_buf(),
            each,
            block: Vec::new(),
            rate: 0,
            channels: 0,
            frames: 0,
            not_numbers: 0,
            converted: false,
            problems: Vec::new(),
        }
    }

    /// Frames handed on so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Length handed on so far.
    pub fn seconds(&self) -> f64 {
        self.frames as f64 / f64::from(self.rate.max(1))
    }

    /// Interleaved samples of as many channels as `fold` takes.
    pub fn write(&mut self, samples: &[f32], fold: &Fold, rate: u32) -> Result<(), DecodeError> {
        if samples.is_empty() {
            return Ok(());
        }
        if !RATES.contains(&rate) {
            return Err(DecodeError::BadRate { path: self.path.clone(), rate });
        }
        if fold.channels() == 0 {
            return Ok(());
        }
        let mut block = std::mem::take(&mut self.block);
        block.clear();
        fold.apply(samples, &mut block);
        for sample in &mut block {
            if sample.is_finite() {
                *sample = sample.clamp(-LOUDEST, LOUDEST);
            } else {
                *sample = 0.0;
                self.not_numbers += 1;
            }
        }
        if self.rate == 0 {
            (self.rate, self.channels) = (rate, fold.channels());
        } else if (self.rate, self.channels) != (rate, fold.channels()) {
            block = self.convert(&block, fold.channels(), rate);
        }
        let sent = self.send(&block);
        self.block = block;
        sent
    }

    /// Silence, in the shape of what follows.
    pub fn silence(&mut self, frames: u64, fold: &Fold, rate: u32) -> Result<(), DecodeError> {
        let width = match fold {
            Fold::Keep(channels) => *channels,
            Fold::Weigh(weights) => weights.len(),
        };
        let zeros = vec![0.0; SILENT_BLOCK.min(frames) as usize * width];
        let mut left = frames;
        while left > 0 {
            let now = left.min(SILENT_BLOCK);
            self.write(&zeros[..now as usize * width], fold, rate)?;
            left -= now;
        }
        Ok(())
    }

    fn send(&mut self, block: &[f32]) -> Result<(), DecodeError> {
        self.frames += (block.len() / self.channels) as u64;
        let block = Block { samples: block, channels: self.channels, rate: self.rate };
        (self.each)(block).map_err(|source| DecodeError::Consumer { path: self.path.clone(), source })
    }

    /// A stream that changes its shape half-way goes on in the shape it began with, so that no time is lost.
    /// Between samples lines are drawn: good enough for what is rare.
    fn convert(&mut self, block: &[f32], channels: usize, rate: u32) -> Vec<f32> {
        if !self.converted {
            self.converted = true;
            self.problems.push(format!(
                "after {:.1} s the sound changes from {} Hz and {} channels to {rate} Hz and {channels}",
                self.seconds(),
                self.rate,
                self.channels
            ));
        }
        let frames = block.len() / channels;
        let wanted = (frames as u64 * u64::from(self.rate) / u64::from(rate)) as usize;
        let step = f64::from(rate) / f64::from(self.rate);
        let at = |frame: usize, channel: usize| {
            let frame = &block[frame.min(frames - 1) * channels..][..channels];
            if channels == self.channels {
                frame[channel]
            } else {
                frame.iter().sum::<f32>() / channels as f32
            }
        };
        let mut out = Vec::with_capacity(wanted * self.channels);
        for index in 0..wanted {
            let place = index as f64 * step;
            let part = place.fract() as f32;
            for channel in 0..self.channels {
                let (from, to) = (at(place as usize, channel), at(place as usize + 1, channel));
                out.push(from + (to - from) * part);
            }
        }
        out
    }

    pub fn finish(mut self) -> Result<Decoded, DecodeError> {
        if self.not_numbers > 0 {
            self.problems
                .push(format!("{} samples are no numbers and were taken for silence", self.not_numbers));
        }
        if self.frames == 0 {
            return Err(DecodeError::NoSamples(self.path));
        }
        Ok(Decoded { rate: self.rate, frames: self.frames, channels: self.channels, problems: self.problems })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_silence_and_said() {
        let mut heard = Vec::new();
        let mut each = |block: Block| {
            heard.extend_from_slice(block.samples);
            Ok(())
        };
        let mut sink = Sink::new(Path::new("a"), &mut each);
        sink.write(&[0.5, f32::NAN, f32::INFINITY, 1e30], &Fold::Keep(1), 16_000).unwrap();
        let decoded = sink.finish().unwrap();
        assert!(decoded.problems[0].starts_with("2 samples"));
        assert_eq!(heard, [0.5, 0.0, 0.0, LOUDEST]);
    }

    #[test]
    fn a_change_of_rate_keeps_the_time() {
        let mut each = |block: Block| {
            assert_eq!((block.rate, block.channels), (16_000, 1));
            Ok(())
        };
        let mut sink = Sink::new(Path::new("a"), &mut each);
        sink.write(&[0.1; 16_000], &Fold::Keep(1), 16_000).unwrap();
        sink.write(&[0.1; 16_000], &Fold::Keep(2), 8_000).unwrap();
        sink.silence(20_000, &Fold::Keep(1), 16_000).unwrap();
        let decoded = sink.finish().unwrap();
        assert_eq!(decoded.frames, 16_000 + 16_000 + 20_000);
        assert_eq!(decoded.problems.len(), 1);
    }

    #[test]
    fn a_rate_that_cannot_be_is_refused() {
        let mut each = |_: Block| Ok(());
        let mut sink = Sink::new(Path::new("a"), &mut each);
        assert!(matches!(
            sink.write(&[0.0], &Fold::Keep(1), 1_092_676),
            Err(DecodeError::BadRate { rate: 1_092_676, .. })
        ));
    }
}
