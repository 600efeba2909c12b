//! AIFF whose recorder died, or that was cut: its reader refuses a chunk that ends behind the file.

use std::io::{self, Read, Seek};

use super::wave::bytes::{array, get};

/// Chunks before the samples; a file with more is noise.
const MOST_CHUNKS: usize = 1_000;
/// Before the samples the chunk has two numbers.
const OFFSETS: u64 = 8;
/// What stands before the samples is never larger: titles, marks, at most a picture.
const LONGEST_HEAD: u64 = 16 << 20;

/// A header with sizes that fit the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Mended {
    /// Up to the samples; empty when nothing was wrong.
    pub head: Vec<u8>,
    /// Bytes that the header says there are, and are not.
    pub missing: u64,
    /// The header said that there are no samples.
    pub said_none: bool,
}

/// Looks at the chunk of samples of a file that ends at `end`.
pub fn mended(file: &mut (impl Read + Seek), end: u64) -> io::Result<Mended> {
    let mut mended = Mended { head: Vec::new(), missing: 0, said_none: false };
    let mut at = 12;
    for _ in 0..MOST_CHUNKS {
        let header = get(file, at, 8)?;
        let (Some(name), Some(size)) = (array::<4>(&header), header.get(4..).and_then(array::<4>)) else {
            break;
        };
        let (body, size) = (at + 8, u64::from(u32::from_be_bytes(size)));
        let there = end.saturating_sub(body);
        if &name != b"SSND" {
            at = body + size.next_multiple_of(2);
            continue;
        }
        mended.said_none = size <= OFFSETS && there > size + OFFSETS;
        mended.missing = size.saturating_sub(there);
        if (mended.said_none || mended.missing > 0) && body <= LONGEST_HEAD {
            let size = u32::try_from(there).unwrap_or(u32::MAX);
            mended.head = get(file, 0, body)?;
            let whole = u32::try_from(end - 8).unwrap_or(u32::MAX);
            mended.head[4..8].copy_from_slice(&whole.to_be_bytes());
            mended.head[body as usize - 4..].copy_from_slice(&size.to_be_bytes());
        }
        break;
    }
    Ok(mended)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn sizes_are_made_to_fit() {
        let file = |size: u32| {
            let mut file = b"FORM\0\0\0\0AIFFNAME\0\0\0\x03abc\0SSND".to_vec();
            file.extend_from_slice(&size.to_be_bytes());
            file.extend_from_slice(&[0; 8 + 20]);
            file
        };
        let look = |size: u32| mended(&mut Cursor::new(file(size)), file(size).len() as u64).unwrap();
        assert_eq!(look(28), Mended { head: Vec::new(), missing: 0, said_none: false });
        for (size, missing, said_none) in [(100, 72, false), (8, 0, true)] {
            let mended = look(size);
            assert_eq!((mended.missing, mended.said_none), (missing, said_none));
            assert_eq!(mended.head[4..8], [0, 0, 0, 24 + 28]);
            assert_eq!(mended.head[28..], [0, 0, 0, 28]);
        }
    }
}
