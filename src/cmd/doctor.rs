//! `thinkaloud doctor`

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use super::environment;
use super::output::say;
use crate::adapters::machine;
use crate::adapters::models::Task;
use crate::config::Folders;

/// An hour of sound at 48 kHz is 350 MB.
const ENOUGH_BYTES: u64 = 1_000_000_000;
const ENOUGH_WATCHES: u64 = 8_192;

/// One thing that was looked at: what it is, and what was found or how to mend it.
struct Check {
    what: &'static str,
    found: Result<String, String>,
}

pub fn run() -> Result<ExitCode> {
    let folders = environment::folders()?;
    let mut checks = vec![settings(&folders), model(&folders), room(&folders.data), watches()];
    checks.extend(microphone());
    let mut fine = true;
    for check in &checks {
        let (mark, text) = match &check.found {
            Ok(found) => ("ok  ", found),
            Err(mend) => ("MEND", mend),
        };
        fine &= check.found.is_ok();
        say!("{mark}  {:<12} {text}", check.what)?;
    }
    Ok(ExitCode::from(if fine { 0 } else { 3 }))
}

fn settings(folders: &Folders) -> Check {
    let path = folders.config.join("config.toml");
    let found = match environment::config(folders) {
        Ok(_) if path.exists() => Ok(path.display().to_string()),
        Ok(_) => Ok("defaults (no config.toml)".into()),
        Err(error) => Err(format!("{error:#}")),
    };
    Check { what: "settings", found }
}

fn model(folders: &Folders) -> Check {
    let store = environment::models(folders);
    let hears_words = |name: &str| store.catalog().get(name).is_none_or(|model| model.task == Task::Words);
    let found = match store.installed() {
        Ok(models) if !models.iter().any(|model| hears_words(&model.name)) => {
            Err("no speech model is here: run `thinkaloud models pull`".into())
        }
        Ok(models) => Ok(models.into_iter().map(|model| model.name).collect::<Vec<_>>().join(", ")),
        Err(error) => Err(error.to_string()),
    };
    Check { what: "model", found }
}

fn room(data: &Path) -> Check {
    // The data folder may not have been made yet: its nearest parent lies on the same disk.
    let there = data.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    let found = match machine::free_bytes(there) {
        Ok(free) if free >= ENOUGH_BYTES => Ok(format!("{} GB free", free / 1_000_000_000)),
        Ok(free) => Err(format!(
            "{} MB free in {}: an hour of recording takes 350 MB; free some, or set THINKALOUD_HOME to another disk",
            free / 1_000_000,
            there.display()
        )),
        Err(error) => Err(format!("{} cannot be asked: {error}", there.display())),
    };
    Check { what: "disk", found }
}

fn watches() -> Check {
    let found = match machine::watch_limit() {
        Some(limit) if limit < ENOUGH_WATCHES => Err(format!(
            "only {limit} folders may be watched: sudo sysctl fs.inotify.max_user_watches=524288 (edits are polled until then)"
        )),
        Some(limit) => Ok(format!("up to {limit} folders")),
        None => Ok("no limit".into()),
    };
    Check { what: "edits", found }
}

#[cfg(feature = "microphone")]
fn microphone() -> Vec<Check> {
    use crate::adapters::microphone::AudioSource as _;
    use crate::adapters::microphone::cpal::Microphone;

    let mut source = Microphone::new(None);
    let opened = source.open().map(|(stream, intake)| {
        drop(stream);
        (source.name(), intake.format)
    });
    let device = match &opened {
        Ok((name, format)) => Ok(format!("{name}, {} Hz, {} channels", format.rate, format.channels)),
        Err(error) => Err(error.to_string()),
    };
    let mut checks = vec![Check { what: "microphone", found: device }];
    if opened.is_ok() {
        let heard = super::devices::describe(&mut source);
        let found = if heard.starts_with("level") {
            Ok(heard)
        } else {
            Err(format!(
                "it {heard}: unmute it, and allow this terminal to use it in the system's privacy settings"
            ))
        };
        checks.push(Check { what: "level", found });
    }
    checks
}

#[cfg(not(feature = "microphone"))]
fn microphone() -> Vec<Check> {
    vec![Check { what: "microphone", found: Err(super::record::cannot_record().to_string()) }]
}
