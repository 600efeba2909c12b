//! What lies below a folder, as far as it is watched.

use std::fs;
use std::path::{Path, PathBuf};

use super::ignored::Ignored;
use super::stamp::Stamp;

/// Paths are relative to the root.
#[derive(Debug, Default)]
pub struct Tree {
    pub folders: Vec<PathBuf>,
    pub files: Vec<(PathBuf, Stamp)>,
    /// Folders that cannot be listed, and why.
    pub closed: Vec<(PathBuf, String)>,
    /// Folders that hold a `.git`.
    pub work_trees: Vec<PathBuf>,
}

/// `enter` is called with each folder before it is listed, so that a watch that it sets misses nothing. Links are
/// not followed: a file is known by its real path, and no loop has an end.
pub fn walk(root: &Path, start: &Path, ignored: &mut Ignored, mut enter: impl FnMut(&Path)) -> Tree {
    let mut tree = Tree::default();
    let mut folders = vec![start.to_path_buf()];
    while let Some(folder) = folders.pop() {
        enter(&folder);
        let entries = match fs::read_dir(root.join(&folder)) {
            Ok(entries) => entries,
            Err(error) => {
                tree.closed.push((folder, format!("it cannot be listed ({})", error.kind())));
                continue;
            }
        };
        // An entry that vanishes meanwhile is none.
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            if entry.file_name() == ".git" {
                tree.work_trees.push(folder.clone());
                continue;
            }
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && !ignored.is_ignored(&path, true) {
                folders.push(path);
            } else if kind.is_file() && !ignored.is_ignored(&path, false) {
                tree.files.extend(entry.metadata().ok().map(|data| (path, Stamp::of(&data))));
            }
        }
        tree.folders.push(folder);
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_folders_are_not_even_entered() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["src/deep", "node_modules/p", "repo/.git/refs", "src/target"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        for file in ["a.py", "src/deep/b.py", "node_modules/p/c.js", ".env", "repo/.git/HEAD"] {
            fs::write(root.path().join(file), "").unwrap();
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("..", root.path().join("src/up")).unwrap();
            std::os::unix::fs::symlink("a.py", root.path().join("alias.py")).unwrap();
        }
        let mut ignored = Ignored::new(root.path(), vec![]);
        let mut entered = Vec::new();
        let mut tree =
            walk(root.path(), Path::new(""), &mut ignored, |folder| entered.push(folder.to_path_buf()));
        tree.folders.sort();
        tree.files.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(tree.folders, ["", "repo", "src", "src/deep"].map(PathBuf::from));
        let files: Vec<_> = tree.files.iter().map(|(path, _)| path.clone()).collect();
        assert_eq!(files, ["a.py", "src/deep/b.py"].map(PathBuf::from));
        assert_eq!(tree.work_trees, ["repo"].map(PathBuf::from));
        entered.sort();
        assert_eq!(entered, tree.folders);
        let gone = walk(root.path(), Path::new("missing"), &mut ignored, |_| {});
        assert_eq!(gone.closed.len(), 1);
    }
}
