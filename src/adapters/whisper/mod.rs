//! Recognition with whisper.cpp.

mod loops;
mod windows;
mod words;

use std::path::Path;

use whisper_rs::{
    DtwMode, DtwModelPreset, DtwParameters, FullParams, SamplingStrategy, WhisperContext,
    WhisperContextParameters, WhisperState,
};

use self::windows::Window;
use self::words::Token;
use super::pcm::{Pcm, RATE};
use super::transcriber::{Heard, Progress, TranscribeError, Transcriber};
use crate::session::{Dropped, Millis, Span, Word};

/// whisper.cpp gives up on less than a second; shorter windows are filled with silence.
const MIN_SAMPLES: usize = RATE as usize * 11 / 10;
/// Encoder frames a second.
const FRAMES_PER_SECOND: usize = 50;
/// Encoder frames beyond the audio; fewer made the model repeat itself.
const FRAME_MARGIN: usize = 128;
const MAX_FRAMES: usize = 1500;
/// What the model is unsure of is decoded again at 0.4 and 0.8, no more: each time costs as much as the first.
const TEMPERATURE_STEP: f32 = 0.4;

pub struct Whisper {
    name: String,
    language: String,
    /// Word times are read from the decoder's attention.
    aligned: bool,
    threads: usize,
    state: WhisperState,
    /// Kept alive for the state.
    context: WhisperContext,
}

/// What to load and how.
pub struct WhisperSettings<'a> {
    pub path: &'a Path,
    /// The model's name, for people.
    pub name: &'a str,
    /// Two-letter code; an English-only model hears English whatever is said here.
    pub language: &'a str,
    /// Name of the attention heads that word times are read from, such as `tiny.en`.
    pub timing: Option<&'a str>,
    pub threads: usize,
}

impl WhisperSettings<'_> {
    /// Everything beside weights and audio that the words depend on; part of the cache key.
    pub fn parameters(&self) -> String {
        let timing = self.timing.unwrap_or("tokens");
        format!("whisper {} greedy timing={timing} windows={}", self.language, windows::VERSION)
    }
}

impl Whisper {
    pub fn load(settings: &WhisperSettings) -> Result<Self, TranscribeError> {
        whisper_rs::install_logging_hooks();
        let path = settings.path.display().to_string();
        let failed = |why: String| TranscribeError::Model { path: path.clone(), why };
        let mut parameters = WhisperContextParameters::default();
        let preset = settings.timing.and_then(preset);
        let mode = match &preset {
            Some(preset) => DtwMode::ModelPreset { model_preset: preset.clone() },
            None => DtwMode::None,
        };
        parameters
            .use_gpu(false)
            .flash_attn(false)
            .dtw_parameters(DtwParameters { mode, ..Default::default() });
        let context = WhisperContext::new_with_params(settings.path, parameters)
            .map_err(|error| failed(error.to_string()))?;
        let state = context.create_state().map_err(|error| failed(error.to_string()))?;
        let language = if context.is_multilingual() { settings.language } else { "en" };
        Ok(Self {
            name: settings.name.to_owned(),
            language: language.to_owned(),
            aligned: preset.is_some(),
            threads: settings.threads.max(1),
            state,
            context,
        })
    }

    /// The words of one window, and those that only repeat others. A window in which the model lost its way, or heard
    /// nothing, is heard once more in two halves.
    fn hear(
        &mut self,
        audio: &mut Pcm,
        window: &Window,
        speech: &[Span],
    ) -> Result<(Vec<Word>, Vec<Word>), TranscribeError> {
        let (words, repeated) = self.hear_once(audio, window, speech)?;
        let lost = !repeated.is_empty() || words.is_empty();
        let Some(halves) = lost.then(|| window.halves()).flatten() else { return Ok((words, repeated)) };
        let mut again = (Vec::new(), Vec::new());
        for half in &halves {
            let (words, repeated) = self.hear_once(audio, half, speech)?;
            again.0.extend(words);
            again.1.extend(repeated);
        }
        let better = again.1.len() < repeated.len() || again.0.len() > words.len();
        Ok(if better { again } else { (words, repeated) })
    }

