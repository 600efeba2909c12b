//! `thinkaloud report`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};

use super::output::{print, say};
use super::{analyze, publish, sound};
use crate::adapters::{files, store};
use crate::cli::{self, ReportForm};
use crate::report::page::Sound;
use crate::report::{Report, markdown, text};

pub fn run(arguments: cli::Report) -> Result<ExitCode> {
    let folder = analysed(&arguments.session)?;
    let path = folder.join("report.json");
    let report = Report::read(&files::read_text(&path)?)
        .map_err(|why| anyhow!("{}: {why}; `thinkaloud analyze` makes it anew", path.display()))?;
    match arguments.format {
        ReportForm::Json => say!("{}", report.to_json())?,
        ReportForm::Md => print(&markdown::render(&report))?,
        ReportForm::Text => print(&text::render(&report))?,
        ReportForm::Html => {}
    }
    let page = folder.join("report.html");
    if arguments.format == ReportForm::Html {
        remake(&arguments, &report, &folder)?;
        say!("{}", page.display())?;
    }
    if arguments.open {
        if !page.is_file() {
            bail!("{}: there is no such page; `--format html` makes it", page.display());
        }
        open::that_detached(&page)
            .with_context(|| format!("no browser can be started; open {} by hand", page.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder with the report of a session, or that folder itself.
fn analysed(session: &Path) -> Result<PathBuf> {
    let folders = [session.join("report"), session.to_path_buf()];
    let found = folders.into_iter().find(|folder| folder.join("report.json").is_file());
    found.with_context(|| {
        let session = session.display();
        format!("{session}: no report.json in it; run `thinkaloud analyze {session}` first")
    })
}

/// The page from what the session holds. A report that lies apart from its session keeps the page it has.
fn remake(arguments: &cli::Report, report: &Report, folder: &Path) -> Result<()> {
    let session = [arguments.session.as_path(), folder.parent().unwrap_or(folder)];
    let Some(session) = session.into_iter().find(|session| session.join("session.json").is_file()) else {
        if folder.join("report.html").is_file() {
            return Ok(());
        }
        bail!("{}: there is no session.json beside it to make the page from", folder.display());
    };
    let mut stored = store::open(session)?;
    if report.heard {
        analyze::leave_out_later_edits(&mut stored.code, report.duration);
    }
    let sound = if arguments.sound.no_audio || !report.heard {
        Sound::None
    } else {
        heard(&stored.audio, report, arguments.sound, folder)?
    };
    publish::page(report, &stored.code, &sound, folder)
}

#[cfg(feature = "opus")]
fn heard(audio: &[PathBuf], report: &Report, choice: cli::Sound, out: &Path) -> Result<Sound> {
    // The recordings may have been removed since to save space.
    if audio.is_empty() {
        return Ok(Sound::None);
    }
    let mut channels = super::audio::sound_of(audio, !report.speakers.is_empty())?;
    sound::of(&mut channels, Vec::new(), choice, out)
}

/// A build that cannot pack sound links what there is; where each part begins takes reading it.
#[cfg(not(feature = "opus"))]
fn heard(audio: &[PathBuf], _: &Report, _: cli::Sound, out: &Path) -> Result<Sound> {
    let starts = super::audio::starts(audio)?;
    Ok(Sound::Linked(sound::links(audio, &starts, out)))
}
