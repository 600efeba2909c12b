//! A container that symphonia reads, one track of it, in the time of the container.

use std::io;
use std::path::Path;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatReader, Track};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::packet::Packet;

use super::edits::{AAC_FRAME, Movie};
use super::error::DecodeError;
use super::quiet::guard;
use super::sink::Sink;
use super::sniff::Kind;
use super::stream::{Heard, Stream};
use super::timeline::{Piece, Timeline, Window};

/// Smaller holes are the rounding of timestamps and the jitter of recorders; in ms.
const SMALLEST_HOLE: i64 = 100;
/// Clocks of milliseconds and run-ins of 312 frames make a start of some milliseconds; in ms.
const START_SLACK: i64 = 15;
/// More holes than this, in sum, are damaged timestamps: nobody practises longer. In seconds.
pub const LONGEST_HOLE: i64 = 4 * 3_600;
/// A file whose first timestamp is later is a piece of a longer stream, and begins at itself; in seconds.
const LATEST_START: i64 = 60;
/// Packets in a row of which nothing comes; then the file is noise.
const MOST_EMPTY: usize = 100_000;
/// What a header may claim too much before it is worth a word; in seconds.
const WORTH_A_WORD: f64 = 0.5;

/// What is to be read, and how to open it anew.
pub struct Input<'a> {
    pub path: &'a Path,
    pub kind: Kind,
    pub open: &'a dyn Fn() -> io::Result<Box<dyn MediaSource>>,
    pub movie: Option<Movie>,
    /// Bytes that the container has by its own words, and the file has not.
    pub missing: u64,
    /// The container does not know where it ends, as live recordings do.
    pub endless: bool,
    /// Frames that are there, when something outside of the stream knows.
    pub frames: Option<u64>,
}

impl Input<'_> {
    pub fn container(&self) -> Result<Box<dyn FormatReader>, DecodeError> {
        let source =
            (self.open)().map_err(|source| DecodeError::Open { path: self.path.to_path_buf(), source })?;
        let mut hint = Hint::new();
        hint.with_extension(self.kind.ending());
        let stream = MediaSourceStream::new(source, Default::default());
        let probe =
            || symphonia::default::get_probe().probe(&hint, stream, Default::default(), Default::default());
        let not_audio = |why: String| DecodeError::NotAudio { path: self.path.to_path_buf(), why };
        match guard(probe) {
            Some(Ok(format)) => Ok(format),
            Some(Err(error)) => Err(not_audio(format!("its beginning is damaged ({error})"))),
            None => Err(not_audio("its beginning is damaged".into())),
        }
    }
}

/// The audio tracks, in order.
pub fn audio_tracks(format: &dyn FormatReader) -> Vec<&Track> {
    let sound = |track: &&Track| matches!(track.codec_params, Some(CodecParameters::Audio(_)));
    format.tracks().iter().filter(sound).collect()
}

/// The next packet of any track; how the file broke off is an error.
pub fn next(format: &mut dyn FormatReader) -> Result<Option<Packet>, SymphoniaError> {
    guard(|| format.next_packet()).unwrap_or(Err(SymphoniaError::DecodeError("damaged beyond reading")))
}

struct Reading<'a, 'b> {
    sink: &'a mut Sink<'b>,
    stream: Stream,
    timeline: Timeline,
    /// Whether the container's timestamps tell where a packet belongs.
    timed: bool,
    /// Whether it is a bare recording of AAC, with nothing else in its container.
    alone: bool,
    /// Time zero, in frames of the container.
    base: i64,
    /// The frame of the track that comes next.
    position: i64,
    started: bool,
    /// Frames of damaged packets, to be given as silence.
    owed: u64,
    damaged: u64,
    /// Frames of holes that became silence.
    filled: i64,
    disbelieved: u64,
}

