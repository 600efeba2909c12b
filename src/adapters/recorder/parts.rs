//! The sound on disk: WAV parts that are valid at every moment.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavSpec, WavWriter};

use super::log::copy_of;
use crate::adapters::microphone::Format;

/// Length of a part in seconds: far from the 4 GiB at which a WAV header wraps.
const PART_SECONDS: u64 = 600;

pub struct Parts {
    folder: PathBuf,
    next: usize,
    format: Format,
    part: Option<Part>,
}

struct Part {
    writer: WavWriter<BufWriter<File>>,
    /// The same file, to push it to the disk.
    file: File,
    frames: u64,
}

impl Parts {
    /// Parts go to `folder`, which is made.
    pub fn create(folder: &Path, format: Format) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_path_buf(), next: 0, format, part: None })
    }

    /// Goes on in a new part when the format changes.
    pub fn set_format(&mut self, format: Format) -> io::Result<()> {
        if format != self.format {
            self.close()?;
            self.format = format;
        }
        Ok(())
    }

    /// Appends interleaved samples, -1 to 1, of whole frames.
    pub fn write(&mut self, samples: impl ExactSizeIterator<Item = f32>) -> io::Result<()> {
        let channels = u64::from(self.format.channels.max(1));
        let frames = samples.len() as u64 / channels;
        let part = match &mut self.part {
            Some(part) => part,
            none => none.insert(Part::create(&self.folder, self.next, self.format)?),
        };
        for sample in samples {
            part.writer.write_sample((sample.clamp(-1.0, 1.0) * 32767.0).round() as i16).map_err(io_error)?;
        }
        part.frames += frames;
        if part.frames >= PART_SECONDS * u64::from(self.format.rate) {
            self.close()?;
        }
        Ok(())
    }

    /// Puts what was written on the disk, under a header that is right.
    pub fn sync(&mut self) -> io::Result<()> {
        match &mut self.part {
            Some(part) => {
                part.writer.flush().map_err(io_error)?;
                part.file.sync_data()
            }
            None => Ok(()),
        }
    }

    /// Writes the part that is open anew, after its folder was removed. It is to be closed then.
    pub fn rescue(&mut self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        match &self.part {
            Some(part) => copy_of(&part.file, &self.folder.join(format!("{:03}.wav", self.next))),
            None => Ok(()),
        }
    }

    pub fn close(&mut self) -> io::Result<()> {
        if let Some(part) = self.part.take() {
            self.next += 1;
            part.writer.finalize().map_err(io_error)?;
            part.file.sync_all()?;
        }
        Ok(())
    }
}

impl Part {
    fn create(folder: &Path, index: usize, format: Format) -> io::Result<Self> {
        let path = folder.join(format!("{index:03}.wav"));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        let spec = WavSpec {
            channels: format.channels.max(1),
            sample_rate: format.rate,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let writer = WavWriter::new(BufWriter::new(file.try_clone()?), spec).map_err(io_error)?;
        Ok(Self { writer, file, frames: 0 })
    }
}

fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_roll_over_and_are_valid_after_each_sync() {
        let folder = tempfile::tempdir().unwrap();
        let format = Format { rate: 100, channels: 1 };
        let mut parts = Parts::create(&folder.path().join("audio"), format).unwrap();
        let second = |value: f32| std::iter::repeat_n(value, 100).collect::<Vec<_>>().into_iter();
        (0..601).for_each(|_| parts.write(second(0.5)).unwrap());
        parts.sync().unwrap();
        let frames =
            |name: &str| hound::WavReader::open(folder.path().join("audio").join(name)).unwrap().duration();
        assert_eq!((frames("000.wav"), frames("001.wav")), (60_000, 100));
        parts.set_format(Format { rate: 200, channels: 1 }).unwrap();
        parts.write(second(2.0)).unwrap();
        parts.close().unwrap();
        assert_eq!(frames("002.wav"), 100);
    }
}
