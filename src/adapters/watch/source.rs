//! Events of the operating system about folders; or none, where it cannot give them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// Where the system watches whole trees by itself; elsewhere each folder costs a watch.
const WHOLE_TREES: bool = cfg!(any(target_os = "macos", target_os = "windows"));

#[derive(Debug, PartialEq, Eq)]
pub enum Signal {
    /// Something happened at this path, at this time of the monotonic clock.
    Touched(PathBuf, i64),
    /// Events were lost.
    Overflow,
    /// No more folders can be watched.
    Limit,
    Stop,
}

/// No further folder can be watched.
#[derive(Debug)]
pub struct LimitReached;

#[derive(Debug)]
pub struct Source {
    watcher: Option<RecommendedWatcher>,
    watched: HashSet<PathBuf>,
    max_watches: usize,
}

impl Source {
    pub fn start(
        max_watches: usize,
        clock: fn() -> i64,
        signals: Sender<Signal>,
    ) -> Result<Self, LimitReached> {
        // It ends when the watch does; a signal after that is for nobody.
        let hear = move |event: notify::Result<Event>| match event {
            Ok(event) => translate(event, clock(), &mut |signal| drop(signals.send(signal))),
            Err(error) if is_limit(&error) => drop(signals.send(Signal::Limit)),
            Err(_) => drop(signals.send(Signal::Overflow)),
        };
        // It fails when the user has as many watchers as may be.
        let watcher = notify::recommended_watcher(hear).map_err(|_| LimitReached)?;
        Ok(Self { watcher: Some(watcher), watched: HashSet::new(), max_watches })
    }

    /// A source without events.
    pub fn none() -> Self {
        Self { watcher: None, watched: HashSet::new(), max_watches: 0 }
    }

    pub fn is_none(&self) -> bool {
        self.watcher.is_none()
    }

    pub fn watches(&self, folder: &Path) -> bool {
        self.watcher.is_none() || WHOLE_TREES || self.watched.contains(folder)
    }

    /// Once more is no mistake: another folder may have taken the place of the one that was watched.
    pub fn watch(&mut self, folder: &Path) -> Result<(), LimitReached> {
        let Some(watcher) = &mut self.watcher else { return Ok(()) };
        if WHOLE_TREES && self.watched.iter().any(|watched| folder.starts_with(watched) && folder != watched)
        {
            return Ok(());
        }
        if self.watched.len() >= self.max_watches && !self.watched.contains(folder) {
            return Err(LimitReached);
        }
        let mode = if WHOLE_TREES { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        match watcher.watch(folder, mode) {
            Ok(()) => drop(self.watched.insert(folder.to_path_buf())),
            Err(error) if is_limit(&error) => return Err(LimitReached),
            // The folder is gone again, or closed to us: there is nothing to see.
            Err(_) => drop(self.watched.remove(folder)),
        }
        Ok(())
    }

    /// The folder is gone or another one; the watcher knows by itself.
    pub fn forget(&mut self, folder: &Path) {
        if self.watched.remove(folder) {
            self.watched.retain(|watched| !watched.starts_with(folder));
        }
    }
}

fn is_limit(error: &notify::Error) -> bool {
    // Of handles there is a limit too: EMFILE, 24, on all systems that have it.
    matches!(error.kind, ErrorKind::MaxFilesWatch)
        || matches!(&error.kind, ErrorKind::Io(cause) if cause.raw_os_error() == Some(24))
}

fn translate(event: Event, at: i64, send: &mut dyn FnMut(Signal)) {
    if event.need_rescan() {
        send(Signal::Overflow);
    }
    // What only reads is no change; our own reading is heard too.
    if matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write)) {
        return;
    }
    for path in event.paths {
        send(Signal::Touched(path, at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, Flag};

    fn signals(event: Event) -> Vec<Signal> {
        let mut signals = Vec::new();
        translate(event, 7, &mut |signal| signals.push(signal));
        signals
    }

    #[test]
    fn reading_is_no_change() {
        let event = |kind| Event::new(kind).add_path("a".into());
        let touched = || vec![Signal::Touched("a".into(), 7)];
        assert_eq!(signals(event(EventKind::Access(AccessKind::Open(AccessMode::Any)))), []);
        assert_eq!(signals(event(EventKind::Access(AccessKind::Close(AccessMode::Read)))), []);
        assert_eq!(signals(event(EventKind::Access(AccessKind::Close(AccessMode::Write)))), touched());
        assert_eq!(signals(event(EventKind::Create(CreateKind::File))), touched());
        assert_eq!(signals(event(EventKind::Any)), touched());
    }

    #[test]
    fn an_overflow_has_no_path() {
        assert_eq!(signals(Event::new(EventKind::Other).set_flag(Flag::Rescan)), [Signal::Overflow]);
    }

    #[test]
    fn the_own_limit_holds() {
        let folder = tempfile::tempdir().unwrap();
        let (signals, _inbox) = std::sync::mpsc::channel();
        let mut source = Source::start(1, || 0, signals).unwrap();
        assert!(source.watch(&folder.path().join("missing")).is_ok());
        assert!(source.watch(folder.path()).is_ok() && source.watch(folder.path()).is_ok());
        assert!(source.watches(folder.path()));
        source.forget(folder.path());
        assert!(WHOLE_TREES || !source.watches(folder.path()));
        source.watch(folder.path()).unwrap();
        let other = folder.path().join("other");
        std::fs::create_dir(&other).unwrap();
        assert!(WHOLE_TREES || source.watch(&other).is_err());
    }
}
