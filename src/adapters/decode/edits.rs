//! Edit lists of MP4 files (ISO 14496-12, 8.6.6): symphonia does not read them.
//!
//! A memo trimmed on a phone keeps the hidden audio; a film delays its sound; an encoder marks its run-in.

use std::collections::HashMap;
use std::io::{self, Read, Seek};

use super::demux::LONGEST_HOLE;
use super::timeline::Window;
use super::wave::bytes::{array, get};

/// Boxes that are looked at; a file with more is noise.
const MOST_BOXES: usize = 100_000;
/// Entries of an edit list; a person makes a few.
const MOST_EDITS: u64 = 10_000;
/// iTunes keeps its run-in in a text among the tags.
const MOST_TAGS: u64 = 4 << 20;
/// Samples in a frame of AAC. The first frame has no other half to overlap with: it is run-in in every encoder.
pub const AAC_FRAME: i64 = 1_024;

/// One line of an edit list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    /// In ticks of the movie; 0 in a fragmented file means all the rest.
    pub length: u64,
    /// In ticks of the track; below 0 nothing is played.
    pub from: i64,
    /// 0 for a still picture.
    pub rate: i16,
}

#[derive(Clone, Debug, Default)]
pub struct TrackEdits {
    pub id: u32,
    /// Ticks a second.
    pub scale: u32,
    pub edits: Vec<Edit>,
}

/// What the `moov` box says of time.
#[derive(Clone, Debug, Default)]
pub struct Movie {
    pub has_index: bool,
    pub scale: u32,
    pub tracks: HashMap<u32, TrackEdits>,
    /// Run-in and length in samples, as iTunes and Apple's encoders note it.
    pub gapless: Option<(i64, i64)>,
    /// Where the last box that matters ends, by its own words.
    pub end: u64,
}

/// Reads the boxes of the file.
pub fn read(file: &mut (impl Read + Seek), end: u64) -> io::Result<Movie> {
    let mut movie = Movie { scale: 1, ..Movie::default() };
    let mut track = TrackEdits::default();
    let mut left = MOST_BOXES;
    walk(file, 0, end, &mut movie, &mut track, &mut left)?;
    movie.keep(track);
    Ok(movie)
}

fn walk(
    file: &mut (impl Read + Seek),
    mut at: u64,
    end: u64,
    movie: &mut Movie,
    track: &mut TrackEdits,
    left: &mut usize,
) -> io::Result<()> {
    while at.saturating_add(8) <= end && *left > 0 {
        *left -= 1;
        let header = get(file, at, 16)?;
        let (Some(size), Some(name)) = (array::<4>(&header), header.get(4..).and_then(array::<4>)) else {
            break;
        };
        let (mut body, mut size) = (at + 8, u64::from(u32::from_be_bytes(size)));
        if size == 1 {
            let Some(long) = header.get(8..).and_then(array::<8>) else { break };
            (body, size) = (at + 16, u64::from_be_bytes(long));
        } else if size == 0 {
            size = end - at;
        }
        let next = at.saturating_add(size);
        if next <= body && size != body - at {
            break;
        }
        let stop = next.min(end);
        if matches!(&name, b"mdat" | b"moov" | b"moof") {
            movie.end = movie.end.max(next);
        }
        match &name {
            b"moov" => {
                movie.has_index = true;
                walk(file, body, stop, movie, track, left)?;
            }
            b"trak" => {
                movie.keep(std::mem::take(track));
                walk(file, body, stop, movie, track, left)?;
            }
            b"mdia" | b"edts" => walk(file, body, stop, movie, track, left)?,
            b"mvhd" => movie.scale = scale(&get(file, body, 32)?).unwrap_or(1),
            b"mdhd" => track.scale = scale(&get(file, body, 32)?).unwrap_or(0),
            b"tkhd" => {
                let bytes = get(file, body, 32)?;
                let place = if bytes.first() == Some(&1) { 20 } else { 12 };
                track.id = bytes.get(place..).and_then(array::<4>).map_or(0, u32::from_be_bytes);
            }
            b"elst" => track.edits = edits(&get(file, body, (stop - body).min(8 + MOST_EDITS * 20))?),
            b"udta" if stop - body <= MOST_TAGS => {
                movie.gapless = gapless(&get(file, body, stop - body)?);
            }
            _ => {}
        }
        at = next;
    }
    Ok(())
}

/// Ticks a second, in `mvhd` and `mdhd` alike.
fn scale(body: &[u8]) -> Option<u32> {
    let place = if body.first() == Some(&1) { 20 } else { 12 };
    body.get(place..).and_then(array::<4>).map(u32::from_be_bytes).filter(|&scale| scale > 0)
}

