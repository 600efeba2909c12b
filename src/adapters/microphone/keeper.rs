//! Keeps a stream open: opens the source, and opens it again when it fails, with growing pauses.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::{AudioSource, Intake, SourceError};

const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often wishes are looked for.
const STEP: Duration = Duration::from_millis(50);
/// How often the device is looked for.
const LOOK: Duration = Duration::from_secs(2);

/// What happened to the stream.
pub enum StreamNews {
    /// It runs; sound comes from here.
    Opened { intake: Intake, name: String },
    /// The device of this name is gone; sound that still comes is another's. It will be opened anew.
    Gone(String),
    /// It could not be opened; it will be tried again.
    Failed(SourceError),
}

/// A thread of its own, since opening and closing can hang for as long as the sound server does.
pub struct StreamKeeper {
    pub news: Receiver<StreamNews>,
    stop: Arc<AtomicBool>,
    /// Grows by one with each wish for a new stream.
    wanted: Arc<AtomicU64>,
}

impl StreamKeeper {
    pub fn start(source: Box<dyn AudioSource>) -> Self {
        let (out, news) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let wanted = Arc::new(AtomicU64::new(0));
        let (stopped, asked) = (stop.clone(), wanted.clone());
        std::thread::spawn(move || keep(source, &out, &stopped, &asked));
        Self { news, stop, wanted }
    }

    /// The stream is dead: drop it and open a new one.
    pub fn reopen(&self) {
        self.wanted.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for StreamKeeper {
    /// Does not wait: a sound server that hangs must not keep a recording from ending.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn keep(mut source: Box<dyn AudioSource>, out: &Sender<StreamNews>, stop: &AtomicBool, wanted: &AtomicU64) {
    let mut pause = FIRST_PAUSE;
    let wait_while = |go_on: &dyn Fn() -> bool, at_most: Duration| {
        let mut waited = Duration::ZERO;
        while go_on() && waited < at_most && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(STEP);
            waited += STEP;
        }
    };
    while !stop.load(Ordering::Relaxed) {
        let served = wanted.load(Ordering::Relaxed);
        match source.open() {
            Ok((stream, intake)) => {
                if out.send(StreamNews::Opened { intake, name: source.name() }).is_err() {
                    return;
                }
                pause = FIRST_PAUSE;
                let runs = || wanted.load(Ordering::Relaxed) == served && !stop.load(Ordering::Relaxed);
                let mut present = true;
                while present && runs() {
                    wait_while(&runs, LOOK);
                    present = !runs() || source.is_present();
                }
                drop(stream);
                // Said once nothing more can come.
                if !present && out.send(StreamNews::Gone(source.name())).is_err() {
                    return;
                }
            }
            Err(error) => {
                if out.send(StreamNews::Failed(error)).is_err() {
                    return;
                }
            }
        }
        wait_while(&|| true, pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::microphone::{Format, Stream, channel};

    /// Fails at first, then opens.
    struct Shy(usize);

    impl AudioSource for Shy {
        fn open(&mut self) -> Result<(Stream, Intake), SourceError> {
            self.0 += 1;
            if self.0 == 1 {
                return Err(SourceError::NoDevice);
            }
            let (feed, latch, intake) = channel(Format { rate: 8_000, channels: 1 });
            Ok((Box::new((feed, latch)), intake))
        }

        fn name(&self) -> String {
            format!("shy {}", self.0)
        }

        fn is_present(&mut self) -> bool {
            self.0 != 4
        }
    }

    #[test]
    fn it_tries_again_and_opens_anew_when_asked() {
        let keeper = StreamKeeper::start(Box::new(Shy(0)));
        let next = || match keeper.news.recv_timeout(Duration::from_secs(10)).unwrap() {
            StreamNews::Opened { name, .. } => name,
            StreamNews::Gone(name) => format!("{name} is gone"),
            StreamNews::Failed(error) => error.to_string(),
        };
        assert!(next().contains("no microphone was found"));
        assert_eq!(next(), "shy 2");
        keeper.reopen();
        assert_eq!(next(), "shy 3");
        keeper.reopen();
        // This one is unplugged.
        assert_eq!([next(), next(), next()], ["shy 4", "shy 4 is gone", "shy 5"]);
    }
}
