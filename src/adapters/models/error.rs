//! What can go wrong with models, as sentences that say what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A failure of the model store.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// A verb: "read", "write", "create".
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} is damaged at byte {offset}: {reason}; get the file again", path.display())]
    Damaged { path: PathBuf, offset: u64, reason: String },
    #[error(
        "{} is not a ggml Whisper model ({reason}); give a file such as ggml-tiny.en.bin, or run `thinkaloud models list` to see what can be pulled",
        path.display()
    )]
    NotGgml { path: PathBuf, reason: String },
    #[error("{} is not a CTranslate2 Whisper model that can be converted ({reason})", path.display())]
    NotCTranslate2 { path: PathBuf, reason: String },
    #[error(
        "{} is no model: give a ggml .bin file, or a CTranslate2 folder with model.bin and vocabulary.txt or vocabulary.json",
        path.display()
    )]
    NotAModel { path: PathBuf },
    #[error(
        "there is no model named {name:?} in the catalogue; it has {known}. A file of your own: `thinkaloud models import PATH`"
    )]
    Unknown { name: String, known: String },
    #[error("{name:?} cannot be a model's name: use letters, digits, '.', '-' and '_'")]
    BadName { name: String },
    #[error("the model {name} is not here; run `thinkaloud models pull {name}`")]
    NotInstalled { name: String },
    #[error(
        "{name} is a model of the catalogue and {} is another file; import it under another name",
        path.display()
    )]
    NameTaken { name: String, path: PathBuf },
    #[error("{} exists already and is another file; remove it, or import under another name", path.display())]
    Occupied { path: PathBuf },
    #[error("another pull of {} is under way; wait for it to end", path.display())]
    Busy { path: PathBuf },
    #[error(
        "{} is not the {name} that the catalogue lists (its sha256 is {found}); it is damaged or incomplete: delete it and run `thinkaloud models pull {name}`",
        path.display()
    )]
    Checksum {
        path: PathBuf,
        name: String,
        /// Lower-case hexadecimal.
        found: String,
    },
    #[error("the model {name} could not be got:{}\n{by_hand}", list(failures))]
    NoSource {
        name: String,
        failures: Vec<SourceFailure>,
        /// What the user can do without us.
        by_hand: String,
    },
    /// Why a single source failed; [`ModelError::NoSource`] gathers these.
    #[error("{0}")]
    Source(String),
}

impl ModelError {
    /// Names the file and the verb of a failed file operation; for `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// Why one source of a model failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFailure {
    /// The address or the package.
    pub source: String,
    pub reason: String,
}

impl fmt::Display for SourceFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.reason)
    }
}

fn list(failures: &[SourceFailure]) -> String {
    failures.iter().map(|f| format!("\n  - {f}")).collect()
}