/// Decodes audio track `index` (from 0).
pub fn read(input: &Input, index: usize, sink: &mut Sink) -> Result<(), DecodeError> {
    let mut format = input.container()?;
    let no_track = || DecodeError::NoAudioTrack(input.path.to_path_buf());
    let track = (*audio_tracks(format.as_ref()).get(index).ok_or_else(no_track)?).clone();
    let stream = open(&track, input)?;
    let known = input.kind != Kind::MpegAudio || track.delay.is_some();
    let said = track.duration.filter(|_| known).map(|duration| duration.get());
    let timed = matches!(input.kind, Kind::Mp4 | Kind::Matroska);
    let mut reading = Reading {
        sink,
        stream,
        timeline: Timeline::whole(),
        timed,
        alone: matches!(input.kind, Kind::Mp4 | Kind::Adts) && format.tracks().len() == 1,
        base: 0,
        position: 0,
        started: false,
        owed: 0,
        damaged: 0,
        filled: 0,
        disbelieved: 0,
    };
    let mut earliest: Option<i64> = None;
    let mut empty = 0;
    let mut broke = None;
    while empty < MOST_EMPTY {
        let packet = match next(format.as_mut()) {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(SymphoniaError::ResetRequired) => {
                // Another stream follows in the same file.
                let tracks = audio_tracks(format.as_ref());
                let Some(track) = tracks.get(index).or(tracks.first()) else { break };
                reading.stream = open(track, input)?;
                continue;
            }
            Err(error) => {
                broke = Some(error.to_string()).filter(|_| !(input.endless && is_end(&error)));
                break;
            }
        };
        if !reading.started
            && let Some(ms) = milliseconds(format.as_ref(), &packet)
        {
            earliest = Some(earliest.map_or(ms, |earliest| earliest.min(ms)));
        }
        if packet.track_id != reading.stream.id {
            continue;
        }
        match reading.stream.hear(&packet) {
            Heard::Run => {
                empty = if reading.stream.run().frames == 0 { empty + 1 } else { 0 };
                if !reading.started {
                    reading.begin(input, earliest.unwrap_or(0));
                }
                reading.give()?;
            }
            Heard::Damaged(frames) => {
                empty += 1;
                reading.damaged += 1;
                reading.owed += frames;
            }
            Heard::Over(why) => {
                broke = Some(why);
                break;
            }
        }
    }
    if broke.is_none() && input.missing > 0 {
        broke = Some(format!("{} bytes are missing", input.missing));
    }
    reading.end(said, broke);
    Ok(())
}

fn is_end(error: &SymphoniaError) -> bool {
    matches!(error, SymphoniaError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof)
}

fn open(track: &Track, input: &Input) -> Result<Stream, DecodeError> {
    let mut stream = Stream::open(track)
        .map_err(|why| DecodeError::Unsupported { path: input.path.to_path_buf(), why })?;
    if input.kind == Kind::MpegAudio && track.delay.is_none() {
        stream.distrust_end();
    }
    if input.kind == Kind::Mp4 {
        stream.keep_durations();
        // The rate does not matter here: only whether there are windows.
        if input.movie.as_ref().is_some_and(|movie| movie.windows(track.id, 1).is_some()) {
            stream.keep_run_in();
        }
    }
    Ok(stream)
}

fn milliseconds(format: &dyn FormatReader, packet: &Packet) -> Option<i64> {
    let base = format.tracks().iter().find(|track| track.id == packet.track_id)?.time_base?;
    i64::try_from(base.calc_time(packet.pts)?.as_millis()).ok()
}

