//! What a file is, by its first bytes; names lie.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes that are looked at for a first frame of MPEG audio behind junk.
const LOOK: u64 = 64 * 1024;
/// Frames in a row that noise does not have by chance.
const MPEG_FRAMES: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RIFF, RIFX, RF64, BW64 or Sony Wave64; where it begins.
    Wave(u64),
    Mp4,
    Matroska,
    Ogg,
    Flac,
    MpegAudio,
    Adts,
    Aiff,
    Caf,
    /// A container of sound or film that only ffmpeg reads.
    Other(&'static str),
    Text,
    Unknown,
}

impl Kind {
    /// The ending by which symphonia finds its reader.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Wave(_) => "wav",
            Self::Mp4 => "mp4",
            Self::Matroska => "mkv",
            Self::Ogg => "ogg",
            Self::Flac => "flac",
            Self::MpegAudio => "mp3",
            Self::Adts => "aac",
            Self::Aiff => "aiff",
            Self::Caf => "caf",
            Self::Other(_) | Self::Text | Self::Unknown => "",
        }
    }
}

/// Magic bytes: where, what, and what it is.
const OTHERS: [(usize, &[u8], &str); 12] = [
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media"),
    (0, b"FLV\x01", "Flash video"),
    (0, b"#!AMR", "AMR"),
    (0, b"\x0b\x77", "AC-3"),
    (0, b"\x00\x00\x01\xba", "MPEG programme stream"),
    (0, b".snd", "Sun audio"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"TTA1", "TTA"),
    (0, b"NIST_1A", "SPHERE"),
    (8, b"AVI ", "AVI"),
    (0, b"MThd", "MIDI"),
];

