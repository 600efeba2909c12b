//! Which of the words that a model wrote were said.

use super::loops;
use crate::adapters::transcriber::Heard;
use crate::session::{Dropped, Millis, Span, Word};

/// How far a word may lie from speech before it counts as invented.
const NEAR: Millis = Millis(300);
/// Who speaks says two or three words a second, and hardly anybody less than one in two seconds. In so much of what the
/// detector took for speech, a model writes a few words into the murmur of a room.
const SLOWEST: f64 = 0.5;
/// From so much speech on; a single "hm" may be long.
const ENOUGH: Millis = Millis(5_000);

/// Parts the words of one window, with so much speech in it, into those that are used and those that are not.
pub fn sift(words: Vec<Word>, speech: &[Span], length: Millis) -> Heard {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let loops = loops::repeats(&texts);
    let mut heard = Heard::default();
    let drop = |word: Word, reason: &str| Dropped { span: word.span, text: word.text, reason: reason.into() };
    for (index, word) in words.into_iter().enumerate() {
        let repeats = loops.iter().any(|range| range.contains(&index));
        match repeats.then_some("said again and again").or_else(|| objection(&word, speech)) {
            Some(reason) => heard.dropped.push(drop(word, reason)),
            None => heard.words.push(word),
        }
    }
    if length >= ENOUGH && (heard.words.len() as f64) < SLOWEST * length.as_seconds() {
        let few = heard.words.drain(..).map(|word| drop(word, "hardly a word in so much sound"));
        heard.dropped.extend(few);
        heard.dropped.sort_by_key(|dropped| dropped.span.start);
    }
    heard
}

/// Why a word is not used, if it is not.
fn objection(word: &Word, speech: &[Span]) -> Option<&'static str> {
    if !word.text.chars().any(char::is_alphanumeric) {
        return Some("no letters");
    }
    if word.text.starts_with(['[', '(', '*', '♪']) && word.text.ends_with([']', ')', '*', '♪']) {
        return Some("a mark for a sound, not a word");
    }
    let around = Span::new(word.span.start - NEAR, word.span.end + NEAR);
    (!speech.iter().any(|span| span.overlaps(around))).then_some("outside of speech")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Role;

    fn word(text: &str, start: f64) -> Word {
        Word {
            span: Span::from_seconds(start, start + 0.3),
            text: text.into(),
            probability: 0.9,
            speaker: Role::Candidate,
            ends_utterance: false,
        }
    }

    #[test]
    fn what_is_not_speech_is_objected_to() {
        let speech = [Span::from_seconds(0.0, 1.0)];
        assert_eq!(objection(&word("so", 0.5), &speech), None);
        assert_eq!(objection(&word("you", 1.4), &speech), Some("outside of speech"));
        assert_eq!(objection(&word("♪♪", 0.5), &speech), Some("no letters"));
        assert_eq!(objection(&word("(typing)", 0.5), &speech), Some("a mark for a sound, not a word"));
    }

    #[test]
    fn a_few_words_in_much_sound_are_not_believed() {
        let speech = [Span::from_seconds(0.0, 14.0)];
        let few = vec![word("It's", 0.0), word("really", 2.0), word("good.", 2.3)];
        let heard = sift(few.clone(), &speech, Millis(14_000));
        assert_eq!((heard.words.len(), heard.dropped.len()), (0, 3));
        // As many in four seconds were said by somebody slow.
        assert_eq!(sift(few, &[Span::from_seconds(0.0, 4.0)], Millis(4_000)).words.len(), 3);
        let loops = sift(["so"; 30].map(|so| word(so, 1.0)).to_vec(), &speech, Millis(4_000));
        assert_eq!((loops.words.len(), loops.dropped.len()), (1, 29));
    }
}
