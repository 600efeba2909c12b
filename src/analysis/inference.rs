//! Stages that nobody marked, from what was done: questions, then code, then tests, then costs.
//!
//! ```text
//! clarify            skeleton                  iterate              optimize
//! |-- questions -----|-- first real edit ------|-- first run/test --|-- works; costs, scale, follow-ups --|
//! ```

use crate::analysis::alignment;
use crate::analysis::episodes::is_code;
use crate::analysis::stages::Planned;
use crate::session::{Episode, Millis, Span, Stage, StageSource, Timeline, Utterance};

/// Fewer changed lines than this are no beginning of the work.
pub const SUBSTANTIAL: usize = 3;
/// A test belongs to iterating from this share of all changed lines on.
const BUILT: f64 = 0.5;
/// A run may come earlier: it shows that there is something to run.
const RUNNABLE: f64 = 0.3;
/// The stages of which the four are told, where no plan names them.
const NAMES: [&str; 4] = ["clarify", "skeleton", "iterate", "optimize"];
/// Talk of what is beyond working code.
const BEYOND: [&str; 3] = ["complexity", "scaling", "concurrency"];

/// Whether code was changed by hand.
fn is_coding(episode: &Episode) -> bool {
    episode.lines() > 0 && episode.files.iter().any(|path| is_code(path))
}

/// From shortly before the first work to shortly after the last edit: while code was in the making. What else was edited
/// meanwhile changes nothing.
pub fn coding(timeline: &Timeline) -> Option<Span> {
    let first = first_work(timeline)?;
    let last = timeline.episodes.iter().rfind(|episode| is_coding(episode))?;
    Some(Span::new(alignment::window(first).start, alignment::window(last).end))
}

/// The first edit by hand that is work: code, not set-up, and not a visit.
pub fn first_work(timeline: &Timeline) -> Option<&Episode> {
    let first_word = timeline.utterances.iter().find(|said| said.is_candidate()).map(|said| said.span.start);
    // A starter file that appears before anything was said is no coding.
    let is_set_up = |episode: &Episode| episode.creates_only && Some(episode.span.start) < first_word;
    let is_work =
        |episode: &&Episode| is_coding(episode) && episode.lines() >= SUBSTANTIAL && !is_set_up(episode);
    timeline.episodes.iter().find(is_work)
}

/// Four stages in terms of `plan`, each with its confidence; none where the plan is of another kind, where stages can
/// only be marked, or where no work on code is known.
pub fn infer(timeline: &Timeline, plan: &[Planned]) -> Vec<Stage> {
    let Some(names) = names(plan) else { return Vec::new() };
    let Some(work) = first_work(timeline) else { return Vec::new() };
    let coding = Border { at: work.span.start, confidence: asked_before(timeline, work.span.start) };
    let mut borders = vec![Border { at: timeline.active.start, confidence: 1.0 }, coding];
    if let Some(checking) = checking(timeline, coding.at) {
        borders.push(checking);
        borders.extend(beyond(timeline, checking.at));
    }
    let ends = borders[1..].iter().copied().chain([Border { at: timeline.active.end, confidence: 1.0 }]);
    let stages = borders.iter().zip(ends).zip(names);
    stages
        .map(|((start, end), stage)| Stage {
            span: Span::new(start.at, end.at),
            stage,
            from: StageSource::Inferred,
            confidence: start.confidence.min(end.confidence),
        })
        .collect()
}

#[derive(Clone, Copy)]
struct Border {
    at: Millis,
    confidence: f64,
}

/// The plan's own names from `clarify` on. A plan whose stages only a mark can tell apart has none.
fn names(plan: &[Planned]) -> Option<Vec<String>> {
    if plan.is_empty() {
        return Some(NAMES.map(str::to_owned).into());
    }
    let at = plan.windows(2).position(|pair| pair[0].stage == NAMES[0] && pair[1].stage == NAMES[1])?;
    Some(plan[at..].iter().take(NAMES.len()).map(|planned| planned.stage.clone()).collect())
}

/// The more of the questions and restatements lie before the first work, the surer it is that they were a stage.
fn asked_before(timeline: &Timeline, at: Millis) -> f64 {
    let asks = |said: &&Utterance| said.is_candidate() && (said.has("clarifying") || said.has("restatement"));
    let all: Vec<&Utterance> = timeline.utterances.iter().filter(asks).collect();
    if all.is_empty() {
        return 0.6;
    }
    let before = all.iter().filter(|said| said.span.start < at).count();
    0.5 + 0.4 * before as f64 / all.len() as f64
}

