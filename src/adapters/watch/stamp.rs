//! Whether a file may have changed since it was read, without reading it.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

/// What the file system says about a file. Two equal stamps are the same text only when the first is not
/// [fresh](Stamp::is_fresh).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// On Unix the change time, which no program can set.
    changed: Option<SystemTime>,
    file: u64,
    taken: SystemTime,
}

impl Stamp {
    pub fn of(data: &Metadata) -> Self {
        let modified = data.modified().ok();
        let (changed, file) = change(data).unwrap_or((modified, 0));
        Self { bytes: data.len(), modified, changed, file, taken: SystemTime::now() }
    }

    /// So young when it was taken that a later change within the same tick of the file system's clock, which is
    /// two seconds on the coarsest, would not show.
    pub fn is_fresh(&self) -> bool {
        const TICK: Duration = Duration::from_secs(2);
        self.changed.is_none_or(|changed| self.taken < changed + TICK)
    }

    /// Whether the file is as it was, as far as the file system tells.
    pub fn agrees(&self, other: &Self) -> bool {
        let key = |stamp: &Self| (stamp.bytes, stamp.modified, stamp.changed, stamp.file);
        key(self) == key(other)
    }
}

#[cfg(unix)]
fn change(data: &Metadata) -> Option<(Option<SystemTime>, u64)> {
    use std::os::unix::fs::MetadataExt;
    let since = Duration::new(u64::try_from(data.ctime()).ok()?, u32::try_from(data.ctime_nsec()).ok()?);
    Some((SystemTime::UNIX_EPOCH.checked_add(since), data.ino()))
}

#[cfg(not(unix))]
fn change(_: &Metadata) -> Option<(Option<SystemTime>, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};

    #[test]
    fn a_change_of_the_same_size_and_modification_time_shows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let past = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let write = |text: &str| {
            fs::write(&path, text).unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(past).unwrap();
            Stamp::of(&fs::metadata(&path).unwrap())
        };
        let first = write("aaaa");
        std::thread::sleep(Duration::from_millis(30));
        let second = write("bbbb");
        assert!(first.agrees(&first));
        #[cfg(unix)]
        assert!(!first.agrees(&second) && second.is_fresh());
        assert!(!Stamp { changed: Some(past), ..second }.is_fresh());
    }
}
