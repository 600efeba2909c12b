//! Audio files to the working copies, the speech in them and who speaks it.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::speakers::{self, Expected};
use super::{environment, progress, voices};
use crate::adapters::decode::{self, Block, DecodeError};
use crate::adapters::pcm::{Pcm, PcmWriter, RATE};
use crate::adapters::resample::Resampler;
use crate::adapters::silero::Silero;
use crate::adapters::vad;
use crate::analysis::channels::{Comparison, Levels};
use crate::analysis::speech::{self, SpeechSettings};
use crate::config::Folders;
use crate::session::hash::sha256;
use crate::session::{Hearing, Millis, Span, Turn, turn};

pub struct Listened {
    /// One working copy for each channel that is used, all of one length.
    pub channels: Vec<Pcm>,
    pub turns: Vec<Turn>,
    /// Where each file begins in session time.
    pub starts: Vec<Millis>,
    /// What was wrong with the files although they could be read, and what was assumed of who speaks.
    pub problems: Vec<String>,
}

impl Listened {
    pub fn duration(&self) -> Millis {
        self.channels.first().map_or(Millis::ZERO, Pcm::duration)
    }

    /// What is worth keeping when the audio is gone.
    pub fn hearing(&self) -> Hearing {
        Hearing::new(
            sha256(self.hash()),
            self.duration(),
            self.starts.clone(),
            self.turns.clone(),
            self.problems.clone(),
        )
    }

    /// Equal sound gives an equal hash, whatever file it came in.
    pub fn hash(&self) -> String {
        let channels: Vec<&str> = self.channels.iter().map(Pcm::hash).collect();
        channels.join(" ")
    }

    /// Speech of anyone.
    pub fn speech(&self) -> Vec<Span> {
        turn::anyone(&self.turns)
    }
}

/// Reads parts that follow one another, of each audio track `track` (from 1) or the one with speech, and tells apart
/// who speaks.
pub fn listen_to(
    parts: &[PathBuf],
    track: Option<usize>,
    expected: Expected,
    folders: &Folders,
) -> Result<Listened> {
    let mut listened = listen(parts, track, expected)?;
    voices::tell_apart(&mut listened, expected.count, &environment::models(folders))?;
    Ok(listened)
}

fn listen(parts: &[PathBuf], track: Option<usize>, expected: Expected) -> Result<Listened> {
    let progress = progress::spinner("Reading audio");
    let mut problems = Vec::new();
    let (heard, starts) = read(parts, track, &mut problems)?;
    let (channels, turns) = speakers::tell_apart(heard, expected, &mut problems)
        .context("the working copy of the audio cannot be read")?;
    progress.finish_and_clear();
    Ok(Listened { channels, turns, starts, problems })
}

/// The sound alone, where nobody asks what is in it: the channels that are to be heard.
#[cfg(feature = "opus")]
pub fn sound_of(parts: &[PathBuf], two_people: bool) -> Result<Vec<Pcm>> {
    let progress = progress::spinner("Reading audio");
    let (heard, _) = read(parts, None, &mut Vec::new())?;
    progress.finish_and_clear();
    let mut channels = vec![heard.first];
    channels.extend(heard.second.map(|(second, _)| second));
    if !two_people && channels.len() > 1 {
        // One voice is on both, perhaps turned over, or on one alone.
        let loudness = channels.iter_mut().map(loudness).collect::<io::Result<Vec<f64>>>()?;
        channels.swap_remove(usize::from(loudness[0] >= loudness[1]));
    }
    Ok(channels)
}

/// Where each of the parts begins.
#[cfg(not(feature = "opus"))]
pub fn starts(parts: &[PathBuf]) -> Result<Vec<Millis>> {
    Ok(read(parts, None, &mut Vec::new())?.1)
}

#[cfg(feature = "opus")]
fn loudness(pcm: &mut Pcm) -> io::Result<f64> {
    let mut sum = 0.0;
    pcm.each(&mut |_, block| {
        sum += block.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>();
        Ok(())
    })?;
    Ok(sum)
}

