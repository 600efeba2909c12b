//! The lines of the transcript: doubtful words marked, mishearings put right in sight.

use serde::Serialize;
use similar::{DiffTag, TextDiff};

use crate::report::document::{SaidEntry, WordEntry};
use crate::session::{Millis, Role};

/// Words of which the recogniser is less sure are marked: of those, about every third is wrong.
const DOUBT: f32 = 0.5;

#[derive(Debug, Serialize)]
pub struct Line {
    start: Millis,
    end: Millis,
    speaker: Role,
    pieces: Vec<Piece>,
    repairs: Vec<Repair>,
    labels: Vec<Label>,
    /// Where each word begins, in milliseconds after the line's start.
    #[serde(skip)]
    pub starts: Vec<i64>,
}

/// Neighbouring words of one kind.
#[derive(Debug, PartialEq, Serialize)]
struct Piece {
    text: String,
    kind: Kind,
    /// How sure the recogniser is, in percent.
    sure: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Plain,
    Doubt,
    Repaired,
}

#[derive(Debug, PartialEq, Serialize)]
struct Repair {
    heard: String,
    right: String,
}

#[derive(Debug, Serialize)]
struct Label {
    name: String,
    /// In percent.
    sure: u32,
}

/// A word as it is shown.
struct Token {
    text: String,
    kind: Kind,
    start: Millis,
    sure: f32,
}

pub fn line(said: &SaidEntry) -> Line {
    let (tokens, repairs) = tokens(said);
    let percent = |share: f64| (share * 100.0).round() as u32;
    let mut pieces: Vec<Piece> = Vec::new();
    for token in &tokens {
        match pieces.last_mut() {
            // Each doubtful word says how doubtful it is.
            Some(piece) if piece.kind == token.kind && token.kind != Kind::Doubt => {
                piece.text.push(' ');
                piece.text.push_str(&token.text);
            }
            _ => {
                let sure = percent(f64::from(token.sure));
                pieces.push(Piece { text: token.text.clone(), kind: token.kind, sure });
            }
        }
    }
    let mut labels: Vec<Label> = said
        .labels
        .iter()
        .map(|(name, confidence)| Label { name: name.clone(), sure: percent(*confidence) })
        .collect();
    labels.sort_by_key(|label| std::cmp::Reverse(label.sure));
    Line {
        start: said.span.start,
        end: said.span.end,
        speaker: said.speaker,
        pieces,
        repairs,
        labels,
        starts: tokens.iter().map(|token| (token.start - said.span.start).0.max(0)).collect(),
    }
}

/// The words of the text, each with the time of what was heard in its place.
fn tokens(said: &SaidEntry) -> (Vec<Token>, Vec<Repair>) {
    let shown: Vec<&str> = said.text.split_whitespace().collect();
    let heard: Vec<&str> = said.words.iter().map(|word| word.text.as_str()).collect();
    if said.words.is_empty() {
        let length = said.span.length().0;
        let start = |index: usize| said.span.start + Millis(length * index as i64 / shown.len() as i64);
        let token = |(index, text): (usize, &&str)| plain(text, start(index), 1.0);
        return (shown.iter().enumerate().map(token).collect(), Vec::new());
    }
    let mut tokens = Vec::with_capacity(shown.len());
    let mut repairs = Vec::new();
    let diff = TextDiff::from_slices(&heard, &shown);
    for op in diff.ops() {
        let (old, new) = (op.old_range(), op.new_range());
        // What was put in where nothing was heard lies at the word before it.
        let place = |index: usize| -> &WordEntry { &said.words[index.min(said.words.len() - 1)] };
        if op.tag() == DiffTag::Equal {
            tokens.extend(old.zip(new).map(|(old, new)| {
                let word = place(old);
                plain(shown[new], word.span.start, word.probability)
            }));
            continue;
        }
        repairs.push(Repair { heard: heard[old.clone()].join(" "), right: shown[new.clone()].join(" ") });
        tokens.extend(new.enumerate().map(|(nth, new)| {
            let word = place((old.start + nth).min(old.end.max(old.start + 1) - 1));
            Token {
                text: shown[new].to_owned(),
                kind: Kind::Repaired,
                start: word.span.start,
                sure: word.probability,
            }
        }));
    }
    (tokens, repairs)
}

fn plain(text: &str, start: Millis, sure: f32) -> Token {
    let kind = if sure < DOUBT { Kind::Doubt } else { Kind::Plain };
    Token { text: text.to_owned(), kind, start, sure }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn doubtful_and_repaired_words_are_told_apart() {
        let mut said = sample::said(10.0, 14.0, "So it is all of n. Fine then really.");
        said.heard = Some(said.text.clone());
        said.text = "So it is O(n). Fine then really.".into();
        said.words[7].probability = 0.2;
        let line = line(&said);
        let piece = |text: &str, kind, sure| Piece { text: text.into(), kind, sure };
        assert_eq!(
            line.pieces,
            [
                piece("So it is", Kind::Plain, 90),
                piece("O(n).", Kind::Repaired, 90),
                piece("Fine", Kind::Plain, 90),
                piece("then", Kind::Doubt, 20),
                piece("really.", Kind::Plain, 90),
            ]
        );
        assert_eq!(line.repairs, [Repair { heard: "all of n.".into(), right: "O(n).".into() }]);
        // Nine words in four seconds; the repaired one stands where "all" was heard.
        assert_eq!(line.starts, [0, 444, 889, 1333, 2667, 3111, 3556]);
    }

    #[test]
    fn without_words_their_times_are_spread() {
        let mut said = sample::said(10.0, 14.0, "one two three four");
        said.words.clear();
        assert_eq!(line(&said).starts, [0, 1000, 2000, 3000]);
        said.text.clear();
        assert!(line(&said).pieces.is_empty());
    }
}
