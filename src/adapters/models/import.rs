//! Taking a model that the user has on the disk into the store.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::checksum::sha256;
use super::store::check_name;
use super::{Installed, ModelError, Progress, Store, convert, inspect, quantise, voices};

/// What other programs put before a model's name.
const PREFIXES: [&str; 3] = ["ggml-", "faster-", "whisper-"];

impl Store {
    /// Copies a ggml file, or converts a CTranslate2 folder or the speaker encoder's checkpoint (`.pt`), into
    /// the store. What is imported stays
    /// where it is.
    ///
    /// Without a `name` it gets the catalogue's, where the bytes are a model of the catalogue; else
    /// one made from the file's or the folder's name. Only bytes that the catalogue knows may have a
    /// name of the catalogue.
    ///
    /// # Errors
    /// [`ModelError::NotAModel`], [`ModelError::NotGgml`], [`ModelError::NotCTranslate2`] or
    /// [`ModelError::Damaged`] for what cannot be imported; [`ModelError::Occupied`] and
    /// [`ModelError::NameTaken`] where the name belongs to another model.
    pub fn import(
        &self,
        path: &Path,
        name: Option<&str>,
        progress: Progress,
    ) -> Result<Installed, ModelError> {
        if let Some(name) = name {
            check_name(name)?;
        }
        self.create_dir()?;
        let dir = self.dir();
        let work = tempfile::tempdir_in(dir).map_err(ModelError::io("write", dir))?;
        let new = work.path().join("ggml.bin");
        if path.is_dir() {
            if !path.join("model.bin").is_file() {
                return Err(ModelError::NotAModel { path: path.into() });
            }
            convert(path, &new, progress)?;
        } else if voices::is_voices(path)? {
            voices::read(path)?;
            copy(path, &new)?;
        } else if path.extension().is_some_and(|extension| extension == "pt") {
            voices::convert(path, &new, progress)?;
        } else {
            inspect(path)?;
            copy(path, &new)?;
        }
        let sha256 = sha256(&new, progress)?;
        let name = self.name_for(path, name, &sha256)?;
        self.place(&new, &name, &sha256, progress)
    }

    /// Makes a q8_0 model of an f16 one, under `wanted` or the name with `-q8_0`.
    ///
    /// # Errors
    /// As [`super::quantise`], and as [`Store::import`] for names.
    pub fn quantise(
        &self,
        name: &str,
        wanted: Option<&str>,
        progress: Progress,
    ) -> Result<Installed, ModelError> {
        let from = self.resolve(name)?;
        let wanted = wanted.map_or_else(|| quick_name(name), str::to_owned);
        check_name(&wanted)?;
        let dir = self.dir();
        let work = tempfile::tempdir_in(dir).map_err(ModelError::io("write", dir))?;
        let new = work.path().join("ggml.bin");
        quantise(&from, &new, progress)?;
        let sha256 = sha256(&new, progress)?;
        let wanted = self.name_for(&from, Some(&wanted), &sha256)?;
        self.place(&new, &wanted, &sha256, progress)
    }

    /// The quick form of a model, which is made of it where it is not here yet.
    pub fn quantised(&self, name: &str, progress: Progress) -> Result<Installed, ModelError> {
        let quick = quick_name(name);
        let path = self.path_of(&quick);
        if path.is_file() { Installed::at(&quick, &path) } else { self.quantise(name, None, progress) }
    }

    fn name_for(&self, path: &Path, wanted: Option<&str>, sha256: &str) -> Result<String, ModelError> {
        let catalog = self.catalog();
        let known = catalog.with_sha256(sha256).map(|model| model.name.clone());
        let is_taken = |name: &str| catalog.get(name).is_some() && known.as_deref() != Some(name);
        match wanted {
            Some(name) if is_taken(name) => {
                Err(ModelError::NameTaken { name: name.into(), path: path.into() })
            }
            Some(name) => Ok(name.into()),
            None => Ok(known.clone().unwrap_or_else(|| {
                let name = guess_name(path);
                if is_taken(&name) { format!("{name}-imported") } else { name }
            })),
        }
    }

