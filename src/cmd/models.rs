//! `thinkaloud models list | pull | import | quantize | verify | path`

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use super::output::say;
use super::{environment, progress};
use crate::adapters::models::{self, Store, Verified};
use crate::cli::Models;

pub fn run(command: Models) -> Result<ExitCode> {
    let store = environment::models(&environment::folders()?);
    match command {
        Models::List { json } => list(&store, json)?,
        Models::Pull { name } => pull(&store, &or_default(&store, name)?)?,
        Models::Import { path, name } => {
            let model = store.import(&path, name.as_deref(), &mut progress::model_steps())?;
            say!("{} is ready: {}", model.name, model.path.display())?;
        }
        Models::Quantize { name, to } => {
            let name = or_default(&store, name)?;
            let model = store.quantise(&name, to.as_deref(), &mut progress::model_steps())?;
            say!("{} is ready: {}", model.name, model.path.display())?;
        }
        Models::Verify { name } => verify(&store, name)?,
        Models::Path { name } => say!("{}", store.resolve(&or_default(&store, name)?)?.display())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn or_default(store: &Store, name: Option<String>) -> Result<String> {
    let default = || store.catalog().default_model().map(|model| model.name.clone());
    name.or_else(default).context("the catalogue names no default model")
}

#[derive(Serialize)]
struct Row {
    name: String,
    languages: Vec<String>,
    parameters: String,
    size_bytes: u64,
    licence: String,
    installed: bool,
    default: bool,
    path: Option<String>,
}

fn list(store: &Store, json: bool) -> Result<()> {
    let installed = store.installed()?;
    let mut rows: Vec<Row> = store
        .catalog()
        .models
        .iter()
        .map(|model| {
            let here = installed.iter().find(|other| other.name == model.name);
            Row {
                name: model.name.clone(),
                languages: model.languages.clone(),
                parameters: model.parameters.clone(),
                size_bytes: here.map_or(model.size_bytes, |here| here.size_bytes),
                licence: model.licence.clone(),
                installed: here.is_some(),
                default: model.default,
                path: here.map(|here| here.path.display().to_string()),
            }
        })
        .collect();
    rows.extend(installed.iter().filter(|here| store.catalog().get(&here.name).is_none()).map(|here| Row {
        name: here.name.clone(),
        languages: Vec::new(),
        parameters: "own".into(),
        size_bytes: here.size_bytes,
        licence: String::new(),
        installed: true,
        default: false,
        path: Some(here.path.display().to_string()),
    }));
    if json {
        say!("{}", serde_json::to_string_pretty(&rows)?)?;
        return Ok(());
    }
    say!("{:<16}{:<12}{:<12}{:>9}  here", "name", "languages", "weights", "size")?;
    for row in rows {
        say!(
            "{:<16}{:<12}{:<12}{:>6} MB  {}{}",
            row.name,
            row.languages.join(","),
            row.parameters,
            row.size_bytes / 1_000_000,
            if row.installed { "yes" } else { "no" },
            if row.default { "  (default)" } else { "" }
        )?;
    }
    Ok(())
}

fn pull(store: &Store, name: &str) -> Result<()> {
    let pulled = models::pull(store, name, &mut progress::model_steps())?;
    for failure in &pulled.failures {
        anstream::eprintln!("Passed over {failure}");
    }
    match pulled.source {
        Some(source) => say!("{name} is ready, from {source}: {}", pulled.model.path.display())?,
        None => say!("{name} is here already: {}", pulled.model.path.display())?,
    }
    Ok(())
}

fn verify(store: &Store, name: Option<String>) -> Result<()> {
    let names: Vec<String> = match name {
        Some(name) => vec![name],
        None => store.installed()?.into_iter().map(|model| model.name).collect(),
    };
    if names.is_empty() {
        bail!(
            "there is no model in {} yet; `thinkaloud models pull` gets the default one",
            store.dir().display()
        );
    }
    for name in names {
        match store.verify(&name, &mut progress::model_steps())? {
            Verified::Catalogue { sha256 } => say!("{name}: right, sha256 {sha256}")?,
            Verified::HeaderOnly { header } => say!(
                "{name}: a whole Whisper model with {} encoder layers; the catalogue does not know it",
                header.audio_layers
            )?,
        }
    }
    Ok(())
}
