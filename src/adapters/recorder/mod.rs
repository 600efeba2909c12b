//! Writes a session while it happens: sound, anchors, edits and marks on one clock, valid at every moment.

pub mod level;
pub mod log;
pub mod parts;
pub mod repair;
pub mod timekeeper;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};

use self::level::{Hearing, LevelMeter};
use self::log::Log;
use self::parts::Parts;
use self::timekeeper::{Timekeeper, Verdict};
use super::microphone::{Block, Format};
use super::resample::Resampler;
use super::vad::Live;
use crate::session::{Anchor, Edit, Event, EventKind, Millis};

const SECOND_NS: i64 = 1_000_000_000;
/// Without a block for so long the source is lost.
const SOURCE_LOST_NS: i64 = 1_500_000_000;

/// One session being recorded. Time comes in with each call, so that tests can make it.
pub struct Recorder {
    folder: PathBuf,
    format: Format,
    /// Channels that are written: 1, or all of the source's.
    channels: u16,
    /// Name of the source that was opened anew.
    source: String,
    parts: Parts,
    anchors: Log,
    edits: Log,
    events: Log,
    keeper: Timekeeper,
    waiting: VecDeque<(Block, Vec<f32>)>,
    /// Session time that is on its way to the disk.
    written_ns: i64,
    last_anchor_ns: i64,
    last_block_ns: i64,
    last_sync_ns: i64,
    /// Sound came since the last tick, whenever it was captured.
    sounded: bool,
    lost: bool,
    held: bool,
    resuming: bool,
    ears: Ears,
}

/// What is heard live.
struct Ears {
    meter: LevelMeter,
    resampler: Option<Resampler>,
    speech: Live,
    last_speech_ns: i64,
}

impl Recorder {
    /// Begins a session in `folder`, which exists. `stereo` keeps the source's channels apart.
    pub fn begin(folder: &Path, format: Format, stereo: bool, now_ns: i64) -> io::Result<Self> {
        let channels = if stereo { format.channels } else { 1 };
        Ok(Self {
            folder: folder.to_path_buf(),
            format,
            channels,
            source: String::new(),
            parts: Parts::create(&folder.join("audio"), Format { rate: format.rate, channels })?,
            anchors: Log::open(&folder.join("clock.jsonl"))?,
            edits: Log::open(&folder.join("edits.jsonl"))?,
            events: Log::open(&folder.join("events.jsonl"))?,
            keeper: Timekeeper::default(),
            waiting: VecDeque::new(),
            written_ns: 0,
            last_anchor_ns: i64::MIN / 2,
            last_block_ns: now_ns,
            last_sync_ns: now_ns,
            sounded: false,
            lost: false,
            held: false,
            resuming: false,
            ears: Ears::new(format.rate),
        })
    }

    /// The source was opened again, perhaps another one with another format.
    pub fn reopened(&mut self, format: Format, name: &str) -> io::Result<()> {
        self.settle(true)?;
        name.clone_into(&mut self.source);
        if format != self.format {
            let last_speech_ns = self.ears.last_speech_ns;
            self.format = format;
            self.channels = if self.channels == 1 { 1 } else { format.channels };
            self.parts.set_format(Format { rate: format.rate, channels: self.channels })?;
            self.ears = Ears { last_speech_ns, ..Ears::new(format.rate) };
        }
        Ok(())
    }

    /// Sound came: interleaved samples of the source's format.
    pub fn sound(&mut self, block: Block, samples: &[f32]) -> io::Result<()> {
        self.sounded = true;
        if self.held {
            return Ok(());
        }
        if std::mem::take(&mut self.resuming) {
            self.keeper.skip_to(block.capture_ns);
            self.anchor()?;
        }
        if std::mem::take(&mut self.lost) {
            self.event(EventKind::DeviceBack { text: self.source.clone() })?;
        }
        self.keeper.push(block.capture_ns, self.length_ns(block));
        self.waiting.push_back((block, samples.to_vec()));
        self.settle(false)
    }

