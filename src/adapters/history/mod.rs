//! The history of all sessions: one SQLite file. Several processes may use it at once.

mod error;
mod goals;
mod read;
mod schema;
mod write;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite_migration::Error as MigrationError;
use tempfile::TempDir;

pub use error::HistoryError;
pub use read::Detail;
pub use write::{Counts, Stored};

/// How long another process is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

type Result<T> = std::result::Result<T, HistoryError>;

#[derive(Debug)]
pub struct History {
    connection: Connection,
    path: PathBuf,
    /// The copy that is used where the file itself may not be written to.
    copy: Option<TempDir>,
    /// What was done to the file, in words.
    pub notes: Vec<String>,
}

impl History {
    /// Opens the file, made if need be and brought to the present schema, for reading and writing.
    pub fn open(path: &Path) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|source| HistoryError::io(folder, source))?;
        if let Err(source) = writable(path) {
            return Err(HistoryError::io(path, source));
        }
        Self::at(path, path, None)
    }

    /// The same for reading alone: what is not there is an empty history, and what may not be written to is read.
    pub fn look(path: &Path) -> Result<Self> {
        match fs::metadata(path) {
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                let told = |source| HistoryError::sql(path, source);
                let mut connection = Connection::open_in_memory().map_err(told)?;
                schema::migrations()
                    .to_latest(&mut connection)
                    .map_err(|error| migration_error(path, error))?;
                Ok(Self { connection, path: path.to_path_buf(), copy: None, notes: Vec::new() })
            }
            Err(source) => Err(HistoryError::io(path, source)),
            Ok(_) if writable(path).is_ok() => Self::at(path, path, None),
            Ok(_) => {
                let (folder, copy) = copy(path).map_err(|source| HistoryError::io(path, source))?;
                Self::at(path, &copy, Some(folder))
            }
        }
    }

    /// `file` is the one at `path`, or a copy of it.
    fn at(path: &Path, file: &Path, copy: Option<TempDir>) -> Result<Self> {
        let told = |source| HistoryError::sql(path, source);
        let connection = Connection::open(file).map_err(told)?;
        connection.busy_timeout(PATIENCE).map_err(told)?;
        // A damaged or hostile file must not run anything.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(told)?;
        let mut history = Self { connection, path: path.to_path_buf(), copy, notes: Vec::new() };
        let found = history.version()?;
        if found > schema::VERSION {
            return Err(HistoryError::Newer { path: path.to_path_buf(), found, known: schema::VERSION });
        }
        if found < schema::VERSION {
            history.migrate(file)?;
        }
        let application: i64 = history.pragma("application_id")?;
        if application != schema::APPLICATION {
            let why = "another program has made it".into();
            return Err(HistoryError::Foreign { path: path.to_path_buf(), why });
        }
        history.configure().map_err(told)?;
        Ok(history)
    }

    fn configure(&self) -> rusqlite::Result<()> {
        let mode: String = self.connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        if mode != "wal" {
            self.connection.pragma_update(None, "journal_mode", "wal")?;
        }
        self.connection.pragma_update(None, "foreign_keys", true)?;
        // What somebody wants forgotten is overwritten, not only left out.
        self.connection.pragma_update(None, "secure_delete", true)?;
        self.connection.pragma_update(None, "synchronous", "full")
    }

    fn version(&self) -> Result<i64> {
        self.pragma("user_version")
    }

    fn pragma<T: rusqlite::types::FromSql>(&self, name: &str) -> Result<T> {
        self.connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| self.told(error))
    }

    /// One process at a time; what is there is checked, and copied first.
    fn migrate(&mut self, file: &Path) -> Result<()> {
        let _lock = lock(&file.with_extension("lock")).map_err(|source| match source.kind() {
            io::ErrorKind::WouldBlock => HistoryError::Locked { path: self.path.clone() },
            _ => HistoryError::io(&self.path, source),
        })?;
        let found = self.version()?;
        if found >= schema::VERSION {
            return Ok(());
        }
        if let Some(why) = schema::stranger(&self.connection).map_err(|error| self.told(error))? {
            return Err(HistoryError::Foreign { path: self.path.clone(), why });
        }
        if !schema::tables(&self.connection).map_err(|error| self.told(error))?.is_empty() {
            let sound: String = self.pragma("quick_check")?;
            if sound != "ok" {
                return Err(HistoryError::damaged(&self.path, sound));
            }
            let backup = self.back_up(file, found)?;
            if self.copy.is_none() {
                self.notes.push(format!(
                    "{} was brought from schema {found} to {}; as it was it lies in {}",
                    self.path.display(),
                    schema::VERSION,
                    backup.display()
                ));
            }
        } else if let Some(backup) = error::backups(&self.path).last() {
            self.notes.push(format!(
                "{} was empty and begins anew; there is a backup: {}",
                self.path.display(),
                backup.display()
            ));
        }
        schema::migrations()
            .to_latest(&mut self.connection)
            .map_err(|error| migration_error(&self.path, error))?;
        // Nobody else is in the way of it here.
        self.configure().map_err(|error| self.told(error))
    }

    /// A copy beside the file, whole or not there at all.
    fn back_up(&self, file: &Path, version: i64) -> Result<PathBuf> {
        let name = |count: usize| match count {
            0 => file.with_extension(format!("schema-{version}.backup")),
            _ => file.with_extension(format!("schema-{version}-{count}.backup")),
        };
        let target = (0..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(0));
        let partial = target.with_extension("partial");
        let io = |source| HistoryError::io(&target, source);
        match fs::remove_file(&partial) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(io(source)),
            _ => {}
        }
        self.connection.backup("main", &partial, None).map_err(|error| self.told(error))?;
        File::open(&partial).and_then(|file| file.sync_all()).map_err(io)?;
        fs::rename(&partial, &target).map_err(io)?;
        Ok(target)
    }

    fn told(&self, error: rusqlite::Error) -> HistoryError {
        HistoryError::sql(&self.path, error)
    }

    /// The connection for a change.
    fn writing(&mut self) -> Result<&mut Connection> {
        if self.copy.is_some() {
            return Err(HistoryError::ReadOnly { path: self.path.clone() });
        }
        Ok(&mut self.connection)
    }
}

fn migration_error(path: &Path, error: MigrationError) -> HistoryError {
    match error {
        MigrationError::RusqliteError { err, .. } => HistoryError::sql(path, err),
        other => HistoryError::damaged(path, other.to_string()),
    }
}

/// Whether the file, or one that is not there yet, can be written, and others beside it.
fn writable(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => tempfile::tempfile_in(
            path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")),
        )
        .map(drop),
    }
}

/// The file with what has not been merged into it yet.
fn copy(path: &Path) -> io::Result<(TempDir, PathBuf)> {
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("history.db");
    fs::copy(path, &target)?;
    let beside = |path: &Path| {
        path.with_file_name(format!("{}-wal", path.file_name().unwrap_or_default().to_string_lossy()))
    };
    match fs::copy(beside(path), beside(&target)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok((folder, target)),
    }
}

/// Held until it is dropped.
fn lock(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    let step = Duration::from_millis(50);
    for _ in 0..PATIENCE.as_millis() / step.as_millis() {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(step),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}
