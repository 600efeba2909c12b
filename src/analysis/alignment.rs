//! Which utterances belong to which edits, and by which words.
//!
//! ```text
//! window      [start - 20 s ........ episode ........ end + 10 s)
//!             and, for a later part of a burst, the 20 s before the burst
//! relation     before ------------->|<--- during --->|<- after ->
//! ```

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::analysis::code::words::split;
use crate::session::time::covered;
use crate::session::{CodeHistory, Episode, Millis, Span, Timeline, Utterance};

const BEFORE: Millis = Millis(20_000);
const AFTER: Millis = Millis(10_000);

/// Labels that say what the code is for, or why.
const EXPLAINS: [&str; 2] = ["intent", "tradeoff"];
/// Labels that speak of the code at all.
const RELATES: [&str; 3] = ["intent", "tradeoff", "syntax"];

/// Names of the code are told from talk of anything by words of at least so many letters.
const TELLING: usize = 3;
/// Words of code that are words of every day, or of every program.
const COMMON: [&str; 44] = [
    "and", "are", "but", "can", "class", "def", "else", "first", "for", "from", "get", "has", "have", "init",
    "int", "let", "list", "new", "none", "not", "now", "null", "one", "out", "pass", "print", "pub",
    "return", "self", "set", "str", "string", "that", "the", "then", "this", "true", "false", "two", "use",
    "var", "was", "while", "with",
];

/// An utterance that names what the edits wrote.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Link {
    /// Position in the timeline.
    pub utterance: usize,
    /// Parts of the code's names that were said.
    pub words: Vec<String>,
}

/// The candidate's utterances that start in an episode's window, as positions in the timeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Alignment {
    pub before: Vec<usize>,
    pub during: Vec<usize>,
    pub after: Vec<usize>,
    /// Utterances in the window that name what was written.
    pub links: Vec<Link>,
    /// The utterance in the window that explains the episode: the first that names what was written, else the first.
    pub explained_by: Option<usize>,
    /// One that explains it starts before the first keystroke.
    pub explained_before: bool,
    /// The candidate did not speak in the whole window.
    pub silent: bool,
    /// From the first related utterance to the first keystroke; negative when it came after.
    pub lead: Option<Millis>,
}

/// What was said before a burst is said of all its parts.
fn lead_in(episode: &Episode) -> Span {
    Span::new(episode.burst - BEFORE, episode.burst)
}

pub fn window(episode: &Episode) -> Span {
    Span::new(episode.span.start - BEFORE, episode.span.end + AFTER)
}

/// One alignment an episode, in order.
pub fn align(timeline: &Timeline, code: &CodeHistory) -> Vec<Alignment> {
    let of = |episode| align_one(timeline, episode, &written(episode, code));
    timeline.episodes.iter().map(of).collect()
}

/// The parts of the names that an episode wrote, or wrote in.
fn written(episode: &Episode, code: &CodeHistory) -> BTreeSet<String> {
    let edits = episode.edits.iter().filter_map(|&index| code.edits.get(index));
    let added = edits.filter(|edit| edit.cause.is_by_hand()).flat_map(|edit| &edit.hunks);
    let lines = added.flat_map(|hunk| &hunk.added).map(String::as_str);
    let names = lines.chain(episode.symbols.iter().map(String::as_str));
    let parts =
        names.flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || c == '_'))).flat_map(split);
    parts.filter(|part| is_telling(part)).map(stem).collect()
}

fn is_telling(part: &str) -> bool {
    part.chars().count() >= TELLING && !part.starts_with(|c: char| c.is_numeric()) && !COMMON.contains(&part)
}

/// One form for one thing and many of it.
fn stem(word: String) -> String {
    match (word.strip_suffix("ies"), word.strip_suffix('s')) {
        (Some(one), _) if one.len() >= TELLING => format!("{one}y"),
        (_, Some(one)) if one.len() >= TELLING && !one.ends_with('s') => one.to_owned(),
        _ => word,
    }
}

fn link(index: usize, utterance: &Utterance, written: &BTreeSet<String>) -> Option<Link> {
    let said =
        utterance.text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '\'')).flat_map(split);
    let mut words: Vec<String> = Vec::new();
    for word in said.map(stem).filter(|word| written.contains(word)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    (!words.is_empty()).then_some(Link { utterance: index, words })
}

