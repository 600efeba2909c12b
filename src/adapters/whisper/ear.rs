//! One decoder: the words of a window of audio. Several listen at once, each on a window of its own.

use std::sync::Mutex;

use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperState};

use super::loops;
use super::windows::Window;
use super::words::{self, Token};
use crate::adapters::pcm::{Pcm, RATE};
use crate::adapters::transcriber::TranscribeError;
use crate::session::{Millis, Span, Word};

/// whisper.cpp gives up on less than a second; shorter windows are filled with silence.
const MIN_SAMPLES: usize = RATE as usize * 11 / 10;
/// Encoder frames a second.
const FRAMES_PER_SECOND: usize = 50;
/// Encoder frames beyond the audio; fewer made the model repeat itself.
const FRAME_MARGIN: usize = 128;
const MAX_FRAMES: usize = 1500;
/// What the model is unsure of is decoded again at 0.4 and 0.8, no more: each time costs as much as the first.
const TEMPERATURE_STEP: f32 = 0.4;

/// What all decoders of a recording share.
pub struct Task<'a> {
    pub context: &'a WhisperContext,
    pub language: &'a str,
    /// Word times are read from the decoder's attention.
    pub aligned: bool,
    pub audio: &'a Mutex<&'a mut Pcm>,
    pub speech: &'a [Span],
}

pub struct Ear<'a> {
    task: &'a Task<'a>,
    state: WhisperState,
    threads: usize,
}

/// What a window holds: words, and those that only repeat others.
pub type Said = (Vec<Word>, Vec<Word>);

impl<'a> Ear<'a> {
    pub fn new(task: &'a Task<'a>, threads: usize) -> Result<Self, TranscribeError> {
        let state = task
            .context
            .create_state()
            .map_err(|error| TranscribeError::Recogniser { at: Millis::ZERO, why: error.to_string() })?;
        Ok(Self { task, state, threads })
    }

    /// The words of one window, and those that only repeat others. A window in which the model lost its way, or heard
    /// nothing, is heard once more in two halves.
    pub fn hear(&mut self, window: &Window) -> Result<Said, TranscribeError> {
        let (words, repeated) = self.hear_once(window)?;
        let lost = !repeated.is_empty() || words.is_empty();
        let Some(halves) = lost.then(|| window.halves()).flatten() else { return Ok((words, repeated)) };
        let mut again = (Vec::new(), Vec::new());
        for half in &halves {
            let (words, repeated) = self.hear_once(half)?;
            again.0.extend(words);
            again.1.extend(repeated);
        }
        let better = again.1.len() < repeated.len() || again.0.len() > words.len();
        Ok(if better { again } else { (words, repeated) })
    }

    fn hear_once(&mut self, window: &Window) -> Result<Said, TranscribeError> {
        let samples = self.samples(window)?;
        let tokens =
            self.decode(samples).map_err(|why| TranscribeError::Recogniser { at: window.start(), why })?;
        let words = words::assemble(&tokens, window, self.task.speech);
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let loops = loops::repeats(&texts);
        let is_repeat = |index: usize| loops.iter().any(|range| range.contains(&index));
        let (mut said, mut repeated) = (Vec::new(), Vec::new());
        for (index, word) in words.into_iter().enumerate() {
            if is_repeat(index) { repeated.push(word) } else { said.push(word) }
        }
        Ok((said, repeated))
    }

    fn samples(&self, window: &Window) -> Result<Vec<f32>, TranscribeError> {
        // A poisoned lock guards nothing but a position in a file, which every read sets.
        let mut audio = self.task.audio.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut samples = Vec::new();
        for piece in &window.pieces {
            samples.extend(audio.read(*piece)?);
        }
        Ok(samples)
    }

    /// The tokens of one window of audio, with times from the window's start.
    fn decode(&mut self, mut samples: Vec<f32>) -> Result<Vec<Token>, String> {
        samples.resize(samples.len().max(MIN_SAMPLES), 0.0);
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        parameters.set_language(Some(self.task.language));
        parameters.set_n_threads(self.threads as i32);
        parameters.set_audio_ctx(frames(samples.len()) as i32);
        parameters.set_no_context(true);
        parameters.set_suppress_blank(true);
        parameters.set_suppress_nst(true);
        parameters.set_temperature_inc(TEMPERATURE_STEP);
        parameters.set_token_timestamps(!self.task.aligned);
        parameters.set_print_special(false);
        parameters.set_print_progress(false);
        parameters.set_print_realtime(false);
        parameters.set_print_timestamps(false);
        self.state.full(parameters, &samples).map_err(|error| error.to_string())?;
        let end_of_text = self.task.context.token_eot();
        let mut tokens = Vec::new();
        for segment in self.state.as_iter() {
            for index in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(index) else { continue };
                if token.token_id() >= end_of_text {
                    continue;
                }
                let data = token.token_data();
                let text = token.to_bytes().map_err(|error| error.to_string())?.to_vec();
                // All times are in hundredths of a second; -1 is "not measured".
                let millis = |hundredths: i64| Millis(hundredths * 10);
                tokens.push(Token {
                    text,
                    probability: data.p,
                    said: Span::new(millis(data.t0), millis(data.t1)),
                    heard_by: (data.t_dtw >= 0).then(|| millis(data.t_dtw)),
                });
            }
        }
        Ok(tokens)
    }
}

/// Encoder frames for so many samples: enough for them, rounded up to 64, instead of 30 s every time.
fn frames(samples: usize) -> usize {
    let needed = (samples * FRAMES_PER_SECOND).div_ceil(RATE as usize) + FRAME_MARGIN;
    needed.next_multiple_of(64).min(MAX_FRAMES)
}

#[cfg(test)]
mod tests {
    use super::frames;

    #[test]
    fn the_encoder_sees_the_window_and_a_margin() {
        assert_eq!(frames(16_000), 192);
        assert_eq!(frames(16_000 * 10), 640);
        assert_eq!(frames(16_000 * 30), 1500);
    }
}
