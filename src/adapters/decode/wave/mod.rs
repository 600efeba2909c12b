//! WAV in all its kinds: read as it is, not as its header says.

pub mod bytes;
pub mod format;
mod map;
mod sample;

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use self::format::{Encoding, Format};
use self::map::{Map, Said};
use self::sample::Side;
use super::error::DecodeError;
use super::fold::Fold;
use super::sink::Sink;

/// Frames a block.
const FRAMES: usize = 4_096;
/// Bytes that tell at which end the bits of padded samples are.
const PADDED_LOOK: u64 = 1 << 16;

/// What is left to do when samples are not simply there.
pub enum Rest {
    /// All samples were given.
    Nothing,
    /// A stream of MPEG audio lies in this part of the file; frames, as far as the header knows.
    Mpeg(Range<u64>, Option<u64>),
    /// Blocks of a codec lie in this part of the file, to be read after this header; frames likewise.
    Blocks { header: Vec<u8>, part: Range<u64>, frames: Option<u64> },
}

/// Reads the WAV file that begins at byte `start`.
pub fn read(path: &Path, file: File, start: u64, sink: &mut Sink) -> Result<Rest, DecodeError> {
    let own = || path.to_path_buf();
    let open = |source: io::Error| DecodeError::Open { path: own(), source };
    let damaged = |why: &str| DecodeError::BadHeader { path: own(), why: why.into() };
    let end = file.metadata().map_err(open)?.len();
    let mut file = BufReader::with_capacity(1 << 16, file);
    let map = map::map(&mut file, start, end).map_err(open)?;
    let Some(body) = &map.format else {
        return Err(damaged(if map.has_data {
            "there are samples, but nothing says how they are written (no “fmt ” chunk)"
        } else {
            "the file ends before anything says how samples are written (no “fmt ” chunk)"
        }));
    };
    let format = format::parse(body, map.big_endian).map_err(|why| damaged(&why))?;
    if !map.has_data {
        return Err(damaged("there is no “data” chunk, where the samples would be"));
    }
    if map.data.is_empty() {
        return Err(DecodeError::NoSamples(own()));
    }
    let rest = match format.encoding {
        Encoding::Codec(tag) => codec(tag, body, &map),
        _ => {
            plain(&mut file, &map, &format, sink, &open)?;
            Rest::Nothing
        }
    };
    sink.problems.extend(map.problems.iter().cloned());
    sink.problems.extend(said(&map, &format));
    Ok(rest)
}

/// Samples of MPEG audio (tags 0x50, 0x55) are a stream of their own; other codecs work on blocks.
fn codec(tag: u16, body: &[u8], map: &Map) -> Rest {
    let part = map.data[0].clone();
    if tag == 0x50 || tag == 0x55 {
        return Rest::Mpeg(part, map.fact);
    }
    let size = u32::try_from(part.end - part.start).unwrap_or(u32::MAX);
    let mut header = b"RIFF".to_vec();
    header.extend_from_slice(&size.saturating_add(28 + body.len() as u32).to_le_bytes());
    header.extend_from_slice(b"WAVEfmt ");
    header.extend_from_slice(&(body.len() as u32).next_multiple_of(2).to_le_bytes());
    header.extend_from_slice(body);
    header.resize(header.len().next_multiple_of(2), 0);
    header.extend_from_slice(b"data");
    header.extend_from_slice(&size.to_le_bytes());
    Rest::Blocks { header, part, frames: map.fact }
}

fn plain(
    file: &mut BufReader<File>,
    map: &Map,
    format: &Format,
    sink: &mut Sink,
    open: &dyn Fn(io::Error) -> DecodeError,
) -> Result<(), DecodeError> {
    let frame = (format.encoding.bytes() * format.channels) as u64;
    let fold = Fold::of(format.channels, format.mask.or_else(|| Fold::usual_mask(format.channels)));
    let side = side(file, map, format).map_err(open)?;
    let mut bytes = vec![0; FRAMES * frame as usize];
    let mut samples = Vec::with_capacity(FRAMES * format.channels);
    for part in &map.data {
        file.seek(SeekFrom::Start(part.start)).map_err(open)?;
        let mut left = (part.end - part.start) / frame;
        while left > 0 {
            let count = left.min(FRAMES as u64);
            let block = &mut bytes[..(count * frame) as usize];
            file.read_exact(block).map_err(open)?;
            samples.clear();
            sample::decode(block, format.encoding, side, map.big_endian, &mut samples);
            sink.write(&samples, &fold, format.rate)?;
            left -= count;
        }
    }
    Ok(())
}

/// At which end padded samples have their bits: told from the first that are not silent.
fn side(file: &mut BufReader<File>, map: &Map, format: &Format) -> io::Result<Side> {
    let Encoding::Padded(valid) = format.encoding else { return Ok(Side::Upper) };
    for part in &map.data {
        let mut at = part.start;
        while at < part.end {
            let bytes = bytes::get(file, at, PADDED_LOOK.min(part.end - at))?;
            if let Some(side) = sample::side(&bytes, valid, map.big_endian) {
                return Ok(side);
            }
            at += PADDED_LOOK;
        }
    }
    Ok(Side::Upper)
}

/// What the header said of the length, and what there is.
fn said(map: &Map, format: &Format) -> Option<String> {
    let frame = (format.encoding.bytes() * format.channels) as u64;
    let per_second = match frame {
        0 => u64::from(format.byte_rate),
        frame => frame * u64::from(format.rate),
    };
    let seconds = |bytes: u64| bytes as f64 / per_second.max(1) as f64;
    let there = seconds(map.data.iter().map(|part| part.end - part.start).sum());
    Some(match map.said? {
        Said::Zero => format!("the header said 0 samples; read {there:.1} s from the data"),
        Said::Endless => format!("the header gives no length; read {there:.1} s from the data"),
        Said::TooFew(bytes) => {
            format!("the header said {:.1} s; read {there:.1} s from the data", seconds(bytes))
        }
        Said::TooMany(bytes) => {
            format!("the header said {:.1} s, but the file holds {there:.1} s", seconds(bytes))
        }
    })
}
