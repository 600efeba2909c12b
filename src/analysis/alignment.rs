//! Which words belong to which edits.
//!
//! ```text
//! window      [start - 20 s ........ episode ........ end + 10 s)
//! relation     before ------------->|<--- during --->|<- after ->
//! ```

use serde::Serialize;

use crate::session::time::covered;
use crate::session::{Episode, Millis, Span, Timeline, Utterance};

const BEFORE: Millis = Millis(20_000);
const AFTER: Millis = Millis(10_000);

/// Labels that say what the code is for, or why.
const EXPLAINS: [&str; 2] = ["intent", "tradeoff"];
/// Labels that speak of the code at all.
const RELATES: [&str; 3] = ["intent", "tradeoff", "syntax"];

/// The candidate's utterances that start in an episode's window, as positions in the timeline.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Alignment {
    pub before: Vec<usize>,
    pub during: Vec<usize>,
    pub after: Vec<usize>,
    /// The first utterance in the window that explains the episode.
    pub explained_by: Option<usize>,
    /// One that explains it starts before the first keystroke.
    pub explained_before: bool,
    /// The candidate did not speak in the whole window.
    pub silent: bool,
    /// From the first related utterance to the first keystroke; negative when it came after.
    pub lead: Option<Millis>,
}

pub fn window(episode: &Episode) -> Span {
    Span::new(episode.span.start - BEFORE, episode.span.end + AFTER)
}

/// One alignment an episode, in order.
pub fn align(timeline: &Timeline) -> Vec<Alignment> {
    timeline.episodes.iter().map(|episode| align_one(timeline, episode)).collect()
}

fn align_one(timeline: &Timeline, episode: &Episode) -> Alignment {
    let window = window(episode);
    let mut alignment = Alignment::default();
    let said = &timeline.utterances;
    let first = said.partition_point(|utterance| utterance.span.start < window.start);
    let has_any = |utterance: &Utterance, labels: &[&str]| labels.iter().any(|label| utterance.has(label));
    for (index, utterance) in said.iter().enumerate().skip(first) {
        let start = utterance.span.start;
        if start >= window.end {
            break;
        }
        if !utterance.is_candidate() {
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
        if has_any(utterance, &EXPLAINS) {
            alignment.explained_by.get_or_insert(index);
            alignment.explained_before |= start < episode.span.start;
        }
        if has_any(utterance, &RELATES) {
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
    use crate::session::{Cause, LabelHit, Role};

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
        Episode { span: Span::from_seconds(start, end), added: 5, cause: Cause::Typing, ..Episode::default() }
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
        let found = align(&timeline);
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
}
