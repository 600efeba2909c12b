//! Telling the voices of one channel apart.

use anyhow::{Context, Result};

use super::audio::Listened;
use crate::adapters::models::{Store, Task};
use crate::adapters::pcm::Pcm;
use crate::adapters::speakers::{Encoder, Voiceprints};
use crate::analysis::diarise::{self, Diarised, Settings};
use crate::session::{Role, Span, Turn, turn};

/// A voice that is not sure is as likely another's.
const UNSURE: f64 = 0.5;

/// Gives the turns of a recording on one channel to `count` voices: the one that talks most is the candidate.
/// Recordings in which people have a channel each are left alone.
///
/// # Errors
/// When the working copy of the audio cannot be read, or the speaker encoder is damaged.
pub fn tell_apart(listened: &mut Listened, count: usize, store: &Store) -> Result<()> {
    let speech = turn::anyone(&listened.turns);
    let ([pcm], true) = (&mut listened.channels[..], count > 1 && !speech.is_empty()) else { return Ok(()) };
    let (voices, warning) = voiceprints(store)?;
    let found = separate(pcm, &speech, count, &voices)?;
    let candidate = found.most_talkative();
    let turn = |turn: &diarise::Turn| Turn {
        span: turn.span,
        speaker: if turn.speaker == candidate { Role::Candidate } else { Role::Interviewer },
        confidence: if found.sure && turn.is_sure() { f64::from(turn.confidence) } else { UNSURE },
        channel: 0,
    };
    listened.turns = found.turns.iter().map(turn).collect();
    listened.problems.extend(warning);
    let talk: f64 = found.talk.iter().map(|talk| talk.as_seconds()).sum();
    let share = found.talk.get(candidate).map_or(0.0, |own| own.as_seconds()) / talk.max(0.001) * 100.0;
    listened.problems.push(if found.sure {
        format!("{count} voices on one channel: the one with {share:.0} % of the talk is taken for the candidate")
    } else {
        format!(
            "it is not sure that {count} people speak here: whatever depends on who spoke is a guess (the voice with {share:.0} % of the talk is taken for the candidate)"
        )
    });
    Ok(())
}

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