/// When the code was first tried: a run, or a test told once half of it stood.
fn checking(timeline: &Timeline, coding: Millis) -> Option<Border> {
    let built = |share: f64| {
        let all: usize = timeline.episodes.iter().map(Episode::lines).sum();
        let mut lines = 0;
        timeline.episodes.iter().find_map(|episode| {
            lines += episode.lines();
            (lines as f64 >= share * all as f64 && episode.span.start >= coding).then_some(episode.span.end)
        })
    };
    let runnable = built(RUNNABLE)?;
    let run = timeline.runs.iter().map(|run| run.span.start).find(|&at| at > coding && at >= runnable);
    let half = built(BUILT)?;
    let tests = |said: &&Utterance| said.is_candidate() && said.has("testing") && said.span.start >= half;
    let test = timeline.utterances.iter().find(tests).map(|said| said.span.start);
    match (run, test) {
        (Some(run), Some(test)) if run <= test => Some(Border { at: run, confidence: 0.9 }),
        (_, Some(test)) => Some(Border { at: test, confidence: 0.7 }),
        (Some(run), None) => Some(Border { at: run, confidence: 0.8 }),
        (None, None) => None,
    }
}

/// When the talk turned from working code to what is beyond it: costs, scale, what more is asked.
fn beyond(timeline: &Timeline, checking: Millis) -> Option<Border> {
    let green = timeline.runs.iter().find(|run| run.passed() && run.span.start >= checking);
    let (from, confidence) = match green {
        Some(run) => (run.span.end, 0.7),
        None if timeline.runs.is_empty() => (checking, 0.5),
        // It never worked: there was nothing to go beyond.
        None => return None,
    };
    let turns = |said: &&Utterance| {
        said.span.start > from
            && if said.is_candidate() {
                BEYOND.iter().any(|label| said.has(label))
            } else {
                said.has("followup")
            }
    };
    let first = timeline.utterances.iter().find(turns)?;
    Some(Border { at: first.span.start, confidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, LabelHit, Role, Run};

    fn said(at: f64, speaker: Role, label: &str) -> Utterance {
        let hit =
            LabelHit { label: label.into(), confidence: 1.0, pattern: String::new(), words: String::new() };
        Utterance {
            span: Span::from_seconds(at, at + 3.0),
            speaker,
            text: "words".into(),
            words: vec![],
            heard: None,
            labels: vec![hit],
            cues: vec![],
        }
    }

    fn typed(start: f64, end: f64, added: usize) -> Episode {
        Episode {
            span: Span::from_seconds(start, end),
            files: vec!["a.py".into()],
            added,
            cause: Cause::Typing,
            ..Episode::default()
        }
    }

    fn session() -> Timeline {
        let run = |at: f64, exit_code| Run {
            span: Span::from_seconds(at, at + 1.0),
            command: "pytest".into(),
            exit_code,
        };
        Timeline {
            duration: Millis::seconds(2400),
            active: Span::from_seconds(0.0, 2400.0),
            utterances: vec![
                said(20.0, Role::Candidate, "restatement"),
                said(60.0, Role::Candidate, "clarifying"),
                said(100.0, Role::Candidate, "complexity"),
                said(400.0, Role::Candidate, "testing"),
                said(1400.0, Role::Candidate, "clarifying"),
                said(1500.0, Role::Candidate, "testing"),
                said(2000.0, Role::Interviewer, "followup"),
            ],
            episodes: vec![
                typed(10.0, 10.0, 1),
                typed(290.0, 500.0, 20),
                typed(700.0, 1450.0, 40),
                typed(1700.0, 1800.0, 5),
            ],
            runs: vec![run(300.0, 1), run(1480.0, 1), run(1850.0, 0)],
            ..Timeline::default()
        }
    }

    fn planned(names: &[&str]) -> Vec<Planned> {
        names.iter().map(|name| Planned { stage: name.to_string(), minutes: 5.0 }).collect()
    }

    #[test]
    fn stages_follow_what_was_done() {
        let read: Vec<(String, Span)> =
            infer(&session(), &[]).into_iter().map(|stage| (stage.stage, stage.span)).collect();
        let spans = [(0.0, 290.0), (290.0, 1480.0), (1480.0, 2000.0), (2000.0, 2400.0)];
        let expected: Vec<(String, Span)> = NAMES
            .iter()
            .zip(spans)
            .map(|(name, (start, end))| (name.to_string(), Span::from_seconds(start, end)))
            .collect();
        assert_eq!(read, expected);
        // Two of three questions lie before the code.
        let sure = infer(&session(), &[])[0].confidence;
        assert!((sure - (0.5 + 0.4 * 2.0 / 3.0)).abs() < 1e-9);
    }

    #[test]
    fn the_plan_names_the_stages_or_forbids_telling_them() {
        let names =
            |plan: &[Planned]| infer(&session(), plan).into_iter().map(|s| s.stage).collect::<Vec<_>>();
        assert_eq!(
            names(&planned(&["read", "clarify", "skeleton", "extend", "wrap"])),
            ["clarify", "skeleton", "extend", "wrap"]
        );
        assert!(names(&planned(&["clarify", "level-1", "level-2"])).is_empty());
    }

    #[test]
    fn what_never_worked_is_not_optimised() {
        let mut session = session();
        session.runs.pop();
        assert_eq!(infer(&session, &[]).len(), 3);
        session.episodes.clear();
        assert!(infer(&session, &[]).is_empty());
    }
}
