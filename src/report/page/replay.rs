//! The code of a session in the form in which the page replays it: what stood at the start, and every edit.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::session::{CodeHistory, Edit, EditKind, Millis};

/// A file that was ever longer than this, in bytes, is nobody's to read: a lock file, data.
const LONGEST_FILE: usize = 400_000;
/// Letters of a line that are shown.
const LONGEST_LINE: usize = 1_000;

#[derive(Debug, Default, Serialize)]
pub struct Code {
    files: Vec<String>,
    /// The file, and its lines at the start.
    start: Vec<(usize, Vec<String>)>,
    edits: Vec<Step>,
    /// Files that are too long to be shown.
    left_out: Vec<String>,
}

/// Time, kind (0 change, 1 removal, 2 renaming), file, the old file of a renaming, burst, hunks.
type Step = (Millis, u8, usize, Option<usize>, usize, Vec<Hunk>);
/// First line (from 1, before the edit), number of lines that go, lines that come.
type Hunk = (usize, usize, Vec<String>);

/// `groups`: the edits of each burst. Files that nobody touched are not told.
pub fn code(history: &CodeHistory, groups: &[Vec<usize>]) -> Code {
    let long = too_long(history);
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for edit in &history.edits {
        for path in [Some(&edit.path), edit.from.as_ref()].into_iter().flatten() {
            let next = files.len();
            files.entry(path).or_insert(next);
        }
    }
    // Where nothing was edited, what there was is shown.
    if files.is_empty() {
        files = history.snapshots.keys().enumerate().map(|(index, path)| (path.as_str(), index)).collect();
    }
    let mut burst = vec![0; history.edits.len()];
    for (number, group) in groups.iter().enumerate() {
        for &edit in group {
            if let Some(burst) = burst.get_mut(edit) {
                *burst = number;
            }
        }
    }
    let is_shown = |path: &str| !long.contains(path);
    let step = |(index, edit): (usize, &Edit)| -> Option<Step> {
        let shown = is_shown(&edit.path) && edit.from.as_ref().is_none_or(|from| is_shown(from));
        let kind = match edit.kind {
            EditKind::Create | EditKind::Modify => 0,
            EditKind::Delete => 1,
            EditKind::Rename => 2,
        };
        let hunks = edit.hunks.iter();
        let hunks = hunks
            .map(|hunk| (hunk.line, hunk.removed.len(), hunk.added.iter().map(|line| cut(line)).collect()));
        let from = edit.from.as_deref().map(|from| files[from]);
        shown.then(|| (edit.at, kind, files[edit.path.as_str()], from, burst[index], hunks.collect()))
    };
    let mut names = vec![String::new(); files.len()];
    files.iter().for_each(|(path, index)| names[*index] = (*path).to_owned());
    let start = files.iter().filter(|(path, _)| is_shown(path)).filter_map(|(path, index)| {
        let text = history.snapshots.get(*path)?;
        Some((*index, text.lines().map(cut).collect()))
    });
    Code {
        start: start.collect(),
        edits: history.edits.iter().enumerate().filter_map(step).collect(),
        left_out: long.into_iter().collect(),
        files: names,
    }
}

/// A file that is renamed takes its fate with it: the other name is as long.
fn too_long(history: &CodeHistory) -> BTreeSet<String> {
    let bytes = |lines: &[String]| lines.iter().map(|line| line.len() + 1).sum::<usize>();
    let mut long: BTreeSet<String> = history
        .snapshots
        .iter()
        .filter(|(_, text)| text.len() > LONGEST_FILE)
        .map(|(path, _)| path.clone())
        .collect();
    history.walk(|edit, files| {
        if files.get(&edit.path).is_some_and(|lines| bytes(lines) > LONGEST_FILE) {
            long.insert(edit.path.clone());
        }
    });
    for edit in &history.edits {
        if let Some(from) = &edit.from
            && (long.contains(from) || long.contains(&edit.path))
        {
            long.extend([from.clone(), edit.path.clone()]);
        }
    }
    long
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, Hunk as Change};

    fn edit(at: i64, path: &str, kind: EditKind, added: Vec<String>) -> Edit {
        Edit {
            at: Millis::seconds(at),
            monotonic_ns: None,
            path: path.into(),
            kind,
            from: None,
            cause: Cause::Typing,
            hunks: vec![Change { line: 1, removed: vec!["old".into()], added }],
            hash: String::new(),
        }
    }

    #[test]
    fn long_files_are_named_and_left_out_and_long_lines_cut() {
        let mut moved = edit(4, "moved.bin", EditKind::Rename, vec![]);
        moved.from = Some("data.bin".into());
        let history = CodeHistory {
            snapshots: BTreeMap::from([
                ("a.py".into(), "old\n".into()),
                ("untouched.py".into(), "secret\n".into()),
            ]),
            edits: vec![
                edit(1, "a.py", EditKind::Modify, vec!["x".repeat(100_000)]),
                edit(2, "data.bin", EditKind::Create, vec!["y".repeat(500_000)]),
                edit(3, "a.py", EditKind::Delete, vec![]),
                moved,
            ],
        };
        let code = code(&history, &[vec![0], vec![1, 2, 3]]);
        assert_eq!(code.files, ["a.py", "data.bin", "moved.bin"]);
        assert_eq!(code.left_out, ["data.bin", "moved.bin"]);
        assert_eq!(code.start, [(0, vec!["old".to_owned()])]);
        let steps: Vec<_> = code.edits.iter().map(|step| (step.1, step.2, step.4)).collect();
        assert_eq!(steps, [(0, 0, 0), (1, 0, 1)]);
        assert_eq!(code.edits[0].5[0].2[0].chars().count(), 1_001);
        assert!(!serde_json::to_string(&code).unwrap().contains("secret"));
    }
}
