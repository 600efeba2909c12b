//! What the user's machine says: folders, configuration file, rubric files.

use std::path::Path;

use anyhow::{Context, Result};
use etcetera::BaseStrategy;

use super::failure::Missing;
use crate::adapters::files;
use crate::adapters::models::Store;
use crate::config::{ConfigFile, Folders};
use crate::rubric::{Labeller, Layers, Profile, RubricError, RubricFile, Scorecard, builtin};

pub fn folders() -> Result<Folders> {
    let system = || {
        let strategy = etcetera::choose_base_strategy().ok()?;
        Some((strategy.data_dir(), strategy.config_dir()))
    };
    let missing =
        || Missing("there is no home folder; set THINKALOUD_HOME to a folder of your choice".into());
    Ok(Folders::new(std::env::var_os("THINKALOUD_HOME").map(Into::into), system).ok_or_else(missing)?)
}

pub fn config(folders: &Folders) -> Result<ConfigFile> {
    let path = folders.config.join("config.toml");
    if !path.exists() {
        return Ok(ConfigFile::default());
    }
    let file = RubricFile::new(path.display().to_string(), files::read_text(&path)?);
    Ok(file.parse()?)
}

pub fn models(folders: &Folders) -> Store {
    Store::new(folders.models())
}

/// The labels of the program, and those of the user: `rubrics/` in the configuration folder.
pub fn labeller(folders: &Folders) -> Result<Labeller> {
    let (lexicon, own) = own_rubrics(folders)?;
    Ok(Labeller::load(&lexicon, &builtin::files("labels"), &own)?)
}

/// Both layers of labels: patterns and network.
pub fn labels(folders: &Folders) -> Result<Layers> {
    Layers::new(labeller(folders)?).context("the network of the labels is damaged in this build")
}

/// The word sets, the user's last, and the user's label files in order of name.
pub fn own_rubrics(folders: &Folders) -> Result<(Vec<RubricFile>, Vec<RubricFile>)> {
    let folder = folders.rubrics();
    let read = |path: &Path| Ok(RubricFile::new(path.display().to_string(), files::read_text(path)?));
    let mut lexicon = vec![builtin::lexicon()];
    let words = folder.join("lexicon.toml");
    if words.exists() {
        lexicon.push(read(&words)?);
    }
    let paths = files::with_extension(&folder.join("labels"), "toml")?;
    let labels: Result<Vec<RubricFile>> = paths.iter().map(|path| read(path)).collect();
    Ok((lexicon, labels?))
}

pub fn scorecard() -> Result<Scorecard> {
    let files = builtin::files("scorecards");
    let file = files.iter().find(|file| file.name.ends_with("/senior-interview.toml"));
    Ok(Scorecard::parse(file.context("the scorecard senior-interview is missing from this build")?)?)
}

pub fn profile(name: &str) -> Result<Profile> {
    let profiles: Vec<Profile> =
        builtin::files("profiles").iter().map(Profile::parse).collect::<Result<_, RubricError>>()?;
    let known: Vec<String> = profiles.iter().map(|profile| profile.id.clone()).collect();
    let found = profiles.into_iter().find(|profile| profile.id == name);
    found.with_context(|| format!("no stage plan is named {name}; there are {}", known.join(", ")))
}
