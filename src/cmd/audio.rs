//! Audio files to the working copy and its speech regions, in one pass.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::progress;
use crate::adapters::decode::{self, DecodeError};
use crate::adapters::pcm::{Pcm, PcmWriter};
use crate::adapters::resample::Resampler;
use crate::adapters::silero::Silero;
use crate::adapters::vad;
use crate::analysis::speech::{self, SpeechSettings};
use crate::session::{Millis, Span};

pub struct Listened {
    pub pcm: Pcm,
    pub speech: Vec<Span>,
    /// Where each file begins in session time.
    pub starts: Vec<Millis>,
    /// What was wrong with the files although they could be read.
    pub problems: Vec<String>,
}

/// Reads parts that follow one another.
pub fn listen(parts: &[PathBuf]) -> Result<Listened> {
    let progress = progress::spinner("Reading audio");
    let mut pcm = PcmWriter::create().context("no working copy of the audio can be made")?;
    let mut starts = Vec::new();
    let mut problems = Vec::new();
    let mut samples: u64 = 0;
    let mut unreadable = None;
    for part in parts {
        starts.push(Millis((samples * 1000 / u64::from(crate::adapters::pcm::RATE)) as i64));
        match read_part(part, &mut pcm, &mut problems) {
            Ok(read) => samples += read,
            // One stray or broken file must not cost the others.
            Err(error) if error.is::<DecodeError>() => {
                problems.push(format!("left out: {error}"));
                unreadable.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(error) = unreadable.filter(|_| samples == 0) {
        return Err(error);
    }
    let mut pcm = pcm.finish().context("the working copy of the audio cannot be written")?;
    let heard = vad::listen(&mut pcm, &mut Silero::default(), &mut |_| progress.tick())
        .context("the working copy of the audio cannot be read")?;
    progress.finish_and_clear();
    let speech = speech::regions(&heard, SpeechSettings::default());
    let end = pcm.duration();
    let speech = speech.into_iter().map(|span| Span::new(span.start, span.end.min(end))).collect();
    Ok(Listened { pcm, speech, starts, problems })
}

/// Gives the samples written, at 16 kHz.
fn read_part(path: &Path, pcm: &mut PcmWriter, problems: &mut Vec<String>) -> Result<u64> {
    let mut resampler: Option<Resampler> = None;
    let mut written = 0;
    let mut take = |samples: &[f32], pcm: &mut PcmWriter| {
        written += samples.len() as u64;
        pcm.push(samples)
    };
    let decoded = decode::decode(path, &mut |samples, rate| {
        let resampler = match &mut resampler {
            Some(resampler) => resampler,
            none => none.insert(Resampler::new(rate).map_err(std::io::Error::other)?),
        };
        let ready = resampler.push(samples).map_err(std::io::Error::other)?;
        take(&ready, pcm)
    })?;
    if let Some(mut resampler) = resampler {
        let rest = resampler.finish().map_err(std::io::Error::other)?;
        take(&rest, pcm)?;
    }
    problems.extend(decoded.problems.into_iter().map(|problem| format!("{}: {problem}", path.display())));
    Ok(written)
}