/// Which kind `file` is of.
pub fn sniff(file: &mut (impl Read + Seek)) -> io::Result<Kind> {
    let mut start = 0;
    // More than one tag happens when a program puts its own before the old.
    for _ in 0..8 {
        let Some(size) = id3v2(&read(file, start, 10)?) else { break };
        start += size;
    }
    let mut bytes = read(file, start, LOOK)?;
    if start > 0 && bytes.is_empty() {
        // The tag says it is longer than the file: look at what there is.
        start = 0;
        bytes = read(file, 10, LOOK)?;
    }
    let is = |at: usize, magic: &[u8]| bytes.get(at..at + magic.len()) == Some(magic);
    let wave = (is(0, b"RIFF") || is(0, b"RIFX")) && is(8, b"WAVE");
    let wide = (is(0, b"RF64") || is(0, b"BW64")) && is(8, b"WAVE");
    if wave || wide || (is(0, b"riff\x2e\x91\xcf\x11") && is(24, b"wave")) {
        return Ok(Kind::Wave(start));
    }
    let found = match () {
        () if is(4, b"ftyp") => Kind::Mp4,
        () if is(0, b"\x1a\x45\xdf\xa3") => Kind::Matroska,
        () if is(0, b"OggS") => Kind::Ogg,
        () if is(0, b"fLaC") => Kind::Flac,
        () if is(0, b"FORM") && (is(8, b"AIFF") || is(8, b"AIFC")) => Kind::Aiff,
        () if is(0, b"caff") => Kind::Caf,
        () if is(4, b"moov") || is(4, b"mdat") || is(4, b"wide") => Kind::Other("QuickTime"),
        () if is(0, b"\x47") && is(188, b"\x47") && is(376, b"\x47") => Kind::Other("MPEG transport stream"),
        () => OTHERS
            .iter()
            .find(|(at, magic, _)| is(*at, magic))
            .map_or(Kind::Unknown, |(_, _, name)| Kind::Other(name)),
    };
    if found != Kind::Unknown {
        return Ok(found);
    }
    let end = bytes.len() < LOOK as usize;
    for at in 0..bytes.len().saturating_sub(4) {
        if bytes[at] == 0xff {
            if row(&bytes[at..], end, mpeg_frame) {
                return Ok(Kind::MpegAudio);
            }
            if row(&bytes[at..], end, adts_frame) {
                return Ok(Kind::Adts);
            }
        }
    }
    let text = bytes.iter().all(|&byte| byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r'));
    Ok(if text && !bytes.is_empty() { Kind::Text } else { Kind::Unknown })
}

/// Whole size of an ID3v2 tag.
fn id3v2(bytes: &[u8]) -> Option<u64> {
    if bytes.len() < 10 || &bytes[..3] != b"ID3" || bytes[6..10].iter().any(|&byte| byte > 0x7f) {
        return None;
    }
    let size = bytes[6..10].iter().fold(0_u64, |size, &byte| size << 7 | u64::from(byte));
    let footer = if bytes[5] & 0x10 != 0 { 10 } else { 0 };
    Some(10 + size + footer)
}

/// Whether frames follow one another from the first byte on; up to the end of the file fewer will do.
fn row(bytes: &[u8], to_end: bool, frame: fn(&[u8]) -> Option<usize>) -> bool {
    let mut at = 0;
    for _ in 0..MPEG_FRAMES {
        match bytes.get(at..).and_then(frame) {
            Some(size) => at += size,
            None => return false,
        }
        if to_end && at == bytes.len() {
            return true;
        }
    }
    true
}

/// Size in bytes of an MPEG audio frame (layers 1 to 3), by its header (ISO 11172-3, 13818-3).
fn mpeg_frame(header: &[u8]) -> Option<usize> {
    const LAYER_1: [usize; 15] = [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
    const LAYER_2: [usize; 15] = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
    const LAYER_3: [usize; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const LOW_1: [usize; 15] = [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256];
    const LOW_23: [usize; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let [a, b, c, _] = *header.first_chunk::<4>()?;
    if a != 0xff || b & 0xe0 != 0xe0 {
        return None;
    }
    let (version, layer) = (b >> 3 & 3, 4 - (b >> 1 & 3));
    let (rate_index, rate_bits) = (usize::from(c >> 4), usize::from(c >> 2 & 3));
    if version == 1 || layer == 4 || rate_bits == 3 || rate_index == 0 || rate_index == 15 {
        return None;
    }
    let first = version == 3;
    let kbps = match (first, layer) {
        (true, 1) => LAYER_1,
        (true, 2) => LAYER_2,
        (true, _) => LAYER_3,
        (false, 1) => LOW_1,
        (false, _) => LOW_23,
    }[rate_index];
    let rate = [44_100, 48_000, 32_000][rate_bits] / [4, 1, 2, 1][usize::from(version)];
    let pad = usize::from(c >> 1 & 1);
    Some(match layer {
        1 => (12 * kbps * 1000 / rate + pad) * 4,
        3 if !first => 72 * kbps * 1000 / rate + pad,
        _ => 144 * kbps * 1000 / rate + pad,
    })
}

/// Size in bytes of a frame of AAC in ADTS (ISO 13818-7).
fn adts_frame(header: &[u8]) -> Option<usize> {
    let header = header.first_chunk::<7>()?;
    if header[0] != 0xff || header[1] & 0xf6 != 0xf0 || header[2] >> 2 & 15 > 12 {
        return None;
    }
    let size = usize::from(header[3] & 3) << 11 | usize::from(header[4]) << 3 | usize::from(header[5] >> 5);
    (size >= 7).then_some(size)
}

fn read(file: &mut (impl Read + Seek), at: u64, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8]) -> Kind {
        sniff(&mut io::Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn magic_counts_not_the_name() {
        assert_eq!(kind(b"RIFF\0\0\0\0WAVEfmt "), Kind::Wave(0));
        assert_eq!(kind(b"ID3\x04\0\0\0\0\0\x02..RIFF\0\0\0\0WAVEfmt "), Kind::Wave(12));
        assert_eq!(kind(b"\0\0\0\x20ftypM4A "), Kind::Mp4);
        assert_eq!(kind(b"just some notes\n"), Kind::Text);
        assert_eq!(kind(b""), Kind::Unknown);
    }

    #[test]
    fn mpeg_frames_must_come_in_a_row() {
        // MPEG 1 layer 3, 128 kbit/s at 44.1 kHz: 417 bytes a frame.
        let mut file = vec![0_u8; 417 * 4];
        for at in (0..file.len()).step_by(417) {
            file[at..at + 4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
        }
        assert_eq!(kind(&file), Kind::MpegAudio);
        file[417] = 0;
        file[834] = 0;
        assert_eq!(kind(&file[..1200]), Kind::Unknown);
    }
}
