//! Lines that are appended to a file as things happen.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use serde::Serialize;

/// A JSON Lines file that grows. A line goes out in one write, so that two processes do not mix theirs.
pub struct Log(File);

impl Log {
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(OpenOptions::new().create(true).append(true).read(true).open(path)?))
    }

    pub fn append(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value).map_err(io::Error::other)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }

    /// Writes all that the file holds to `path`, which need not be where the file was.
    pub fn rescue(&self, path: &Path) -> io::Result<()> {
        copy_of(&self.0, path)
    }

    pub fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// The contents of an open file, whose name may be gone, as a new file.
pub fn copy_of(mut file: &File, path: &Path) -> io::Result<()> {
    let at = file.stream_position()?;
    file.rewind()?;
    let mut copy = File::create(path)?;
    io::copy(&mut file, &mut copy)?;
    file.seek(SeekFrom::Start(at))?;
    copy.sync_all()
}
