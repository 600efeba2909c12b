//! The `fmt ` chunk: how samples are written.

use super::bytes::array;

/// More than any interface has; above it is damage.
const MOST_CHANNELS: u16 = 64;
const TAG_EXTENSIBLE: u16 = 0xfffe;
/// Least length of the chunk, and of the extensible one.
const SHORT: usize = 16;
const LONG: usize = 40;

/// How one sample is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// 8 bits, silence at 128.
    Unsigned8,
    /// Whole numbers of 2, 3 or 4 bytes.
    Signed(usize),
    /// So many bits in 4 bytes, at the upper or at the lower end: both kinds of file exist.
    Padded(u32),
    Float32,
    Float64,
    ALaw,
    MuLaw,
    /// A codec that works on blocks, by its number.
    Codec(u16),
}

impl Encoding {
    /// Bytes a sample; 0 for codecs.
    pub fn bytes(self) -> usize {
        match self {
            Self::Unsigned8 | Self::ALaw | Self::MuLaw => 1,
            Self::Signed(bytes) => bytes,
            Self::Padded(_) | Self::Float32 => 4,
            Self::Float64 => 8,
            Self::Codec(_) => 0,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    pub encoding: Encoding,
    pub channels: usize,
    /// In Hz; may still be absurd.
    pub rate: u32,
    /// Bytes a second, as the header says: the only measure of length that codecs have.
    pub byte_rate: u32,
    /// A bit a channel, when the file says which channel is where.
    pub mask: Option<u32>,
}

/// Reads the body of a `fmt ` chunk; the error says what is wrong with it.
pub fn parse(body: &[u8], big_endian: bool) -> Result<Format, String> {
    if body.len() < SHORT {
        return Err("it ends before it says how samples are written".into());
    }
    let short = |at: usize| {
        let bytes = array::<2>(&body[at..]).unwrap_or_default();
        if big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    };
    let long = |at: usize| {
        let bytes = array::<4>(&body[at..]).unwrap_or_default();
        if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    let (mut tag, channels, block, mut bits) = (short(0), short(2), short(12), short(14));
    if channels == 0 || channels > MOST_CHANNELS {
        return Err(format!("{channels} channels cannot be right"));
    }
    let (mut valid, mut mask) = (bits, None);
    if tag == TAG_EXTENSIBLE && body.len() >= LONG {
        tag = short(24);
        mask = Some(long(20));
        valid = if short(18) == 0 { bits } else { short(18) };
        bits = if bits == 0 { valid } else { bits };
    }
    let per_sample = match block % channels {
        0 => usize::from(block / channels),
        _ => 0,
    };
    // The block size is right more often than the bits (24 in 4 bytes), unless it is missing or too small.
    let least = usize::from(bits).div_ceil(8);
    let size = if (least.max(1)..=8).contains(&per_sample) { per_sample } else { least };
    let encoding = match (tag, size) {
        (1, 1) => Encoding::Unsigned8,
        (1, 2 | 3) => Encoding::Signed(size),
        (1, 4) if (17..32).contains(&valid) => Encoding::Padded(u32::from(valid)),
        (1, 4) => Encoding::Signed(4),
        (3, 4) => Encoding::Float32,
        (3, 8) => Encoding::Float64,
        (6, _) => Encoding::ALaw,
        (7, _) => Encoding::MuLaw,
        (0 | 1 | 3, _) => return Err(format!("samples of {bits} bits in format {tag} are not known")),
        (tag, _) => Encoding::Codec(tag),
    };
    Ok(Format { encoding, channels: usize::from(channels), rate: long(4), byte_rate: long(8), mask })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(tag: u16, channels: u16, block: u16, bits: u16) -> Vec<u8> {
        let mut body = Vec::new();
        for short in [tag, channels] {
            body.extend_from_slice(&short.to_le_bytes());
        }
        body.extend_from_slice(&16_000_u32.to_le_bytes());
        body.extend_from_slice(&0_u32.to_le_bytes());
        for short in [block, bits] {
            body.extend_from_slice(&short.to_le_bytes());
        }
        body
    }

    #[test]
    fn the_block_tells_the_container() {
        let encoding = |block, bits| parse(&body(1, 2, block, bits), false).unwrap().encoding;
        assert_eq!(encoding(8, 24), Encoding::Padded(24));
        assert_eq!(encoding(6, 24), Encoding::Signed(3));
        assert_eq!(encoding(0, 16), Encoding::Signed(2));
        assert_eq!(encoding(8, 32), Encoding::Signed(4));
    }

    #[test]
    fn absurd_ones_are_refused() {
        for (channels, bits) in [(0, 16), (65_535, 16), (1, 0)] {
            assert!(parse(&body(1, channels, 0, bits), false).is_err());
        }
        assert!(parse(&[1, 0, 1], false).is_err());
    }
}
