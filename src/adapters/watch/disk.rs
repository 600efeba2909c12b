//! The watched folder: what lies in it, what is heard of it, and the repositories that it belongs to.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::{fs, io};

use super::WatchSettings;
use super::content::{self, Content};
use super::git::Git;
use super::ignored::Ignored;
use super::source::{LimitReached, Signal, Source};
use super::stamp::Stamp;
use super::tree::{self, Tree};

#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    max_file_bytes: u64,
    pub ignored: Ignored,
    pub git: Git,
    source: Source,
}

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    File,
    Folder,
    /// Nothing, or something that is neither, such as a link.
    Nothing,
    Ignored,
    /// The `.git` of this work tree.
    Repository,
}

/// Whether folders that have a watch get it once more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    Keep,
    Again,
}

impl Disk {
    /// Without events, if the system gives no watcher.
    pub fn open(settings: &WatchSettings, clock: fn() -> i64, signals: Sender<Signal>) -> io::Result<Self> {
        let root = fs::canonicalize(&settings.root)?;
        // Tells apart what cannot be listed at all from what is empty.
        fs::read_dir(&root)?;
        let except = settings.except.iter().filter_map(|path| inside(&root, path)).collect();
        let source = Source::start(settings.max_watches, clock, signals);
        let mut git = Git::default();
        root.ancestors().for_each(|folder| git.add(folder));
        Ok(Self {
            ignored: Ignored::new(&root, except),
            max_file_bytes: settings.max_file_bytes,
            git,
            source: source.unwrap_or_else(|LimitReached| Source::none()),
            root,
        })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `path` relative to the root.
    pub fn relative<'a>(&self, path: &'a Path) -> Option<&'a Path> {
        path.strip_prefix(&self.root).ok()
    }

    pub fn absolute(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }

    pub fn read(&self, path: &Path) -> (Content, Option<Stamp>) {
        content::read(&self.root.join(path), self.max_file_bytes)
    }

    /// A folder that has gone loses its watch.
    pub fn find(&mut self, path: &Path) -> Found {
        let absolute = self.root.join(path);
        if path.file_name().is_some_and(|name| name == ".git") {
            return Found::Repository;
        }
        let (found, is_folder) = match fs::symlink_metadata(&absolute).map(|data| data.file_type()) {
            Ok(kind) if kind.is_dir() => (Found::Folder, true),
            Ok(kind) if kind.is_file() => (Found::File, false),
            _ => {
                self.source.forget(&absolute);
                return Found::Nothing;
            }
        };
        if self.ignored.is_ignored(path, is_folder) { Found::Ignored } else { found }
    }

    /// Lists a folder and everything below it, and watches it from then on. When no further folder can be watched
    /// all watches are given back, for other programs need them too.
    pub fn enter(&mut self, start: &Path, watched: Watched) -> Tree {
        let Self { root, ignored, source, .. } = self;
        let mut limit = false;
        let tree = tree::walk(root, start, ignored, |folder| {
            let folder = root.join(folder);
            if !limit && (watched == Watched::Again || !source.watches(&folder)) {
                limit = source.watch(&folder).is_err();
            }
        });
        if limit {
            self.mute();
        }
        tree
    }

    /// Whether changes are heard of; otherwise they have to be looked for.
    pub fn is_heard(&self) -> bool {
        !self.source.is_none()
    }

    pub fn mute(&mut self) {
        self.source = Source::none();
    }
}

/// `path` relative to `root`, if it lies below; it need not exist.
fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| root.join(path));
    real.strip_prefix(root).ok().filter(|path| !path.as_os_str().is_empty()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    fn disk(settings: impl Fn(&mut WatchSettings)) -> (tempfile::TempDir, Disk) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("src/sub")).unwrap();
        fs::write(folder.path().join("src/a.py"), "a").unwrap();
        let mut wanted = WatchSettings::new(folder.path());
        settings(&mut wanted);
        let disk = Disk::open(&wanted, || 0, channel().0).unwrap();
        (folder, disk)
    }

    #[test]
    fn what_is_at_a_path_is_told_apart() {
        let (folder, mut disk) = disk(|_| {});
        #[cfg(unix)]
        std::os::unix::fs::symlink("src", folder.path().join("link")).unwrap();
        let found =
            ["src", "src/a.py", "missing", "link", "src/.git", ".env"].map(|path| disk.find(Path::new(path)));
        use Found::{File, Folder, Nothing, Repository};
        assert_eq!(found, [Folder, File, Nothing, Nothing, Repository, Nothing]);
        fs::write(folder.path().join(".env"), "").unwrap();
        assert_eq!(disk.find(Path::new(".env")), Found::Ignored);
    }

    #[test]
    fn at_the_limit_all_watches_are_given_back() {
        let (_folder, mut open) = disk(|_| {});
        assert_eq!(open.enter(Path::new(""), Watched::Keep).folders.len(), 3);
        assert!(open.is_heard());
        let (_folder, mut tight) = disk(|wanted| wanted.max_watches = 2);
        assert_eq!(
            tight.enter(Path::new(""), Watched::Keep).folders.len(),
            3,
            "the list is whole all the same"
        );
        assert!(cfg!(any(target_os = "macos", target_os = "windows")) || !tight.is_heard());
    }

    #[test]
    fn exceptions_are_below_the_root() {
        let (folder, _disk) = disk(|_| {});
        let root = fs::canonicalize(folder.path()).unwrap();
        assert_eq!(inside(&root, &root.join("src")), Some("src".into()));
        assert_eq!(inside(&root, Path::new("not/yet")), Some("not/yet".into()));
        assert_eq!(inside(&root, &root), None);
        assert_eq!(inside(&root, &root.join("..")), None);
    }
}
