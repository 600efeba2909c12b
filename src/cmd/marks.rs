//! `thinkaloud note | stage | run`: marks in the recording in progress, from another terminal.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use super::environment;
use super::failure::Missing;
use crate::adapters::clock::monotonic_ns;
use crate::adapters::recorder::log::Log;
use crate::adapters::{current, files};
use crate::session::{Anchor, Clock, Event, EventKind, Millis, jsonl};

pub fn note(text: String) -> Result<ExitCode> {
    mark(monotonic_ns(), EventKind::Note { text })?;
    Ok(ExitCode::SUCCESS)
}

pub fn stage(name: String) -> Result<ExitCode> {
    mark(monotonic_ns(), EventKind::Stage { stage: name })?;
    Ok(ExitCode::SUCCESS)
}

/// Ends with the command's own exit code, so that it can stand in for the command.
pub fn run(command: Vec<String>) -> Result<ExitCode> {
    in_progress()?;
    let started = monotonic_ns();
    let status = Command::new(&command[0])
        .args(&command[1..])
        .status()
        .with_context(|| format!("{} cannot be run", command[0]))?;
    // A command that a signal ended has no code; shells call that 128 and more.
    let exit_code = status.code().unwrap_or(128);
    let seconds = (monotonic_ns() - started) as f64 / 1e9;
    mark(started, EventKind::Run { command: command.join(" "), exit_code, seconds })?;
    Ok(ExitCode::from(u8::try_from(exit_code).unwrap_or(u8::MAX)))
}

fn in_progress() -> Result<PathBuf> {
    let data = environment::folders()?.data;
    let missing = || Missing("no recording is in progress; start one with `thinkaloud record`".into());
    Ok(current::find(&data).ok_or_else(missing)?)
}

fn mark(monotonic_ns: i64, kind: EventKind) -> Result<()> {
    let session = in_progress()?;
    let event = Event { at: session_time(&session, monotonic_ns)?, monotonic_ns: Some(monotonic_ns), kind };
    let path = session.join("events.jsonl");
    let append = || Log::open(&path)?.append(&event);
    append().with_context(|| format!("{} cannot be written", path.display()))?;
    anstream::eprintln!("Noted at {}.", event.at);
    Ok(())
}

fn session_time(session: &Path, monotonic_ns: i64) -> Result<Millis> {
    let (anchors, _) = jsonl::parse::<Anchor>(&files::read_text(&session.join("clock.jsonl"))?);
    Ok(Clock::new(&anchors).session_time(monotonic_ns).unwrap_or_default().max(Millis::ZERO))
}
