//! Any recording to blocks of samples, in a stream.
//!
//! ```text
//! sniff -- WAV ------> wave (tolerant) ---- codec in it ---+
//!   |                                                      v
//!   +----- others --> tracks (which one) --> demux (symphonia, the container's time) --> sink --> each
//!   |                                          | not known
//!   +----- only ffmpeg knows it ---------------+--> ffmpeg, when installed -------------> sink
//! ```

mod aiff;
mod demux;
mod edits;
mod error;
mod ffmpeg;
mod fold;
mod matroska;
mod quiet;
mod sink;
mod sniff;
mod stream;
mod timeline;
mod tracks;
mod wave;
mod window;

use std::fs::File;
use std::io::{self, BufReader};
use std::ops::Range;
use std::path::Path;

use symphonia::core::io::MediaSource;

use self::demux::Input;
pub use self::error::DecodeError;
use self::ffmpeg::Tried;
use self::matroska::Extent;
use self::sink::Sink;
use self::sniff::Kind;
use self::wave::Rest;
use self::window::Window;

/// Samples that follow one another.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// Interleaved, finite, -1 to 1 unless the file goes beyond.
    pub samples: &'a [f32],
    /// 1 or 2, the same in all blocks of a file.
    pub channels: usize,
    /// In Hz, the same in all blocks of a file.
    pub rate: u32,
}

impl Block<'_> {
    /// The mean of the channels.
    pub fn mono(&self) -> Vec<f32> {
        let mean = |frame: &[f32]| frame.iter().sum::<f32>() / frame.len() as f32;
        self.samples.chunks_exact(self.channels.max(1)).map(mean).collect()
    }
}

/// What was read, beside the samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub rate: u32,
    pub frames: u64,
    /// 1 or 2.
    pub channels: usize,
    /// What was wrong with the file although it could be read, and what was mended.
    pub problems: Vec<String>,
}

