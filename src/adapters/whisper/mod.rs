//! Recognition with whisper.cpp.

mod bias;
mod doubt;
mod ear;
mod language;
mod loops;
mod windows;
mod words;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use whisper_rs::{DtwMode, DtwModelPreset, DtwParameters, WhisperContext, WhisperContextParameters};

use self::bias::Bias;
use self::ear::{Ear, Task};
use self::windows::Window;
use super::machine;
use super::pcm::Pcm;
use super::transcriber::{Around, Detected, Heard, TranscribeError, Transcriber};
use crate::session::{Millis, Span};

/// What is heard where nobody said which language it is.
const FALLBACK: &str = "en";

pub struct Whisper {
    name: String,
    /// `None` until it is detected.
    language: Option<String>,
    /// Word times are read from the decoder's attention, which runs so late behind the voice.
    lag: Option<Millis>,
    threads: usize,
    bias: Bias,
    context: WhisperContext,
}

/// What to load and how.
pub struct WhisperSettings<'a> {
    pub path: &'a Path,
    /// The model's name, for people.
    pub name: &'a str,
    /// Two-letter code, `None` to detect it; an English-only model hears English whatever is said here.
    pub language: Option<&'a str>,
    /// Name of the attention heads that word times are read from, such as `tiny.en`.
    pub timing: Option<&'a str>,
    /// Words that are likely in this session, in lower case.
    pub words: &'a [String],
    pub threads: usize,
}

impl WhisperSettings<'_> {
    /// Everything beside weights and audio that the words depend on; part of the cache key.
    pub fn parameters(&self) -> String {
        let timing = self.timing.unwrap_or("tokens");
        let language = self.language.unwrap_or("detected");
        let words = self.words.join(" ");
        format!("whisper {language} greedy timing={timing} windows={} favoured={words}", windows::VERSION)
    }
}

impl Whisper {
    pub fn load(settings: &WhisperSettings) -> Result<Self, TranscribeError> {
        whisper_rs::install_logging_hooks();
        machine::give_memory_back();
        let path = settings.path.display().to_string();
        let failed = |why: String| TranscribeError::Model { path: path.clone(), why };
        let mut parameters = WhisperContextParameters::default();
        let preset = settings.timing.and_then(preset);
        let mode = match &preset {
            Some(preset) => DtwMode::ModelPreset { model_preset: preset.clone() },
            None => DtwMode::None,
        };
        parameters
            .use_gpu(cfg!(any(feature = "cuda", feature = "vulkan", feature = "metal")))
            .flash_attn(false)
            .dtw_parameters(DtwParameters { mode, ..Default::default() });
        let context = WhisperContext::new_with_params(settings.path, parameters)
            .map_err(|error| failed(error.to_string()))?;
        let language = if context.is_multilingual() { settings.language } else { Some(FALLBACK) };
        Ok(Self {
            name: settings.name.to_owned(),
            language: language.map(str::to_owned),
            lag: settings.timing.filter(|_| preset.is_some()).map(lag),
            threads: settings.threads.max(1),
            bias: Bias::new(&context, settings.words),
            context,
        })
    }
}

impl Transcriber for Whisper {
    fn model(&self) -> &str {
        &self.name
    }

    fn language(&self) -> &str {
        self.language.as_deref().unwrap_or(FALLBACK)
    }

    fn detect(&mut self, audio: &mut Pcm, speech: &[Span]) -> Result<Option<Detected>, TranscribeError> {
        if self.language.is_some() {
            return Ok(None);
        }
        let windows = windows::plan(speech, audio.duration());
        let detected = language::detect(&self.context, audio, &windows, self.threads)?;
        self.language = detected.as_ref().map(|detected| detected.language.clone());
        Ok(detected)
    }

    fn transcribe(
        &mut self,
        audio: &mut Pcm,
        speech: &[Span],
        around: Around,
    ) -> Result<Heard, TranscribeError> {
        let windows = windows::plan(speech, audio.duration());
        let mut heard: Vec<Option<Heard>> =
            windows.iter().map(|window| around.journal.known(window.start()).cloned()).collect();
        let open: Vec<usize> = (0..windows.len()).filter(|&index| heard[index].is_none()).collect();
        let length = |indices: &[usize]| {
            indices.iter().fold(Millis::ZERO, |sum, &index| sum + windows[index].length())
        };
        let total = windows.iter().fold(Millis::ZERO, |sum, window| sum + window.length());
        let mut done = total - length(&open);
        (around.progress)(done, total);
        let audio = Mutex::new(audio);
        let task = Task {
            context: &self.context,
            language: self.language(),
            lag: self.lag,
            bias: &self.bias,
            stop: around.stop,
            audio: &audio,
            speech,
        };
        // A decoder for each core, with a thread of its own: threads that share a decoder wait for one another at
        // every step, and a core that is busy with something else then stops them all.
        let ears = self.threads.min(open.len());
        let threads = self.threads / ears.max(1);
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let (out, results) = channel();
            for _ in 0..ears {
                let (out, task, next, windows, open) = (out.clone(), &task, &next, &windows, &open);
                scope.spawn(move || listen(task, threads, windows, open, next, &out));
            }
            drop(out);
            for (index, result) in results {
                let said = result?;
                around.journal.keep(windows[index].start(), &said);
                heard[index] = Some(said);
                done = done + windows[index].length();
                (around.progress)(done, total);
            }
            Ok::<(), TranscribeError>(())
        })?;
        let mut all = Heard::default();
        for said in heard.into_iter().flatten() {
            all.words.extend(said.words);
            all.dropped.extend(said.dropped);
        }
        Ok(all)
    }
}

/// Hears windows of those that are `open` until none is left, somebody wants it to end, or nobody wants to know.
fn listen<'a>(
    task: &'a Task<'a>,
    threads: usize,
    windows: &[Window],
    open: &[usize],
    next: &AtomicUsize,
    out: &Sender<(usize, Result<Heard, TranscribeError>)>,
) {
    let mut ear = None;
    loop {
        let Some(&index) = open.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
        let window = &windows[index];
        let result = match &mut ear {
            _ if task.stop.load(Ordering::Relaxed) => Err(TranscribeError::Stopped),
            Some(ear) => Ear::hear(ear, window),
            none => Ear::new(task, threads).and_then(|new| none.insert(new).hear(window)),
        };
        let failed = result.is_err();
        if out.send((index, result)).is_err() || failed {
            return;
        }
    }
}

/// How late a model's alignment runs behind the voice: the median over a thousand words with known times for the first
/// two, between them for the others.
fn lag(timing: &str) -> Millis {
    match timing {
        "tiny.en" => Millis(60),
        "base" => Millis(-50),
        _ => Millis::ZERO,
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
