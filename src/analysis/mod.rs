//! From words, speech and edits to one timeline and its measures. Pure: data in, data out.

pub mod active;
pub mod acts;
pub mod alignment;
pub mod channels;
pub mod clarify;
pub mod code;
pub mod coding;
pub mod delivery;
pub mod diarise;
pub mod dictation;
pub mod discussed;
pub mod edits;
pub mod episodes;
pub mod flow;
pub mod fluency;
pub mod followups;
pub mod inference;
pub mod metric;
pub mod moments;
pub mod narration;
pub mod pace;
pub mod pauses;
pub mod phrases;
pub mod seen;
pub mod speech;
#[cfg(test)]
pub mod spoken;
pub mod stages;
pub mod statistics;
pub mod tradeoffs;
pub mod trend;
pub mod utterances;
pub mod verify;
pub mod working;

pub use alignment::Alignment;
pub use metric::{Evidence, Metric, Reading};
pub use stages::Planned;

use crate::session::time::union;
use crate::session::{
    CodeHistory, Event, EventKind, Millis, Role, Span, Timeline, Turn, Utterance, Word, turn,
};

/// Every metric, as in `docs/metrics.md`, but for those of stages.
pub const METRICS: &[&str] = &[
    "silence.gaps_over_60s",
    "silence.longest",
    "silence.announced",
    "silence.while_typing",
    "silence.while_typing_share",
    "talk.ratio",
    "talk.interviewer",
    "talk.monologue_longest",
    "pause.count",
    "pause.mean",
    "phonation.ratio",
    "run.mean_length",
    "narration.intent_share",
    "narration.syntax_runs",
    "tradeoff.count",
    "tradeoff.complete",
    "tradeoff.complete_early",
    "tradeoff.rejected_options",
    "tradeoff.with_complexity",
    "tradeoff.decisions",
    "tradeoff.per_decision",
    "clarify.questions",
    "clarify.topics",
    "clarify.restated",
    "clarify.edge_cases_named",
    "complexity.stated",
    "complexity.unprompted",
    "complexity.time_and_space",
    "testing.walked",
    "testing.strategy",
    "testing.before_done",
    "edge_cases.count",
    "edits.explained",
    "edits.explained_before",
    "edits.silent",
    "edits.lead",
    "edits.spoken_code",
    "code.before_plan",
    "silence.coding_stretch",
    "silence.then_block",
    "prompts.to_speak",
    "errors.discussed",
    "concurrency.discussed",
    "scaling.discussed",
    "abstractions.discussed",
    "production.discussed",
    "extensibility.discussed",
    "advanced.named",
    "library.named",
    "code.abstractions",
    "code.errors",
    "code.logging",
    "code.tests",
    "code.concurrency",
    "code.library",
    "code.advanced",
    "code.early_scale",
    "pace.speech_rate",
    "pace.articulation",
    "fillers.per_100_words",
    "fillers.per_minute",
    "hedges.per_100_words",
    "approval_seeking.count",
    "phrases.repeated",
    "stages.kept",
    "runs.first_green_at",
    "working.at",
    "working.by_25",
    "working.untriaged",
    "followup.rungs",
    "extend.rewritten",
];
/// Why what rests on labels was not measured.
pub const NO_LABELS: &str = "there are no label files for this language";
/// Why what rests on cues was not measured.
pub const NO_CUES: &str = "there are no cue files for this language";
/// Words closer than this are one stretch of speech when there is no audio to hear it in.
const WORDS_JOIN: Millis = Millis(300);

/// What was recorded, before any judgement.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// Length of the audio; of no account where there is none.
    pub duration: Millis,
    /// Who speaks when, as heard in the audio; `None` when there is only a transcript.
    pub turns: Option<Vec<Turn>>,
    pub words: Vec<Word>,
    pub code: CodeHistory,
    pub events: Vec<Event>,
    /// The stages that were planned; empty where there was no plan.
    pub plan: Vec<Planned>,
}

/// What there are rubric files for, in the language that is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub labels: bool,
    pub cues: bool,
}

/// A labelled timeline and everything measured on it.
#[derive(Clone, Debug)]
pub struct Analysis {
    pub timeline: Timeline,
    pub alignments: Vec<Alignment>,
    pub metrics: Vec<Metric>,
}

