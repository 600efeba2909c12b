//! Sound as Opus in Ogg (RFC 7845): small enough to be put into a page. Three hours are never held at once.

use std::io::{self, Write};

use ogg::{PacketWriteEndInfo, PacketWriter};
use opusic_c::{Application, Bitrate, Channels, Encoder, ErrorCode, SampleRate, Signal};
use thiserror::Error;

use crate::adapters::pcm::{Pcm, RATE};
use crate::session::{Millis, Span};

/// Bits a second: speech is clear, and an hour takes 11 MB.
const BITRATE: u32 = 24_000;
/// Samples of a packet: 20 ms.
const FRAME: usize = RATE as usize / 50;
/// Packets of a page: half a second, so that a player finds any moment without much reading.
const PAGE: u64 = 25;
/// Times in the file are counted at 48 kHz.
const TICKS: u64 = 48_000 / RATE as u64;
/// The longest packet that the format allows.
const LONGEST: usize = 1_275;
/// Read at a time.
const BLOCK: Millis = Millis(10_000);
/// One stream a file: any number does.
const SERIAL: u32 = 1;

#[derive(Debug, Error)]
pub enum OpusError {
    #[error("the sound cannot be packed: Opus error {0:?}")]
    Encoder(ErrorCode),
    #[error("the sound cannot be packed: {0}")]
    Io(#[from] io::Error),
}

impl From<ErrorCode> for OpusError {
    fn from(code: ErrorCode) -> Self {
        Self::Encoder(code)
    }
}

/// Writes all channels as one. `progress` is told how much is done.
pub fn encode(
    channels: &mut [Pcm],
    out: &mut dyn Write,
    progress: &mut dyn FnMut(Millis),
) -> Result<(), OpusError> {
    let mut stream = Stream::begin(out)?;
    let mut span = Span::new(Millis::ZERO, BLOCK);
    loop {
        let block = mixed(channels, span)?;
        if block.is_empty() {
            break;
        }
        stream.push(&block)?;
        progress(span.end);
        span = Span::new(span.end, span.end + BLOCK);
    }
    stream.finish()
}

fn mixed(channels: &mut [Pcm], span: Span) -> io::Result<Vec<f32>> {
    let mut sum: Vec<f32> = Vec::new();
    for channel in channels {
        let samples = channel.read(span)?;
        sum.resize(sum.len().max(samples.len()), 0.0);
        sum.iter_mut().zip(&samples).for_each(|(sum, sample)| *sum += sample);
    }
    sum.iter_mut().for_each(|sample| *sample = sample.clamp(-1.0, 1.0));
    Ok(sum)
}

struct Stream<'a> {
    packets: PacketWriter<'static, &'a mut dyn Write>,
    encoder: Encoder,
    /// Samples that do not fill a packet yet.
    rest: Vec<f32>,
    /// Samples that the encoder is late.
    delay: u64,
    /// Samples pushed, and packets written.
    samples: u64,
    written: u64,
}

impl<'a> Stream<'a> {
    fn begin(out: &'a mut dyn Write) -> Result<Self, OpusError> {
        let mut encoder = Encoder::new(Channels::Mono, SampleRate::Hz16000, Application::Voip)?;
        encoder.set_bitrate(Bitrate::Value(BITRATE))?;
        encoder.set_signal(Signal::Voice)?;
        // Half as long as with the highest, and not to be heard.
        encoder.set_complexity(5)?;
        let delay = u64::from(encoder.get_look_ahead()?);
        let mut packets = PacketWriter::new(out);
        let page = PacketWriteEndInfo::EndPage;
        packets.write_packet(head((delay * TICKS) as u16), SERIAL, page, 0)?;
        packets.write_packet(tags(), SERIAL, page, 0)?;
        Ok(Self { packets, encoder, rest: Vec::new(), delay, samples: 0, written: 0 })
    }

    fn push(&mut self, samples: &[f32]) -> Result<(), OpusError> {
        self.samples += samples.len() as u64;
        self.rest.extend_from_slice(samples);
        let whole = self.rest.len() / FRAME * FRAME;
        let frames: Vec<f32> = self.rest.drain(..whole).collect();
        for frame in frames.chunks_exact(FRAME) {
            let end = if (self.written + 1).is_multiple_of(PAGE) {
                PacketWriteEndInfo::EndPage
            } else {
                PacketWriteEndInfo::NormalPacket
            };
            let ticks = (self.written + 1) * FRAME as u64 * TICKS;
            self.packet(frame, end, ticks)?;
        }
        Ok(())
    }