    /// What is to be done now and then. Gives whether the source has stopped giving sound just now.
    pub fn tick(&mut self, now_ns: i64) -> io::Result<bool> {
        if std::mem::take(&mut self.sounded) {
            self.last_block_ns = now_ns;
        }
        if now_ns - self.last_sync_ns >= SECOND_NS {
            self.last_sync_ns = now_ns;
            self.sync()?;
        }
        let stopped = !self.lost && !self.held && now_ns - self.last_block_ns > SOURCE_LOST_NS;
        if stopped {
            self.lose("no sound came any more")?;
        }
        Ok(stopped)
    }

    /// The source gives no sound any more, or no longer its own.
    pub fn lose(&mut self, why: &str) -> io::Result<()> {
        if !std::mem::replace(&mut self.lost, true) {
            self.settle(true)?;
            self.event(EventKind::DeviceLost { text: why.into() })?;
        }
        Ok(())
    }

    /// Writes the blocks that can be judged; with `last`, all of them.
    fn settle(&mut self, last: bool) -> io::Result<()> {
        while let Some(verdict) = self.keeper.decide(last) {
            let Some((block, samples)) = self.waiting.pop_front() else { break };
            if let Verdict::FillThenTake(missing_ns) = verdict {
                self.fill(missing_ns)?;
            }
            if self.written_ns - self.last_anchor_ns >= SECOND_NS {
                self.anchor()?;
            }
            self.write(block, &samples)?;
        }
        Ok(())
    }

    /// Silence for audio that was lost: what follows keeps its time.
    fn fill(&mut self, missing_ns: i64) -> io::Result<()> {
        self.anchor()?;
        self.event(EventKind::LostAudio { seconds: missing_ns as f64 / SECOND_NS as f64 })?;
        let frames = (missing_ns as i128 * i128::from(self.format.rate) / i128::from(SECOND_NS)) as u64;
        let mut samples = frames * u64::from(self.channels);
        let second = vec![0.0; self.format.rate as usize * usize::from(self.channels)];
        while samples > 0 {
            let count = samples.min(second.len() as u64) as usize;
            self.parts.write(second[..count].iter().copied())?;
            samples -= count as u64;
        }
        self.written_ns += missing_ns;
        Ok(())
    }