/// Puts everything on one line and measures it. `utterances` are those of the material's words, with their labels
/// and cues; `tables` tell what is seen in code.
pub fn analyse(
    material: Material,
    utterances: Vec<Utterance>,
    known: Known,
    tables: &[code::Table],
) -> Analysis {
    let Material { duration, turns, words, code, events, plan } = material;
    let heard = turns.is_some();
    let duration = if heard { duration } else { duration.max(last_moment(&words, &code, &events)) };
    let turns = turns.unwrap_or_default();
    let speech = if heard { turn::anyone(&turns) } else { speech_of(&words) };
    let is_other = |turn: &Turn| turn.speaker != Role::Candidate;
    let told_apart = turns.iter().any(is_other).then(|| turn::confidence(&turns));
    let [candidate_speech, interviewer_speech] = [Role::Candidate, Role::Interviewer].map(|role| {
        if told_apart.is_some() {
            turn::of(&turns, role)
        } else if role == Role::Candidate && utterances.iter().all(Utterance::is_candidate) {
            speech.clone()
        } else {
            union(utterances.iter().filter(|said| said.speaker == role).map(|said| said.span).collect())
        }
    });
    let active = active::span(duration, heard, &speech, &code.edits, &events);
    let excluded = active::excluded(duration, &events);
    let thinking: Vec<Millis> =
        events.iter().filter(|event| event.kind == EventKind::Thinking).map(|event| event.at).collect();
    let gaps = pauses::find(&speech, active, &excluded);
    let mut timeline = Timeline {
        duration,
        active,
        pauses: pauses::describe(gaps, &utterances, &code.edits, &thinking),
        episodes: episodes::group(&code),
        stages: stages::from_marks(&events, active),
        runs: stages::runs(&events),
        notes: events.iter().filter_map(note).collect(),
        speech,
        candidate_speech,
        interviewer_speech,
        told_apart,
        utterances,
        excluded,
        labelled: known.labels,
        cued: known.cues,
        heard,
    };
    if timeline.stages.is_empty() {
        timeline.stages = inference::infer(&timeline, &plan);
    }
    let alignments = alignment::align(&timeline, &code);
    let metrics = measure(&timeline, &alignments, &code, tables, &plan);
    Analysis { timeline, alignments, metrics }
}

/// The last sign of life that is known: without audio nothing else says how long the session was.
fn last_moment(words: &[Word], code: &CodeHistory, events: &[Event]) -> Millis {
    let words = words.iter().map(|word| word.span.end);
    let edits = code.edits.iter().map(|edit| edit.at);
    let events = events.iter().filter_map(active::sign_of_life);
    words.chain(edits).chain(events).max().unwrap_or_default()
}

fn speech_of(words: &[Word]) -> Vec<Span> {
    let padded = words.iter().map(|word| Span::new(word.span.start, word.span.end + WORDS_JOIN)).collect();
    union(padded).into_iter().map(|span| Span::new(span.start, span.end - WORDS_JOIN)).collect()
}

fn note(event: &Event) -> Option<(Millis, String)> {
    match &event.kind {
        EventKind::Note { text } => Some((event.at, text.clone())),
        _ => None,
    }
}

/// Every measure of a labelled timeline, in the order of `docs/metrics.md`.
pub fn measure(
    timeline: &Timeline,
    alignments: &[Alignment],
    code: &CodeHistory,
    tables: &[code::Table],
    plan: &[Planned],
) -> Vec<Metric> {
    let mut metrics = flow::measure(timeline);
    metrics.extend(fluency::measure(timeline));
    metrics.extend(narration::measure(timeline));
    metrics.extend(tradeoffs::measure(timeline, &seen::types(timeline, code)));
    metrics.extend(clarify::measure(timeline));
    metrics.extend(verify::measure(timeline));
    metrics.extend(edits::measure(timeline, alignments));
    metrics.push(dictation::measure(timeline, code));
    metrics.extend(coding::measure(timeline));
    metrics.extend(discussed::measure(timeline));
    metrics.extend(seen::measure(timeline, code, tables));
    metrics.extend(pace::measure(timeline));
    metrics.extend(delivery::measure(timeline));
    metrics.push(phrases::measure(timeline));
    if let Some(sure) = timeline.told_apart {
        metrics = metrics.into_iter().map(|metric| only_as_sure(metric, sure)).collect();
    }
    metrics.extend(stages::measure(timeline, plan));
    metrics.extend(working::measure(timeline));
    metrics.extend(followups::measure(timeline, code));
    metrics
}

/// What counts the candidate alone is no surer than who that is.
fn only_as_sure(metric: Metric, sure: f64) -> Metric {
    const OF_ANYONE: [&str; 6] = [
        "silence.gaps_over_60s",
        "silence.longest",
        "silence.while_typing",
        "silence.while_typing_share",
        "pause.count",
        "pause.mean",
    ];
    if sure >= metric.confidence || OF_ANYONE.contains(&metric.id.as_str()) {
        return metric;
    }
    let note = format!("who speaks is {:.0} % sure", sure * 100.0);
    metric.with_confidence(sure).with_note(note)
}
