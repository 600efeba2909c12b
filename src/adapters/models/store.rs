//! The folder of models on the user's disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::checksum::sha256;
use super::{Catalog, Header, ModelError, Progress, Task, inspect};

const PREFIX: &str = "ggml-";
const SUFFIX: &str = ".bin";

/// A folder that holds models as `ggml-NAME.bin` (the speaker encoder as `NAME.bin`), and the catalogue that says what they should be.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
    catalog: Catalog,
}

/// A model that is on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// "tiny.en"
    pub name: String,
    pub path: PathBuf,
    pub size_bytes: u64,
}

/// What [`Store::verify`] could say for a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// Its SHA-256 is the catalogue's.
    Catalogue { sha256: String },
    /// The catalogue does not know it; it is a whole ggml Whisper model of this shape.
    HeaderOnly { header: Header },
}

impl Store {
    /// A store in `dir`, with the built-in catalogue. The folder is made when it is first needed.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self::with_catalog(dir, Catalog::built_in().clone())
    }

    pub fn with_catalog(dir: impl Into<PathBuf>, catalog: Catalog) -> Self {
        Self { dir: dir.into(), catalog }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Where the model lies, or would.
    pub fn path_of(&self, name: &str) -> PathBuf {
        if self.is_for_speakers(name) {
            return self.dir.join(format!("{name}{SUFFIX}"));
        }
        self.dir.join(format!("{PREFIX}{name}{SUFFIX}"))
    }

    /// All models in the folder, by name. A folder that does not exist has none.
    pub fn installed(&self) -> Result<Vec<Installed>, ModelError> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(ModelError::io("read", &self.dir)(e)),
        };
        let mut models = Vec::new();
        for entry in entries {
            let path = entry.map_err(ModelError::io("read", &self.dir))?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .and_then(|name| name.strip_suffix(SUFFIX))
                .and_then(|name| {
                    name.strip_prefix(PREFIX).or_else(|| self.is_for_speakers(name).then_some(name))
                });
            if let Some(name) = name.filter(|_| path.is_file()) {
                models.push(Installed::at(name, &path)?);
            }
        }
        models.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(models)
    }

    /// The path of a model that is here.
    ///
    /// # Errors
    /// [`ModelError::NotInstalled`] says how to get it, [`ModelError::Unknown`] which there are.
    pub fn resolve(&self, name: &str) -> Result<PathBuf, ModelError> {
        let path = self.path_of(check_name(name)?);
        if path.is_file() {
            return Ok(path);
        }
        match self.catalog.get(name) {
            Some(_) => Err(ModelError::NotInstalled { name: name.into() }),
            None => Err(self.unknown(name)),
        }
    }

    /// Compares a model with the catalogue, or checks its header where the catalogue has no such model.
    /// Tells [`super::Step::Checking`].
    pub fn verify(&self, name: &str, progress: Progress) -> Result<Verified, ModelError> {
        let path = self.resolve(name)?;
        let Some(model) = self.catalog.get(name) else {
            let header = inspect(&path)?;
            return Ok(Verified::HeaderOnly { header });
        };
        let sha256 = sha256(&path, progress)?;
        if sha256 == model.sha256 {
            Ok(Verified::Catalogue { sha256 })
        } else {
            Err(ModelError::Checksum { path, name: name.into(), found: sha256 })
        }
    }

    fn is_for_speakers(&self, name: &str) -> bool {
        self.catalog.get(name).is_some_and(|model| model.task == Task::Speakers)
    }

    pub(super) fn unknown(&self, name: &str) -> ModelError {
        ModelError::Unknown { name: name.into(), known: self.catalog.names() }
    }

    pub(super) fn create_dir(&self) -> Result<(), ModelError> {
        fs::create_dir_all(&self.dir).map_err(ModelError::io("create", &self.dir))
    }
}

impl Installed {
    pub(super) fn at(name: &str, path: &Path) -> Result<Self, ModelError> {
        let metadata = fs::metadata(path).map_err(ModelError::io("read", path))?;
        Ok(Self { name: name.into(), path: path.to_owned(), size_bytes: metadata.len() })
    }
}

/// A name becomes a part of a file's name: no separators, no surprises.
pub(super) fn check_name(name: &str) -> Result<&str, ModelError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        Ok(name)
    } else {
        Err(ModelError::BadName { name: name.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic;
    use super::*;

    fn message<T: std::fmt::Debug>(result: Result<T, ModelError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn an_empty_store_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path().join("not/yet"));
        assert_eq!(store.installed().unwrap(), []);
        let text = message(store.resolve("tiny.en"));
        assert!(text.contains("run `thinkaloud models pull tiny.en`"), "{text}");
        let text = message(store.resolve("huge"));
        assert!(text.contains("it has tiny.en, base.en"), "{text}");
        for bad in ["", "../x", "a b", "a/b"] {
            assert!(message(store.resolve(bad)).contains("cannot be a model's name"));
        }
    }

    #[test]
    fn lists_what_is_there_by_name() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["ggml-b.bin", "ggml-a.bin", "ggml-c.bin.part", "notes.txt"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        let names: Vec<_> =
            Store::new(dir.path()).installed().unwrap().into_iter().map(|m| (m.name, m.size_bytes)).collect();
        assert_eq!(names, [("a".into(), 10), ("b".into(), 10)]);
    }

    #[test]
    fn verifies_against_the_catalogue_or_by_the_header() {
        let dir = tempfile::tempdir().unwrap();
        let bytes = synthetic::ggml_file();
        let store = Store::with_catalog(dir.path(), synthetic::catalog("m", &bytes, &[]));
        fs::write(store.path_of("m"), &bytes).unwrap();
        fs::write(store.path_of("own"), &bytes).unwrap();
        let mut steps = 0;
        let verified = store.verify("m", &mut |_| steps += 1).unwrap();
        assert!(matches!(verified, Verified::Catalogue { .. }) && steps > 0);
        let verified = store.verify("own", &mut |_| ()).unwrap();
        assert!(matches!(verified, Verified::HeaderOnly { header } if header.mels == 80));

        fs::write(store.path_of("m"), &bytes[1..]).unwrap();
        let text = message(store.verify("m", &mut |_| ()));
        assert!(text.contains("delete it and run `thinkaloud models pull m`"), "{text}");
        fs::write(store.path_of("own"), "no model").unwrap();
        assert!(message(store.verify("own", &mut |_| ())).contains("a text file"));
    }
}