    fn write(&mut self, block: Block, samples: &[f32]) -> io::Result<()> {
        let channels = usize::from(self.format.channels.max(1));
        let mono: Vec<f32> =
            samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32).collect();
        if self.channels == 1 {
            self.parts.write(mono.iter().copied())?;
        } else {
            self.parts.write(samples.iter().copied())?;
        }
        self.written_ns += self.length_ns(block);
        self.ears.hear(&mono, self.written_ns);
        Ok(())
    }

    fn length_ns(&self, block: Block) -> i64 {
        i64::from(block.frames) * SECOND_NS / i64::from(self.format.rate.max(1))
    }

    /// One line of `clock.jsonl`: where session time stands on the monotonic clock.
    fn anchor(&mut self) -> io::Result<()> {
        let Some(zero_ns) = self.keeper.zero_ns() else { return Ok(()) };
        self.last_anchor_ns = self.written_ns;
        self.anchors.append(&Anchor {
            frame: (self.written_ns as i128 * i128::from(self.format.rate) / i128::from(SECOND_NS)) as u64,
            rate: self.format.rate,
            monotonic_ns: zero_ns + self.written_ns,
            wall: chrono::Local::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, false),
        })
    }

    /// Session time of a moment of the monotonic clock; while held, time stands still.
    pub fn session_time(&self, monotonic_ns: i64) -> Millis {
        let at = self.keeper.zero_ns().map_or(0, |zero_ns| monotonic_ns - zero_ns);
        let at = if self.held || self.resuming { at.min(self.written_ns) } else { at };
        Millis(at.max(0) / 1_000_000)
    }

    pub fn edit(&mut self, mut edit: Edit) -> io::Result<()> {
        if let Some(at) = edit.monotonic_ns {
            edit.at = self.session_time(at);
        }
        self.edits.append(&edit)
    }

    /// Something happened at a moment of the monotonic clock.
    pub fn mark(&mut self, monotonic_ns: i64, kind: EventKind) -> io::Result<()> {
        let at = self.session_time(monotonic_ns);
        self.events.append(&Event { at, monotonic_ns: Some(monotonic_ns), kind })
    }

    /// Something happened where the sound now stands.
    fn event(&mut self, kind: EventKind) -> io::Result<()> {
        self.events.append(&Event { at: Millis(self.written_ns / 1_000_000), monotonic_ns: None, kind })
    }

    /// Holds the recording, or goes on with it.
    pub fn hold(&mut self, hold: bool) -> io::Result<()> {
        if hold == self.held {
            return Ok(());
        }
        self.settle(true)?;
        if hold {
            self.anchor()?;
            self.event(EventKind::Pause)?;
        } else {
            self.event(EventKind::Resume)?;
            self.resuming = true;
        }
        self.held = hold;
        self.sync()
    }

    fn sync(&mut self) -> io::Result<()> {
        self.parts.sync()?;
        self.anchors.sync()?;
        self.edits.sync()?;
        self.events.sync()
    }

    /// Ends the session at `now_ns`; a source that was lost meanwhile leaves silence that is marked as lost.
    pub fn finish(mut self, now_ns: i64) -> io::Result<Millis> {
        self.settle(true)?;
        if let Some(zero_ns) = self.keeper.zero_ns().filter(|_| self.lost && !self.held) {
            let missing_ns = now_ns - zero_ns - self.written_ns;
            if missing_ns > 0 {
                self.fill(missing_ns)?;
            }
        }
        self.anchor()?;
        self.sync()?;
        self.parts.close()?;
        Ok(Millis(self.written_ns / 1_000_000))
    }

    /// Writes anew what the files still hold, after somebody has removed their folder. Parts that were closed
    /// before are gone with it.
    pub fn rescue(&mut self) -> io::Result<()> {
        self.sync()?;
        self.parts.rescue()?;
        let logs =
            [("clock.jsonl", &self.anchors), ("edits.jsonl", &self.edits), ("events.jsonl", &self.events)];
        logs.iter().try_for_each(|(name, log)| log.rescue(&self.folder.join(name)))
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Session time of the sound that was written.
    pub fn elapsed(&self) -> Millis {
        Millis(self.written_ns / 1_000_000)
    }

    /// Session time since speech was last heard.
    pub fn since_speech(&self) -> Millis {
        Millis((self.written_ns - self.ears.last_speech_ns) / 1_000_000)
    }

    pub fn level(&self) -> f32 {
        self.ears.meter.decibels()
    }

    /// What is wrong with the sound, in a sentence.
    pub fn trouble(&self) -> Option<&'static str> {
        if self.lost {
            return Some("no sound comes from the microphone; trying to open it again");
        }
        match self.ears.meter.hearing() {
            Hearing::Fine => None,
            Hearing::Nothing => Some("the microphone gives only zeros: it is muted, or may not be used"),
            Hearing::TooLow => {
                Some("the microphone is too low to hear: turn its level up, or choose another")
            }
        }
    }

    pub fn is_held(&self) -> bool {
        self.held
    }
}

impl Ears {
    fn new(rate: u32) -> Self {
        Self {
            meter: LevelMeter::new(rate),
            // A rate that cannot be resampled costs the live nudge, not the recording.
            resampler: Resampler::new(rate).ok(),
            speech: Live::default(),
            last_speech_ns: 0,
        }
    }

