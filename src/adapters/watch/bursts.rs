//! The files that are changing, and when to look at each.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::burst::Burst;
use super::known;

/// From an event to the look at the file. Not longer than it takes to save twice, so that no save goes unseen; not
/// shorter than it takes to write a file anew.
pub const LOOK_AFTER: Duration = Duration::from_millis(30);

/// By path relative to the root.
#[derive(Debug, Default)]
pub struct Bursts {
    by_path: BTreeMap<PathBuf, Burst>,
    /// In order of time.
    looks: VecDeque<(Instant, PathBuf)>,
}

impl Bursts {
    /// Something happened to the file at `at` on the monotonic clock; it is looked at in a moment, or, if not
    /// `soon`, when all is over.
    pub fn touch(&mut self, path: PathBuf, at: i64, soon: Option<Instant>) {
        let burst = self.by_path.entry(path.clone()).or_default();
        let is_first = burst.touched.is_none();
        burst.touch(at);
        if let Some(now) = soon.filter(|_| is_first) {
            self.looks.push_back((now + LOOK_AFTER, path));
        }
    }

    pub fn next_look(&self) -> Option<Instant> {
        self.looks.front().map(|(at, _)| *at)
    }

    /// The next file to be looked at by now.
    pub fn pop_due(&mut self, now: Instant) -> Option<PathBuf> {
        self.next_look().filter(|at| *at <= now)?;
        self.looks.pop_front().map(|(_, path)| path)
    }

    /// Every file that has been touched since it was looked at.
    pub fn pop_all(&mut self) -> Vec<PathBuf> {
        self.looks.clear();
        let touched = self.by_path.iter().filter(|(_, burst)| burst.touched.is_some());
        touched.map(|(path, _)| path.clone()).collect()
    }

    pub fn get_mut(&mut self, path: &Path) -> Option<&mut Burst> {
        self.by_path.get_mut(path)
    }

    pub fn contains(&self, path: &Path) -> bool {
        self.by_path.contains_key(path)
    }

    /// `path` itself, or the files below it.
    pub fn below(&self, path: &Path) -> impl Iterator<Item = &PathBuf> {
        known::below(&self.by_path, path)
    }

    /// All that are over; for a burst that is not `quiet` without the files that are just being written.
    pub fn take(&mut self, quiet: bool) -> BTreeMap<PathBuf, Burst> {
        let all = mem::take(&mut self.by_path);
        let (left, over) = all.into_iter().partition(|(_, burst)| !quiet && burst.is_passing());
        self.by_path = left;
        over
    }

    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_looked_at_once_for_many_events() {
        let mut bursts = Bursts::default();
        let now = Instant::now();
        for at in 1..9 {
            bursts.touch("a".into(), at, Some(now));
            bursts.touch("log".into(), at, None);
        }
        assert_eq!(bursts.pop_due(now), None);
        assert_eq!(bursts.pop_due(now + LOOK_AFTER), Some("a".into()));
        assert_eq!(bursts.pop_due(now + LOOK_AFTER), None);
        assert_eq!(bursts.get_mut(Path::new("a")).unwrap().touched.take(), Some(1));
        assert_eq!(bursts.pop_all(), [PathBuf::from("log")]);
    }

    #[test]
    fn what_is_being_written_stays_until_it_is_quiet() {
        let mut bursts = Bursts::default();
        bursts.touch("a".into(), 1, None);
        bursts.get_mut(Path::new("a")).unwrap().see(1, None);
        assert!(bursts.take(false).is_empty() && !bursts.is_empty());
        assert!(bursts.take(true).contains_key(Path::new("a")) && bursts.is_empty());
    }
}
