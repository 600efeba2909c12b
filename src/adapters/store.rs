//! Sessions on disk. Format: `docs/session-format.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;

use super::files::{self, FileError};
use crate::session::{Anchor, Clock, CodeHistory, Edit, Event, FORMAT, Manifest, jsonl};

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("{0} is not a session: there is no session.json in it (for a single recording use --audio FILE)")]
    NotASession(PathBuf),
    #[error("{path}: {why}")]
    Damaged { path: PathBuf, why: String },
    #[error("{path} has format {found}; this program knows up to {FORMAT}: use a newer thinkaloud")]
    Newer { path: PathBuf, found: u32 },
    #[error(transparent)]
    File(#[from] FileError),
}

/// A session as it lies on disk, all but the audio itself.
#[derive(Debug)]
pub struct StoredSession {
    pub manifest: Manifest,
    /// In order of name.
    pub audio: Vec<PathBuf>,
    pub code: CodeHistory,
    pub events: Vec<Event>,
    /// What could not be read, in words.
    pub problems: Vec<String>,
}

pub fn open(folder: &Path) -> Result<StoredSession, StoreError> {
    let path = folder.join("session.json");
    if !path.is_file() {
        return Err(if folder.exists() {
            StoreError::NotASession(folder.to_path_buf())
        } else {
            let source = std::io::Error::from(std::io::ErrorKind::NotFound);
            FileError::Read { path: folder.to_path_buf(), source }.into()
        });
    }
    let manifest = manifest(&path)?;
    let mut problems = Vec::new();
    let anchors: Vec<Anchor> = lines(&folder.join("clock.jsonl"), &mut problems)?;
    let clock = Clock::new(&anchors);
    let edits = edits(&folder.join("edits.jsonl"), &clock, &mut problems)?;
    let mut events: Vec<Event> = lines(&folder.join("events.jsonl"), &mut problems)?;
    for event in &mut events {
        event.at = event.monotonic_ns.and_then(|at| clock.session_time(at)).unwrap_or(event.at);
    }
    events.sort_by_key(|event| event.at);
    let code = CodeHistory { snapshots: snapshots(&folder.join("snapshots"))?, edits };
    Ok(StoredSession { manifest, audio: audio_parts(&folder.join("audio"))?, code, events, problems })
}

fn manifest(path: &Path) -> Result<Manifest, StoreError> {
    #[derive(serde::Deserialize)]
    struct Version {
        format: u32,
    }
    let text = files::read_text(path)?;
    let damaged = |why: String| StoreError::Damaged { path: path.to_path_buf(), why };
    let version: Version = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    if version.format > FORMAT {
        return Err(StoreError::Newer { path: path.to_path_buf(), found: version.format });
    }
    let reader = &mut serde_json::Deserializer::from_str(&text);
    serde_path_to_error::deserialize(reader).map_err(|error| damaged(error.to_string()))
}

/// Edits in order of session time.
pub fn edits(path: &Path, clock: &Clock, problems: &mut Vec<String>) -> Result<Vec<Edit>, StoreError> {
    let mut edits: Vec<Edit> = lines(path, problems)?;
    for edit in &mut edits {
        edit.at = edit.monotonic_ns.and_then(|at| clock.session_time(at)).unwrap_or(edit.at);
    }
    // Stable: edits of one moment stay in the order in which they were written.
    edits.sort_by_key(|edit| edit.at);
    Ok(edits)
}

/// The lines of a file that need not exist.
fn lines<T: DeserializeOwned>(path: &Path, problems: &mut Vec<String>) -> Result<Vec<T>, StoreError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let (good, bad) = jsonl::parse(&files::read_text(path)?);
    problems
        .extend(bad.into_iter().map(|bad| format!("{}:{}: left out: {}", path.display(), bad.line, bad.why)));
    Ok(good)
}

/// The parts of a recording below a folder that need not exist, in order of name.
pub fn audio_parts(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut parts = Vec::new();
    walk(folder, &mut |path| parts.push(path.to_path_buf()))?;
    parts.retain(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
    parts.sort();
    Ok(parts)
}

fn snapshots(folder: &Path) -> Result<BTreeMap<String, String>, StoreError> {
    let mut paths = Vec::new();
    walk(folder, &mut |path| paths.push(path.to_path_buf()))?;
    let mut texts = BTreeMap::new();
    for path in paths {
        let relative = path.strip_prefix(folder).unwrap_or(&path);
        let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        texts.insert(parts.join("/"), files::read_text(&path)?);
    }
    Ok(texts)
}

/// Calls `each` with every file below a folder that need not exist; links are not followed.
fn walk(folder: &Path, each: &mut dyn FnMut(&Path)) -> Result<(), FileError> {
    if !folder.is_dir() {
        return Ok(());
    }
    let read = |source| FileError::Read { path: folder.to_path_buf(), source };
    for entry in fs::read_dir(folder).map_err(read)? {
        let entry = entry.map_err(read)?;
        let kind = entry.file_type().map_err(read)?;
        if kind.is_dir() {
            walk(&entry.path(), each)?;
        } else if kind.is_file() {
            each(&entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Millis;

    fn session(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            files::write(&folder.path().join(name), text.as_bytes()).unwrap();
        }
        folder
    }

    const MANIFEST: &str = r#"{"format": 1, "id": "019ab000-0000-7000-8000-000000000000", "title": "t"}"#;

    #[test]
    fn edits_are_put_on_session_time_and_bad_lines_told() {
        let folder = session(&[
            ("session.json", MANIFEST),
            (
                "clock.jsonl",
                "{\"frame\":0,\"rate\":48000,\"monotonic_ns\":5000000000}\n\
                 {\"frame\":48000,\"rate\":48000,\"monotonic_ns\":6000000000}\n",
            ),
            (
                "edits.jsonl",
                "{\"at\":9.0,\"monotonic_ns\":5500000000,\"path\":\"a\",\"kind\":\"modify\"}\n\
                 {\"at\":0.2,\"path\":\"b\",\"kind\":\"create\"}\n{\"at\":",
            ),
            ("snapshots/src/a.py", "x\n"),
        ]);
        let stored = open(folder.path()).unwrap();
        let at: Vec<Millis> = stored.code.edits.iter().map(|edit| edit.at).collect();
        assert_eq!(at, [Millis(200), Millis(500)]);
        assert_eq!(stored.code.snapshots["src/a.py"], "x\n");
        assert_eq!(stored.problems.len(), 1);
        assert!(stored.problems[0].contains("edits.jsonl:3: left out"), "{:?}", stored.problems);
    }

    #[test]
    fn what_is_no_session_is_said_plainly() {
        let says = |files: &[(&str, &str)]| open(session(files).path()).unwrap_err().to_string();
        assert!(says(&[]).contains("no session.json"));
        assert!(says(&[("session.json", r#"{"format": 2}"#)]).contains("newer thinkaloud"));
        assert!(says(&[("session.json", r#"{"format": 1, "id": "x"}"#)]).contains("id"));
        assert!(open(Path::new("/nowhere/at/all")).unwrap_err().to_string().contains("/nowhere/at/all"));
    }
}
