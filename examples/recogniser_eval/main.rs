//! The recogniser beside others, on one file with the same weights: time, memory, word errors, word onsets.
//!
//! ```text
//! cargo build --release
//! cargo run --release --example recogniser_eval -- AUDIO TRUTH MODEL [--cli WHISPER_CLI] [--faster PYTHON FOLDER]
//! ```
//!
//! TRUTH is the sample's `script.toml` (words with times), or a text of what is said. MODEL is a ggml file. WHISPER_CLI is
//! whisper.cpp's own program; PYTHON one that has faster-whisper, and FOLDER the weights in its form. Each runs with the
//! threads of this machine and its own defaults, faster-whisper in int8 with its speech detector on. Nothing else should
//! run meanwhile.

#[path = "../speakers_eval/hearing.rs"]
#[allow(dead_code)] // Only its samples are used here.
mod hearing;
mod score;
mod tool;
mod truth;

use std::error::Error;
use std::path::{Path, PathBuf};

use tool::Tool;
use truth::Truth;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or_else(|| format!("{what} is missing"));
    let (audio, truth, model) = (next("AUDIO")?, next("TRUTH")?, PathBuf::from(next("MODEL")?));
    let mut tools = vec![Tool::Thinkaloud];
    while let Ok(option) = next("an option") {
        match option.as_str() {
            "--cli" => tools.push(Tool::WhisperCli(next("WHISPER_CLI")?.into())),
            "--faster" => {
                let (python, folder) = (next("PYTHON")?, next("FOLDER")?);
                for beam in [1, 5] {
                    tools.push(Tool::FasterWhisper {
                        python: python.clone().into(),
                        folder: folder.clone().into(),
                        beam,
                    });
                }
            }
            other => return Err(format!("{other}: no such option").into()),
        }
    }
    let truth = Truth::read(Path::new(&truth))?;
    let work = tempfile::tempdir()?;
    let wav = tool::wav(Path::new(&audio), work.path())?;
    println!("| tool | wall s | peak MB | word errors | onset median, p95 ms |\n|---|---|---|---|---|");
    let mut first = None;
    for tool in &tools {
        let run = tool.run(&wav, &model, work.path())?;
        let score = score::score(&truth, &run.words);
        let onsets = score.onsets.map_or("-".into(), |(median, p95)| format!("{median:.0}, {p95:.0}"));
        let wall = run.wall.as_secs_f64();
        let times = wall / *first.get_or_insert(wall);
        let errors = score.word_error_rate * 100.0;
        println!(
            "| {} | {wall:.1} (× {times:.2}) | {} | {errors:.2} % | {onsets} |",
            tool.name(),
            run.peak_mb
        );
    }
    Ok(())
}
