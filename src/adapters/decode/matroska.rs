//! How long a Matroska or WebM file says it is: its reader takes every end of the file for the end.

use std::io::{self, Read, Seek};

use super::wave::bytes::get;

const SEGMENT: [u8; 4] = [0x18, 0x53, 0x80, 0x67];

const SEEK_HEAD: [u8; 4] = [0x11, 0x4d, 0x9b, 0x74];
const VOID: u8 = 0xec;
/// The list of places is among the first elements.
const HEAD: u64 = 4_096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Bytes of the whole file.
    Known(u64),
    /// Written live, with no length.
    Endless,
}

/// Reads the sizes of the two outermost elements (RFC 8794); `None` when they are damaged.
pub fn extent(file: &mut (impl Read + Seek)) -> io::Result<Option<Extent>> {
    let top = get(file, 0, 12)?;
    let Some((Some(size), length)) = top.get(4..).and_then(size) else { return Ok(None) };
    let Some(at) = size.checked_add(4 + length) else { return Ok(None) };
    let segment = get(file, at, 12)?;
    if !segment.starts_with(&SEGMENT) {
        return Ok(None);
    }
    Ok(size_of_segment(&segment[4..], at))
}

/// The beginning of a file that was cut: with a length that is not known, and the list of places (of which
/// some are lost) made a void element as long.
pub fn mended(file: &mut (impl Read + Seek)) -> io::Result<Vec<u8>> {
    let mut head = get(file, 0, HEAD)?;
    let segment = head.windows(4).position(|word| word == SEGMENT).map(|at| at + 4);
    if let Some(place) = segment.and_then(|at| {
        let length = usize::try_from(size(head.get(at..)?)?.1).ok()?;
        head.get_mut(at..at + length)
    }) {
        let first = 0xff >> (place.len() - 1);
        place.fill(0xff);
        place[0] = first;
    }
    let Some(at) = head.windows(4).position(|word| word == SEEK_HEAD) else { return Ok(head) };
    let Some((Some(content), length)) = head.get(at + 4..).and_then(size) else { return Ok(head) };
    // A void of the same whole length: its name has one byte, its size eight.
    let Some(void) = (4 + length + content).checked_sub(9) else { return Ok(head) };
    if let Some(place) = head.get_mut(at..at + 9) {
        place[0] = VOID;
        place[1..].copy_from_slice(&(1 << 56 | void).to_be_bytes());
    }
    Ok(head)
}

fn size_of_segment(bytes: &[u8], at: u64) -> Option<Extent> {
    match size(bytes)? {
        (None, _) => Some(Extent::Endless),
        (Some(size), length) => at.checked_add(4 + length)?.checked_add(size).map(Extent::Known),
    }
}

/// A size of variable length: as many bytes as there are zeros before the first one, and one more.
/// All ones mean that it is not known.
fn size(bytes: &[u8]) -> Option<(Option<u64>, u64)> {
    let length = u64::from(bytes.first()?.leading_zeros()) + 1;
    let bytes = bytes.get(..usize::try_from(length).ok()?).filter(|_| length <= 8)?;
    let all = bytes.iter().fold(0_u64, |size, &byte| size << 8 | u64::from(byte));
    let mask = (1_u64 << (7 * length)) - 1;
    let size = all & mask;
    Some(((size != mask).then_some(size), length))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn file(segment: &[u8]) -> Vec<u8> {
        let mut file = vec![0x1a, 0x45, 0xdf, 0xa3, 0x82, 0, 0];
        file.extend_from_slice(&SEGMENT);
        file.extend_from_slice(segment);
        file
    }

    #[test]
    fn the_list_of_places_becomes_a_void() {
        let mut file = file(&[0x9f]);
        let at = file.len();
        file.extend_from_slice(&SEEK_HEAD);
        file.push(0x80 | 6);
        file.extend_from_slice(&[7; 6]);
        file.extend_from_slice(b"rest");
        let mended = mended(&mut Cursor::new(&file)).unwrap();
        assert_eq!(extent(&mut Cursor::new(&mended)).unwrap(), Some(Extent::Endless));
        assert_eq!(mended.len(), file.len());
        assert_eq!(mended[at..at + 9], [VOID, 1, 0, 0, 0, 0, 0, 0, 2]);
        assert!(mended.ends_with(b"rest"));
    }

    #[test]
    fn sizes_of_every_length_are_read() {
        let said = |segment: &[u8]| extent(&mut Cursor::new(file(segment))).unwrap();
        assert_eq!(said(&[0x85]), Some(Extent::Known(7 + 5 + 5)));
        assert_eq!(said(&[0x01, 0, 0, 0, 0, 0, 0x02, 0x00]), Some(Extent::Known(7 + 12 + 512)));
        assert_eq!(said(&[0x01, 255, 255, 255, 255, 255, 255, 255]), Some(Extent::Endless));
        assert_eq!(said(&[0xff]), Some(Extent::Endless));
        assert_eq!(said(&[0]), None);
    }
}
