//! The chunks of a RIFF, RIFX, RF64 or Wave64 file, found even where the header lies.
//!
//! ```text
//! RIFF size WAVE | fmt  16 … | LIST 27 … pad | data 0 ………………………… end of file
//!                                               ^ a recorder that died; all the rest is samples
//! ```

use std::io::{self, Read, Seek};
use std::ops::Range;

use super::bytes::{array, get};

/// More of a `fmt ` chunk than any codec needs.
const LONGEST_FORMAT: u64 = 4_096;
/// Chunks that are looked at; a file with more is noise.
const MOST_CHUNKS: usize = 10_000;
/// What is looked through for a chunk that was lost. Further on only samples are left.
const LOOK: u64 = 64 << 20;
/// Bytes behind the samples that are no chunks and too few to be a recording that went on (a quarter of
/// a second at 8 kHz, 16 bit): some programs leave a little rubbish there.
const RUBBISH: u64 = 4_000;
/// Chunks that are known; each of the others needs more proof.
const KNOWN: [&[u8; 4]; 28] = [
    b"fmt ", b"data", b"fact", b"LIST", b"JUNK", b"junk", b"PAD ", b"bext", b"cue ", b"id3 ", b"ID3 ",
    b"iXML", b"_PMX", b"axml", b"smpl", b"inst", b"PEAK", b"DISP", b"afsp", b"LGWV", b"minf", b"elm1",
    b"regn", b"umid", b"acid", b"note", b"labl", b"levl",
];
/// Second half of the identifiers in Wave64 (`fmt `, `data`, `fact` and others share it).
const WIDE_TAIL: [u8; 12] = [0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1, 0x00, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a];

/// What lies where.
#[derive(Debug, Default)]
pub struct Map {
    /// The body of the `fmt ` chunk.
    pub format: Option<Vec<u8>>,
    /// Frames, as the `fact` chunk says.
    pub fact: Option<u64>,
    /// Where samples are, in order.
    pub data: Vec<Range<u64>>,
    /// Whether a `data` chunk was there, with or without samples.
    pub has_data: bool,
    pub big_endian: bool,
    /// What the header said of the length of the samples, where that was wrong.
    pub said: Option<Said>,
    pub problems: Vec<String>,
}

/// How a header was wrong about the length of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// None yet: the recorder never came back to write it.
    Zero,
    /// That it goes on for ever, as pipes do.
    Endless,
    /// So many bytes, and there are more.
    TooFew(u64),
    /// So many bytes, and there are fewer.
    TooMany(u64),
}

struct Walk<'a, F> {
    file: &'a mut F,
    end: u64,
    wide: bool,
    big_endian: bool,
}

#[derive(Clone, Copy)]
struct Header {
    id: [u8; 4],
    /// Where the body begins.
    body: u64,
    size: u64,
}

/// Walks the chunks of the file that begins at `start`.
pub fn map(file: &mut (impl Read + Seek), start: u64, end: u64) -> io::Result<Map> {
    let top = get(file, start, 12)?;
    let wide = top.starts_with(b"riff");
    let big_endian = top.starts_with(b"RIFX");
    let mut walk = Walk { file, end, wide, big_endian };
    let mut map = Map { big_endian, ..Map::default() };
    let mut at = start + if wide { 40 } else { 12 };
    let mut long_size = None;
    for _ in 0..MOST_CHUNKS {
        let Some(header) = walk.header(at)? else { break };
        if !plausible(header.id) {
            match walk.find(at)? {
                Some(found) if map.data.is_empty() => at = found,
                _ => break,
            }
            continue;
        }
        let there = end.saturating_sub(header.body);
        match &header.id {
            b"ds64" => long_size = array::<8>(&get(walk.file, header.body + 8, 8)?).map(u64::from_le_bytes),
            b"fmt " if map.format.is_none() => {
                map.format = Some(get(walk.file, header.body, header.size.min(LONGEST_FORMAT))?);
            }
            b"fact" => {
                let bytes = get(walk.file, header.body, 4)?;
                map.fact = array::<4>(&bytes).map(|bytes| u64::from(walk.number(bytes)));
            }
            b"data" => {
                map.has_data = true;
                let size = match (header.size, long_size) {
                    (0xffff_ffff, Some(size)) => size,
                    (size, _) => size,
                };
                let size = walk.samples(header.body, size, there, &mut map)?;
                if size > 0 {
                    map.data.push(header.body..header.body + size);
                }
                at = walk.next(header.body, size)?;
                continue;
            }
            _ => {}
        }
        if header.size <= there {
            at = walk.next(header.body, header.size)?;
            continue;
        }
        // The size runs past the end of the file: the next chunk must be looked for.
        let name = String::from_utf8_lossy(&header.id).trim().to_owned();
        match walk.find(header.body)? {
            Some(found) if map.data.is_empty() => {
                map.problems
                    .push(format!("the chunk “{name}” says it is longer than the file; it was left out"));
                at = found;
            }
            _ => break,
        }
    }
    Ok(map)
}

