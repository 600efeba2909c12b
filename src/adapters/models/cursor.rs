//! Reading of little-endian binary files whose every length is checked against the file's size.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::ModelError;

/// A position in a file that never passes its end: each read fails with the file's name and the
/// offset instead, before anything is allocated.
pub struct Cursor {
    file: BufReader<File>,
    path: PathBuf,
    position: u64,
    length: u64,
}

impl Cursor {
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let file = File::open(path).map_err(ModelError::io("open", path))?;
        let length = file.metadata().map_err(ModelError::io("read", path))?.len();
        Ok(Self { file: BufReader::new(file), path: path.to_owned(), position: 0, length })
    }

    pub fn position(&self) -> u64 {
        self.position
    }

    /// Bytes between here and the end of the file.
    pub fn left(&self) -> u64 {
        self.length - self.position
    }

    pub fn bytes(&mut self, count: u64, what: &str) -> Result<Vec<u8>, ModelError> {
        let end = self.end_of(count, what)?;
        let mut bytes = vec![0; count as usize];
        self.file.read_exact(&mut bytes).map_err(ModelError::io("read", &self.path))?;
        self.position = end;
        Ok(bytes)
    }

    pub fn skip(&mut self, count: u64, what: &str) -> Result<(), ModelError> {
        let end = self.end_of(count, what)?;
        // `end_of` has shown that the distance fits a file, so it fits an i64.
        self.file.seek_relative(count as i64).map_err(ModelError::io("read", &self.path))?;
        self.position = end;
        Ok(())
    }

    pub fn u8(&mut self, what: &str) -> Result<u8, ModelError> {
        Ok(self.array::<1>(what)?[0])
    }

    pub fn u16(&mut self, what: &str) -> Result<u16, ModelError> {
        self.array(what).map(u16::from_le_bytes)
    }

    pub fn u32(&mut self, what: &str) -> Result<u32, ModelError> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// The error for something wrong at `offset`.
    pub fn damaged(&self, offset: u64, reason: impl Into<String>) -> ModelError {
        ModelError::Damaged { path: self.path.clone(), offset, reason: reason.into() }
    }

    fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], ModelError> {
        let end = self.end_of(N as u64, what)?;
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes).map_err(ModelError::io("read", &self.path))?;
        self.position = end;
        Ok(bytes)
    }

    fn end_of(&self, count: u64, what: &str) -> Result<u64, ModelError> {
        if count > self.left() {
            return Err(self.damaged(
                self.position,
                format!("{what} needs {count} bytes, but the file ends after {}", self.left()),
            ));
        }
        Ok(self.position + count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_the_end_and_says_where() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("numbers");
        std::fs::write(&path, [1, 2, 0, 3, 0, 0, 0, 9]).unwrap();
        let mut cursor = Cursor::open(&path).unwrap();
        assert_eq!(cursor.u8("a").unwrap(), 1);
        assert_eq!(cursor.u16("b").unwrap(), 2);
        assert_eq!(cursor.u32("c").unwrap(), 3);
        assert_eq!((cursor.position(), cursor.left()), (7, 1));
        let message = cursor.u16("the rank").unwrap_err().to_string();
        assert!(message.contains("numbers is damaged at byte 7"), "{message}");
        assert!(message.contains("the rank needs 2 bytes"), "{message}");
        assert!(cursor.bytes(u64::MAX, "data").is_err());
        assert!(cursor.skip(u64::MAX, "data").is_err());
        cursor.skip(1, "the rest").unwrap();
        assert_eq!(cursor.left(), 0);
    }
}
