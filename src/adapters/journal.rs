//! What a transcription has heard so far, kept in a file: one that is stopped goes on from there the next time.
//!
//! JSON lines. The first names what is transcribed and how, so that nothing is taken from another recording.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files;
use super::transcriber::Heard;
use crate::session::Millis;

#[derive(Serialize, Deserialize)]
struct Head {
    key: String,
}

/// One stretch of one voice.
#[derive(Serialize, Deserialize)]
struct Line {
    voice: usize,
    /// Where the stretch begins, in seconds.
    at: Millis,
    #[serde(flatten)]
    heard: Heard,
}

/// Without a file, nothing is known and nothing kept.
#[derive(Default)]
pub struct Journal {
    path: Option<PathBuf>,
    file: Option<File>,
    known: BTreeMap<(usize, Millis), Heard>,
    voice: usize,
}

impl Journal {
    /// Reads what an earlier run with the same `key` has heard, and writes on. Where it cannot be written, the
    /// transcription goes on without: [`Journal::is_kept`] tells.
    pub fn open(path: &Path, key: &str) -> Self {
        let text = files::read_text(path).unwrap_or_default();
        let mut lines = text.lines();
        let same = lines
            .next()
            .and_then(|line| serde_json::from_str::<Head>(line).ok())
            .is_some_and(|head| head.key == key);
        // The last line may be cut off by whatever stopped the run.
        let earlier = lines.map_while(|line| serde_json::from_str::<Line>(line).ok()).filter(|_| same);
        let known: BTreeMap<_, _> = earlier.map(|line| ((line.voice, line.at), line.heard)).collect();
        let mut journal = Self { path: Some(path.to_owned()), known, ..Self::default() };
        journal.file = journal.start(path, key);
        journal
    }

    /// The file as it should be, written whole, and open for more.
    fn start(&self, path: &Path, key: &str) -> Option<File> {
        let mut text = line(&Head { key: key.to_owned() })?;
        for ((voice, at), heard) in &self.known {
            text += &line(&Line { voice: *voice, at: *at, heard: heard.clone() })?;
        }
        files::write(path, text.as_bytes()).ok()?;
        OpenOptions::new().append(true).open(path).ok()
    }

    /// From here on it is about this voice.
    pub fn turn_to(&mut self, voice: usize) {
        self.voice = voice;
    }

    /// What was heard in the stretch that begins at `at`.
    pub fn known(&self, at: Millis) -> Option<&Heard> {
        self.known.get(&(self.voice, at))
    }

    pub fn keep(&mut self, at: Millis, heard: &Heard) {
        let Some(file) = &mut self.file else { return };
        let text = line(&Line { voice: self.voice, at, heard: heard.clone() });
        if text.is_none_or(|text| file.write_all(text.as_bytes()).is_err()) {
            self.file = None;
        }
    }

    /// Whether the next run will find what this one heard.
    pub fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// The words are elsewhere now.
    pub fn remove(self) {
        if let Some(path) = &self.path {
            // What stays behind is never read for anything else.
            let _ = std::fs::remove_file(path);
        }
    }
}

fn line(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok().map(|text| text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Role, Span, Word};

    fn heard(text: &str) -> Heard {
        let word = Word {
            span: Span::from_seconds(1.25, 1.5),
            text: text.into(),
            probability: 0.5,
            speaker: Role::Candidate,
            ends_utterance: false,
        };
        Heard { words: vec![word], dropped: Vec::new() }
    }

    #[test]
    fn what_was_heard_is_known_the_next_time_but_only_for_the_same_work() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.partial");
        let mut journal = Journal::open(&path, "a");
        journal.keep(Millis(1_000), &heard("one"));
        journal.turn_to(1);
        journal.keep(Millis(1_000), &heard("two"));
        assert!(journal.is_kept());
        drop(journal);
        // The run was killed while it wrote a line.
        let mut text = std::fs::read_to_string(&path).unwrap();
        text += "{\"voice\":1,\"at\":9.0,\"wor";
        std::fs::write(&path, text).unwrap();

        let mut journal = Journal::open(&path, "a");
        assert_eq!(journal.known(Millis(1_000)), Some(&heard("one")));
        journal.turn_to(1);
        assert_eq!(journal.known(Millis(1_000)), Some(&heard("two")));
        assert_eq!(journal.known(Millis(9_000)), None);
        journal.keep(Millis(9_000), &heard("three"));
        drop(journal);
        let mut journal = Journal::open(&path, "a");
        journal.turn_to(1);
        assert_eq!(journal.known(Millis(9_000)), Some(&heard("three")));

        assert_eq!(Journal::open(&path, "b").known(Millis(1_000)), None);
        Journal::open(&path, "b").remove();
        assert!(!path.exists());
    }

    #[test]
    fn without_a_place_to_write_the_work_goes_on() {
        let mut journal = Journal::open(Path::new("/proc/no/such/place"), "a");
        journal.keep(Millis(0), &heard("one"));
        assert!(!journal.is_kept());
        assert_eq!(journal.known(Millis(0)), None);
    }
}
