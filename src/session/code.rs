//! The code as it stood at any moment: the first snapshots and the edits after them.

use std::collections::BTreeMap;

use super::{Edit, EditKind, Hunk, Millis};

/// Files at the start, and every edit in order of time.
#[derive(Clone, Debug, Default)]
pub struct CodeHistory {
    pub snapshots: BTreeMap<String, String>,
    pub edits: Vec<Edit>,
}

impl CodeHistory {
    /// Every file as lines, just after the edits up to and including `at`.
    pub fn at(&self, at: Millis) -> BTreeMap<String, Vec<String>> {
        self.after(self.edits.partition_point(|edit| edit.at <= at))
    }

    /// Every file as lines, after the first `count` edits.
    pub fn after(&self, count: usize) -> BTreeMap<String, Vec<String>> {
        let mut files = self.start();
        for edit in &self.edits[..count.min(self.edits.len())] {
            apply(&mut files, edit);
        }
        files
    }

    /// Calls `visit` with each edit and the files just after it.
    pub fn walk(&self, mut visit: impl FnMut(&Edit, &BTreeMap<String, Vec<String>>)) {
        let mut files = self.start();
        for edit in &self.edits {
            apply(&mut files, edit);
            visit(edit, &files);
        }
    }

    fn start(&self) -> BTreeMap<String, Vec<String>> {
        self.snapshots
            .iter()
            .map(|(path, text)| (path.clone(), text.lines().map(str::to_owned).collect()))
            .collect()
    }
}

fn apply(files: &mut BTreeMap<String, Vec<String>>, edit: &Edit) {
    match edit.kind {
        EditKind::Delete => {
            files.remove(&edit.path);
        }
        EditKind::Rename => {
            let lines = edit.from.as_ref().and_then(|from| files.remove(from)).unwrap_or_default();
            files.insert(edit.path.clone(), patched(&lines, &edit.hunks));
        }
        EditKind::Create | EditKind::Modify => {
            let lines = files.remove(&edit.path).unwrap_or_default();
            files.insert(edit.path.clone(), patched(&lines, &edit.hunks));
        }
    }
}

/// `hunks` are in order and in terms of `old`. A hunk that lies past the end is put at the end: a damaged log
/// still gives the code as well as it can.
fn patched(old: &[String], hunks: &[Hunk]) -> Vec<String> {
    let mut new = Vec::with_capacity(old.len());
    let mut next = 0;
    for hunk in hunks {
        let from = hunk.line.saturating_sub(1).clamp(next, old.len());
        new.extend_from_slice(&old[next..from]);
        new.extend(hunk.added.iter().cloned());
        next = (from + hunk.removed.len()).min(old.len());
    }
    new.extend_from_slice(&old[next..]);
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Cause;

    fn edit(at: i64, kind: EditKind, path: &str, hunks: Vec<Hunk>) -> Edit {
        Edit {
            at: Millis(at),
            monotonic_ns: None,
            path: path.into(),
            kind,
            from: None,
            cause: Cause::Typing,
            hunks,
            hash: String::new(),
        }
    }

    fn hunk(line: usize, removed: &[&str], added: &[&str]) -> Hunk {
        let own = |lines: &[&str]| lines.iter().map(|line| line.to_string()).collect();
        Hunk { line, removed: own(removed), added: own(added) }
    }

    #[test]
    fn replays_insertions_replacements_renames_and_deletions() {
        let mut rename = edit(30, EditKind::Rename, "b.py", vec![hunk(2, &[], &["x"])]);
        rename.from = Some("a.py".into());
        let history = CodeHistory {
            snapshots: BTreeMap::from([("a.py".into(), "one\ntwo\nthree\n".into())]),
            edits: vec![
                edit(10, EditKind::Modify, "a.py", vec![hunk(1, &["one"], &["1"]), hunk(4, &[], &["four"])]),
                edit(20, EditKind::Create, "new.py", vec![hunk(1, &[], &["n"])]),
                rename,
                edit(40, EditKind::Delete, "new.py", vec![]),
            ],
        };
        assert_eq!(history.at(Millis(9))["a.py"], ["one", "two", "three"]);
        assert_eq!(history.at(Millis(10))["a.py"], ["1", "two", "three", "four"]);
        let last = history.at(Millis(99));
        assert_eq!(last.keys().collect::<Vec<_>>(), ["b.py"]);
        assert_eq!(last["b.py"], ["1", "x", "two", "three", "four"]);
    }

    #[test]
    fn a_hunk_out_of_range_does_not_panic() {
        let history = CodeHistory {
            snapshots: BTreeMap::new(),
            edits: vec![edit(1, EditKind::Modify, "a", vec![hunk(9, &["q"], &["z"]), hunk(0, &[], &["y"])])],
        };
        assert_eq!(history.at(Millis(1))["a"], ["z", "y"]);
    }
}
