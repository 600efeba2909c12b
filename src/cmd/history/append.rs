//! An analysed session goes into the history.

use std::path::Path;

use anyhow::{Context, Result};
use chrono::{DateTime, Duration, FixedOffset, Local};

use super::super::analyze::Tools;
use super::super::output::tell;
use crate::adapters::history::History;
use crate::cli::Analyze;
use crate::config::Folders;
use crate::report::{Report, SessionInfo};
use crate::session::history::{Dated, Goal, Material, SessionRecord, report};

/// The sessions before this one that what to change first depends on.
const RECENT: usize = 5;

/// What earlier sessions say to this one.
#[derive(Default)]
pub struct Past {
    /// Rules that were in focus, one entry for each time.
    pub focus: Vec<String>,
    pub goals: Vec<Goal>,
}

impl Past {
    /// Nothing where the history cannot be read: that is told when it comes to writing it.
    pub fn of(info: &SessionInfo, arguments: &Analyze, tools: &Tools) -> Self {
        if arguments.no_history {
            return Self::default();
        }
        let read = || -> Result<Self> {
            let history = super::look(&tools.folders)?;
            let at = info.started_at.as_ref().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
            let session = info.id.as_deref().unwrap_or_default();
            let at = at.map(|at| at.timestamp_millis());
            let focus = history.recent_focus(session, at, &tools.card.id, RECENT)?;
            Ok(Self { focus, goals: history.goals()? })
        };
        read().unwrap_or_default()
    }
}

/// A history that cannot be written is told, with what to do; the analysis stands.
pub fn append(report: &Report, arguments: &Analyze, out: &Path, folders: &Folders) {
    let put = || -> Result<Vec<String>> {
        let mut record = report::record(&report.to_json()).map_err(anyhow::Error::msg)?;
        complete(&mut record, arguments, out)?;
        let mut history = History::open(&folders.history())?;
        history.put(&record)?;
        Ok(history.notes)
    };
    match put() {
        Ok(notes) => notes.iter().for_each(|note| tell(note)),
        Err(error) => {
            let report = out.join("report.json");
            tell(&format!(
                "This session is not in the history: {error}. The report is whole; add it later with: thinkaloud history import {}",
                report.display()
            ));
        }
    }
}

/// What the report does not know: when and from what it was made.
fn complete(record: &mut SessionRecord, arguments: &Analyze, out: &Path) -> Result<()> {
    let absolute = |path: &Path| std::path::absolute(path).map(|path| path.display().to_string());
    let option = |path: &Option<std::path::PathBuf>| path.as_deref().map(absolute).transpose();
    let head = &mut record.head;
    head.analysed_at = Some(Local::now().fixed_offset());
    head.material = Material {
        session: option(&arguments.session)?,
        report: Some(absolute(out)?),
        transcript: option(&arguments.transcript)?,
        edits: option(&arguments.edits)?,
    };
    if head.started_at.is_none() && arguments.session.is_none() {
        let main =
            arguments.audio.as_ref().or(arguments.transcript.as_ref()).context("nothing was analysed")?;
        // A recorder writes its file last when the recording ends.
        let length = arguments.audio.as_ref().and(head.duration).unwrap_or_default();
        head.started_at = changed(main).map(|at| at - Duration::milliseconds(length.0));
        head.dated = head.started_at.map_or(Dated::Unknown, |_| Dated::File);
    }
    Ok(())
}

fn changed(path: &Path) -> Option<DateTime<FixedOffset>> {
    let at = std::fs::metadata(path).and_then(|known| known.modified()).ok()?;
    Some(DateTime::<Local>::from(at).fixed_offset())
}