    /// The end is that of the last sample, however much the last packet holds.
    fn finish(mut self) -> Result<(), OpusError> {
        let end = self.samples + self.delay;
        let missing = |stream: &Self| (end.saturating_sub(stream.written * FRAME as u64)) as usize;
        // What the encoder still holds comes out by pushing silence after it.
        while missing(&self) > FRAME {
            let frame = self.padded();
            let ticks = (self.written + 1) * FRAME as u64 * TICKS;
            self.packet(&frame, PacketWriteEndInfo::NormalPacket, ticks)?;
        }
        let frame = self.padded();
        self.packet(&frame, PacketWriteEndInfo::EndStream, end * TICKS)
    }

    fn padded(&mut self) -> Vec<f32> {
        let mut frame = std::mem::take(&mut self.rest);
        frame.resize(FRAME, 0.0);
        frame
    }

    fn packet(&mut self, frame: &[f32], end: PacketWriteEndInfo, ticks: u64) -> Result<(), OpusError> {
        let mut packet = vec![0; LONGEST];
        let length = self.encoder.encode_float_to_slice(frame, &mut packet)?;
        packet.truncate(length);
        self.packets.write_packet(packet, SERIAL, end, ticks)?;
        self.written += 1;
        Ok(())
    }
}

fn head(skip: u16) -> Vec<u8> {
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend(skip.to_le_bytes());
    head.extend(RATE.to_le_bytes());
    // No gain, mono.
    head.extend([0, 0, 0]);
    head
}

fn tags() -> Vec<u8> {
    let vendor = crate::session::TOOL.as_bytes();
    let mut tags = b"OpusTags".to_vec();
    tags.extend((vendor.len() as u32).to_le_bytes());
    tags.extend(vendor);
    tags.extend(0_u32.to_le_bytes());
    tags
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;
    use crate::adapters::decode::{self, Block};
    use crate::adapters::pcm::PcmWriter;

    /// Silence with a short tone at each of these seconds.
    fn beeps(at: &[f64], seconds: f64) -> Pcm {
        let mut samples = vec![0.0_f32; (seconds * f64::from(RATE)) as usize];
        for second in at {
            let from = (second * f64::from(RATE)) as usize;
            for (index, sample) in samples[from..from + 1_600].iter_mut().enumerate() {
                *sample = 0.4 * (index as f32 / RATE as f32 * 440.0 * TAU).sin();
            }
        }
        let mut writer = PcmWriter::create().unwrap();
        writer.push(&samples).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn what_is_packed_is_heard_at_its_time_and_ends_where_it_ended() {
        let times = [0.5, 12.25, 24.8];
        let mut channels = [beeps(&times[..2], 25.33), beeps(&times[2..], 25.33)];
        let (mut bytes, mut told) = (Vec::new(), Vec::new());
        encode(&mut channels, &mut bytes, &mut |done| told.push(done)).unwrap();
        assert_eq!(told, [Millis(10_000), Millis(20_000), Millis(30_000)]);
        assert!(bytes.len() < 25 * 4_000, "{} bytes", bytes.len());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ogg");
        std::fs::write(&path, bytes).unwrap();
        let (mut heard, mut rate) = (Vec::new(), 0);
        decode::decode(&path, None, &mut |block: Block| {
            rate = block.rate;
            heard.extend_from_slice(block.samples);
            Ok(())
        })
        .unwrap();
        let second = |index: usize| index as f64 / f64::from(rate);
        assert!((second(heard.len()) - 25.33).abs() < 0.001, "{}", second(heard.len()));
        for time in times {
            let from = ((time - 0.3) * f64::from(rate)) as usize;
            let start = from + heard[from..].iter().position(|sample| sample.abs() > 0.1).unwrap();
            assert!((second(start) - time).abs() < 0.01, "{time} was heard at {}", second(start));
        }
    }

    #[test]
    fn nothing_is_packed_into_a_file_that_still_opens() {
        let mut bytes = Vec::new();
        encode(&mut [beeps(&[], 0.0)], &mut bytes, &mut |_| ()).unwrap();
        assert!(bytes.starts_with(b"OggS") && bytes.len() < 400);
    }
}
