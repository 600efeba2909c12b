//! The files that are followed, as they were when they were last settled.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::stamp::Stamp;
use super::tree::Tree;

/// More than this is not held: the root is then hardly the folder of one problem.
const MOST_FILES: usize = 20_000;
const MOST_BYTES: usize = 256 << 20;
pub const NO_ROOM: &str = "there are too many files: name the folder that your code is in";

#[derive(Debug)]
pub struct KnownFile {
    /// `None`: left out from the start.
    pub text: Option<Arc<str>>,
    stamp: Option<Stamp>,
    /// When it was last saved, in nanoseconds of the monotonic clock.
    pub saved: i64,
    /// Whether it is out of sight for now, which has been said.
    left_out: bool,
}

#[derive(Debug, Default)]
pub struct KnownFiles {
    files: BTreeMap<PathBuf, KnownFile>,
    bytes: usize,
}

impl KnownFiles {
    pub fn get(&self, path: &Path) -> Option<&KnownFile> {
        self.files.get(path)
    }

    pub fn has_room(&self) -> bool {
        self.files.len() < MOST_FILES && self.bytes < MOST_BYTES
    }

    /// Takes in what the file holds now; `saved` counts only when the file was touched since.
    pub fn set(&mut self, path: PathBuf, text: Arc<str>, stamp: Option<Stamp>, saved: i64) {
        self.bytes += text.len();
        let mut file = KnownFile { text: Some(text), stamp, saved, left_out: false };
        if let Some(old) = self.remove(&path)
            && old.stamp.zip(stamp).is_some_and(|(old, new)| old.agrees(&new))
        {
            file.saved = old.saved;
        }
        self.files.insert(path, file);
    }

    /// The text as it was stays, so that the next edit can be told. Says whether a followed file is lost by this.
    pub fn leave_out(&mut self, path: PathBuf, stamp: Option<Stamp>) -> bool {
        let file =
            self.files.entry(path).or_insert(KnownFile { text: None, stamp, saved: 0, left_out: true });
        file.stamp = stamp;
        let lost = !file.left_out;
        file.left_out = true;
        lost
    }

    pub fn remove(&mut self, path: &Path) -> Option<KnownFile> {
        let file = self.files.remove(path)?;
        self.bytes -= file.text.as_ref().map_or(0, |text| text.len());
        Some(file)
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&Path) -> bool) {
        let gone: Vec<PathBuf> = self.files.keys().filter(|path| !keep(path)).cloned().collect();
        gone.iter().for_each(|path| drop(self.remove(path)));
    }

    /// `path` itself, or the files below it.
    pub fn below(&self, path: &Path) -> impl Iterator<Item = &PathBuf> {
        below(&self.files, path)
    }

    /// Whether it is there but cannot be followed.
    pub fn is_left_out(&self, path: &Path) -> bool {
        self.files.get(path).is_some_and(|file| file.left_out)
    }

    /// The files below `start` that are not, or may not be, as they were.
    pub fn differing(&self, start: &Path, tree: &Tree) -> Vec<PathBuf> {
        let there: HashSet<&Path> = tree.files.iter().map(|(path, _)| path.as_path()).collect();
        let gone = self.below(start).filter(|path| !there.contains(path.as_path())).cloned();
        let changed = tree.files.iter().filter(|(path, stamp)| !self.is_unchanged(path, stamp));
        changed.map(|(path, _)| path.clone()).chain(gone).collect()
    }

    fn is_unchanged(&self, path: &Path, stamp: &Stamp) -> bool {
        let known = self.files.get(path).and_then(|file| file.stamp);
        known.is_some_and(|known| known.agrees(stamp) && !known.is_fresh())
    }
}

/// The keys that are `path` itself or lie below it: in the order of paths they follow one another.
pub fn below<'a, T>(files: &'a BTreeMap<PathBuf, T>, path: &Path) -> impl Iterator<Item = &'a PathBuf> {
    let path = path.to_path_buf();
    files.range(path.clone()..).map(|(file, _)| file).take_while(move |file| file.starts_with(&path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn known(paths: &[&str]) -> KnownFiles {
        let mut known = KnownFiles::default();
        for path in paths {
            known.set(path.into(), "x\n".into(), None, 1);
        }
        known
    }

    #[test]
    fn below_a_folder_are_its_files_and_no_namesakes() {
        let known = known(&["a/b", "a/b/c", "a/b.py", "a/bc", "b"]);
        let below = |path: &str| known.below(Path::new(path)).cloned().collect::<Vec<_>>();
        assert_eq!(below("a/b"), ["a/b", "a/b/c"].map(PathBuf::from));
        assert_eq!(below("").len(), 5);
        assert!(below("c").is_empty());
    }

    #[test]
    fn a_file_is_lost_once_and_keeps_its_text() {
        let mut known = known(&["a"]);
        assert!(known.leave_out("a".into(), None));
        assert!(!known.leave_out("a".into(), None));
        assert!(!known.leave_out("new".into(), None), "it was never followed");
        assert_eq!(known.get(Path::new("a")).unwrap().text.as_deref(), Some("x\n"));
        known.set("a".into(), "y\n".into(), None, 2);
        assert!(known.leave_out("a".into(), None));
        known.retain(|path| path != "a");
        assert_eq!((known.bytes, known.files.len()), (0, 1));
    }

    #[test]
    fn what_differs_is_new_gone_changed_or_too_young_to_tell() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "x").unwrap();
        let stamp = Stamp::of(&fs::metadata(&path).unwrap());
        let mut known = known(&["gone", "sub/gone"]);
        known.set("a".into(), "x\n".into(), Some(stamp), 5);
        let tree = Tree { files: vec![("a".into(), stamp), ("new".into(), stamp)], ..Tree::default() };
        assert_eq!(
            known.differing(Path::new(""), &tree),
            ["a", "new", "gone", "sub/gone"].map(PathBuf::from)
        );
        assert_eq!(known.differing(Path::new("sub"), &Tree::default()), [PathBuf::from("sub/gone")]);
        known.set("a".into(), "x\n".into(), Some(stamp), 9);
        assert_eq!(known.get(Path::new("a")).unwrap().saved, 5, "only looked at again");
    }
}