    fn hear(&mut self, mono: &[f32], now_ns: i64) {
        self.meter.push(mono);
        let Some(resampler) = &mut self.resampler else { return };
        let Ok(samples) = resampler.push(mono) else { return };
        if self.speech.hears(&samples) {
            self.last_speech_ns = now_ns;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, Clock, EditKind, jsonl};

    const RATE: u32 = 8_000;
    const MS: i64 = 1_000_000;

    /// A recorder with a clock and a source of the test's own. Blocks are 20 ms; the first is captured at 7 s.
    struct Fake {
        folder: tempfile::TempDir,
        recorder: Recorder,
        now: i64,
    }

    impl Fake {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let format = Format { rate: RATE, channels: 2 };
            let recorder = Recorder::begin(folder.path(), format, false, 7_000 * MS).unwrap();
            Self { folder, recorder, now: 7_000 * MS }
        }

        /// Sound of this value for so long; `pace`: true time per time of the card.
        fn sound(&mut self, seconds: f64, value: f32, pace: f64) {
            for _ in 0..(seconds * 50.0).round() as usize {
                let block = Block { capture_ns: self.now, frames: RATE / 50 };
                self.recorder.sound(block, &vec![value; RATE as usize / 25]).unwrap();
                self.now += (20.0 * MS as f64 * pace) as i64;
                self.recorder.tick(self.now).unwrap();
            }
        }

        fn silence(&mut self, seconds: f64) {
            for _ in 0..(seconds * 50.0).round() as usize {
                self.now += 20 * MS;
                self.recorder.tick(self.now).unwrap();
            }
        }

        fn edit(&mut self) {
            let edit = Edit {
                at: Millis::ZERO,
                monotonic_ns: Some(self.now),
                path: "a.py".into(),
                kind: EditKind::Create,
                from: None,
                cause: Cause::Typing,
                hunks: vec![],
                hash: String::new(),
            };
            self.recorder.edit(edit).unwrap();
        }

        fn lines<T: serde::de::DeserializeOwned>(&self, name: &str) -> Vec<T> {
            let (lines, bad) = jsonl::parse(&std::fs::read_to_string(self.folder.path().join(name)).unwrap());
            assert!(bad.is_empty(), "{bad:?}");
            lines
        }

        /// Ends it; gives the samples and the edits on the clock that is read back from the disk.
        fn end(mut self) -> (Vec<i16>, Vec<Millis>, Vec<Event>) {
            self.now += 100 * MS;
            let recorder = std::mem::replace(
                &mut self.recorder,
                Recorder::begin(
                    tempfile::tempdir().unwrap().path(),
                    Format { rate: RATE, channels: 1 },
                    false,
                    0,
                )
                .unwrap(),
            );
            recorder.finish(self.now).unwrap();
            let parts = (0..).map(|part| self.folder.path().join(format!("audio/{part:03}.wav")));
            let samples = parts
                .map_while(|part| hound::WavReader::open(part).ok())
                .take_while(|part| part.spec().sample_rate == RATE)
                .flat_map(|part| part.into_samples::<i16>().map(Result::unwrap))
                .collect();
            let clock = Clock::new(&self.lines::<Anchor>("clock.jsonl"));
            let edits = self.lines::<Edit>("edits.jsonl");
            let at =
                edits.iter().map(|edit| clock.session_time(edit.monotonic_ns.unwrap()).unwrap()).collect();
            (samples, at, self.lines("events.jsonl"))
        }
    }

    fn near(at: Millis, wanted_ms: i64) {
        assert!((at.0 - wanted_ms).abs() <= 50, "{at:?} is not {wanted_ms} ms");
    }

    #[test]
    fn an_hour_on_a_drifting_card_is_right_to_50_ms() {
        let mut fake = Fake::new();
        fake.sound(1_800.0, 0.1, 1.0003);
        fake.edit();
        fake.sound(1_800.0, 0.1, 1.0003);
        fake.edit();
        let (samples, at, events) = fake.end();
        // The edits lie at the audio that was heard when they were made, not at the time of a watch.
        near(at[0], 1_800_000);
        near(at[1], 3_600_000);
        assert_eq!(samples.len(), 3_600 * RATE as usize);
        assert!(events.is_empty(), "{events:?}");
    }