fn align_one(timeline: &Timeline, episode: &Episode, written: &BTreeSet<String>) -> Alignment {
    let window = window(episode);
    let mut alignment = Alignment::default();
    let said = &timeline.utterances;
    let lead_in = lead_in(episode);
    let first = said.partition_point(|utterance| utterance.span.start < lead_in.start.min(window.start));
    let has_any = |utterance: &Utterance, labels: &[&str]| labels.iter().any(|label| utterance.has(label));
    for (index, utterance) in said.iter().enumerate().skip(first) {
        let start = utterance.span.start;
        if start >= window.end {
            break;
        }
        if !utterance.is_candidate() || !(window.contains(start) || lead_in.contains(start)) {
            continue;
        }
        let relation = if start < episode.span.start {
            &mut alignment.before
        } else if start <= episode.span.end {
            &mut alignment.during
        } else {
            &mut alignment.after
        };
        relation.push(index);
        let link = link(index, utterance, written);
        if has_any(utterance, &EXPLAINS) {
            let named = |at: usize| alignment.links.iter().any(|link| link.utterance == at);
            if alignment.explained_by.is_none_or(|by| link.is_some() && !named(by)) {
                alignment.explained_by = Some(index);
            }
            alignment.explained_before |= start < episode.span.start;
        }
        alignment.links.extend(link);
        if has_any(utterance, &RELATES) && window.contains(start) {
            alignment.lead.get_or_insert(episode.span.start - start);
        }
    }
    alignment.silent = covered(&timeline.candidate_speech, window) == Millis::ZERO
        && !said.iter().any(|utterance| utterance.is_candidate() && utterance.span.overlaps(window));
    alignment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, Edit, EditKind, Hunk, LabelHit, Role};

    fn said(start: f64, label: &str) -> Utterance {
        Utterance {
            span: Span::from_seconds(start, start + 2.0),
            speaker: Role::Candidate,
            text: label.into(),
            words: vec![],
            heard: None,
            labels: vec![LabelHit {
                label: label.into(),
                confidence: 1.0,
                pattern: String::new(),
                words: String::new(),
            }],
            cues: vec![],
        }
    }

    fn episode(start: f64, end: f64) -> Episode {
        Episode {
            span: Span::from_seconds(start, end),
            burst: Millis::from_seconds(start),
            added: 5,
            cause: Cause::Typing,
            ..Episode::default()
        }
    }

    #[test]
    fn relations_and_edges_of_the_window() {
        let timeline = Timeline {
            duration: Millis::seconds(500),
            utterances: vec![
                said(79.9, "intent"),
                said(80.0, "syntax"),
                said(99.9, "intent"),
                said(100.0, "syntax"),
                said(110.0, "syntax"),
                said(119.9, "intent"),
                said(120.0, "intent"),
            ],
            episodes: vec![episode(100.0, 110.0), episode(300.0, 310.0)],
            candidate_speech: vec![Span::from_seconds(79.0, 122.0)],
            ..Timeline::default()
        };
        let found = align(&timeline, &CodeHistory::default());
        assert_eq!(found[0].before, [1, 2]);
        assert_eq!(found[0].during, [3, 4]);
        assert_eq!(found[0].after, [5]);
        assert_eq!(found[0].explained_by, Some(2));
        assert!(found[0].explained_before);
        assert_eq!(found[0].lead, Some(Millis(20_000)));
        assert!(!found[0].silent);
        assert!(found[1].silent);
        assert_eq!(found[1].explained_by, None);
        assert_eq!(found[1].lead, None);
    }

    #[test]
    fn an_utterance_that_names_what_is_written_is_linked_and_explains_it_best() {
        let mut first = said(95.0, "intent");
        first.text = "the next step is the interesting one".into();
        let mut second = said(102.0, "intent");
        second.text = "then we evict expired entries, so that the map stays small".into();
        let hunk = Hunk { line: 1, removed: vec![], added: vec!["    for entry in self.entry_map:".into()] };
        let edit = Edit {
            at: Millis::seconds(105),
            monotonic_ns: None,
            path: "a.py".into(),
            kind: EditKind::Modify,
            from: None,
            cause: Cause::Typing,
            hunks: vec![hunk],
            hash: String::new(),
        };
        let code = CodeHistory { snapshots: Default::default(), edits: vec![edit] };
        let episode =
            Episode { edits: vec![0], symbols: vec!["evictExpired".into()], ..episode(100.0, 110.0) };
        let timeline =
            Timeline { utterances: vec![first, second], episodes: vec![episode], ..Timeline::default() };
        let found = &align(&timeline, &code)[0];
        assert_eq!(found.links.len(), 1);
        assert_eq!(found.links[0].words, ["evict", "expired", "entry", "map"]);
        assert_eq!(found.explained_by, Some(1));
        assert!(found.explained_before);
    }
}