    fn hear_once(
        &mut self,
        audio: &mut Pcm,
        window: &Window,
        speech: &[Span],
    ) -> Result<(Vec<Word>, Vec<Word>), TranscribeError> {
        let mut samples = Vec::new();
        for piece in &window.pieces {
            samples.extend(audio.read(*piece)?);
        }
        let tokens =
            self.decode(&samples).map_err(|why| TranscribeError::Recogniser { at: window.start(), why })?;
        let words = words::assemble(&tokens, window, speech);
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let loops = loops::repeats(&texts);
        let is_repeat = |index: usize| loops.iter().any(|range| range.contains(&index));
        let (mut said, mut repeated) = (Vec::new(), Vec::new());
        for (index, word) in words.into_iter().enumerate() {
            if is_repeat(index) { repeated.push(word) } else { said.push(word) }
        }
        Ok((said, repeated))
    }

    /// The tokens of one window of audio, with times from the window's start.
    fn decode(&mut self, samples: &[f32]) -> Result<Vec<Token>, String> {
        let mut padded = samples.to_vec();
        padded.resize(samples.len().max(MIN_SAMPLES), 0.0);
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        parameters.set_language(Some(&self.language));
        parameters.set_n_threads(self.threads as i32);
        parameters.set_audio_ctx(frames(padded.len()) as i32);
        parameters.set_no_context(true);
        parameters.set_suppress_blank(true);
        parameters.set_suppress_nst(true);
        parameters.set_temperature_inc(TEMPERATURE_STEP);
        parameters.set_token_timestamps(!self.aligned);
        parameters.set_print_special(false);
        parameters.set_print_progress(false);
        parameters.set_print_realtime(false);
        parameters.set_print_timestamps(false);
        self.state.full(parameters, &padded).map_err(|error| error.to_string())?;
        let end_of_text = self.context.token_eot();
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

impl Transcriber for Whisper {
    fn model(&self) -> &str {
        &self.name
    }

    fn language(&self) -> &str {
        &self.language
    }

    fn transcribe(
        &mut self,
        audio: &mut Pcm,
        speech: &[Span],
        progress: Progress,
    ) -> Result<Heard, TranscribeError> {
        let windows = windows::plan(speech, audio.duration());
        let total = windows.iter().fold(Millis::ZERO, |sum, window| sum + window.length());
        let mut done = Millis::ZERO;
        let mut heard = Heard::default();
        progress(done, total);
        for window in windows {
            let (words, repeated) = self.hear(audio, &window, speech)?;
            let drop = |word: Word, reason: &str| Dropped {
                span: word.span,
                text: word.text,
                reason: reason.into(),
            };
            heard.dropped.extend(repeated.into_iter().map(|word| drop(word, "said again and again")));
            for word in words {
                match words::objection(&word, speech) {
                    None => heard.words.push(word),
                    Some(reason) => heard.dropped.push(drop(word, reason)),
                }
            }
            done = done + window.length();
            progress(done, total);
        }
        Ok(heard)
    }
}

/// Encoder frames for so many samples: enough for them, rounded up to 64, instead of 30 s every time.
fn frames(samples: usize) -> usize {
    let needed = (samples * FRAMES_PER_SECOND).div_ceil(RATE as usize) + FRAME_MARGIN;
    needed.next_multiple_of(64).min(MAX_FRAMES)
}

fn preset(name: &str) -> Option<DtwModelPreset> {
    Some(match name {
        "tiny.en" => DtwModelPreset::TinyEn,
        "tiny" => DtwModelPreset::Tiny,
        "base.en" => DtwModelPreset::BaseEn,
        "base" => DtwModelPreset::Base,
        "small.en" => DtwModelPreset::SmallEn,
        "small" => DtwModelPreset::Small,
        "medium.en" => DtwModelPreset::MediumEn,
        "medium" => DtwModelPreset::Medium,
        "large-v1" => DtwModelPreset::LargeV1,
        "large-v2" => DtwModelPreset::LargeV2,
        "large-v3" => DtwModelPreset::LargeV3,
        "large-v3-turbo" => DtwModelPreset::LargeV3Turbo,
        _ => return None,
    })
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
