//! The working copy of a recording: 16 kHz mono, 16 bit, in an unnamed temporary file.
//!
//! A three-hour session is 345 MB; on disk it costs no memory, and any stretch can be read again.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use sha2::{Digest, Sha256};

use crate::session::hash::hex;
use crate::session::{Millis, Span};

/// Samples a second, of every consumer of speech here.
pub const RATE: u32 = 16_000;
const SAMPLES_PER_MS: u64 = RATE as u64 / 1000;

pub struct PcmWriter {
    file: BufWriter<File>,
    hash: Sha256,
    samples: u64,
}

impl PcmWriter {
    pub fn create() -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::with_capacity(1 << 16, tempfile::tempfile()?),
            hash: Sha256::new(),
            samples: 0,
        })
    }

    /// Appends samples in -1 to 1; louder ones are clipped.
    pub fn push(&mut self, samples: &[f32]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(samples.len() * 2);
        for sample in samples {
            let value = (sample.clamp(-1.0, 1.0) * 32767.0).round() as i16;
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        self.hash.update(&bytes);
        self.samples += samples.len() as u64;
        self.file.write_all(&bytes)
    }

    /// Samples written so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// A second copy that begins with what was written so far: a recording may turn out to have two channels late.
    pub fn fork(&mut self) -> io::Result<Self> {
        let mut copy = Self { hash: self.hash.clone(), samples: self.samples, ..Self::create()? };
        self.file.seek(SeekFrom::Start(0))?;
        io::copy(self.file.get_mut(), &mut copy.file)?;
        Ok(copy)
    }

    pub fn finish(self) -> io::Result<Pcm> {
        let hash = hex(self.hash.finalize());
        Ok(Pcm {
            file: self.file.into_inner().map_err(|error| error.into_error())?,
            samples: self.samples,
            hash,
        })
    }
}

pub struct Pcm {
    file: File,
    samples: u64,
    hash: String,
}

impl Pcm {
    pub fn duration(&self) -> Millis {
        Millis((self.samples / SAMPLES_PER_MS) as i64)
    }

    /// SHA-256 (hex) of the samples: equal audio gives an equal hash, whatever file it came in.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// All samples, a few seconds at a time, and where they lie.
    pub fn each(&mut self, take: &mut dyn FnMut(Span, &[f32]) -> io::Result<()>) -> io::Result<()> {
        const STEP: Millis = Millis(8_000);
        let mut span = Span::new(Millis::ZERO, STEP);
        loop {
            let block = self.read(span)?;
            if block.is_empty() {
                return Ok(());
            }
            take(span, &block)?;
            span = Span::new(span.end, span.end + STEP);
        }
    }

    /// The samples of `span`, cut to what there is.
    pub fn read(&mut self, span: Span) -> io::Result<Vec<f32>> {
        let index = |at: Millis| (at.0.max(0) as u64 * SAMPLES_PER_MS).min(self.samples);
        let (from, to) = (index(span.start), index(span.end));
        let mut bytes = vec![0; (to.saturating_sub(from) * 2) as usize];
        self.file.seek(SeekFrom::Start(from * 2))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes
            .chunks_exact(2)
            .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32768.0)
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut writer = PcmWriter::create().unwrap();
        writer.push(&vec![0.25; 1600]).unwrap();
        writer.push(&[2.0; 16]).unwrap();
        let mut pcm = writer.finish().unwrap();
        assert_eq!(pcm.duration(), Millis(101));
        let end = pcm.read(Span::new(Millis(99), Millis(500))).unwrap();
        assert_eq!(end.len(), 32);
        assert!((end[0] - 0.25).abs() < 1e-4 && end[31] > 0.999);
        assert!(pcm.read(Span::new(Millis(-9), Millis(0))).unwrap().is_empty());
    }

    #[test]
    fn a_fork_has_the_same_past_and_its_own_future() {
        let mut first = PcmWriter::create().unwrap();
        first.push(&vec![0.5; 200_000]).unwrap();
        let mut second = first.fork().unwrap();
        first.push(&[0.25; 16]).unwrap();
        second.push(&[-0.25; 16]).unwrap();
        let [mut first, mut second] = [first, second].map(|writer| writer.finish().unwrap());
        assert_ne!(first.hash(), second.hash());
        let sum = |pcm: &mut Pcm| {
            let (mut count, mut sum) = (0, 0.0);
            pcm.each(&mut |_, block| {
                (count, sum) = (count + block.len(), sum + block.iter().map(|&s| f64::from(s)).sum::<f64>());
                Ok(())
            })
            .unwrap();
            (count, sum)
        };
        let (first, second) = (sum(&mut first), sum(&mut second));
        assert_eq!((first.0, second.0), (200_016, 200_016));
        assert!((first.1 - second.1 - 8.0).abs() < 0.01, "{first:?} {second:?}");
    }
}
