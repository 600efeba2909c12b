//! `thinkaloud history compare`

use anyhow::{Context, Result};

use super::super::environment;
use super::super::output::print;
use super::which;
use crate::adapters::history::History;
use crate::config::Folders;
use crate::report::comparison::Comparison;
use crate::session::history::SessionRecord;

pub fn run(folders: &Folders, a: &str, b: &str, json: bool) -> Result<()> {
    let history = super::look(folders)?;
    let (a, b) = (one(&history, a)?, one(&history, b)?);
    let comparison = Comparison::new(&a, &b, &environment::scorecard(folders, None)?);
    if json {
        return print(&format!("{}\n", serde_json::to_string_pretty(&comparison)?));
    }
    print(&comparison.text())
}

fn one(history: &History, text: &str) -> Result<SessionRecord> {
    let id = which::resolve(history, text)?;
    history.analyses(&id)?.pop().with_context(|| format!("session {id} has no analysis"))
}
