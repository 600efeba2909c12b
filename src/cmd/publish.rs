//! The files of a report.

use std::path::Path;

use anyhow::{Context, Result};

use crate::adapters::files;
use crate::analysis::episodes;
use crate::report::page::{Page, Sound};
use crate::report::{Report, charts, html, markdown};
use crate::session::CodeHistory;

/// `report.json`, `report.md` and the charts.
pub fn texts(report: &Report, out: &Path) -> Result<()> {
    files::write(&out.join("report.json"), report.to_json().as_bytes())?;
    files::write(&out.join("report.md"), markdown::render(report).as_bytes())?;
    for chart in charts::all(report) {
        let file = |extension: &str| out.join("charts").join(chart.name).with_extension(extension);
        files::write(&file("svg"), chart.svg().as_bytes())?;
        files::write(&file("png"), &chart.png())?;
    }
    Ok(())
}

/// `report.html`.
pub fn page(report: &Report, code: &CodeHistory, sound: &Sound, out: &Path) -> Result<()> {
    let groups: Vec<Vec<usize>> = episodes::group(code).into_iter().map(|episode| episode.edits).collect();
    let page = Page::new(report, &charts::all(report), code, &groups, sound);
    let html = html::render(&page, sound).context("the page cannot be made")?;
    Ok(files::write(&out.join("report.html"), html.as_bytes())?)
}
