//! Edits of the code, as they happen.
//!
//! ```text
//! source (events of folders) ─┐
//! tree (what is on the disk) ─┴→ disk ─→ follower ─→ bursts (files while they change) ─→ settle ─→ edits
//!     less what is ignored,  read by content,  told apart by diff, classify, renames and git
//! ```
//!
//! Only what a file holds counts: times, modes and line ends are no edits.

mod activity;
mod burst;
mod bursts;
mod classify;
mod content;
mod diff;
mod disk;
mod follower;
mod git;
mod ignored;
mod known;
mod names;
mod notebook;
mod renames;
mod settle;
mod source;
mod stamp;
mod tree;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use thiserror::Error;

use self::follower::Follower;
use self::source::Signal;
use crate::session::Edit;

/// What is watched, and how closely.
#[derive(Clone, Debug)]
pub struct WatchSettings {
    pub root: PathBuf,
    /// Folders or files below the root that are left alone, such as the one that the session is written to.
    pub except: Vec<PathBuf>,
    /// A larger file is not followed.
    pub max_file_bytes: u64,
    /// A burst of changes is over after this long without a further one, or after five times as long.
    pub quiet: Duration,
    /// With more folders than this the disk is looked at every two seconds instead: watches are a limit that
    /// all programs of a user share.
    pub max_watches: usize,
}

impl WatchSettings {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            except: Vec::new(),
            max_file_bytes: 2_000_000,
            quiet: Duration::from_millis(400),
            max_watches: 20_000,
        }
    }
}

/// The watched files at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Texts with lines ended by `\n`, by path relative to the root with `/` between parts. Of a notebook the
    /// cells' source.
    pub files: BTreeMap<String, String>,
    /// What is not followed, and why. What is ignored by name is not listed.
    pub left_out: Vec<(String, String)>,
}

/// What the watcher has to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// `at` is zero; `monotonic_ns` is the time of the first event of the change.
    Edit(Edit),
    /// A plain sentence; the watch goes on.
    Trouble(String),
}

#[derive(Debug, Error)]
pub enum WatchError {
    #[error("{path} cannot be watched: {source} (name the folder that your code is in)")]
    Root { path: PathBuf, source: io::Error },
    #[error("the thread that watches {path} cannot be started: {source}")]
    Thread { path: PathBuf, source: io::Error },
}

/// A watch that goes on until it is stopped or dropped.
#[derive(Debug)]
pub struct Watch {
    signals: Sender<Signal>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Reads the files below the root and follows them from then on; `clock` is the monotonic clock in
    /// nanoseconds.
    pub fn start(
        settings: WatchSettings,
        clock: fn() -> i64,
        out: Sender<Seen>,
    ) -> Result<(Self, Baseline), WatchError> {
        let path = settings.root.clone();
        let (signals, inbox) = channel();
        let (follower, baseline) = Follower::start(&settings, clock, out, signals.clone(), inbox)
            .map_err(|source| WatchError::Root { path: path.clone(), source })?;
        let thread = thread::Builder::new()
            .name("edit watcher".into())
            .spawn(|| follower.run())
            .map_err(|source| WatchError::Thread { path, source })?;
        Ok((Self { signals, thread: Some(thread) }, baseline))
    }

    /// Sends what is pending and ends the thread, as dropping it does.
    pub fn stop(self) {}
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Fails only when the thread has ended by itself.
        let _ = self.signals.send(Signal::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
