//! Which of several audio tracks is heard: the one that was asked for, or the one with the most speech.

use super::demux::{Input, audio_tracks, next};
use super::error::DecodeError;
use super::stream::{Heard, Stream, describe};
use crate::adapters::pcm::RATE;
use crate::adapters::resample::Resampler;
use crate::adapters::vad::Live;

/// What is listened to of each track; in seconds. People are late to a call, but not later.
const LOOK: u64 = 300;
/// So much more speech makes a later track the better one: less is chance, and the first is what players play.
const CLEARLY_MORE: f64 = 1.2;
/// Less than half a second of speech is a cough; in samples.
const LEAST_SPEECH: usize = RATE as usize / 2;

/// The track (from 0) to read, and a word about it when there were others.
pub fn choose(input: &Input, asked: Option<usize>) -> Result<(usize, Option<String>), DecodeError> {
    let format = input.container()?;
    let tracks = audio_tracks(format.as_ref());
    if tracks.is_empty() {
        return Err(DecodeError::NoAudioTrack(input.path.to_path_buf()));
    }
    let names: Vec<String> =
        tracks.iter().enumerate().map(|(index, track)| describe(index + 1, track)).collect();
    if let Some(asked) = asked {
        return match asked.checked_sub(1).filter(|&index| index < tracks.len()) {
            Some(index) => Ok((index, None)),
            None => {
                Err(DecodeError::NoSuchTrack { path: input.path.to_path_buf(), track: asked, tracks: names })
            }
        };
    }
    if tracks.len() == 1 {
        return Ok((0, None));
    }
    drop(format);
    let speech = listen(input)?;
    let mut best = speech.iter().position(Option::is_some).unwrap_or(0);
    for (index, samples) in speech.iter().enumerate() {
        let (more, than) = (samples.unwrap_or(0), speech[best].unwrap_or(0));
        if more >= LEAST_SPEECH && more as f64 > than as f64 * CLEARLY_MORE {
            best = index;
        }
    }
    let why = if speech[best].unwrap_or(0) >= LEAST_SPEECH { "has the most speech" } else { "was taken" };
    let word = format!(
        "{} audio tracks ({}); track {} {why}, --track takes another",
        names.len(),
        names.join("; "),
        best + 1
    );
    Ok((best, Some(word)))
}

struct Ear {
    stream: Stream,
    resampler: Option<Resampler>,
    voice: Live,
    /// Frames heard, at the track's rate.
    heard: u64,
    /// Samples with speech.
    speech: usize,
}

impl Ear {
    fn done(&self) -> bool {
        self.heard > LOOK * u64::from(self.stream.rate())
    }

    fn take(&mut self) -> Option<()> {
        let mut folded = Vec::new();
        self.stream.fold().apply(self.stream.samples(), &mut folded);
        let channels = self.stream.fold().channels().max(1);
        let mono: Vec<f32> = folded
            .chunks_exact(channels)
            .map(|frame| frame.iter().sum::<f32>() / channels as f32)
            .map(|sample| if sample.is_finite() { sample } else { 0.0 })
            .collect();
        self.heard += mono.len() as u64;
        let resampler = match &mut self.resampler {
            Some(resampler) => resampler,
            none => none.insert(Resampler::new(self.stream.rate()).ok()?),
        };
        let samples = resampler.push(&mono).ok()?;
        self.speech += if self.voice.hears(&samples) { samples.len() } else { 0 };
        Some(())
    }
}

/// Samples with speech in the first minutes of each track; `None` where it cannot be decoded.
fn listen(input: &Input) -> Result<Vec<Option<usize>>, DecodeError> {
    let mut format = input.container()?;
    let mut ears: Vec<Option<Ear>> = audio_tracks(format.as_ref())
        .into_iter()
        .map(|track| {
            let stream = Stream::open(track).ok()?;
            Some(Ear { stream, resampler: None, voice: Live::default(), heard: 0, speech: 0 })
        })
        .collect();
    while ears.iter().flatten().any(|ear| !ear.done()) {
        let Ok(Some(packet)) = next(format.as_mut()) else { break };
        let mine = |ear: &&mut Ear| ear.stream.id == packet.track_id;
        let Some(ear) = ears.iter_mut().flatten().find(mine) else { continue };
        if !ear.done() && matches!(ear.stream.hear(&packet), Heard::Run) && ear.stream.rate() > 0 {
            // A track of an absurd rate is left to the reading to refuse.
            let _ = ear.take();
        }
    }
    Ok(ears.into_iter().map(|ear| ear.map(|ear| ear.speech)).collect())
}