    #[test]
    fn lost_sound_is_filled_and_said() {
        let mut fake = Fake::new();
        fake.sound(10.0, 0.1, 1.0);
        fake.now += 2_600 * MS;
        fake.sound(10.0, 0.2, 1.0);
        fake.edit();
        let (samples, at, events) = fake.end();
        near(at[0], 22_600);
        assert_eq!(samples.len(), (22.6 * f64::from(RATE)) as usize);
        let value_at = |seconds: f64| f32::from(samples[(seconds * f64::from(RATE)) as usize]) / 32767.0;
        assert!(
            (value_at(9.99) - 0.1).abs() < 0.01
                && value_at(11.0) == 0.0
                && (value_at(12.61) - 0.2).abs() < 0.01
        );
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].kind, EventKind::LostAudio { seconds: 2.6 });
        near(events[0].at, 10_000);
    }

    #[test]
    fn a_source_that_stops_is_told_and_its_time_kept() {
        let mut fake = Fake::new();
        fake.sound(5.0, 0.1, 1.0);
        fake.silence(1.0);
        assert_eq!(fake.recorder.trouble(), None);
        fake.silence(1.0);
        assert!(fake.recorder.trouble().unwrap().contains("no sound comes"));
        fake.silence(8.0);
        fake.sound(5.0, 0.1, 1.0);
        assert_eq!(fake.recorder.trouble(), None);
        fake.silence(20.0);
        let (samples, _, events) = fake.end();
        // The last 20 s were lost as well: they are there as silence.
        assert!((samples.len() as f64 / f64::from(RATE) - 40.1).abs() < 0.1, "{}", samples.len());
        let kinds: Vec<String> = events
            .iter()
            .map(|event| serde_json::to_value(event).unwrap()["kind"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(kinds, ["device_lost", "device_back", "lost_audio", "device_lost", "lost_audio"]);
    }

    #[test]
    fn what_is_held_is_not_in_the_session() {
        let mut fake = Fake::new();
        fake.sound(10.0, 0.1, 1.0);
        fake.recorder.hold(true).unwrap();
        fake.sound(30.0, 0.9, 1.0);
        fake.edit();
        fake.sound(30.0, 0.9, 1.0);
        fake.recorder.hold(false).unwrap();
        fake.sound(10.0, 0.2, 1.0);
        fake.edit();
        let (samples, at, events) = fake.end();
        assert_eq!(samples.len(), 20 * RATE as usize);
        assert!(samples.iter().all(|&sample| sample < 20_000));
        near(at[0], 10_000);
        near(at[1], 20_000);
        assert_eq!(
            events.iter().map(|event| event.kind.clone()).collect::<Vec<_>>(),
            [EventKind::Pause, EventKind::Resume]
        );
    }

    #[test]
    fn a_card_of_another_rate_goes_on_in_a_new_part() {
        let mut fake = Fake::new();
        fake.sound(10.0, 0.1, 1.0);
        fake.recorder.reopened(Format { rate: 16_000, channels: 1 }, "another").unwrap();
        for _ in 0..500 {
            fake.recorder.sound(Block { capture_ns: fake.now, frames: 320 }, &[0.1; 320]).unwrap();
            fake.now += 20 * MS;
        }
        fake.edit();
        let second = fake.folder.path().join("audio/001.wav");
        fake.recorder.settle(true).unwrap();
        fake.recorder.sync().unwrap();
        assert_eq!(hound::WavReader::open(second).unwrap().duration(), 160_000);
        let (samples, at, _) = fake.end();
        assert_eq!(samples.len(), 10 * RATE as usize);
        near(at[0], 20_000);
    }
}
