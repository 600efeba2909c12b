//! Recordings to samples and their regions of speech, by the program's own parts.

use std::path::Path;

use anyhow::{Context, Result};
use thinkaloud::adapters::decode;
use thinkaloud::adapters::pcm::{Pcm, PcmWriter};
use thinkaloud::adapters::resample::Resampler;
use thinkaloud::adapters::vad::{Earshot, Scores};
use thinkaloud::analysis::speech::{SpeechSettings, regions};
use thinkaloud::session::Span;

/// A recording at 16 kHz.
pub fn samples(path: &Path) -> Result<Vec<f32>> {
    let mut all = Vec::new();
    let mut resampler: Option<Resampler> = None;
    decode::decode(path, None, &mut |block| {
        let scale = 1.0 / block.channels as f32;
        let mono: Vec<f32> = block
            .samples
            .chunks_exact(block.channels)
            .map(|frame| frame.iter().sum::<f32>() * scale)
            .collect();
        let resampler = match &mut resampler {
            Some(resampler) => resampler,
            none => none.insert(Resampler::new(block.rate).map_err(std::io::Error::other)?),
        };
        all.extend(resampler.push(&mono).map_err(std::io::Error::other)?);
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
    let (mut pcm, mut scores) = (PcmWriter::create()?, Scores::new(Earshot::default()));
    pcm.push(samples)?;
    scores.push(samples);
    let pcm = pcm.finish()?;
    let (scores, frame_ms) = scores.finish();
    let end = pcm.duration();
    let speech = regions(&scores, frame_ms, SpeechSettings::default());
    Ok((pcm, speech.into_iter().map(|span| Span::new(span.start, span.end.min(end))).collect()))
}
