//! Whole files, written so that a crash leaves the old or the new one and never half of it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

#[derive(Debug, Error)]
pub enum FileError {
    #[error("{path} cannot be read: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} cannot be written: {source}")]
    Write { path: PathBuf, source: io::Error },
}

pub fn read_text(path: &Path) -> Result<String, FileError> {
    let bytes = fs::read(path).map_err(|source| FileError::Read { path: path.to_path_buf(), source })?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// The files of a folder with this extension, in order of name; none where there is no such folder.
pub fn with_extension(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, FileError> {
    let read = || -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|own| own == extension) {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|source| FileError::Read { path: folder.to_path_buf(), source }),
    }
}

/// Makes the folder if need be.
pub fn write(path: &Path, contents: &[u8]) -> Result<(), FileError> {
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file =
            tempfile::Builder::new().prefix(".thinkaloud-").permissions(permissions()).tempfile_in(folder)?;
        file.write_all(contents)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|source| FileError::Write { path: path.to_path_buf(), source })
}

/// Whether files can be made in `folder`, which is made if need be: better known before long work than after it.
pub fn probe(folder: &Path) -> Result<(), FileError> {
    let probe = fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder).map(drop));
    probe.map_err(|source| FileError::Write { path: folder.to_path_buf(), source })
}

/// As for any new file, less the umask; temporary files would otherwise be the owner's alone.
fn permissions() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_whole_files_and_names_what_it_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.txt");
        write(&path, b"one").unwrap();
        write(&path, "\u{feff}two".as_bytes()).unwrap();
        assert_eq!(read_text(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path().join("a")).unwrap().count(), 1);
        assert_eq!(with_extension(&folder.path().join("a"), "txt").unwrap(), std::slice::from_ref(&path));
        assert!(with_extension(&folder.path().join("a"), "toml").unwrap().is_empty());
        assert!(with_extension(&folder.path().join("none"), "txt").unwrap().is_empty());
        let error = write(&path.join("c"), b"x").unwrap_err().to_string();
        assert!(error.contains("b.txt/c cannot be written"), "{error}");
    }
}
