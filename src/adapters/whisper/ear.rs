//! One decoder: the words of a window of audio. Several listen at once, each on a window of its own.

use std::ffi::c_void;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperState};

use super::bias::Bias;
use super::doubt;
use super::windows::Window;
use super::words::{self, Token};
use crate::adapters::pcm::{Pcm, RATE};
use crate::adapters::transcriber::{Heard, TranscribeError};
use crate::session::{Millis, Span};

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
    /// Word times are read from the decoder's attention, which runs so late behind the voice; `None`: by the model's own.
    pub lag: Option<Millis>,
    pub bias: &'a Bias,
    pub stop: &'a AtomicBool,
    pub audio: &'a Mutex<&'a mut Pcm>,
    pub speech: &'a [Span],
}

pub struct Ear<'a> {
    task: &'a Task<'a>,
    state: WhisperState,
    threads: usize,
}

impl<'a> Ear<'a> {
    pub fn new(task: &'a Task<'a>, threads: usize) -> Result<Self, TranscribeError> {
        let state = task
            .context
            .create_state()
            .map_err(|error| TranscribeError::Recogniser { at: Millis::ZERO, why: error.to_string() })?;
        Ok(Self { task, state, threads })
    }

    /// The words of one window, and what was written but is not used. A window in which the model lost its way, or heard
    /// nothing, is heard once more in two halves.
    pub fn hear(&mut self, window: &Window) -> Result<Heard, TranscribeError> {
        let heard = self.hear_once(window)?;
        let lost = !heard.dropped.is_empty() || heard.words.is_empty();
        let Some(halves) = lost.then(|| window.halves()).flatten() else { return Ok(heard) };
        let mut again = Heard::default();
        for half in &halves {
            let heard = self.hear_once(half)?;
            again.words.extend(heard.words);
            again.dropped.extend(heard.dropped);
        }
        let better = again.dropped.len() < heard.dropped.len() || again.words.len() > heard.words.len();
        Ok(if better { again } else { heard })
    }

    fn hear_once(&mut self, window: &Window) -> Result<Heard, TranscribeError> {
        let samples = {
            // A poisoned lock guards nothing but a position in a file, which every read sets.
            let mut audio = self.task.audio.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            window.samples(&mut audio)?
        };
        let tokens = self.decode(&samples).map_err(|why| match self.task.stop.load(Ordering::Relaxed) {
            true => TranscribeError::Stopped,
            false => TranscribeError::Recogniser { at: window.start(), why },
        })?;
        let lag = self.task.lag.unwrap_or_default();
        let words = words::assemble(&tokens, window, self.task.speech, lag);
        Ok(doubt::sift(words, self.task.speech, window.speech(self.task.speech)))
    }

    /// The tokens of one window of audio, with times from the window's start.
    fn decode(&mut self, samples: &[f32]) -> Result<Vec<Token>, String> {
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        parameters.set_language(Some(self.task.language));
        parameters.set_n_threads(self.threads as i32);
        parameters.set_audio_ctx(frames(samples.len()) as i32);
        parameters.set_no_context(true);
        parameters.set_suppress_blank(true);
        parameters.set_suppress_nst(true);
        parameters.set_temperature_inc(TEMPERATURE_STEP);
        parameters.set_token_timestamps(self.task.lag.is_none());
        parameters.set_print_special(false);
        parameters.set_print_progress(false);
        parameters.set_print_realtime(false);
        parameters.set_print_timestamps(false);
        self.task.bias.apply(&mut parameters);
        let stop: *const AtomicBool = self.task.stop;
        // SAFETY: the flag outlives the decoding, and is only read.
        unsafe {
            parameters.set_abort_callback_user_data(stop.cast_mut().cast());
            parameters.set_abort_callback(Some(stopped));
        }
        self.state.full(parameters, samples).map_err(|error| error.to_string())?;
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

unsafe extern "C" fn stopped(stop: *mut c_void) -> bool {
    // SAFETY: this is the flag that was set beside the callback.
    unsafe { stop.cast::<AtomicBool>().as_ref() }.is_some_and(|stop| stop.load(Ordering::Relaxed))
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