fn edits(body: &[u8]) -> Vec<Edit> {
    let long = body.first() == Some(&1);
    let size = if long { 20 } else { 12 };
    let count = body.get(4..).and_then(array::<4>).map_or(0, u32::from_be_bytes) as usize;
    let entries = body.get(8..).unwrap_or_default().chunks_exact(size).take(count);
    let word = |bytes: &[u8]| array::<4>(bytes).map_or(0, u32::from_be_bytes);
    let wide = |bytes: &[u8]| array::<8>(bytes).map_or(0, u64::from_be_bytes);
    entries
        .map(|entry| {
            let (length, from) = if long {
                (wide(entry), wide(&entry[8..]) as i64)
            } else {
                (u64::from(word(entry)), i64::from(word(&entry[4..]) as i32))
            };
            let rate = array::<2>(&entry[size - 4..]).map_or(1, i16::from_be_bytes);
            Edit { length, from, rate }
        })
        .collect()
}

/// `iTunSMPB`: hexadecimal words; the second is the run-in, the third the padding, the fourth the length.
fn gapless(tags: &[u8]) -> Option<(i64, i64)> {
    let name = tags.windows(8).position(|word| word == b"iTunSMPB")?;
    let text = tags[name + 8..].get(..120)?;
    let text = String::from_utf8_lossy(text).replace(|c: char| !c.is_ascii_hexdigit(), " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let first = words.iter().position(|word| *word == "00000000")?;
    let number = |at: usize| words.get(first + at).and_then(|word| i64::from_str_radix(word, 16).ok());
    let (delay, length) = (number(1)?, number(3)?);
    (delay < 20_000 && length > 0).then_some((delay, length))
}

impl Movie {
    fn keep(&mut self, track: TrackEdits) {
        if track.id != 0 {
            self.tracks.insert(track.id, track);
        }
    }

    /// What of track `id` is heard, in frames at `rate`; `None` when nothing says.
    pub fn windows(&self, id: u32, rate: u32) -> Option<Vec<Window>> {
        let track = self.tracks.get(&id)?;
        let frames = |ticks: i128, scale: u32| ticks * i128::from(rate) / i128::from(scale.max(1));
        let mut windows: Vec<Window> = Vec::new();
        let mut silence = 0_u64;
        for edit in &track.edits {
            let length = frames(i128::from(edit.length), self.scale);
            if edit.from < 0 || edit.rate == 0 {
                // A longer delay is damage.
                if length <= i128::from(LONGEST_HOLE) * i128::from(rate) {
                    silence = silence.saturating_add(u64::try_from(length).unwrap_or(0));
                }
                continue;
            }
            let from = i64::try_from(frames(i128::from(edit.from), track.scale)).unwrap_or(i64::MAX);
            let to = match length {
                0 => i64::MAX,
                length => i64::try_from(i128::from(from) + length).unwrap_or(i64::MAX),
            };
            // A list that goes back plays something twice; a recording does not.
            if windows.last().is_some_and(|last| from < last.to) {
                continue;
            }
            windows.push(Window { silence, from, to });
            silence = 0;
        }
        match (windows.is_empty(), self.gapless) {
            (false, _) => Some(windows),
            (true, Some((delay, length))) => {
                Some(vec![Window { silence, from: delay, to: delay.saturating_add(length) }])
            }
            (true, None) if silence > 0 => Some(vec![Window { silence, from: 0, to: i64::MAX }]),
            (true, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movie(edits: Vec<Edit>) -> Movie {
        let tracks = HashMap::from([(1, TrackEdits { id: 1, scale: 16_000, edits })]);
        Movie { has_index: true, scale: 1_000, tracks, ..Movie::default() }
    }

    #[test]
    fn a_delay_and_a_run_in_are_told() {
        let delay = Edit { length: 2_000, from: -1, rate: 1 };
        let play = Edit { length: 11_417, from: 1_024, rate: 1 };
        assert_eq!(
            movie(vec![delay, play]).windows(1, 16_000),
            Some(vec![Window { silence: 32_000, from: 1_024, to: 1_024 + 182_672 }])
        );
        assert_eq!(movie(Vec::new()).windows(1, 16_000), None);
    }

    #[test]
    fn boxes_are_read_at_both_lengths() {
        let mut body = vec![0, 0, 0, 0, 0, 0, 0, 1];
        body.extend_from_slice(&8_417_u32.to_be_bytes());
        body.extend_from_slice(&49_024_i32.to_be_bytes());
        body.extend_from_slice(&[0, 1, 0, 0]);
        assert_eq!(edits(&body), [Edit { length: 8_417, from: 49_024, rate: 1 }]);
        body = vec![1, 0, 0, 0, 0, 0, 0, 1];
        body.extend_from_slice(&8_417_u64.to_be_bytes());
        body.extend_from_slice(&(-1_i64).to_be_bytes());
        body.extend_from_slice(&[0, 1, 0, 0]);
        assert_eq!(edits(&body), [Edit { length: 8_417, from: -1, rate: 1 }]);
    }

    #[test]
    fn itunes_notes_its_run_in() {
        let tags = b"....iTunSMPB\0\0\0\x84data\0\0\0\x01\0\0\0\0 00000000 00000840 000001C4 000000000002C6FC 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000";
        assert_eq!(gapless(tags), Some((2_112, 0x2c6fc)));
    }
}
