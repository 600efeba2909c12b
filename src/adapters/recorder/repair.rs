//! Mends WAV parts whose header a crash left behind their sound.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What was done to a part.
#[derive(Clone, Debug, PartialEq)]
pub enum Repair {
    /// The header says what is there.
    Whole,
    /// The header said fewer or more frames than there are; a mended copy took the part's place, and what was found
    /// lies beside it.
    Mended { said_seconds: f64, found_seconds: f64, kept: PathBuf },
    /// There is no sound in it.
    Empty,
}

/// Where a WAV header keeps what matters here. All numbers as the file has them.
struct Header {
    bytes_a_second: u32,
    frame_bytes: u16,
    /// Offset of the length of the data chunk; the sound begins 4 bytes later.
    length_at: u64,
    said: u32,
}

/// Checks one part, and mends it when its header is wrong. The damaged file is kept under a name that begins with a
/// dot, which readers of sessions pass over.
pub fn repair(path: &Path) -> io::Result<Repair> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let Some(header) = header(&mut file)? else { return Ok(Repair::Empty) };
    let there = size.saturating_sub(header.length_at + 4);
    let found = there - there % u64::from(header.frame_bytes.max(1));
    if found == 0 {
        return Ok(Repair::Empty);
    }
    if u64::from(header.said) == found {
        return Ok(Repair::Whole);
    }
    let seconds = |bytes: u64| bytes as f64 / f64::from(header.bytes_a_second.max(1));
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut copy = tempfile::Builder::new().prefix(".mended-").tempfile_in(folder)?;
    file.seek(SeekFrom::Start(0))?;
    io::copy(&mut (&file).take(header.length_at + 4 + found), &mut copy)?;
    let riff = u32::try_from(header.length_at + 4 + found - 8).unwrap_or(u32::MAX);
    copy.seek(SeekFrom::Start(4))?;
    copy.write_all(&riff.to_le_bytes())?;
    copy.seek(SeekFrom::Start(header.length_at))?;
    copy.write_all(&u32::try_from(found).unwrap_or(u32::MAX).to_le_bytes())?;
    copy.as_file().set_permissions(file.metadata()?.permissions())?;
    copy.as_file().sync_all()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let kept = folder.join(format!(".damaged-{name}"));
    fs::rename(path, &kept)?;
    copy.persist(path).map_err(|error| error.error)?;
    Ok(Repair::Mended { said_seconds: seconds(u64::from(header.said)), found_seconds: seconds(found), kept })
}

fn header(file: &mut File) -> io::Result<Option<Header>> {
    let mut start = [0; 12];
    if file.read_exact(&mut start).is_err() || &start[..4] != b"RIFF" || &start[8..] != b"WAVE" {
        return Ok(None);
    }
    let mut format: Option<(u32, u16)> = None;
    loop {
        let mut chunk = [0; 8];
        if file.read_exact(&mut chunk).is_err() {
            return Ok(None);
        }
        let length = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
        match (&chunk[..4], format) {
            (b"data", Some((bytes_a_second, frame_bytes))) => {
                let length_at = file.stream_position()? - 4;
                return Ok(Some(Header { bytes_a_second, frame_bytes, length_at, said: length }));
            }
            (b"fmt ", _) if (16..1024).contains(&length) => {
                let mut body = vec![0; length as usize];
                if file.read_exact(&mut body).is_err() {
                    return Ok(None);
                }
                let bytes_a_second = u32::from_le_bytes([body[8], body[9], body[10], body[11]]);
                format = Some((bytes_a_second, u16::from_le_bytes([body[12], body[13]])));
            }
            _ => {
                file.seek(SeekFrom::Current(i64::from(length) + i64::from(length % 2)))?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(path: &Path, samples: u32) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 8_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        (0..samples).for_each(|i| writer.write_sample((i % 100) as i16).unwrap());
        writer.finalize().unwrap();
    }

    #[test]
    fn a_header_behind_its_sound_is_mended_and_the_find_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("000.wav");
        wav(&path, 8_000);
        assert_eq!(repair(&path).unwrap(), Repair::Whole);
        let mut bytes = fs::read(&path).unwrap();
        bytes[40..44].copy_from_slice(&8_000_u32.to_le_bytes());
        bytes.push(7);
        fs::write(&path, &bytes).unwrap();
        let Repair::Mended { said_seconds, found_seconds, kept } = repair(&path).unwrap() else { panic!() };
        assert_eq!((said_seconds, found_seconds), (0.5, 1.0));
        assert_eq!(fs::read(kept).unwrap(), bytes);
        assert_eq!(hound::WavReader::open(&path).unwrap().duration(), 8_000);
        assert_eq!(repair(&path).unwrap(), Repair::Whole);
    }

    #[test]
    fn what_holds_no_sound_is_said_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("000.wav");
        for bytes in [&b""[..], b"RIFF", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0", &[0; 100]] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(repair(&path).unwrap(), Repair::Empty);
        }
        wav(&path, 0);
        assert_eq!(repair(&path).unwrap(), Repair::Empty);
    }
}
