//! `thinkaloud transcribe`

use std::process::ExitCode;

use anyhow::Result;

use super::output::{print, tell};
use super::speakers::Expected;
use super::{audio, environment, recognise};
use crate::cli::{Transcribe, TranscriptForm};
use crate::report::transcript::{Form, render};
use crate::rubric::builtin;
use crate::rubric::repair::Repairs;
use crate::session::CodeHistory;
use crate::session::hash::sha256;

pub fn run(arguments: Transcribe) -> Result<ExitCode> {
    let folders = environment::folders()?;
    let config = environment::config(&folders)?;
    let repairs = Repairs::parse(&builtin::lexicon())?;
    let is_transcript = arguments.file.extension().is_some_and(|extension| extension == "json");
    let transcript = if is_transcript {
        recognise::read(&arguments.file)?
    } else {
        let expected = Expected::new(arguments.who, None);
        let parts = std::slice::from_ref(&arguments.file);
        let mut listened = audio::listen_to(parts, arguments.track, expected, &folders)?;
        listened.problems.iter().for_each(|problem| tell(problem));
        // Kept by the sound itself, whatever the file is called.
        let cache = folders.data.join("transcripts").join(format!("{}.json", sha256(listened.hash())));
        let words = recognise::likely(None, &CodeHistory::default())?;
        recognise::recognise(&mut listened, &cache, &words, &arguments.recogniser, &config, &folders)?
    };
    let form = match arguments.format {
        TranscriptForm::Txt => Form::Text,
        TranscriptForm::Srt => Form::Srt,
        TranscriptForm::Vtt => Form::Vtt,
        TranscriptForm::Json => Form::Json,
        TranscriptForm::Tsv => Form::Tsv,
    };
    print(&render(&transcript, &repairs, form))?;
    Ok(ExitCode::SUCCESS)
}
