//! The recording in plain lines: what changes, and once a minute how it stands.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use super::super::state::{LiveState, Wish};
use super::View;
use super::fit::printable;
use super::words::{HELD, NUDGE, StageClock, edits, last_word};
use crate::session::Millis;

const STATUS_EVERY: Millis = Millis::seconds(60);

/// Writes lines, each led by the session time.
pub struct Plain<W> {
    out: W,
    shown: LiveState,
}

impl<W: Write> Plain<W> {
    pub fn new(title: &str, mut out: W) -> Self {
        // Whether anybody reads the lines must not decide whether the recording goes on.
        let _ =
            out.write_all(format!("Recording {}. Ctrl-C stops and saves.\n", printable(title)).as_bytes());
        Self { out, shown: LiveState::default() }
    }

    fn news(&self, state: &LiveState) -> Vec<String> {
        let (before, mut news) = (&self.shown, Vec::new());
        if state.stage != before.stage
            && let Some(stage) = StageClock::of(state)
        {
            let planned = stage.planned.map(|time| format!(", {time} planned")).unwrap_or_default();
            news.push(format!("stage {}{planned}", stage.name));
        }
        if state.held != before.held {
            news.push(if state.held { HELD.to_owned() } else { "recording again".to_owned() });
        }
        if state.trouble != before.trouble {
            let trouble = state.trouble.as_deref().map(|trouble| format!("trouble: {}", printable(trouble)));
            news.push(trouble.unwrap_or_else(|| "trouble over".to_owned()));
        }
        if state.nudge && !before.nudge {
            news.push(NUDGE.to_owned());
        }
        if state.elapsed.0 / STATUS_EVERY.0 > before.elapsed.0 / STATUS_EVERY.0 {
            news.push(status(state));
        }
        news
    }
}

fn status(state: &LiveState) -> String {
    let stage = StageClock::of(state).map(|stage| format!("{} {} · ", stage.name, stage.time()));
    let stage = stage.unwrap_or_default();
    format!("{stage}last word {} · {}", last_word(state), edits(state.edits))
}

impl<W: Write> View for Plain<W> {
    fn show(&mut self, state: &LiveState) -> io::Result<()> {
        for line in self.news(state) {
            let _ = self.out.write_all(format!("{:>7}  {line}\n", state.elapsed.clock()).as_bytes());
        }
        self.shown = state.clone();
        Ok(())
    }

    fn wishes(&mut self, wait: Duration) -> io::Result<Vec<Wish>> {
        thread::sleep(wait);
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_and_each_minute_are_said() {
        let mut plain = Plain::new("Rate\x1blimiter", Vec::new());
        let mut state = LiveState { plan: vec![("clarify".to_owned(), 5.0)], ..LiveState::default() };
        let mut at = |seconds: i64, change: &dyn Fn(&mut LiveState)| {
            state.elapsed = Millis::seconds(seconds);
            change(&mut state);
            plain.show(&state).unwrap();
            plain.show(&state).unwrap();
        };
        at(0, &|state| state.stage = Some(("clarify".to_owned(), Millis::ZERO)));
        at(20, &|state| state.held = true);
        at(21, &|state| state.held = false);
        at(30, &|state| state.trouble = Some("the microphone is gone\r".to_owned()));
        at(40, &|state| state.trouble = None);
        at(55, &|state| state.nudge = true);
        at(60, &|state| (state.since_speech, state.edits) = (Millis::seconds(50), 1));
        at(65, &|state| state.nudge = false);
        at(340, &|state| state.since_speech = state.elapsed);
        let expected = "\
Recording Rate\u{fffd}limiter. Ctrl-C stops and saves.
   0:00  stage clarify, 5:00 planned
   0:20  held - not recording
   0:21  recording again
   0:30  trouble: the microphone is gone\u{fffd}
   0:40  trouble over
   0:55  keep talking
   1:00  clarify 1:00 of 5:00 · last word 0:50 ago · 1 edit
   5:40  clarify 5:40 of 5:00, 0:40 over · last word none yet · 1 edit
";
        assert_eq!(String::from_utf8(plain.out).unwrap(), expected);
    }

    #[test]
    fn a_reader_that_left_stops_nothing() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut plain = Plain::new("", Gone);
        assert!(plain.show(&LiveState { held: true, ..LiveState::default() }).is_ok());
    }
}
