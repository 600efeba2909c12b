//! What the user's machine says: folders, configuration file, rubric files.

use std::path::Path;

use anyhow::{Context, Result};
use etcetera::BaseStrategy;

use super::failure::Missing;
use crate::Rules;
use crate::adapters::files;
use crate::adapters::models::Store;
use crate::config::{ConfigFile, Folders};
use crate::rubric::code;
use crate::rubric::repair::Repairs;
use crate::rubric::{
    Checklist, Cues, Labeller, Layers, Profile, RubricError, RubricFile, Scorecard, builtin,
};

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

/// The rubric files of the user: `rubrics/` in the configuration folder.
#[derive(Default)]
pub struct Own {
    /// The program's word sets, then the user's.
    pub lexicon: Vec<RubricFile>,
    /// In order of name.
    pub labels: Vec<RubricFile>,
    pub cues: Vec<RubricFile>,
}

impl Own {
    pub fn read(folders: &Folders) -> Result<Self> {
        let folder = folders.rubrics();
        let mut lexicon = vec![builtin::lexicon()];
        let words = folder.join("lexicon.toml");
        if words.exists() {
            lexicon.push(read(&words)?);
        }
        let all = |name: &str| -> Result<Vec<RubricFile>> {
            files::with_extension(&folder.join(name), "toml")?.iter().map(|path| read(path)).collect()
        };
        Ok(Self { lexicon, labels: all("labels")?, cues: all("cues")? })
    }

    /// With those of the program.
    pub fn labeller(&self) -> Result<Labeller> {
        Ok(Labeller::load(&self.lexicon, &builtin::files("labels"), &self.labels)?)
    }

    pub fn finder(&self, labels: &Labeller) -> Result<Cues> {
        Ok(Cues::load(&self.lexicon, &builtin::files("cues"), &self.cues, labels)?)
    }
}

/// Both layers of labels, patterns and network, and the cues.
pub fn labels(folders: &Folders) -> Result<Layers> {
    let own = Own::read(folders)?;
    let labeller = own.labeller()?;
    let cues = own.finder(&labeller)?;
    let layers = Layers::new(labeller).context("the network of the labels is damaged in this build")?;
    Ok(layers.with_cues(cues))
}

/// Everything that words and code are read by.
pub fn rules(folders: &Folders) -> Result<Rules> {
    let repairs = Repairs::parse(&builtin::lexicon())?;
    let own = files::with_extension(&folders.rubrics().join("code"), "toml")?;
    let own: Result<Vec<RubricFile>> = own.iter().map(|path| read(path)).collect();
    let tables = builtin::files("code").into_iter().chain(own?);
    let tables = tables.map(|file| Ok(code::parse(&file)?.0)).collect::<Result<_>>()?;
    Ok(Rules { labels: labels(folders)?, repairs, tables })
}

/// The patterns of labels, and the cues.
pub fn patterns(folders: &Folders) -> Result<Layers> {
    let own = Own::read(folders)?;
    let labeller = own.labeller()?;
    let cues = own.finder(&labeller)?;
    Ok(Layers::patterns_alone(labeller).with_cues(cues))
}

/// The scorecard that is used when none is named.
const SCORECARD: &str = "senior-interview";

/// A scorecard by its id, or by the path of a file; without either the one of the configuration. The user's own come before
/// those of the program.
pub fn scorecard(folders: &Folders, name: Option<&str>) -> Result<Scorecard> {
    let config = config(folders)?;
    let name = name.or(config.scorecard.as_deref()).unwrap_or(SCORECARD);
    let path = Path::new(name);
    if path.extension().is_some_and(|extension| extension == "toml") {
        return Ok(Scorecard::parse(&RubricFile::new(name, files::read_text(path)?))?);
    }
    let own = files::with_extension(&folders.rubrics().join("scorecards"), "toml")?;
    let own: Result<Vec<RubricFile>> = own.iter().map(|path| read(path)).collect();
    let files = own?.into_iter().chain(builtin::files("scorecards"));
    let cards: Vec<Scorecard> =
        files.map(|file| Scorecard::parse(&file)).collect::<Result<_, RubricError>>()?;
    let known: Vec<String> = cards.iter().map(|card| card.id.clone()).collect();
    let found = cards.into_iter().find(|card| card.id == name);
    found.with_context(|| format!("no scorecard is named {name}; there are {}", known.join(", ")))
}

/// The signals and anti-patterns that are looked for, the user's last.
pub fn checklist(folders: &Folders) -> Result<Checklist> {
    let mut files = builtin::checklists();
    for name in ["signals.toml", "antipatterns.toml"] {
        let path = folders.rubrics().join(name);
        if path.exists() {
            files.push(read(&path)?);
        }
    }
    Ok(Checklist::load(&files)?)
}

fn read(path: &Path) -> Result<RubricFile> {
    Ok(RubricFile::new(path.display().to_string(), files::read_text(path)?))
}

pub fn profile(name: &str) -> Result<Profile> {
    let profiles: Vec<Profile> =
        builtin::files("profiles").iter().map(Profile::parse).collect::<Result<_, RubricError>>()?;
    let known: Vec<String> = profiles.iter().map(|profile| profile.id.clone()).collect();
    let found = profiles.into_iter().find(|profile| profile.id == name);
    found.with_context(|| format!("no stage plan is named {name}; there are {}", known.join(", ")))
}
