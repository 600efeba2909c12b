//! Any audio file to blocks of samples of one or two channels, in a stream.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use thiserror::Error;

/// Rates outside are a broken header, not a recording.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;

#[derive(Debug, Error)]
pub enum DecodeError {
    #[error("{path}: {source}")]
    Open { path: PathBuf, source: io::Error },
    #[error("{0}: the file is empty")]
    Empty(PathBuf),
    #[error(
        "{0}: this is not an audio file that can be read (WAV, FLAC, MP3, M4A, Ogg, Opus, WebM, AIFF, CAF)"
    )]
    NotAudio(PathBuf),
    #[error("{0}: there is no audio track in it")]
    NoAudioTrack(PathBuf),
    #[error("{path}: its audio cannot be decoded ({why})")]
    Unsupported { path: PathBuf, why: String },
    #[error("{path}: a sample rate of {rate} Hz cannot be right; the header is damaged")]
    BadRate { path: PathBuf, rate: u32 },
    #[error("{0}: there are no samples in it")]
    NoSamples(PathBuf),
    /// What the consumer of the samples said.
    #[error("{path}: {source}")]
    Consumer { path: PathBuf, source: io::Error },
}

/// What was read, beside the samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub rate: u32,
    pub frames: u64,
    pub channels: usize,
    /// What was wrong with the file although it could be read.
    pub problems: Vec<String>,
}

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    #[cfg(feature = "opus")]
    codecs.register_audio_decoder::<symphonia_adapter_libopus::OpusDecoder>();
    codecs
});

/// Samples as they come.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// -1 to 1; where there are two channels, a sample of each in turn.
    pub samples: &'a [f32],
    /// 1 or 2. What has more is one: the mean of all.
    pub channels: usize,
    /// In Hz.
    pub rate: u32,
}

/// Decodes an audio track: the one of that number in the file, or the first.
pub fn decode(
    path: &Path,
    track: Option<usize>,
    each: &mut dyn FnMut(Block) -> io::Result<()>,
) -> Result<Decoded, DecodeError> {
    let own = || path.to_path_buf();
    let mut format = open(path)?;
    let track = match track {
        None => format.default_track(TrackType::Audio),
        Some(index) => format.tracks().get(index),
    };
    let track = track.ok_or_else(|| DecodeError::NoAudioTrack(own()))?;
    let id = track.id;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio())
        .ok_or_else(|| DecodeError::NoAudioTrack(own()))?;
    let mut decoder = CODECS
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|error| DecodeError::Unsupported { path: own(), why: unsupported(&error) })?;
    let mut decoded = Decoded { rate: 0, frames: 0, channels: 0, problems: Vec::new() };
    let mut samples = Vec::new();
    let mut bad_packets = 0;
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            // A live WebM, or a recorder that died: what came before is whole.
            Err(error) => {
                decoded.problems.push(format!("the file breaks off: {error}"));
                break;
            }
        };
        if packet.track_id != id {
            continue;
        }
        match at_most_two(decoder.as_mut(), &packet, &mut samples) {
            Ok((rate, channels)) => {
                if !RATES.contains(&rate) {
                    return Err(DecodeError::BadRate { path: own(), rate });
                }
                if decoded.rate != 0 && decoded.rate != rate {
                    decoded
                        .problems
                        .push(format!("the sample rate changes from {} to {rate} Hz", decoded.rate));
                    break;
                }
                (decoded.rate, decoded.channels) = (rate, channels);
                let block = Block { samples: &samples, channels: if channels == 2 { 2 } else { 1 }, rate };
                decoded.frames += (samples.len() / block.channels) as u64;
                each(block).map_err(|source| DecodeError::Consumer { path: own(), source })?;
            }
            Err(SymphoniaError::DecodeError(_) | SymphoniaError::IoError(_)) => bad_packets += 1,
            Err(error) => {
                decoded.problems.push(format!("the file breaks off: {error}"));
                break;
            }
        }
    }
    if bad_packets > 0 {
        decoded.problems.push(format!("{bad_packets} damaged packets were skipped"));
    }
    if decoded.frames == 0 { Err(DecodeError::NoSamples(own())) } else { Ok(decoded) }
}

fn open(path: &Path) -> Result<Box<dyn FormatReader>, DecodeError> {
    let own = || path.to_path_buf();
    let open_error = |source| DecodeError::Open { path: own(), source };
    let file = File::open(path).map_err(open_error)?;
    let metadata = file.metadata().map_err(open_error)?;
    if metadata.is_dir() {
        return Err(open_error(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    if metadata.len() == 0 {
        return Err(DecodeError::Empty(own()));
    }
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
        hint.with_extension(extension);
    }
    let stream = MediaSourceStream::new(Box::new(file), Default::default());
    // The readers of containers trust some header fields; a panic there is the file's fault, not the program's.
    let probed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        symphonia::default::get_probe().probe(&hint, stream, Default::default(), Default::default())
    }));
    match probed {
        Ok(Ok(format)) => Ok(format),
        _ => Err(DecodeError::NotAudio(own())),
    }
}

fn unsupported(error: &SymphoniaError) -> String {
    if cfg!(feature = "opus") {
        error.to_string()
    } else {
        format!("{error}; this build has no Opus decoder")
    }
}

/// One or two channels as they are, the mean of more, with what is no number taken for silence; gives rate and channel
/// count.
fn at_most_two(
    decoder: &mut dyn AudioDecoder,
    packet: &symphonia::core::packet::Packet,
    samples: &mut Vec<f32>,
) -> Result<(u32, usize), SymphoniaError> {
    let buffer = decoder.decode(packet)?;
    let (rate, channels) = (buffer.spec().rate(), buffer.spec().channels().count());
    buffer.copy_to_vec_interleaved(samples);
    samples.iter_mut().filter(|sample| !sample.is_finite()).for_each(|sample| *sample = 0.0);
    if channels > 2 {
        let scale = 1.0 / channels as f32;
        *samples = samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * scale).collect();
    }
    Ok((rate, channels))
}
