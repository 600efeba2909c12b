//! Which paths are never watched: by the rules of `.gitignore` and `.thinkaloudignore`, and by name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ignore::{IncrementalIgnore, WalkBuilder};

use super::names;

/// Rules of the person's own, in the syntax of `.gitignore` and stronger than it.
pub const OWN_RULES: &str = ".thinkaloudignore";

#[derive(Debug)]
pub struct Ignored {
    root: PathBuf,
    except: Vec<PathBuf>,
    rules: Option<IncrementalIgnore>,
    folders: HashMap<PathBuf, bool>,
}

impl Ignored {
    /// `except` is relative to `root`.
    pub fn new(root: &Path, except: Vec<PathBuf>) -> Self {
        let mut ignored = Self { root: root.to_path_buf(), except, rules: None, folders: HashMap::new() };
        ignored.learn();
        ignored
    }

    /// Reads the ignore files again.
    pub fn learn(&mut self) {
        // Outside of a repository the ignore files further up are not about this folder: some keep their home
        // under version control with a `*` there.
        let in_repository = self.root.ancestors().any(|folder| folder.join(".git").exists());
        let mut builder = WalkBuilder::new(&self.root);
        builder.hidden(false).parents(in_repository).require_git(false).add_custom_ignore_filename(OWN_RULES);
        self.rules = builder.build_matchers().into_iter().next();
        self.folders.clear();
    }

    /// Whether a change of this file changes the rules.
    pub fn is_rule_file(path: &Path) -> bool {
        path.file_name()
            .is_some_and(|name| [OWN_RULES, ".gitignore", ".ignore"].iter().any(|rule| name == *rule))
    }

    /// Whether nothing at `path` (relative to the root) is to be watched, be it for a folder above it.
    pub fn is_ignored(&mut self, path: &Path, is_folder: bool) -> bool {
        if !is_folder {
            return path.parent().is_some_and(|parent| self.is_ignored(parent, true))
                || self.ignores(path, false);
        }
        if path.as_os_str().is_empty() {
            return false;
        }
        if let Some(known) = self.folders.get(path) {
            return *known;
        }
        let answer =
            path.parent().is_some_and(|parent| self.is_ignored(parent, true)) || self.ignores(path, true);
        self.folders.insert(path.to_path_buf(), answer);
        answer
    }

    /// Without regard to the folders above. Secrets and what is no code of anyone's cannot be brought back by a rule;
    /// folders that tools fill can, by `!name/`.
    fn ignores(&mut self, path: &Path, is_folder: bool) -> bool {
        let Some(name) = path.file_name() else { return false };
        let name = name.to_string_lossy().to_lowercase();
        if self.except.iter().any(|except| except == path)
            || names::is_secret(&name)
            || names::is_version_control(&name)
            || (!is_folder && names::is_passing(&name))
        {
            return true;
        }
        match self.rules.as_mut().map(|rules| rules.matched(path, is_folder)) {
            Some(matched) if matched.is_ignore() => true,
            Some(matched) if matched.is_whitelist() => false,
            _ => is_folder && names::is_generated_folder(&name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn ignored(files: &[(&str, &str)]) -> (tempfile::TempDir, Ignored) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let ignored = Ignored::new(folder.path(), vec!["sessions/now".into()]);
        (folder, ignored)
    }

    #[test]
    fn what_tools_make_is_not_watched() {
        let (_folder, mut ignored) = ignored(&[]);
        for file in [
            "node_modules/p/f.js",
            "target/debug/x",
            "a/.venv/lib/x.py",
            "__pycache__/a",
            ".git/config",
            "sub/.git",
            "4913",
            "v.py~",
            ".s.py.swp",
            ".#s.py",
            "#s.py#",
            "r.py.tmp",
            ".DS_Store",
            "x.egg-info/a",
            "sessions/now/a",
            "Build/x",
            "run.log",
            ".git/node_modules",
        ] {
            assert!(ignored.is_ignored(Path::new(file), false), "{file}");
        }
        for file in [
            "a.py",
            "build.rs",
            "target.py",
            "src/node_modules.js",
            "q/w/e/z.py",
            ".github/ci.yml",
            "491",
            "-rf.py",
            "Cargo.lock",
            "uv.lock",
            "package-lock.json",
            "a/.gitignore",
            "sessions/other/a",
            "",
        ] {
            assert!(!ignored.is_ignored(Path::new(file), false), "{file}");
        }
        assert!(!ignored.is_ignored(Path::new("build"), false), "a file may be named as a folder of tools");
    }

    #[test]
    fn secrets_are_never_watched() {
        let (_folder, mut ignored) = ignored(&[(OWN_RULES, "!.env\n!*.pem\n")]);
        for file in [
            ".env",
            ".env.local",
            "prod.env",
            ".ENV",
            "a/server.pem",
            "tls.key",
            "id_rsa",
            "id_rsa.pub",
            "id_ed25519",
            "store.p12",
            "credentials",
            "credentials.json",
            ".npmrc",
            "secrets.yaml",
        ] {
            assert!(ignored.is_ignored(Path::new(file), false), "{file}");
        }
        for file in ["environment.py", "key.py", "keyboard.rs", "envelope.env.py", "secret_santa.py"] {
            assert!(!ignored.is_ignored(Path::new(file), false), "{file}");
        }
    }

    #[test]
    fn ignore_files_are_followed_and_learnt_again() {
        let (folder, mut ignored) = ignored(&[
            (".gitignore", "/data\n*.csv\n!keep.csv\n[unclosed\n"),
            ("sub/.gitignore", "local.py\n"),
            (OWN_RULES, "drafts/\n!dist/\n!notes.csv\n"),
        ]);
        for file in ["data/x.py", "a.csv", "sub/local.py", "drafts/deep/er/x.py"] {
            assert!(ignored.is_ignored(Path::new(file), false), "{file}");
        }
        for file in ["keep.csv", "notes.csv", "local.py", "sub/data/x.py", "dist/x.js"] {
            assert!(!ignored.is_ignored(Path::new(file), false), "{file}");
        }
        fs::write(folder.path().join(".gitignore"), "a.py\n").unwrap();
        assert!(!ignored.is_ignored(Path::new("a.py"), false), "not before it is told to");
        ignored.learn();
        assert!(ignored.is_ignored(Path::new("a.py"), false));
        assert!(!ignored.is_ignored(Path::new("data/x.py"), false));
        assert!(Ignored::is_rule_file(Path::new("sub/.gitignore")) && !Ignored::is_rule_file(Path::new("x")));
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf8_is_a_name() {
        use std::os::unix::ffi::OsStrExt;
        let (_folder, mut ignored) = ignored(&[(".gitignore", "*.csv\n")]);
        let path = |bytes| Path::new(std::ffi::OsStr::from_bytes(bytes)).to_path_buf();
        assert!(!ignored.is_ignored(&path(b"bad\xff.py"), false));
        assert!(ignored.is_ignored(&path(b"bad\xff.csv"), false));
    }
}