/// Working copies of parts that follow one another, and where each begins.
fn read(parts: &[PathBuf], track: Option<usize>, problems: &mut Vec<String>) -> Result<(Heard, Vec<Millis>)> {
    let mut copies = Copies::create().context("no working copy of the audio can be made")?;
    let mut starts = Vec::new();
    let mut samples: u64 = 0;
    let mut unreadable = None;
    for part in parts {
        starts.push(Millis((samples * 1000 / u64::from(RATE)) as i64));
        match read_part(part, track, &mut copies, problems) {
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
    Ok((copies.finish().context("the working copy of the audio cannot be written")?, starts))
}

/// Where there is speech on a channel, in order, not overlapping.
pub fn speech(pcm: &mut Pcm) -> io::Result<Vec<Span>> {
    let heard = vad::listen(pcm, &mut Silero::default())?;
    let end = pcm.duration();
    let regions = speech::regions(&heard, SpeechSettings::default());
    Ok(regions.into_iter().map(|span| Span::new(span.start, span.end.min(end))).collect())
}

/// What was read: one channel, or two and how they compare.
pub struct Heard {
    pub first: Pcm,
    pub second: Option<(Pcm, Comparison)>,
}

/// The working copies while they are written.
struct Copies {
    first: PcmWriter,
    second: Option<(PcmWriter, Levels)>,
}

impl Copies {
    fn create() -> io::Result<Self> {
        Ok(Self { first: PcmWriter::create()?, second: None })
    }

    /// The next samples of each channel. A part of one channel in a recording of two is on both.
    fn push(&mut self, channels: &[Vec<f32>]) -> io::Result<()> {
        let Some(left) = channels.first() else { return Ok(()) };
        if channels.len() > 1 && self.second.is_none() {
            self.second = Some((self.first.fork()?, Levels::starting_after(self.first.samples())));
        }
        self.first.push(left)?;
        if let Some((second, levels)) = &mut self.second {
            let right = channels.get(1).unwrap_or(left);
            second.push(right)?;
            levels.push(left, right);
        }
        Ok(())
    }

    fn finish(self) -> io::Result<Heard> {
        let second = self.second.map(|(writer, levels)| io::Result::Ok((writer.finish()?, levels.finish())));
        Ok(Heard { first: self.first.finish()?, second: second.transpose()? })
    }
}

/// Gives the samples written a channel, at 16 kHz.
fn read_part(
    path: &Path,
    track: Option<usize>,
    copies: &mut Copies,
    problems: &mut Vec<String>,
) -> Result<u64> {
    let mut resamplers: Vec<Resampler> = Vec::new();
    let mut written = 0;
    let decoded = decode::decode(path, track, &mut |block: Block| {
        while resamplers.len() < block.channels {
            resamplers.push(Resampler::new(block.rate).map_err(io::Error::other)?);
        }
        let channel = |index: usize| -> Vec<f32> {
            block.samples.iter().skip(index).step_by(block.channels).copied().collect()
        };
        let ready: Result<Vec<Vec<f32>>, String> = resamplers
            .iter_mut()
            .enumerate()
            // A file that goes on with fewer channels has the last one on the rest.
            .map(|(index, resampler)| resampler.push(&channel(index.min(block.channels - 1))))
            .collect();
        let ready = ready.map_err(io::Error::other)?;
        written += ready[0].len() as u64;
        copies.push(&ready)
    })?;
    let rest: Result<Vec<Vec<f32>>, String> = resamplers.iter_mut().map(Resampler::finish).collect();
    let rest = rest.map_err(io::Error::other)?;
    written += rest.first().map_or(0, Vec::len) as u64;
    copies.push(&rest)?;
    problems.extend(decoded.problems.into_iter().map(|problem| format!("{}: {problem}", path.display())));
    Ok(written)
}
