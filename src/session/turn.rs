//! Who speaks when.

use serde::{Deserialize, Serialize};

use super::time::{total, union};
use super::{Millis, Role, Span, Word};

/// A stretch in which one person speaks. Those of two people may overlap; those of one do not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    #[serde(flatten)]
    pub span: Span,
    pub speaker: Role,
    /// 0 to 1: how sure it is that this person speaks, and not the other.
    pub confidence: f64,
    /// The channel of the working copy in which this person is heard best.
    pub channel: usize,
}

impl Turn {
    /// Speech of somebody who is alone: the candidate.
    pub fn alone(span: Span) -> Self {
        Self { span, speaker: Role::Candidate, confidence: 1.0, channel: 0 }
    }
}

/// Speech of one person, in order, not overlapping.
pub fn of(turns: &[Turn], speaker: Role) -> Vec<Span> {
    union(turns.iter().filter(|turn| turn.speaker == speaker).map(|turn| turn.span).collect())
}

/// Speech of anyone, in order, not overlapping.
pub fn anyone(turns: &[Turn]) -> Vec<Span> {
    union(turns.iter().map(|turn| turn.span).collect())
}

/// The people who speak, the candidate first.
pub fn speakers(turns: &[Turn]) -> Vec<Role> {
    let speaks = |role: &Role| turns.iter().any(|turn| turn.speaker == *role);
    [Role::Candidate, Role::Interviewer].into_iter().filter(speaks).collect()
}

/// Gives words that do not say who spoke them to those who spoke then. Words that name two speakers are left alone,
/// and so are all words where one person speaks.
pub fn attribute(words: &mut [Word], turns: &[Turn]) {
    let named = words.iter().any(|word| word.speaker != Role::Candidate);
    if named || speakers(turns).len() < 2 {
        return;
    }
    let spans = [of(turns, Role::Candidate), of(turns, Role::Interviewer)];
    let mut last = Role::Candidate;
    for word in words {
        // Time shared with the word; outside of all speech, how near it is.
        let closeness = |spans: &[Span]| {
            let next = spans.partition_point(|span| span.end <= word.span.start);
            let shared = spans[next..].iter().take_while(|span| span.start < word.span.end);
            let shared = total(shared.filter_map(|span| span.intersection(word.span)));
            if shared > Millis::ZERO {
                return shared;
            }
            let before = next.checked_sub(1).map(|index| word.span.start - spans[index].end);
            let after = spans.get(next).map(|span| span.start - word.span.end);
            Millis(0) - before.into_iter().chain(after).min().unwrap_or(Millis(i64::MAX)).max(Millis::ZERO)
        };
        let [candidate, interviewer] = [&spans[0], &spans[1]].map(|spans| closeness(spans));
        word.speaker = match candidate.cmp(&interviewer) {
            std::cmp::Ordering::Greater => Role::Candidate,
            std::cmp::Ordering::Less => Role::Interviewer,
            std::cmp::Ordering::Equal => last,
        };
        last = word.speaker;
    }
}

/// Mean confidence, by time; 1 where nobody speaks.
pub fn confidence(turns: &[Turn]) -> f64 {
    let all = total(turns.iter().map(|turn| turn.span));
    if all == Millis::ZERO {
        return 1.0;
    }
    let weighted = |turn: &Turn| turn.confidence * turn.span.length().as_seconds();
    (turns.iter().map(weighted).sum::<f64>() / all.as_seconds()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_at_once_are_one_stretch_of_speech_and_two_turns() {
        let turn = |start: f64, end: f64, speaker, confidence| Turn {
            confidence,
            speaker,
            ..Turn::alone(Span::from_seconds(start, end))
        };
        let turns = [
            turn(0.0, 3.0, Role::Interviewer, 0.5),
            turn(2.0, 3.0, Role::Candidate, 1.0),
            turn(5.0, 6.0, Role::Candidate, 0.8),
        ];
        assert_eq!(anyone(&turns), [Span::from_seconds(0.0, 3.0), Span::from_seconds(5.0, 6.0)]);
        assert_eq!(of(&turns, Role::Interviewer), [Span::from_seconds(0.0, 3.0)]);
        assert_eq!(speakers(&turns), [Role::Candidate, Role::Interviewer]);
        assert!((confidence(&turns) - 0.66).abs() < 1e-9);
        assert_eq!(confidence(&[]), 1.0);
    }

    #[test]
    fn words_without_a_name_go_to_who_spoke_then() {
        let turn =
            |start: f64, end: f64, speaker| Turn { speaker, ..Turn::alone(Span::from_seconds(start, end)) };
        let turns = [
            turn(0.0, 2.0, Role::Interviewer),
            turn(1.0, 4.0, Role::Candidate),
            turn(9.0, 10.0, Role::Interviewer),
        ];
        let word = |start: f64, end: f64| Word {
            span: Span::from_seconds(start, end),
            text: "w".into(),
            probability: 1.0,
            speaker: Role::Candidate,
            ends_utterance: false,
        };
        // Alone, mostly alone, both at once (as the one before), after the end of one, before the start of another.
        let times = [(0.1, 0.5), (0.8, 1.1), (1.2, 1.5), (4.2, 4.5), (8.5, 8.9)];
        let mut words: Vec<Word> = times.map(|(start, end)| word(start, end)).into();
        attribute(&mut words, &turns);
        let said: Vec<Role> = words.iter().map(|word| word.speaker).collect();
        use Role::{Candidate, Interviewer};
        assert_eq!(said, [Interviewer, Interviewer, Interviewer, Candidate, Interviewer]);
        let before = words.clone();
        attribute(&mut words, &turns[..1]);
        attribute(&mut words, &[turn(0.0, 9.0, Role::Candidate), turn(0.0, 1.0, Role::Interviewer)]);
        assert_eq!(words, before);
    }
}
