//! `thinkaloud history`

pub mod append;
mod compare;
mod rescore;
mod transfer;
pub mod which;

use std::process::ExitCode;

use anyhow::{Result, bail};
use chrono::Local;
use serde::Serialize;

use super::environment;
use super::failure::NOT_PASSED;
use super::output::{print, tell};
use crate::adapters::history::{Detail, History};
use crate::cli::{self, HistoryCommand, Which};
use crate::config::Folders;
use crate::report::sessions;
use crate::report::trends::{self, Trends, text};
use crate::session::history::SessionHead;
use crate::session::{FORMAT, TOOL};

/// `history --json`.
#[derive(Serialize)]
struct Document {
    format: u32,
    tool: &'static str,
    sessions: Vec<SessionHead>,
}

pub fn run(arguments: cli::History) -> Result<ExitCode> {
    let folders = environment::folders()?;
    match arguments.command {
        None => list(&folders, &arguments.which, arguments.json)?,
        Some(HistoryCommand::Show { metric, which, json }) => show(&folders, &metric, &which, json)?,
        Some(HistoryCommand::Compare { a, b, json }) => compare::run(&folders, &a, &b, json)?,
        Some(HistoryCommand::Export { form, which }) => transfer::export(&folders, form, &which)?,
        Some(HistoryCommand::Import { file }) => transfer::import(&folders, &file)?,
        Some(HistoryCommand::Forget { session }) => forget(&folders, &session)?,
        Some(HistoryCommand::Rescore { sessions, which, all }) => {
            if !rescore::run(&sessions, &which, all)? {
                return Ok(ExitCode::from(NOT_PASSED));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The history for reading; what had to be done to the file is told.
pub fn look(folders: &Folders) -> Result<History> {
    let history = History::look(&folders.history())?;
    history.notes.iter().for_each(|note| tell(note));
    Ok(history)
}

/// The history for changing.
pub fn open(folders: &Folders) -> Result<History> {
    let history = History::open(&folders.history())?;
    history.notes.iter().for_each(|note| tell(note));
    Ok(history)
}

fn list(folders: &Folders, which: &Which, json: bool) -> Result<()> {
    let found = look(folders)?.sessions(&which::filter(which)?, Detail::Head)?;
    let heads: Vec<SessionHead> = found.into_iter().map(|record| record.head).collect();
    if json {
        let document = Document { format: FORMAT, tool: TOOL, sessions: heads };
        return print(&format!("{}\n", serde_json::to_string_pretty(&document)?));
    }
    let card = environment::scorecard(folders, None)?;
    print(&sessions::table(&heads, &card, Local::now().fixed_offset()))
}

fn show(folders: &Folders, metric: &str, which: &Which, json: bool) -> Result<()> {
    let card = environment::scorecard(folders, None)?;
    let history = look(folders)?;
    // All that the trends look at: a chance of one in twenty is another thing among twenty measures.
    let mut ids = trends::followed(&card, &[]);
    if !ids.iter().any(|id| id == metric) {
        ids.push(metric.to_owned());
    }
    let found = history.sessions(&which::filter(which)?, Detail::Values(&ids))?;
    let trends = Trends::new(&found, &ids, &card, &[], Local::now().fixed_offset());
    let Some(measure) = trends.measures.iter().find(|measure| measure.id == metric) else {
        bail!(
            "no session in the history has a value of {metric}; there are score.total and the measures that a report lists"
        );
    };
    if json {
        return print(&format!("{}\n", serde_json::to_string_pretty(measure)?));
    }
    trends.notes.iter().for_each(|note| tell(note));
    print(&text::show_measure(measure))
}

fn forget(folders: &Folders, session: &str) -> Result<()> {
    let mut history = open(folders)?;
    let id = which::resolve(&history, session)?;
    let count = history.forget(&id)?;
    print(&format!(
        "Forgotten: {} of session {id}; its folder is left alone\n",
        trends::counted(count, "analysis").replace("analysiss", "analyses")
    ))
}
