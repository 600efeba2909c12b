//! Settings, merged: flag, then environment (both by clap), then configuration file, then default.

use std::path::PathBuf;

use serde::Deserialize;

/// `config.toml` in the configuration folder.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    pub model: Option<String>,
    pub language: Option<String>,
    pub threads: Option<u16>,
    pub profile: Option<String>,
    pub scorecard: Option<String>,
}

/// Where things are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    pub data: PathBuf,
    pub config: PathBuf,
}

impl Folders {
    /// `home` (THINKALOUD_HOME) holds everything; else the folders that the system has for such things.
    pub fn new(home: Option<PathBuf>, system: impl FnOnce() -> Option<(PathBuf, PathBuf)>) -> Option<Self> {
        match home.filter(|home| !home.as_os_str().is_empty()) {
            Some(home) => Some(Self { data: home.clone(), config: home }),
            None => system().map(|(data, config)| Self {
                data: data.join("thinkaloud"),
                config: config.join("thinkaloud"),
            }),
        }
    }

    pub fn models(&self) -> PathBuf {
        self.data.join("models")
    }

    /// What all analysed sessions came to.
    pub fn history(&self) -> PathBuf {
        self.data.join("history.db")
    }

    /// The user's own label files and word sets.
    pub fn rubrics(&self) -> PathBuf {
        self.config.join("rubrics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_relocates_everything_and_an_empty_one_nothing() {
        let system = || Some((PathBuf::from("/d"), PathBuf::from("/c")));
        let home = Folders::new(Some("/h".into()), system).unwrap();
        assert_eq!((home.models(), home.config), ("/h/models".into(), "/h".into()));
        let other = Folders::new(Some("".into()), system).unwrap();
        assert_eq!((other.data, other.config), ("/d/thinkaloud".into(), "/c/thinkaloud".into()));
        assert!(Folders::new(None, || None).is_none());
    }

    #[test]
    fn an_unknown_setting_is_refused_by_name() {
        let error = toml::from_str::<ConfigFile>("modle = 'tiny.en'").unwrap_err();
        assert!(error.message().contains("modle"));
    }
}
