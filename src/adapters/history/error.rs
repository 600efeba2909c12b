//! What can be wrong with a history file, in words that say what to do.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum HistoryError {
    #[error(
        "{path} was written by a newer thinkaloud (schema {found}; this one knows {known}): use that one. Nothing was changed"
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error(
        "{path} is no history of thinkaloud: {why}. Nothing was changed; move the file away to begin a new history"
    )]
    Foreign { path: PathBuf, why: String },
    #[error("{path} is damaged ({why}). Nothing was changed; {advice}")]
    Damaged { path: PathBuf, why: String, advice: String },
    #[error("{path} is locked by another program; try again when it is done")]
    Locked { path: PathBuf },
    #[error("{path} may not be written to")]
    ReadOnly { path: PathBuf },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path}: {source}")]
    Sql { path: PathBuf, source: rusqlite::Error },
}

impl HistoryError {
    /// It is about the machine, not about what was asked for.
    pub fn is_environment(&self) -> bool {
        matches!(self, Self::Locked { .. } | Self::ReadOnly { .. } | Self::Io { .. })
    }

    pub fn io(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { path: path.to_path_buf() }
            }
            _ => Self::Io { path: path.to_path_buf(), source },
        }
    }

    pub fn sql(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::DiskFull) => Self::Io { path, source: io::ErrorKind::StorageFull.into() },
            Some(ErrorCode::NotADatabase) => Self::Foreign { path, why: "it is no SQLite database".into() },
            Some(ErrorCode::DatabaseCorrupt) => Self::damaged(&path, source.to_string()),
            _ => Self::Sql { path, source },
        }
    }

    pub fn damaged(path: &Path, why: String) -> Self {
        // SQLite's words may be several lines.
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
        let backups = backups(path);
        let advice = match backups.last() {
            Some(backup) => {
                format!("put back {} in its place, or move it away to begin a new history", backup.display())
            }
            None => {
                "move it away to begin a new history; `sqlite3 FILE .recover` may save what is in it".into()
            }
        };
        Self::Damaged { path: path.to_path_buf(), why, advice }
    }
}

/// Backups that were made of the file at `path`, in order of name.
pub fn backups(path: &Path) -> Vec<PathBuf> {
    super::super::files::with_extension(path.parent().unwrap_or(Path::new(".")), "backup").unwrap_or_default()
}