/// Decodes one audio track, in constant memory: track `track` (from 1), or the one with the most speech.
/// Time zero is the container's. More than two channels become one.
pub fn decode(
    path: &Path,
    track: Option<usize>,
    each: &mut dyn FnMut(Block) -> io::Result<()>,
) -> Result<Decoded, DecodeError> {
    let open = |source| DecodeError::Open { path: path.to_path_buf(), source };
    let mut file = File::open(path).map_err(open)?;
    let metadata = file.metadata().map_err(open)?;
    if metadata.is_dir() {
        return Err(open(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    if metadata.is_file() && metadata.len() == 0 {
        return Err(DecodeError::Empty(path.to_path_buf()));
    }
    let kind = sniff::sniff(&mut file).map_err(open)?;
    let mut sink = Sink::new(path, each);
    let read = match kind {
        Kind::Wave(start) => wave(path, file, start, track, &mut sink),
        Kind::Text => Err(not_audio(path, "it is text")),
        Kind::Unknown => Err(not_audio(
            path,
            "nothing in it says what it is; bare samples need a header first (ffmpeg -f s16le -ar 16000 -ac 1 -i FILE out.wav)",
        )),
        Kind::Other(name) => with_ffmpeg(path, track.unwrap_or(1), &format!("it is {name}"), &mut sink),
        kind => container(path, file, kind, track, &mut sink),
    };
    read?;
    sink.finish()
}

fn not_audio(path: &Path, why: &str) -> DecodeError {
    DecodeError::NotAudio { path: path.to_path_buf(), why: why.into() }
}

fn wave(
    path: &Path,
    file: File,
    start: u64,
    track: Option<usize>,
    sink: &mut Sink,
) -> Result<(), DecodeError> {
    if let Some(track) = track.filter(|&track| track != 1) {
        let tracks = vec!["1: a WAV file has one".to_owned()];
        return Err(DecodeError::NoSuchTrack { path: path.to_path_buf(), track, tracks });
    }
    let (kind, header, part, frames) = match wave::read(path, file, start, sink)? {
        Rest::Nothing => return Ok(()),
        Rest::Mpeg(part, frames) => (Kind::MpegAudio, Vec::new(), part, frames),
        Rest::Blocks { header, part, frames } => (Kind::Wave(0), header, part, frames),
    };
    let open = || part_of(path, &header, part.clone());
    let input = Input { path, kind, open: &open, movie: None, missing: 0, endless: false, frames };
    or_with_ffmpeg(path, 0, demux::read(&input, 0, sink), sink)
}

fn container(
    path: &Path,
    file: File,
    kind: Kind,
    track: Option<usize>,
    sink: &mut Sink,
) -> Result<(), DecodeError> {
    let opened = |source| DecodeError::Open { path: path.to_path_buf(), source };
    let end = file.metadata().map_err(opened)?.len();
    let mut file = BufReader::new(file);
    let (mut movie, mut extent) = (None, Extent::Known(end));
    if kind == Kind::Matroska {
        extent = matroska::extent(&mut file).map_err(opened)?.unwrap_or(extent);
    }
    if kind == Kind::Mp4 {
        let found = edits::read(&mut file, end).map_err(opened)?;
        extent = Extent::Known(found.end);
        if !found.has_index {
            let why = "the recording broke off before its index (“moov”) was written; without it no player \
                       finds the sound. Ask the program that recorded it to recover it";
            return Err(DecodeError::BadHeader { path: path.to_path_buf(), why: why.into() });
        }
        movie = Some(found);
    }
    let mut missing = match extent {
        Extent::Known(said) => said.saturating_sub(end),
        Extent::Endless => 0,
    };
    // What a cut file says of its length and of places behind its end only leads the reader astray.
    let mended = match kind {
        Kind::Matroska if missing > 0 => matroska::mended(&mut file).map_err(opened)?,
        Kind::Aiff => {
            let aiff = aiff::mended(&mut file, end).map_err(opened)?;
            missing = aiff.missing;
            if aiff.said_none {
                sink.problems.push("the header said 0 samples; all to the end of the file was read".into());
            }
            aiff.head
        }
        _ => Vec::new(),
    };
    let behind = if kind == Kind::Mp4 { missing } else { 0 };
    let open = || {
        let part = mended.len() as u64..end;
        let window = Window::new(mended.clone(), File::open(path)?, part).with_missing(behind);
        Ok(Box::new(window) as Box<dyn MediaSource>)
    };
    let endless = extent == Extent::Endless || kind == Kind::Matroska && !mended.is_empty();
    let input = Input { path, kind, open: &open, movie, missing, endless, frames: None };
    let (index, word) = match tracks::choose(&input, track) {
        Ok(chosen) => chosen,
        Err(error) => return or_with_ffmpeg(path, track.unwrap_or(1).saturating_sub(1), Err(error), sink),
    };
    sink.problems.extend(word);
    let read = demux::read(&input, index, sink);
    or_with_ffmpeg(path, index, read, sink)
}

fn part_of(path: &Path, header: &[u8], part: Range<u64>) -> io::Result<Box<dyn MediaSource>> {
    Ok(Box::new(Window::new(header.to_vec(), File::open(path)?, part)))
}

/// Tries ffmpeg where the decoders here have reached their limit before a single sample.
fn or_with_ffmpeg(
    path: &Path,
    index: usize,
    read: Result<(), DecodeError>,
    sink: &mut Sink,
) -> Result<(), DecodeError> {
    let nothing = sink.frames() == 0;
    let why = match &read {
        Err(error) if nothing && error.is_limit_of_ours() => match error {
            DecodeError::Unsupported { why, .. } | DecodeError::NotAudio { why, .. } => why.clone(),
            error => error.to_string(),
        },
        Ok(()) if nothing => "nothing in it could be decoded".to_owned(),
        _ => return read,
    };
    with_ffmpeg(path, index + 1, &why, sink)
}

/// `track` is from 1.
fn with_ffmpeg(path: &Path, track: usize, why: &str, sink: &mut Sink) -> Result<(), DecodeError> {
    let why = match ffmpeg::read(path, track.saturating_sub(1), sink)? {
        Tried::Decoded => return Ok(()),
        Tried::NotInstalled => format!("{why}; install ffmpeg and it can be read"),
        Tried::Failed(words) if words.is_empty() => format!("{why}; ffmpeg finds no sound in it either"),
        Tried::Failed(words) => format!("{why}; ffmpeg says: {words}"),
    };
    Err(DecodeError::Unsupported { path: path.to_path_buf(), why })
}