    fn place(
        &self,
        new: &Path,
        name: &str,
        sha256_of_new: &str,
        progress: Progress,
    ) -> Result<Installed, ModelError> {
        let path = self.path_of(name);
        if path.exists() {
            if sha256(&path, progress)? != sha256_of_new {
                return Err(ModelError::Occupied { path });
            }
        } else {
            fs::rename(new, &path).map_err(ModelError::io("write", &path))?;
        }
        Installed::at(name, &path)
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), ModelError> {
    let mut source = File::open(from).map_err(ModelError::io("open", from))?;
    let mut target = File::create(to).map_err(ModelError::io("create", to))?;
    io::copy(&mut source, &mut target).map_err(ModelError::io("copy", from))?;
    target.sync_all().map_err(ModelError::io("write", to))
}

/// `ggml-medium.bin` gives "medium"; so does `faster-whisper-medium`, or a folder of the Hugging Face
/// cache, `models--Someone--faster-whisper-medium/snapshots/HASH`.
fn guess_name(path: &Path) -> String {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let is_snapshot = |dir: &&Path| dir.file_name().is_some_and(|name| name == "snapshots");
    let named = match path.parent().filter(is_snapshot).and_then(Path::parent) {
        Some(cached) => cached,
        None => &path,
    };
    let name = named.file_name().unwrap_or_default().to_string_lossy();
    let name = name.rsplit("--").next().unwrap_or_default();
    let mut name = name.strip_suffix(".bin").unwrap_or(name);
    for prefix in PREFIXES {
        name = name.strip_prefix(prefix).unwrap_or(name);
    }
    let plain: String =
        name.chars().map(|c| if check_name(c.encode_utf8(&mut [0; 4])).is_ok() { c } else { '-' }).collect();
    if plain.is_empty() { "imported".into() } else { plain }
}

fn quick_name(name: &str) -> String {
    format!("{name}-q8_0")
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{self, Element};
    use super::*;

    #[test]
    fn names_come_from_files_folders_and_caches() {
        for (path, name) in [
            ("/x/ggml-medium.bin", "medium"),
            ("/x/faster-whisper-small.en", "small.en"),
            ("/x/models--Systran--faster-whisper-base/snapshots/0a1b", "base"),
            ("/x/my model", "my-model"),
            ("/x/whisper-", "imported"),
        ] {
            assert_eq!(guess_name(Path::new(path)), name);
        }
    }

    #[test]
    fn a_ctranslate2_folder_of_the_catalogue_gets_its_name() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("faster-whisper-thing");
        fs::create_dir(&folder).unwrap();
        synthetic::write_model(&folder, Element::F16);
        let catalog = synthetic::catalog("m", &synthetic::ggml_file(), &[]);
        let store = Store::with_catalog(home.path().join("models"), catalog);
        let model = store.import(&folder, None, &mut |_| ()).unwrap();
        assert_eq!(model.name, "m");
        assert_eq!(model.path, store.path_of("m"));
        store.verify("m", &mut |_| ()).unwrap();
        let again = store.import(&folder, None, &mut |_| ()).unwrap();
        assert_eq!(again, model);
        assert_eq!(fs::read_dir(store.dir()).unwrap().count(), 1);
    }

    #[test]
    fn other_weights_never_take_a_name_of_the_catalogue() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("ggml-m.bin");
        fs::write(&file, synthetic::ggml_file()).unwrap();
        let catalog = synthetic::catalog("m", b"other", &[]);
        let store = Store::with_catalog(home.path().join("models"), catalog);
        let model = store.import(&file, None, &mut |_| ()).unwrap();
        assert_eq!(model.name, "m-imported");
        let error = store.import(&file, Some("m"), &mut |_| ()).unwrap_err();
        assert!(error.to_string().contains("import it under another name"));
        let own = store.import(&file, Some("own"), &mut |_| ()).unwrap();
        assert_eq!(own.name, "own");
        assert!(file.exists());
    }

    #[test]
    fn what_is_no_model_leaves_nothing_behind() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::new(home.path().join("models"));
        let page = home.path().join("page.bin");
        fs::write(&page, "<html></html>").unwrap();
        let empty = home.path().join("empty");
        fs::create_dir(&empty).unwrap();
        for (path, expected) in
            [(page, "a web page"), (empty, "is no model: give"), (home.path().join("absent"), "cannot open")]
        {
            let text = store.import(&path, None, &mut |_| ()).unwrap_err().to_string();
            assert!(text.contains(expected), "{text}");
        }
        assert_eq!(fs::read_dir(store.dir()).unwrap().count(), 0);
    }

    #[test]
    fn a_different_file_is_not_written_over() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::new(home.path().join("models"));
        fs::create_dir(store.dir()).unwrap();
        fs::write(store.path_of("own"), "precious").unwrap();
        let file = home.path().join("own.bin");
        fs::write(&file, synthetic::ggml_file()).unwrap();
        let text = store.import(&file, None, &mut |_| ()).unwrap_err().to_string();
        assert!(text.contains("exists already"), "{text}");
        assert_eq!(fs::read(store.path_of("own")).unwrap(), b"precious");
    }
}
