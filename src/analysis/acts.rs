//! Acts: neighbouring utterances that do one thing. A trade-off told in three sentences is one trade-off.

use crate::analysis::{Evidence, NO_CUES, NO_LABELS, inference};
use crate::session::{Millis, Span, Timeline, Utterance};

/// Fewer words than this are no session to count labels in.
pub const MIN_WORDS: usize = 100;
pub const TOO_FEW_WORDS: &str = "fewer than 100 words were said";
/// Hits closer than this are one act.
const SAME_ACT: Millis = Millis(10_000);
/// Where no times are known: so many utterances stand for ten seconds.
const UTTERANCES_IN_SAME_ACT: usize = 1;

/// One act, and which utterances of the timeline it was told in.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    pub said: Vec<(usize, &'a Utterance)>,
}

impl<'a> Act<'a> {
    pub fn span(&self) -> Span {
        let start = self.said.first().map_or(Millis::ZERO, |(_, said)| said.span.start);
        Span::new(start, self.said.last().map_or(start, |(_, said)| said.span.end))
    }

    pub fn evidence(&self) -> Evidence {
        let text: Vec<&str> = self.said.iter().map(|(_, said)| said.text.as_str()).collect();
        Evidence::new(self.span(), text.join(" "))
    }

    fn goes_on(&self, index: usize, next: &Utterance) -> bool {
        let Some((last, said)) = self.said.last() else { return false };
        let near = next.is_timed() || index - last <= UTTERANCES_IN_SAME_ACT;
        near && next.span.start - said.span.end < SAME_ACT && !said.text.ends_with('?')
    }
}

/// Neighbouring hits, less than 10 s apart (in a row, where no times are known), as acts. A question ends one. Hits are
/// utterances with their numbers.
pub fn of<'a>(hits: impl IntoIterator<Item = (usize, &'a Utterance)>) -> Vec<Act<'a>> {
    let mut acts: Vec<Act> = Vec::new();
    for (index, said) in hits {
        match acts.last_mut() {
            Some(act) if act.goes_on(index, said) => act.said.push((index, said)),
            _ => acts.push(Act { said: vec![(index, said)] }),
        }
    }
    acts
}

pub fn evidence(acts: &[Act]) -> Vec<Evidence> {
    acts.iter().map(Act::evidence).collect()
}

/// What the candidate said, with numbers among the candidate's utterances, or why labels cannot be counted in it.
pub fn labelled(timeline: &Timeline) -> Result<Vec<(usize, &Utterance)>, &'static str> {
    let said: Vec<(usize, &Utterance)> =
        timeline.utterances.iter().filter(|said| said.is_candidate()).enumerate().collect();
    match timeline.labelled {
        false => Err(NO_LABELS),
        true if words(&said) < MIN_WORDS => Err(TOO_FEW_WORDS),
        true => Ok(said),
    }
}

/// The same for cues.
pub fn cued(timeline: &Timeline) -> Result<Vec<(usize, &Utterance)>, &'static str> {
    let said: Vec<(usize, &Utterance)> =
        timeline.utterances.iter().filter(|said| said.is_candidate()).enumerate().collect();
    match timeline.cued {
        false => Err(NO_CUES),
        true if words(&said) < MIN_WORDS => Err(TOO_FEW_WORDS),
        true => Ok(said),
    }
}

pub fn words(said: &[(usize, &Utterance)]) -> usize {
    said.iter().map(|(_, said)| said.word_count()).sum()
}

/// The acts with a label, of utterances that start in the window.
pub fn with<'a>(said: &[(usize, &'a Utterance)], label: &str, window: Span) -> Vec<Act<'a>> {
    of(said.iter().copied().filter(|(_, said)| said.has(label) && window.contains(said.span.start)))
}

pub fn everything(timeline: &Timeline) -> Span {
    let last = timeline.utterances.iter().map(|said| said.span.start).max().unwrap_or_default();
    Span::new(Millis::ZERO, timeline.duration.max(last) + Millis(1))
}

/// Up to the end of the first stage, or the first work on code, whichever is later: questions belong before code.
pub fn before_code(timeline: &Timeline) -> Span {
    let work = inference::first_work(timeline).map(|episode| episode.span.start);
    let stage_end = timeline.stages.iter().find(|stage| stage.stage == "clarify").map(|stage| stage.span.end);
    match work.max(stage_end) {
        Some(end) => Span::new(Millis::ZERO, end),
        None => everything(timeline),
    }
}
