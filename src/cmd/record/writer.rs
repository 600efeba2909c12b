//! The thread that writes: sound, edits and marks into the session, whatever the screen does.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::state::LiveState;
use crate::adapters::clock::monotonic_ns;
use crate::adapters::files;
use crate::adapters::microphone::Intake;
use crate::adapters::microphone::keeper::{StreamKeeper, StreamNews};
use crate::adapters::recorder::Recorder;
use crate::adapters::watch::Seen;
use crate::session::{Event, EventKind, Millis, jsonl};

/// How often sound is fetched.
const STEP: Duration = Duration::from_millis(20);
/// So long without speech shows the one line.
const NUDGE: Millis = Millis(45_000);
/// Steps between looks at the folder: one a second.
const LOOK: u32 = 50;

/// What the screen asks of the writer.
pub enum Order {
    Hold(bool),
    Mark(EventKind),
    Stop,
}

/// How a recording ended.
pub struct Ended {
    pub length: Millis,
    pub edits: usize,
    /// What ended it against the person's will.
    pub error: Option<io::Error>,
}

pub struct Writer {
    pub recorder: Recorder,
    pub intake: Intake,
    pub keeper: StreamKeeper,
    pub edits: Option<Receiver<Seen>>,
    pub orders: Receiver<Order>,
    pub live: Arc<Mutex<LiveState>>,
    pub nudges: bool,
    /// A device that went away, until another is opened.
    pub gone: Option<String>,
    /// The text of session.json.
    pub manifest: String,
}

impl Writer {
    /// Runs until it is told to stop, or nothing can be written any more. What was written stays valid.
    pub fn run(mut self, ended: &Sender<Ended>) {
        let mut count = 0;
        let error = self.work(&mut count).err();
        let length = self.recorder.elapsed();
        let finished = self.recorder.finish(monotonic_ns());
        let error = error
            .or_else(|| finished.as_ref().err().map(|error| io::Error::new(error.kind(), error.to_string())));
        let _ = ended.send(Ended { length: finished.unwrap_or(length), edits: count, error });
    }

    fn work(&mut self, count: &mut usize) -> io::Result<()> {
        let mut samples = Vec::new();
        let mut trouble: Option<String> = None;
        let mut last_edit = None;
        let mut marks = Marks::new(self.recorder.folder());
        let mut nudged = false;
        for step in 1_u32.. {
            self.take_sound(&mut samples)?;
            if self.recorder.tick(monotonic_ns())? || self.intake.has_failed() {
                self.keeper.reopen();
            }
            let overrun = self.intake.overrun();
            if overrun > 0 {
                let rate = f64::from(self.intake.format.rate.max(1));
                let seconds = overrun as f64 / rate;
                trouble = Some(format!(
                    "this machine was too busy to keep up: {seconds:.1} s of sound were dropped"
                ));
            }
            self.follow_stream(&mut trouble)?;
            while let Some(seen) = self.edits.as_ref().and_then(|edits| edits.try_recv().ok()) {
                match seen {
                    Seen::Edit(edit) => {
                        let at = edit
                            .monotonic_ns
                            .map_or(self.recorder.elapsed(), |at| self.recorder.session_time(at));
                        *count += usize::from(edit.cause.is_by_hand());
                        last_edit = Some((at, edit.path.clone()));
                        self.recorder.edit(edit)?;
                    }
                    Seen::Trouble(text) => trouble = Some(text),
                }
            }
            loop {
                match self.orders.try_recv() {
                    Ok(Order::Hold(hold)) => self.recorder.hold(hold)?,
                    Ok(Order::Mark(kind)) => self.recorder.mark(monotonic_ns(), kind)?,
                    Ok(Order::Stop) | Err(TryRecvError::Disconnected) => return Ok(()),
                    Err(TryRecvError::Empty) => break,
                }
            }
            let nudge = self.nudges && !self.recorder.is_held() && self.recorder.since_speech() > NUDGE;
            if nudge && !std::mem::replace(&mut nudged, nudge) {
                self.recorder.mark(monotonic_ns(), EventKind::Nudge { text: "keep talking".into() })?;
            }
            nudged = nudge;
            if step % LOOK == 0 {
                marks.look();
                self.guard_folder()?;
            }
            if let Ok(mut live) = self.live.lock() {
                live.elapsed = self.recorder.elapsed();
                live.level = self.recorder.level();
                live.since_speech = self.recorder.since_speech();
                live.held = self.recorder.is_held();
                live.edits = *count;
                live.last_edit.clone_from(&last_edit);
                live.stage.clone_from(&marks.stage);
                let troubles = [trouble.as_deref(), self.recorder.trouble()];
                let troubles = troubles.into_iter().flatten().collect::<Vec<_>>().join("; ");
                live.trouble = (!troubles.is_empty()).then_some(troubles);
                live.nudge = nudge;
            }
            std::thread::sleep(STEP);
        }
        Ok(())
    }

    /// The folder may have been removed: what follows would be written to nowhere.
    fn guard_folder(&mut self) -> io::Result<()> {
        let path = self.recorder.folder().join("session.json");
        if path.exists() {
            return Ok(());
        }
        self.recorder.rescue()?;
        files::write(&path, self.manifest.as_bytes()).map_err(io::Error::other)?;
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            "the session's folder was removed; its open files were put back",
        ))
    }

    fn take_sound(&mut self, samples: &mut Vec<f32>) -> io::Result<()> {
        while let Some(block) = self.intake.pop(samples) {
            self.recorder.sound(block, samples)?;
        }
        Ok(())
    }

    /// Goes over to a stream that was opened anew.
    fn follow_stream(&mut self, trouble: &mut Option<String>) -> io::Result<()> {
        while let Ok(news) = self.keeper.news.try_recv() {
            match news {
                StreamNews::Opened { intake, name } => {
                    self.recorder.reopened(intake.format, &name)?;
                    self.intake = intake;
                    *trouble = self.gone.take().filter(|gone| *gone != name).map(|gone| {
                        format!("the microphone {gone} is gone: the sound comes from {name} now")
                    });
                }
                StreamNews::Gone(name) => {
                    self.take_sound(&mut Vec::new())?;
                    self.recorder.lose(&format!("{name} is gone"))?;
                    *trouble = Some(format!("the microphone {name} is gone; trying to open another"));
                    self.gone = Some(name);
                }
                StreamNews::Failed(error) => *trouble = Some(error.to_string()),
            }
        }
        Ok(())
    }
}

/// Marks that any process has written to the session.
struct Marks {
    path: PathBuf,
    read: usize,
    stage: Option<(String, Millis)>,
}

impl Marks {
    fn new(folder: &Path) -> Self {
        Self { path: folder.join("events.jsonl"), read: 0, stage: None }
    }

    fn look(&mut self) {
        let Ok(text) = files::read_text(&self.path) else { return };
        let Some(new) = text.get(self.read..) else { return };
        // A line that is being written is left for the next time.
        let whole = new.rfind('\n').map_or(0, |end| end + 1);
        for event in jsonl::parse::<Event>(&new[..whole]).0 {
            if let EventKind::Stage { stage } = event.kind {
                self.stage = Some((stage, event.at));
            }
        }
        self.read += whole;
    }
}