impl<F: Read + Seek> Walk<'_, F> {
    fn number(&self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    fn header(&mut self, at: u64) -> io::Result<Option<Header>> {
        let length = if self.wide { 24 } else { 8 };
        if at.saturating_add(length) > self.end {
            return Ok(None);
        }
        let bytes = get(self.file, at, length)?;
        let Some(id) = array::<4>(&bytes) else { return Ok(None) };
        let size = if self.wide {
            // The size counts its own header.
            array::<8>(bytes.get(16..).unwrap_or_default()).map(|b| u64::from_le_bytes(b).saturating_sub(24))
        } else {
            array::<4>(&bytes[4..]).map(|bytes| u64::from(self.number(bytes)))
        };
        Ok(size.map(|size| Header { id, body: at + length, size }))
    }

    /// Where the chunk after one begins: padded as the format wants, or as some programs write, not padded.
    fn next(&mut self, body: u64, size: u64) -> io::Result<u64> {
        let bare = body.saturating_add(size);
        let step = if self.wide { 8 } else { 2 };
        let padded = bare.next_multiple_of(step);
        // Only the distance within the chunk counts for the padding, not the place in the file.
        let padded = if self.wide { padded } else { bare + size % 2 };
        if padded == bare {
            return Ok(bare);
        }
        let looks = |header: Option<Header>| {
            header.map_or(0, |header| {
                usize::from(plausible(header.id)) + usize::from(KNOWN.contains(&&header.id))
            })
        };
        let (with, without) = (looks(self.header(padded)?), looks(self.header(bare)?));
        Ok(if without > with { bare } else { padded })
    }

    /// How many bytes of samples there are, whatever the header says.
    fn samples(&mut self, body: u64, said: u64, there: u64, map: &mut Map) -> io::Result<u64> {
        // Pipes write all ones, or the largest signed number.
        let endless = if self.wide { u64::MAX >> 8 } else { 0x7fff_0000 };
        if said > there {
            map.said = Some(if said >= endless { Said::Endless } else { Said::TooMany(said) });
            return Ok(there);
        }
        let rest = there - said;
        let next = self.next(body, said)?;
        if rest == 0 || self.leads_to_end(next)? {
            return Ok(said);
        }
        if said == 0 {
            map.said = Some(Said::Zero);
            return Ok(there);
        }
        if rest <= RUBBISH {
            return Ok(said);
        }
        // A header that was last brought up to date before the end, or one of 32 bits that ran over.
        map.said = Some(Said::TooFew(said));
        Ok(there)
    }

    /// Whether chunks follow one another from `at` to the end of the file. Zeros up to the end are none.
    fn leads_to_end(&mut self, mut at: u64) -> io::Result<bool> {
        for _ in 0..MOST_CHUNKS {
            if at >= self.end {
                return Ok(true);
            }
            let Some(header) = self.header(at)? else { return Ok(self.end - at < 8) };
            if !plausible(header.id) {
                return Ok(false);
            }
            if KNOWN.contains(&&header.id) {
                return Ok(true);
            }
            if header.size > self.end - header.body {
                return Ok(false);
            }
            at = self.next(header.body, header.size)?;
        }
        Ok(false)
    }

    /// The next `fmt ` or `data` chunk from `at` on.
    fn find(&mut self, at: u64) -> io::Result<Option<u64>> {
        const BLOCK: u64 = 1 << 16;
        let mut from = at;
        let stop = self.end.min(at.saturating_add(LOOK));
        while from < stop {
            let bytes = get(self.file, from, BLOCK + 3)?;
            let found = bytes.windows(4).position(|word| word == b"fmt " || word == b"data");
            if let Some(place) = found {
                let found = from + place as u64;
                // In Wave64 the rest of the identifier must be there too.
                if !self.wide || get(self.file, found + 4, 12)? == WIDE_TAIL {
                    return Ok(Some(found));
                }
                from = found + 1;
                continue;
            }
            from += BLOCK;
        }
        Ok(None)
    }
}

/// Four letters, as the name of a chunk has.
fn plausible(id: [u8; 4]) -> bool {
    id.iter().all(|byte| (0x20..0x7f).contains(byte))
}
