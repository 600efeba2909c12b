//! Recognition with whisper.cpp.

mod ear;
mod loops;
mod windows;
mod words;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use whisper_rs::{DtwMode, DtwModelPreset, DtwParameters, WhisperContext, WhisperContextParameters};

use self::ear::{Ear, Said, Task};
use self::windows::Window;
use super::pcm::Pcm;
use super::transcriber::{Heard, Progress, TranscribeError, Transcriber};
use crate::session::{Dropped, Millis, Span, Word};

pub struct Whisper {
    name: String,
    language: String,
    /// Word times are read from the decoder's attention.
    aligned: bool,
    threads: usize,
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
        let language = if context.is_multilingual() { settings.language } else { "en" };
        Ok(Self {
            name: settings.name.to_owned(),
            language: language.to_owned(),
            aligned: preset.is_some(),
            threads: settings.threads.max(1),
            context,
        })
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
        progress(Millis::ZERO, total);
        let audio = Mutex::new(audio);
        let (language, aligned) = (self.language.as_str(), self.aligned);
        let task = Task { context: &self.context, language, aligned, audio: &audio, speech };
        // A decoder for each core, with a thread of its own: threads that share a decoder wait for one another at
        // every step, and a core that is busy with something else then stops them all.
        let ears = self.threads.min(windows.len());
        let threads = self.threads / ears.max(1);
        let next = AtomicUsize::new(0);
        let mut said: Vec<Option<Said>> = windows.iter().map(|_| None).collect();
        std::thread::scope(|scope| {
            let (out, results) = channel();
            for _ in 0..ears {
                let (out, task, next, windows) = (out.clone(), &task, &next, &windows);
                scope.spawn(move || listen(task, threads, windows, next, &out));
            }
            drop(out);
            let mut done = Millis::ZERO;
            for (index, result) in results {
                said[index] = Some(result?);
                done = done + windows[index].length();
                progress(done, total);
            }
            Ok::<(), TranscribeError>(())
        })?;
        let mut heard = Heard::default();
        for (words, repeated) in said.into_iter().flatten() {
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
        }
        Ok(heard)
    }
}

/// Hears windows until none is left, or nobody wants to know.
fn listen<'a>(
    task: &'a Task<'a>,
    threads: usize,
    windows: &[Window],
    next: &AtomicUsize,
    out: &Sender<(usize, Result<Said, TranscribeError>)>,
) {
    let mut ear = None;
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(window) = windows.get(index) else { return };
        let result = match &mut ear {
            Some(ear) => Ear::hear(ear, window),
            none => Ear::new(task, threads).and_then(|new| none.insert(new).hear(window)),
        };
        let failed = result.is_err();
        if out.send((index, result)).is_err() || failed {
            return;
        }
    }
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
