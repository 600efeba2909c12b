//! A part of a file, with a header put before it: what a reader of containers gets to see.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use symphonia::core::io::MediaSource;

pub struct Window {
    header: Vec<u8>,
    file: File,
    part: Range<u64>,
    /// Bytes behind the part that a container says it has.
    missing: u64,
    at: u64,
}

impl Window {
    pub fn new(header: Vec<u8>, file: File, part: Range<u64>) -> Self {
        Self { header, file, part, missing: 0, at: 0 }
    }

    /// The reader of MP4 refuses a box that ends behind the file, so a place behind the end can be sought,
    /// although nothing can be read there.
    pub fn with_missing(mut self, missing: u64) -> Self {
        self.missing = missing;
        self
    }

    fn length(&self) -> u64 {
        self.header.len() as u64 + (self.part.end - self.part.start)
    }
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let head = self.header.len() as u64;
        let count = if self.at < head {
            (&self.header[self.at as usize..]).read(buffer)?
        } else {
            let left = self.length().saturating_sub(self.at).min(buffer.len() as u64) as usize;
            self.file.seek(SeekFrom::Start(self.part.start + self.at - head))?;
            self.file.read(&mut buffer[..left])?
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.length().saturating_add(self.missing).checked_add_signed(by),
        };
        self.at = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

impl MediaSource for Window {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn header_and_part_read_as_one() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        let mut window = Window::new(b"ab".to_vec(), file, 3..6);
        let mut text = String::new();
        window.read_to_string(&mut text).unwrap();
        assert_eq!(text, "ab345");
        assert_eq!(window.seek(SeekFrom::End(-2)).unwrap(), 3);
        text.clear();
        window.read_to_string(&mut text).unwrap();
        assert_eq!(text, "45");
        assert!(window.seek(SeekFrom::Current(-9)).is_err());
    }
}
