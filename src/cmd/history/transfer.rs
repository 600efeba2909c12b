//! `thinkaloud history export` and `import`

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use chrono::Local;

use super::super::output::{print, tell};
use super::which;
use crate::adapters::files;
use crate::adapters::history::{Counts, Detail};
use crate::cli::{ExportForm, Which};
use crate::config::Folders;
use crate::session::history::{HistoryDocument, SessionRecord, foreign, table};
use crate::session::{FORMAT, TOOL};

pub fn export(folders: &Folders, form: ExportForm, which: &Which) -> Result<()> {
    let history = super::look(folders)?;
    let mut sessions: Vec<SessionRecord> = Vec::new();
    for record in history.sessions(&which::filter(which)?, Detail::All)? {
        if history.is_revised(&record.head.id)? {
            sessions.extend(history.analyses(&record.head.id)?);
        } else {
            sessions.push(record);
        }
    }
    match form {
        ExportForm::Csv => print(&table::write(&sessions).context("the table cannot be made")?),
        ExportForm::Json => {
            let document =
                HistoryDocument { format: FORMAT, tool: TOOL.into(), sessions, goals: history.goals()? };
            print(&format!("{}\n", document.to_json()))
        }
    }
}

pub fn import(folders: &Folders, file: &Path) -> Result<()> {
    let text = files::read_text(file)?;
    let is_table = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let read = if is_table { table::read(&text, &Local) } else { foreign::read(&text, &Local) };
    let imported = read.map_err(|why| anyhow!("{}: {why}", file.display()))?;
    for problem in &imported.problems {
        tell(&format!("{}: {problem}", file.display()));
    }
    let mut history = super::open(folders)?;
    let Counts { added, replaced, revisions, same } = history.import(&imported.sessions)?;
    let known: Vec<String> = history.goals()?.into_iter().map(|goal| goal.metric).collect();
    // What the person set here counts more than what was set elsewhere.
    for goal in imported.goals.iter().filter(|goal| !known.contains(&goal.metric)) {
        history.set_goal(goal)?;
    }
    print(&format!(
        "{added} added, {replaced} replaced, {revisions} kept as revisions, {same} known already\n"
    ))
}
