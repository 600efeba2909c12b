//! SHA-256 of files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{ModelError, Progress, Step};
use crate::session::hash::hex;

/// The SHA-256 of the file's bytes, in lower-case hexadecimal. Tells [`Step::Checking`].
pub fn sha256(path: &Path, progress: Progress) -> Result<String, ModelError> {
    let mut file = File::open(path).map_err(ModelError::io("open", path))?;
    let total = file.metadata().map_err(ModelError::io("read", path))?.len();
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut done = 0;
    loop {
        let n = file.read(&mut buffer).map_err(ModelError::io("read", path))?;
        if n == 0 {
            return Ok(hex(hasher.finalize()));
        }
        hasher.update(&buffer[..n]);
        done += n as u64;
        progress(Step::Checking { done, total });
    }
}

/// The SHA-256 of `bytes`, in lower-case hexadecimal.
#[cfg(test)]
pub fn sha256_of(bytes: &[u8]) -> String {
    crate::session::hash::sha256(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_a_file_in_pieces() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, b"hello world").unwrap();
        let mut last = None;
        let sum = sha256(&path, &mut |step| last = Some(step)).unwrap();
        assert_eq!(sum, "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
        assert_eq!(last, Some(Step::Checking { done: 11, total: 11 }));
    }
}
