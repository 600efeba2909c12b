//! Thinkaloud: how well an engineer narrates a coding interview.
//!
//! ```text
//! audio ─→ decode ─→ 16 kHz ─→ speech regions ─→ pauses
//!                       │            │
//!                       └────────────┴─→ whisper ─→ words ─→ utterances ─→ labels
//! edits ─→ episodes ───────────────────────────────┐                        │
//! runs, marks ─────────────────────────────────────┴──── Timeline ──────────┘
//!                                                            │
//!                                      metrics ─→ scorecard ─→ report
//! ```
//!
//! `session` ← `analysis` ← `rubric` ← `report` are pure; `adapters` know only `session`; `cmd` wires them.

pub mod adapters;
pub mod analysis;
pub mod cli;
pub mod cmd;
pub mod config;
pub mod report;
pub mod rubric;
pub mod session;

use analysis::{Alignment, Metric, active, alignment, episodes, pauses, stages, utterances};
use rubric::Labeller;
use session::{CodeHistory, Event, EventKind, Millis, Span, Timeline, Word};

/// What was recorded, before any judgement.
#[derive(Clone, Debug, Default)]
pub struct Material {
    pub duration: Millis,
    /// Speech regions as heard in the audio; `None` when there is only a transcript.
    pub speech: Option<Vec<Span>>,
    pub words: Vec<Word>,
    pub code: CodeHistory,
    pub events: Vec<Event>,
}

/// A labelled timeline and everything measured on it.
#[derive(Clone, Debug)]
pub struct Analysis {
    pub timeline: Timeline,
    pub alignments: Vec<Alignment>,
    pub metrics: Vec<Metric>,
}

/// Words closer than this are one stretch of speech when there is no audio to hear it in.
const WORDS_JOIN: Millis = Millis(300);

/// The pure part of the pipeline.
pub fn analyse(material: Material, labeller: &Labeller) -> Analysis {
    let Material { duration, speech, words, code, events } = material;
    let heard = speech.is_some();
    let speech = speech.unwrap_or_else(|| speech_of(&words));
    let active = active::span(duration, &speech, &code.edits, &events);
    let excluded = active::excluded(duration, &events);
    let mut utterances = utterances::cut(&words);
    labeller.apply(&mut utterances);
    let thinking: Vec<Millis> =
        events.iter().filter(|event| event.kind == EventKind::Thinking).map(|event| event.at).collect();
    let gaps = pauses::find(&speech, active, &excluded);
    let pauses = pauses::describe(gaps, &utterances, &code.edits, &thinking);
    let timeline = Timeline {
        duration,
        active,
        pauses,
        episodes: episodes::group(&code),
        stages: stages::from_marks(&events, active),
        runs: stages::runs(&events),
        notes: events.iter().filter_map(note).collect(),
        speech,
        utterances,
        excluded,
        heard,
    };
    let alignments = alignment::align(&timeline);
    let metrics = analysis::measure(&timeline, &alignments);
    Analysis { timeline, alignments, metrics }
}

fn speech_of(words: &[Word]) -> Vec<Span> {
    let padded = words.iter().map(|word| Span::new(word.span.start, word.span.end + WORDS_JOIN)).collect();
    let joined = session::time::union(padded);
    joined.into_iter().map(|span| Span::new(span.start, span.end - WORDS_JOIN)).collect()
}

fn note(event: &Event) -> Option<(Millis, String)> {
    match &event.kind {
        EventKind::Note { text } => Some((event.at, text.clone())),
        _ => None,
    }
}
