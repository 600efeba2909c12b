//! Recordings to samples and their regions of speech, by the program's own parts.

use std::path::Path;

use anyhow::{Context, Result};
use thinkaloud::adapters::decode;
use thinkaloud::adapters::pcm::{Pcm, PcmWriter};
use thinkaloud::adapters::resample::Resampler;
use thinkaloud::cmd::audio;
use thinkaloud::session::Span;

/// A recording at 16 kHz.
pub fn samples(path: &Path) -> Result<Vec<f32>> {
    let mut all = Vec::new();
    let mut resampler: Option<Resampler> = None;
    decode::decode(path, None, &mut |block| {
        let resampler = match &mut resampler {
            Some(resampler) => resampler,
            none => none.insert(Resampler::new(block.rate).map_err(std::io::Error::other)?),
        };
        all.extend(resampler.push(&block.mono()).map_err(std::io::Error::other)?);
        Ok(())
    })
    .with_context(|| path.display().to_string())?;
    if let Some(mut resampler) = resampler {
        all.extend(resampler.finish().map_err(anyhow::Error::msg)?);
    }
    Ok(all)
}

/// The working copy of the samples, and where there is speech in it.
pub fn hear(samples: &[f32]) -> Result<(Pcm, Vec<Span>)> {
    let mut pcm = PcmWriter::create()?;
    pcm.push(samples)?;
    let mut pcm = pcm.finish()?;
    let speech = audio::speech(&mut pcm)?;
    Ok((pcm, speech))
}
