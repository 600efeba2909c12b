//! From the bursts of many files, when all is quiet, to edits.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::burst::State;
use super::classify::{Crowd, Since};
use super::{classify, diff, renames};
use crate::session::hash::sha256;
use crate::session::{Cause, Edit, EditKind, Millis};

/// A file whose text is not what it was.
#[derive(Debug)]
pub struct Changed {
    pub path: PathBuf,
    pub before: Option<Arc<str>>,
    /// Each differs from the one before it; not empty.
    pub states: Vec<State>,
    /// When the file was last saved before this, and when any file was with a change: nanoseconds of the monotonic
    /// clock.
    pub saved: i64,
    pub last_edit: i64,
}

/// In order of time. `by_git` says that git moved files in the same moment.
pub fn edits(changed: &[Changed], by_git: bool) -> Vec<Edit> {
    let renamed = renamed(changed);
    let created = changed.iter().filter(|file| file.before.is_none()).count() - renamed.len();
    let crowd = Crowd { changed: changed.len(), created, by_git };
    let left: HashSet<&Path> = renamed.values().map(|file| file.path.as_path()).collect();
    let mut edits: Vec<Edit> = changed
        .iter()
        .filter(|file| !left.contains(file.path.as_path()))
        .flat_map(|file| edits_of(file, renamed.get(file.path.as_path()).copied()))
        .collect();
    edits.iter_mut().for_each(|edit| edit.cause = crowd.cause(edit.kind, edit.cause));
    // Of one moment, in the order in which they were made: the sort is stable.
    edits.sort_by_key(|edit| edit.monotonic_ns);
    edits
}

/// The file that each renamed one was, by the new path.
fn renamed(changed: &[Changed]) -> HashMap<&Path, &Changed> {
    let mut gone = Vec::new();
    let mut came = Vec::new();
    for file in changed {
        match (&file.before, file.states.first().map(|state| &state.text), file.states.last()) {
            (Some(text), _, Some(State { text: None, .. })) => gone.push((file.path.as_path(), &**text)),
            (None, Some(Some(text)), _) => came.push((file.path.as_path(), &**text)),
            _ => {}
        }
    }
    let old_paths = renames::pairs(&gone, &came);
    let by_path: HashMap<&Path, &Changed> = changed.iter().map(|file| (file.path.as_path(), file)).collect();
    came.iter().filter_map(|(to, _)| Some((*to, *by_path.get(old_paths.get(*to)?.as_path())?))).collect()
}

fn edits_of(file: &Changed, was: Option<&Changed>) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut text = was.unwrap_or(file).before.as_deref();
    let (mut saved, mut last_edit) = (was.unwrap_or(file).saved, file.last_edit);
    for (index, state) in file.states.iter().enumerate() {
        let mut edit = match &state.text {
            Some(new) => {
                let since = Since { save: between(saved, state.at), edit: between(last_edit, state.at) };
                written(&file.path, text, new, since)
            }
            None => deleted(&file.path),
        };
        if let (0, Some(was)) = (index, was) {
            edit.kind = EditKind::Rename;
            edit.from = Some(shown(&was.path));
        }
        edit.monotonic_ns = Some(state.at);
        edits.push(edit);
        text = state.text.as_deref();
        (saved, last_edit) = (state.at, state.at);
    }
    edits
}

fn between(start: i64, end: i64) -> Duration {
    Duration::from_nanos((end - start).max(0).unsigned_abs())
}

fn written(path: &Path, old: Option<&str>, new: &str, since: Since) -> Edit {
    let before = old.unwrap_or_default();
    let hunks = diff::hunks(before, new);
    let cause = match hunks.is_empty() && old.is_some() {
        true => Cause::Unknown,
        false => classify::cause(path, before, new, &hunks, since),
    };
    let kind = if old.is_some() { EditKind::Modify } else { EditKind::Create };
    Edit { hunks, hash: sha256(new), ..edit(path, kind, cause) }
}

fn deleted(path: &Path) -> Edit {
    edit(path, EditKind::Delete, Cause::Unknown)
}

fn edit(path: &Path, kind: EditKind, cause: Cause) -> Edit {
    Edit {
        at: Millis::ZERO,
        monotonic_ns: None,
        path: shown(path),
        kind,
        from: None,
        cause,
        hunks: Vec::new(),
        hash: String::new(),
    }
}

/// As it is written into a session: `/` between parts, and what is not UTF-8 replaced.
pub fn shown(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// What came into view by a change of the ignore files is not the person's edit.
pub fn adopted(path: &Path, text: &str, at: i64) -> Edit {
    let mut edit = written(path, None, text, Since { save: Duration::ZERO, edit: Duration::ZERO });
    edit.cause = Cause::Generated;
    edit.monotonic_ns = Some(at);
    edit
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn changed(path: &str, before: Option<&str>, states: &[(i64, Option<&str>)]) -> Changed {
        let states =
            states.iter().map(|(at, text)| State { at: at * SECOND, text: text.map(Arc::from) }).collect();
        Changed { path: path.into(), before: before.map(Arc::from), states, saved: 0, last_edit: 0 }
    }

    #[test]
    fn each_state_is_an_edit_at_its_own_time() {
        let file = changed("a/b.py", Some("a\n"), &[(70, Some("a\nb\n")), (71, Some("c\n")), (72, None)]);
        let edits = edits(&[file], false);
        let kinds: Vec<_> =
            edits.iter().map(|edit| (edit.kind, edit.monotonic_ns.unwrap() / SECOND)).collect();
        assert_eq!(kinds, [(EditKind::Modify, 70), (EditKind::Modify, 71), (EditKind::Delete, 72)]);
        assert_eq!(edits[0].path, "a/b.py");
        assert_eq!(edits[0].hash, sha256("a\nb\n"));
        assert_eq!((edits[1].lines_added(), edits[1].lines_removed()), (1, 2));
        assert!(edits[2].hunks.is_empty() && edits[2].hash.is_empty());
    }

    #[test]
    fn a_rename_has_no_hunks_and_no_deletion() {
        let gone = changed("n.py", Some("a\n"), &[(5, None)]);
        let came = changed("n2.py", None, &[(5, Some("a\n")), (9, Some("a\nb\n"))]);
        let edits = edits(&[gone, came], false);
        let found: Vec<_> =
            edits.iter().map(|edit| (edit.kind, edit.from.as_deref(), edit.hunks.len())).collect();
        assert_eq!(found, [(EditKind::Rename, Some("n.py"), 0), (EditKind::Modify, None, 1)]);
    }

    #[test]
    fn many_files_at_once_by_git_are_a_checkout() {
        let files: Vec<_> =
            (0..5).map(|n| changed(&format!("f{n}"), Some("1\n"), &[(3, Some("2\n"))])).collect();
        assert!(edits(&files, true).iter().all(|edit| edit.cause == Cause::Checkout));
        assert!(edits(&files, false).iter().all(|edit| edit.cause == Cause::Typing));
        assert!(edits(&[], true).is_empty());
    }

    #[test]
    fn an_empty_new_file_is_a_creation() {
        let edit = edits(&[changed("new.py", None, &[(1, Some(""))])], false).remove(0);
        assert_eq!((edit.kind, edit.cause, edit.hunks.len()), (EditKind::Create, Cause::Typing, 0));
    }
}
