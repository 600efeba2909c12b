//! Voiceprints of short windows of speech: numbers that are alike where the same person speaks.
//!
//! With the speaker encoder's weights they come from it; without them from the shape of the spectrum alone,
//! which is worth less: where one person has most of the talk it does not find the other (docs/architecture.md).

mod cepstra;
mod encoder;
mod spectrum;

use std::io;

pub use encoder::Encoder;
use spectrum::{FRAME, Spectrum};

use super::pcm::{Pcm, RATE};
use crate::session::{Millis, Span};

/// Windows that run through the encoder together: enough for a matrix product, and a few MB only.
const BATCH: usize = 64;

/// Where voiceprints come from.
pub enum Voiceprints {
    Encoder(Box<Encoder>),
    /// Without a model.
    Cepstra,
}

impl Voiceprints {
    /// Whether the prints are good enough to judge by them how many voices there are.
    pub fn can_count(&self) -> bool {
        matches!(self, Self::Encoder(_))
    }

    /// A voiceprint of each window, in order, of length 1 (or all zero where a window is too short). The
    /// windows may have any length up to some seconds; memory beside the result does not grow with their
    /// number.
    ///
    /// # Errors
    /// When the working copy cannot be read.
    pub fn of(&self, pcm: &mut Pcm, windows: &[Span]) -> io::Result<Vec<Vec<f32>>> {
        let spectrum = Spectrum::new();
        // A frame is centred on its time: half of it lies before the window begins, and half after its end.
        let margin = Millis((FRAME as i64 / 2 * 1000) / i64::from(RATE) + 1);
        let mut prints = Vec::with_capacity(windows.len());
        for batch in windows.chunks(BATCH) {
            let mut powers = Vec::with_capacity(batch.len());
            for span in batch {
                let samples = pcm.read(Span::new(span.start - margin, span.end + margin))?;
                powers.push(spectrum.powers(&samples));
            }
            match self {
                Self::Encoder(encoder) => {
                    powers.iter_mut().for_each(|window| spectrum::level(window));
                    prints.extend(encoder.prints(&powers));
                }
                Self::Cepstra => prints.extend(powers.iter().map(|window| cepstra::summary(window))),
            }
        }
        if let Self::Cepstra = self {
            cepstra::even_out(&mut prints);
        }
        Ok(prints)
    }
}
