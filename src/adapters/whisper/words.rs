//! Tokens to words with times.
//!
//! The alignment of the decoder's attention (`heard_by`) behaves like the end of a token: a word begins where the
//! token before it ended, but not before the speech region that it lies in.

use std::ops::Range;

use super::windows::Window;
use crate::session::{Millis, Role, Span, Word};

/// No word is shorter.
const MIN_WORD: Millis = Millis(20);

/// A piece of text from the model, with times from the start of its window.
pub struct Token {
    /// May hold a part of a letter; letters are whole only once tokens are joined.
    pub text: Vec<u8>,
    pub probability: f32,
    pub said: Span,
    pub heard_by: Option<Millis>,
}

impl Token {
    /// Has letters or digits: punctuation makes no sound.
    fn is_voiced(&self) -> bool {
        // Parts of letters beyond ASCII count as letters.
        self.text.iter().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
    }
}

/// Joins tokens to words (a space opens one) and gives them times: growing, inside the window, never empty. `lag` is how
/// late the alignment runs behind the voice.
pub fn assemble(tokens: &[Token], window: &Window, speech: &[Span], lag: Millis) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut from = 0;
    let mut after = window.start();
    while from < tokens.len() {
        let mut to = from + 1;
        while to < tokens.len() && !tokens[to].text.starts_with(b" ") {
            to += 1;
        }
        let piece = &tokens[from..to];
        let bytes: Vec<u8> = piece.iter().flat_map(|token| token.text.iter().copied()).collect();
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        if !text.is_empty() {
            let span = times(tokens, from..to, window, speech, lag);
            let start = span.start.max(after).min(window.end() - MIN_WORD);
            let end = span.end.max(start + MIN_WORD);
            after = end;
            let probability =
                piece.iter().map(|token| f64::from(token.probability)).sum::<f64>() / piece.len() as f64;
            words.push(Word {
                span: Span::new(start, end),
                text,
                probability: probability as f32,
                speaker: Role::Candidate,
                ends_utterance: false,
            });
        }
        from = to;
    }
    words
}

fn times(tokens: &[Token], word: Range<usize>, window: &Window, speech: &[Span], lag: Millis) -> Span {
    let (from, to) = (word.start, word.end);
    let at = |time: Millis| window.session_time(time);
    let voiced = |range: Range<usize>| tokens[range].iter().rev().find(|token| token.is_voiced());
    let (Some(first), Some(last)) =
        (tokens[from].heard_by, voiced(from..to).and_then(|token| token.heard_by))
    else {
        return Span::new(at(tokens[from].said.start), at(tokens[to - 1].said.end));
    };
    let (first, last) = (at(first), at(last));
    // A word is heard by its end: one heard in a pause was said before it.
    let island = speech.iter().rev().find(|span| span.start + lag < first);
    let opens = island.map_or(window.start(), |span| span.start);
    let heard_by =
        |token: Option<&Token>| token.and_then(|token| token.heard_by).map_or(window.start(), at) - lag;
    let word_before = heard_by(voiced(0..from));
    // A comma or full stop between the two is "heard" in the pause, or late in the next word.
    let start = if word_before < opens { opens } else { heard_by(tokens[..from].last()).max(opens) };
    let end =
        speech.iter().rev().find(|span| span.start < last).map_or(last, |span| (last - lag).min(span.end));
    Span::new(start.min(first), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAG: Millis = Millis(60);

    fn token(text: &[u8], heard_by: i64) -> Token {
        Token {
            text: text.to_vec(),
            probability: 0.5,
            said: Span::default(),
            heard_by: Some(Millis(heard_by)),
        }
    }

    #[test]
    fn a_word_begins_where_the_token_before_ended_but_not_before_speech() {
        let window = Window { pieces: vec![Span::from_seconds(10.0, 15.0)] };
        let speech = [Span::from_seconds(10.2, 11.0), Span::from_seconds(13.0, 15.0)];
        let tokens = [token(b" hash", 600), token(b" ma", 700), token(b"p", 800), token(b" So", 3_400)];
        let words = assemble(&tokens, &window, &speech, LAG);
        let spans: Vec<(i64, i64)> = words.iter().map(|word| (word.span.start.0, word.span.end.0)).collect();
        assert_eq!(spans, [(10_200, 10_540), (10_540, 10_740), (13_000, 13_340)]);
        assert_eq!(words[1].text, "map");
    }

    #[test]
    fn a_letter_split_over_tokens_is_joined() {
        let tokens = [token(b" caf", 100), token(&[0xc3], 200), token(&[0xa9], 300)];
        let all = Span::from_seconds(0.0, 1.0);
        let words = assemble(&tokens, &Window { pieces: vec![all] }, &[all], LAG);
        assert_eq!(words[0].text, "café");
    }

    #[test]
    fn times_that_run_backwards_or_out_of_the_window_are_mended() {
        let window = Window { pieces: vec![Span::from_seconds(0.0, 2.0)] };
        let tokens = [token(b" a", 1_500), token(b" b", 300), token(b" c", 9_000), token(b" d", 9_500)];
        let words = assemble(&tokens, &window, &[Span::from_seconds(0.0, 2.0)], LAG);
        assert!(words.iter().all(|word| word.span.length() >= MIN_WORD));
        assert!(words.windows(2).all(|pair| pair[0].span.start <= pair[1].span.start));
        assert!(words[..3].iter().all(|word| word.span.end <= Millis(2_020)));
    }
}
