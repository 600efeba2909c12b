//! `thinkaloud trends`

use std::process::ExitCode;

use anyhow::{Context, Result};
use chrono::Local;

use super::environment;
use super::history::{look, which};
use super::output::print;
use crate::adapters::files;
use crate::adapters::history::Detail;
use crate::cli;
use crate::report::trends::{self, Trends, html, text};

pub fn run(arguments: &cli::Trends) -> Result<ExitCode> {
    let folders = environment::folders()?;
    let card = environment::scorecard(&folders, None)?;
    let history = look(&folders)?;
    let goals = history.goals()?;
    let ids = trends::followed(&card, &goals);
    let sessions = history.sessions(&which::filter(&arguments.which)?, Detail::Values(&ids))?;
    let trends = Trends::new(&sessions, &ids, &card, &goals, Local::now().fixed_offset());
    if arguments.json {
        print(&format!("{}\n", serde_json::to_string_pretty(&trends)?))?;
    } else if arguments.html {
        let path = arguments.out.clone().unwrap_or_else(|| folders.data.join("trends.html"));
        files::write(&path, html::render(&trends).context("the page cannot be made")?.as_bytes())?;
        print(&format!("{}\n", path.display()))?;
    } else {
        print(&text::render(&trends))?;
    }
    Ok(ExitCode::SUCCESS)
}
