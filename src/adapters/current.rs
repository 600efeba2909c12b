//! The session that is being recorded: a pointer to its folder, and a lock that its recorder holds.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::files::{self, FileError};

const POINTER: &str = "recording.txt";
const LOCK: &str = ".recording";

/// Held for as long as a recording goes on; the system frees it however the recorder ends.
pub struct Hold {
    _lock: File,
}

/// Marks `session` as being recorded. The newest recording is the one that marks go to.
pub fn hold(data: &Path, session: &Path) -> Result<Hold, FileError> {
    let path = session.join(LOCK);
    let write = |source| FileError::Write { path: path.clone(), source };
    let lock = File::create(&path).map_err(write)?;
    lock.lock().map_err(write)?;
    files::write(&data.join(POINTER), session.to_string_lossy().as_bytes())?;
    Ok(Hold { _lock: lock })
}

/// Whether a recorder is at work in `session`.
pub fn is_recording(session: &Path) -> io::Result<bool> {
    match File::open(session.join(LOCK)) {
        Ok(file) => match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The folder of the recording in progress.
pub fn find(data: &Path) -> Option<PathBuf> {
    let session = PathBuf::from(files::read_text(&data.join(POINTER)).ok()?);
    is_recording(&session).unwrap_or(false).then_some(session)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_found_while_it_is_held() {
        let data = tempfile::tempdir().unwrap();
        let session = tempfile::tempdir().unwrap();
        assert_eq!(find(data.path()), None);
        let held = hold(data.path(), session.path()).unwrap();
        assert_eq!(find(data.path()), Some(session.path().to_path_buf()));
        drop(held);
        assert_eq!(find(data.path()), None);
    }
}
