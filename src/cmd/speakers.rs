//! Telling the voices of one channel apart.

use anyhow::{Context, Result};

use crate::adapters::models::{Store, Task};
use crate::adapters::pcm::Pcm;
use crate::adapters::speakers::{Encoder, Voiceprints};
use crate::analysis::diarise::{self, Diarised, Settings};
use crate::session::Span;

/// Says who of `count` speakers is heard where in `speech` (in order, not overlapping).
///
/// # Errors
/// When the working copy of the audio cannot be read.
pub fn separate(pcm: &mut Pcm, speech: &[Span], count: usize, voices: &Voiceprints) -> Result<Diarised> {
    let settings = Settings::default();
    let windows = diarise::windows(speech, settings.window, settings.hop);
    let spans: Vec<Span> = windows.iter().map(|window| window.span).collect();
    // A single speaker needs no telling apart.
    let prints = if count < 2 {
        Vec::new()
    } else {
        voices.of(pcm, &spans).context("the working copy of the audio cannot be read")?
    };
    Ok(diarise::diarise(speech, &windows, &prints, count, voices.can_count(), settings))
}

/// The speaker encoder where its weights are here, and what to tell the person where they are not.
///
/// # Errors
/// When the weights are here but damaged.
pub fn voiceprints(store: &Store) -> Result<(Voiceprints, Option<String>)> {
    let model = store.catalog().for_task(Task::Speakers).context("the catalogue has no speaker encoder")?;
    match store.resolve(&model.name) {
        Ok(path) => Ok((Voiceprints::Encoder(Box::new(Encoder::load(&path)?)), None)),
        Err(_) => Ok((
            Voiceprints::Cepstra,
            Some(format!(
                "the speakers are told apart by the sound's spectrum alone, which is often wrong: run `thinkaloud models pull {}` once, and analyse again",
                model.name
            )),
        )),
    }
}
