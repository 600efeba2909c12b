//! `thinkaloud recover`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use uuid::Uuid;

use super::environment;
use super::output::say;
use crate::adapters::recorder::repair::{Repair, repair};
use crate::adapters::{current, files, store};
use crate::session::{FORMAT, Manifest, TOOL};

pub fn run(session: Option<PathBuf>) -> Result<ExitCode> {
    let sessions = match session {
        Some(session) => vec![session],
        None => all(&environment::folders()?.data.join("sessions"))?,
    };
    if sessions.is_empty() {
        say!("There are no sessions in the data folder.")?;
    }
    for session in sessions {
        recover(&session)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut sessions: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect();
    sessions.sort();
    Ok(sessions)
}

fn recover(session: &Path) -> Result<()> {
    let shown = session.display();
    if !session.is_dir() {
        bail!("{shown}: there is no such folder");
    }
    if current::is_recording(session).with_context(|| format!("{shown} cannot be read"))? {
        say!("{shown}: is being recorded; left alone")?;
        return Ok(());
    }
    let mut said = Vec::new();
    let mut parts = store::audio_parts(&session.join("audio"))?;
    parts.retain(|path| path.extension().is_some_and(|extension| extension == "wav"));
    for part in &parts {
        let name = part.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match repair(part).with_context(|| format!("{} cannot be mended", part.display()))? {
            Repair::Whole => {}
            Repair::Empty => said.push(format!("{name} holds no sound")),
            Repair::Mended { said_seconds, found_seconds, kept } => said.push(format!(
                "{name}: its header said {said_seconds:.1} s, {found_seconds:.1} s are there; mended (what was found is kept as {})",
                kept.file_name().unwrap_or_default().to_string_lossy()
            )),
        }
    }
    if !session.join("session.json").exists() {
        if parts.is_empty() {
            bail!("{shown} is not a session: it has neither session.json nor audio");
        }
        let manifest = Manifest {
            format: FORMAT,
            tool: TOOL.into(),
            id: Uuid::now_v7(),
            title: String::new(),
            started_at: None,
            profile: None,
            problem: None,
            code_root: None,
            speakers: Vec::new(),
        };
        files::write(&session.join("session.json"), serde_json::to_string_pretty(&manifest)?.as_bytes())?;
        said.push("session.json was missing; made anew, without title and time".into());
    }
    said.extend(store::open(session)?.problems);
    if said.is_empty() {
        say!("{shown}: whole")?;
    } else {
        said.iter().try_for_each(|line| say!("{shown}: {line}"))?;
    }
    Ok(())
}
