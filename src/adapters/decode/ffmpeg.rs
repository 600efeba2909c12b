//! What no decoder here knows goes through ffmpeg, when it is installed.
//!
//! It writes WAV with 32-bit floats to a pipe, of which nothing is kept; it may read this one file, no network.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::error::DecodeError;
use super::fold::Fold;
use super::sink::Sink;
use super::wave::format::{self, Encoding};

/// Frames a block.
const FRAMES: usize = 4_096;
/// What is kept of its complaints.
const MOST_WORDS: u64 = 4_096;
/// A chunk before the samples is never longer.
const LONGEST_CHUNK: u32 = 1 << 16;

/// What became of it.
pub enum Tried {
    Decoded,
    NotInstalled,
    /// Its own words.
    Failed(String),
}

/// Decodes audio track `track` (from 0) of the file.
pub fn read(path: &Path, track: usize, sink: &mut Sink) -> Result<Tried, DecodeError> {
    let mut child = match command(path, track).spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Tried::NotInstalled),
        Err(error) => return Ok(Tried::Failed(error.to_string())),
    };
    let words = child.stderr.take().map(|mut errors| {
        std::thread::spawn(move || {
            let mut words = Vec::new();
            let _ = (&mut errors).take(MOST_WORDS).read_to_end(&mut words);
            // It must not wait for a reader that has seen enough.
            let _ = io::copy(&mut errors, &mut io::sink());
            String::from_utf8_lossy(&words).trim().to_owned()
        })
    });
    let read = child.stdout.take().map_or(Ok(()), |mut out| stream(&mut out, sink));
    if read.is_err() {
        let _ = child.kill();
    }
    let status = ended(&mut child);
    let words = words.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let words = complaint(&words).to_owned();
    read?;
    if sink.frames() == 0 {
        return Ok(Tried::Failed(words));
    }
    if !status {
        sink.problems.push(format!("the file breaks off after {:.1} s ({words})", sink.seconds()));
    }
    Ok(Tried::Decoded)
}

/// The last thing it said, without the name and address of the part that said it.
fn complaint(words: &str) -> &str {
    words
        .lines()
        .map(|line| match line.split_once("] ") {
            Some((part, rest)) if part.starts_with('[') => rest,
            _ => line,
        })
        .map(str::trim)
        .rfind(|line| !line.is_empty() && !line.starts_with('['))
        .unwrap_or_default()
}

fn command(path: &Path, track: usize) -> Command {
    let mut command = Command::new("ffmpeg");
    let mut file = OsString::from("file:");
    file.push(path);
    command.args(["-nostdin", "-v", "error", "-protocol_whitelist", "file", "-i"]).arg(file);
    command.args(["-map", &format!("0:a:{track}"), "-vn", "-sn", "-dn", "-map_metadata", "-1"]);
    // Time zero of the file is kept, and what is missing is silence.
    command.args(["-af", "aresample=async=1:first_pts=0"]);
    command.args(["-c:a", "pcm_f32le", "-bitexact", "-f", "wav", "pipe:1"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(child: &mut Child) -> bool {
    child.wait().is_ok_and(|status| status.success())
}

fn stream(out: &mut impl Read, sink: &mut Sink) -> Result<(), DecodeError> {
    let Ok(Some(format)) = header(out) else { return Ok(()) };
    let frame = 4 * format.channels;
    let fold = Fold::of(format.channels, format.mask.or_else(|| Fold::usual_mask(format.channels)));
    let mut samples = Vec::with_capacity(FRAMES * format.channels);
    loop {
        let mut bytes = Vec::with_capacity(FRAMES * frame);
        let complete = out.by_ref().take((FRAMES * frame) as u64).read_to_end(&mut bytes);
        samples.clear();
        let whole = bytes.len() / frame * frame;
        samples.extend(bytes[..whole].as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)));
        sink.write(&samples, &fold, format.rate)?;
        if complete.is_err() || bytes.len() < FRAMES * frame {
            return Ok(());
        }
    }
}

/// Reads up to the first sample.
fn header(out: &mut impl Read) -> io::Result<Option<format::Format>> {
    out.read_exact(&mut [0; 12])?;
    let mut found = None;
    loop {
        let mut chunk = [0; 8];
        out.read_exact(&mut chunk)?;
        let size = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        if chunk.starts_with(b"data") {
            return Ok(found);
        }
        if size > LONGEST_CHUNK {
            return Ok(None);
        }
        let mut body = vec![0; size.next_multiple_of(2) as usize];
        out.read_exact(&mut body)?;
        if chunk.starts_with(b"fmt ") {
            found = format::parse(&body, false).ok().filter(|format| format.encoding == Encoding::Float32);
        }
    }
}
