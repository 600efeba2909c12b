//! The programs that are compared, each run whole, as a user would.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use thinkaloud::adapters::pcm::RATE;

use crate::Result;
use crate::hearing::samples;
use crate::truth::{Said, bare};

pub enum Tool {
    Thinkaloud,
    WhisperCli(PathBuf),
    FasterWhisper { python: PathBuf, folder: PathBuf, beam: u8 },
}

pub struct Run {
    pub wall: Duration,
    /// Largest resident set.
    pub peak_mb: i64,
    pub words: Vec<Said>,
}

/// Prints a word a line, with its start.
const FASTER: &str = "
import sys
from faster_whisper import WhisperModel
folder, audio, threads, beam = sys.argv[1:]
model = WhisperModel(folder, device='cpu', compute_type='int8', cpu_threads=int(threads))
segments, _ = model.transcribe(audio, language='en', vad_filter=True, word_timestamps=True, beam_size=int(beam))
for segment in segments:
    for word in segment.words:
        print(word.start, word.word.strip(), sep='\\t')
";

impl Tool {
    pub fn name(&self) -> String {
        match self {
            Self::Thinkaloud => "thinkaloud".into(),
            Self::WhisperCli(_) => "whisper.cpp".into(),
            Self::FasterWhisper { beam, .. } => format!("faster-whisper, beam {beam}"),
        }
    }

    pub fn run(&self, wav: &Path, model: &Path, work: &Path) -> Result<Run> {
        let threads = std::thread::available_parallelism()?.to_string();
        let out = work.join("out");
        let mut command = match self {
            Self::Thinkaloud => {
                let own = std::env::current_exe()?;
                let program = own.parent().and_then(Path::parent).ok_or("no folder")?.join("thinkaloud");
                let mut command = Command::new(program);
                command.args(["transcribe", "--format", "json", "--model"]).args([model, wav]);
                // Nothing is known from an earlier run.
                command.env("THINKALOUD_HOME", tempfile::tempdir_in(work)?.keep());
                command
            }
            Self::WhisperCli(program) => {
                let mut command = Command::new(program);
                command
                    .arg("-m")
                    .arg(model)
                    .arg("-f")
                    .arg(wav)
                    .args(["-t", &threads, "-ojf", "-of"])
                    .arg(&out);
                command
            }
            Self::FasterWhisper { python, folder, beam } => {
                let mut command = Command::new(python);
                command.args(["-c", FASTER]).args([folder, wav]).args([&threads, &beam.to_string()]);
                command
            }
        };
        let printed = work.join("printed");
        command.stdout(File::create(&printed)?).stderr(Stdio::null());
        let started = Instant::now();
        let (status, peak_mb) = wait(command)?;
        let wall = started.elapsed();
        if !status.success() {
            return Err(format!("{} ended with {status}", self.name()).into());
        }
        let words = match self {
            Self::Thinkaloud => own_words(&serde_json::from_slice(&fs::read(printed)?)?),
            // Some tokens are parts of letters.
            Self::WhisperCli(_) => {
                let text = fs::read(out.with_extension("json"))?;
                cli_words(&serde_json::from_str(&String::from_utf8_lossy(&text))?)
            }
            Self::FasterWhisper { .. } => fs::read_to_string(printed)?
                .lines()
                .filter_map(|line| line.split_once('\t'))
                .flat_map(|(start, word)| bare(word, start.parse().ok()))
                .collect(),
        };
        Ok(Run { wall, peak_mb, words })
    }
}

/// Runs to the end; gives the largest memory, too.
fn wait(mut command: Command) -> Result<(ExitStatus, i64)> {
    let name = command.get_program().to_owned();
    let child = command.spawn().map_err(|error| format!("{}: {error}", name.display()))?;
    let mut status = 0;
    // SAFETY: a child of this process that nobody else waits for; plain numbers are written.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        if libc::wait4(child.id() as i32, &mut status, 0, &mut usage) < 0 {
            return Err(std::io::Error::last_os_error().into());
        }
        usage
    };
    Ok((ExitStatus::from_raw(status), usage.ru_maxrss / 1024))
}

fn own_words(document: &Value) -> Vec<Said> {
    let words = document["words"].as_array().into_iter().flatten();
    words.flat_map(|word| bare(word["text"].as_str().unwrap_or_default(), word["start"].as_f64())).collect()
}

/// Tokens to words: a space opens one.
fn cli_words(document: &Value) -> Vec<Said> {
    let mut words: Vec<(String, Option<f64>)> = Vec::new();
    for segment in document["transcription"].as_array().into_iter().flatten() {
        let mut opens = true;
        for token in segment["tokens"].as_array().into_iter().flatten() {
            let text = token["text"].as_str().unwrap_or_default();
            if text.starts_with("[_") {
                continue;
            }
            match words.last_mut() {
                Some((word, _)) if !opens && !text.starts_with(' ') => word.push_str(text),
                _ => {
                    let start = token["offsets"]["from"].as_f64().map(|millis| millis / 1000.0);
                    words.push((text.trim().to_owned(), start));
                }
            }
            opens = false;
        }
    }
    words.iter().flat_map(|(word, start)| bare(word, *start)).collect()
}

/// The recording as all of them read it: 16 kHz, one channel.
pub fn wav(audio: &Path, work: &Path) -> Result<PathBuf> {
    let path = work.join("audio.wav");
    let format = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(&path, format)?;
    for sample in samples(audio)? {
        wav.write_sample((sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16)?;
    }
    wav.finalize()?;
    Ok(path)
}