impl Reading<'_, '_> {
    /// Once the first packet told the rate: where time zero is, and what is to be heard.
    fn begin(&mut self, input: &Input, earliest_ms: i64) {
        self.started = true;
        let rate = i64::from(self.stream.rate());
        let run = self.stream.run();
        if self.timed && earliest_ms > LATEST_START * 1_000 {
            self.base = (earliest_ms * rate) / 1_000;
            self.sink.problems.push(format!(
                "the file is a piece of a longer one; it is taken from its start, {} s",
                earliest_ms / 1_000
            ));
        }
        if self.timed {
            // Sound that begins before zero is an encoder's run-in; what comes later is preceded by silence.
            let at = run.at.saturating_add(run.cut as i64).saturating_sub(self.base);
            let near = input.kind == Kind::Matroska && at.abs() <= rate * START_SLACK / 1_000;
            self.position = if near { 0 } else { at.min(0) };
        }
        let windows =
            input.movie.as_ref().and_then(|movie| movie.windows(self.stream.id, self.stream.rate()));
        // With pictures, or a start of its own, the sound is where the container says.
        let unmarked = self.stream.is_aac && self.alone && run.at == 0;
        self.timeline = match (windows, input.frames) {
            (Some(windows), _) => Timeline::new(windows),
            (None, Some(frames)) => {
                let to = i64::try_from(frames).unwrap_or(i64::MAX);
                Timeline::new(vec![Window { silence: 0, from: 0, to }])
            }
            (None, None) if unmarked => {
                Timeline::new(vec![Window { silence: 0, from: AAC_FRAME, to: i64::MAX }])
            }
            (None, None) => Timeline::whole(),
        };
    }

    /// Hands on what the last packet gave, with silence for what is missing before it.
    fn give(&mut self) -> Result<(), DecodeError> {
        let owed = i64::try_from(std::mem::take(&mut self.owed)).unwrap_or(0);
        let rate = i64::from(self.stream.rate());
        let run = self.stream.run();
        let at = run.at.saturating_add(run.cut as i64).saturating_sub(self.base);
        let hole = at.saturating_sub(self.position).min(i64::MAX / 2);
        let mut missing = owed;
        if self.timed && hole > rate * SMALLEST_HOLE / 1_000 {
            if self.filled + hole <= rate * LONGEST_HOLE {
                self.filled += hole;
                missing = hole;
            } else {
                // Later timestamps are measured against this one.
                self.base = self.base.saturating_add(hole);
                self.disbelieved += 1;
            }
        }
        if missing > 0 {
            self.pass(missing as usize, false)?;
        }
        self.pass(run.frames, true)
    }

    fn pass(&mut self, frames: usize, sound: bool) -> Result<(), DecodeError> {
        let (fold, rate) = (self.stream.fold().clone(), self.stream.rate());
        let samples = self.stream.samples();
        let width = samples.len() / self.stream.run().frames.max(1);
        for piece in self.timeline.take(self.position, frames) {
            match piece {
                Piece::Silence(frames) => self.sink.silence(frames, &fold, rate)?,
                Piece::Keep(range) if sound => {
                    self.sink.write(&samples[range.start * width..range.end * width], &fold, rate)?;
                }
                Piece::Keep(range) => self.sink.silence(range.len() as u64, &fold, rate)?,
            }
        }
        self.position = self.position.saturating_add(frames as i64);
        Ok(())
    }

    /// Says what was not as it should be.
    fn end(self, said: Option<u64>, broke: Option<String>) {
        let rate = f64::from(self.stream.rate().max(1));
        let held = self.position as f64 / rate;
        let said = said.map(|ticks| self.stream.frames(i64::try_from(ticks).unwrap_or(0)) as f64 / rate);
        let problems = &mut self.sink.problems;
        if self.damaged > 0 {
            problems.push(format!("{} damaged packets were taken for silence", self.damaged));
        }
        if self.disbelieved > 0 {
            problems.push(format!("{} timestamps jump by hours and were not believed", self.disbelieved));
        }
        if self.stream.behind_end() > 1 {
            problems.push(format!("the header said less than there is; read {held:.1} s from the data"));
        }
        match (said, broke) {
            (Some(said), _) if said > held + WORTH_A_WORD => {
                problems.push(format!("the header said {said:.1} s, but the file holds {held:.1} s"));
            }
            (_, Some(why)) => problems.push(format!("the file breaks off after {held:.1} s ({why})")),
            _ => {}
        }
    }
}
