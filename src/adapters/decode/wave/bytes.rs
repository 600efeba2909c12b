//! Bytes of a file, by place.

use std::io::{self, Read, Seek, SeekFrom};

/// `count` bytes from `at`, or as many as there are.
pub fn get(file: &mut (impl Read + Seek), at: u64, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The first `N` bytes, when there are so many.
pub fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.first_chunk::<N>().copied()
}
