//! Whether git is at work on the files, and whether it has just moved them to another commit.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The repositories that the watched files belong to.
#[derive(Debug, Default)]
pub struct Git {
    folders: BTreeMap<PathBuf, Position>,
    moved: Option<SystemTime>,
}

/// Where a repository stood when it was last looked at.
#[derive(Debug, Default, PartialEq, Eq)]
struct Position {
    head: Option<String>,
    stash: Option<String>,
    log_bytes: u64,
}

impl Git {
    /// Takes in the repository of a work tree, if it is one.
    pub fn add(&mut self, work_tree: &Path) {
        let Some(folder) = folder_of(work_tree) else { return };
        self.folders.entry(folder.clone()).or_insert_with(|| Position::of(&folder));
    }

    /// Takes in a repository that was not there before: its files came with it.
    pub fn add_new(&mut self, work_tree: &Path) {
        let known = self.folders.len();
        self.add(work_tree);
        if self.folders.len() > known {
            self.moved = Some(SystemTime::now());
        }
    }

    /// Git holds its lock from before the first file that it changes until after the last.
    pub fn is_at_work(&self) -> bool {
        self.folders.keys().any(|folder| folder.join("index.lock").exists())
    }

    /// Whether a checkout, reset, merge, rebase, pull or stash has changed files since then.
    pub fn has_moved_files_since(&mut self, then: SystemTime) -> bool {
        for (folder, old) in &mut self.folders {
            let new = Position::of(folder);
            if let Some(mark) = what_moved(folder, old, &new) {
                let at = fs::metadata(folder.join(mark)).and_then(|data| data.modified());
                self.moved = self.moved.max(Some(at.unwrap_or_else(|_| SystemTime::now())));
            }
            *old = new;
        }
        self.moved.is_some_and(|moved| moved >= then)
    }
}

impl Position {
    fn of(folder: &Path) -> Self {
        Self {
            head: fs::read_to_string(folder.join("HEAD")).ok(),
            stash: fs::read_to_string(folder.join("refs/stash")).ok(),
            log_bytes: fs::metadata(folder.join("logs/HEAD")).map_or(0, |data| data.len()),
        }
    }
}

/// `.git` in the work tree, or where a file of that name points.
fn folder_of(work_tree: &Path) -> Option<PathBuf> {
    let inside = work_tree.join(".git");
    if inside.is_dir() {
        return Some(inside);
    }
    let pointer = fs::read_to_string(&inside).ok()?;
    let folder = work_tree.join(pointer.strip_prefix("gitdir:")?.trim());
    folder.is_dir().then_some(folder)
}

/// The file in the git folder whose time tells when.
fn what_moved(folder: &Path, old: &Position, new: &Position) -> Option<&'static str> {
    if old.stash != new.stash {
        // Taking the last entry off the stash takes its file away: then the time is now.
        return Some("refs/stash");
    }
    if new.log_bytes == old.log_bytes {
        return (new.log_bytes == 0 && old.head != new.head).then_some("HEAD");
    }
    let from = if new.log_bytes > old.log_bytes { old.log_bytes } else { 0 };
    let mut lines = Vec::new();
    File::open(folder.join("logs/HEAD"))
        .and_then(|mut log| {
            log.seek(SeekFrom::Start(from))?;
            log.read_to_end(&mut lines)
        })
        .ok()?;
    String::from_utf8_lossy(&lines).lines().any(moves_files).then_some("logs/HEAD")
}

/// A line of the log of HEAD: `old new name <mail> time zone\tcheckout: moving from main to other`.
fn moves_files(line: &str) -> bool {
    line.split_once('\t')
        .is_some_and(|(_, what)| !["commit", "branch"].iter().any(|still| what.starts_with(still)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn repository() -> (tempfile::TempDir, PathBuf, Git) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(".git");
        fs::create_dir_all(folder.join("logs")).unwrap();
        fs::create_dir_all(folder.join("refs")).unwrap();
        let mut git = Git::default();
        git.add(root.path());
        (root, folder, git)
    }

    fn append(log: &Path, what: &str) {
        let old = fs::read_to_string(log).unwrap_or_default();
        fs::write(log, format!("{old}0 1 A <a@b> 1 +0\t{what}\n")).unwrap();
    }

    #[test]
    fn a_commit_leaves_the_files_alone_and_a_checkout_does_not() {
        let (_root, folder, mut git) = repository();
        let just_now = || SystemTime::now() - Duration::from_secs(5);
        assert!(!git.has_moved_files_since(SystemTime::UNIX_EPOCH));
        let log = folder.join("logs/HEAD");
        append(&log, "commit (initial): checkout: not really");
        assert!(!git.has_moved_files_since(just_now()));
        append(&log, "checkout: moving from main to other");
        append(&log, "commit: x");
        assert!(git.has_moved_files_since(just_now()));
        assert!(!git.has_moved_files_since(SystemTime::now() + Duration::from_secs(5)), "long ago");
        fs::write(&log, "").unwrap();
        git.has_moved_files_since(just_now());
        append(&log, "reset: moving to HEAD");
        assert!(git.has_moved_files_since(just_now()));
    }

    #[test]
    fn a_stash_moves_files_both_ways() {
        let (_root, folder, mut git) = repository();
        fs::write(folder.join("refs/stash"), "1").unwrap();
        assert!(git.has_moved_files_since(SystemTime::now() - Duration::from_secs(5)));
        let then = SystemTime::now();
        fs::remove_file(folder.join("refs/stash")).unwrap();
        assert!(git.has_moved_files_since(then));
    }

    #[test]
    fn a_new_repository_brings_its_files() {
        let (root, _folder, mut git) = repository();
        git.add_new(root.path());
        assert!(!git.has_moved_files_since(SystemTime::UNIX_EPOCH), "it was known");
        let clone = root.path().join("clone");
        fs::create_dir_all(clone.join(".git")).unwrap();
        git.add_new(&clone);
        assert!(git.has_moved_files_since(SystemTime::now() - Duration::from_secs(5)));
    }

    #[test]
    fn the_lock_tells_that_git_is_at_work() {
        let root = tempfile::tempdir().unwrap();
        let (real, tree) = (root.path().join("real"), root.path().join("tree"));
        fs::create_dir(&real).unwrap();
        fs::create_dir(&tree).unwrap();
        assert_eq!(folder_of(&tree), None);
        fs::write(tree.join(".git"), "nonsense").unwrap();
        assert_eq!(folder_of(&tree), None);
        fs::write(tree.join(".git"), "gitdir: ../real\n").unwrap();
        let mut git = Git::default();
        git.add(&tree);
        assert!(!git.is_at_work());
        fs::write(real.join("index.lock"), "").unwrap();
        assert!(git.is_at_work());
    }
}
