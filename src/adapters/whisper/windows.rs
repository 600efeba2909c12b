//! Which audio is decoded at once: speech, packed so that silence costs nothing.
//!
//! ```text
//! session   ..[--]..[-----]..........................[----]..
//! window    [----][-------][------]     pieces, each padded a little, at most 24 s together
//! ```

use std::io;

use crate::adapters::pcm::{Pcm, RATE};
use crate::session::time::{covered, total};
use crate::session::{Millis, Span};

/// Grows when the windows of the same speech change, so that old transcripts are made again.
pub const VERSION: u32 = 4;
/// The model hears at most 30 s. Attention takes memory and time by the square of it: 24 s instead of 28 save an eighth
/// of both and cost a word in three hundred; shorter windows cost more words.
const MAX: Millis = Millis(24_000);
/// whisper.cpp gives up on less than a second; shorter windows are filled with silence.
const MIN_SAMPLES: usize = RATE as usize * 11 / 10;
/// Audio kept around speech: soft beginnings and ends, and a pause that the model hears as one.
const PAD: Millis = Millis(300);

/// Pieces of the session, in order, that are decoded as one stretch of audio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub pieces: Vec<Span>,
}

impl Window {
    pub fn length(&self) -> Millis {
        total(self.pieces.iter().copied())
    }

    /// How much of it is speech.
    pub fn speech(&self, speech: &[Span]) -> Millis {
        self.pieces.iter().fold(Millis::ZERO, |sum, piece| sum + covered(speech, *piece))
    }

    pub fn start(&self) -> Millis {
        self.pieces.first().map_or(Millis::ZERO, |piece| piece.start)
    }

    pub fn end(&self) -> Millis {
        self.pieces.last().map_or(Millis::ZERO, |piece| piece.end)
    }

    /// Its audio in one stretch, at 16 kHz.
    pub fn samples(&self, audio: &mut Pcm) -> io::Result<Vec<f32>> {
        let mut samples = Vec::new();
        for piece in &self.pieces {
            samples.extend(audio.read(*piece)?);
        }
        samples.resize(samples.len().max(MIN_SAMPLES), 0.0);
        Ok(samples)
    }

    /// The window in two, at the border of pieces nearest its middle; `None` when it is one piece.
    pub fn halves(&self) -> Option<[Self; 2]> {
        let length_to = |at: usize| total(self.pieces[..at].iter().copied());
        let middle = self.length().0 / 2;
        let at = (1..self.pieces.len()).min_by_key(|&at| length_to(at).0.abs_diff(middle))?;
        let (first, second) = self.pieces.split_at(at);
        Some([first, second].map(|pieces| Self { pieces: pieces.to_vec() }))
    }

    /// Session time of a time in the packed audio; a time on a cut is the end of the piece before it.
    pub fn session_time(&self, at: Millis) -> Millis {
        let mut rest = at;
        for piece in &self.pieces {
            if rest <= piece.length() {
                return piece.start + rest;
            }
            rest = rest - piece.length();
        }
        self.end()
    }
}

/// Windows in order that cover all of `speech`; no audio is in two of them.
pub fn plan(speech: &[Span], duration: Millis) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for piece in pieces(speech, duration).into_iter().flat_map(split) {
        match windows.last_mut() {
            Some(window) if window.length() + piece.length() <= MAX => window.pieces.push(piece),
            _ => windows.push(Window { pieces: vec![piece] }),
        }
    }
    windows
}

/// Speech with its padding: half of the hole to a neighbour at most, so that pieces do not overlap.
fn pieces(speech: &[Span], duration: Millis) -> Vec<Span> {
    let half = |end: Millis, start: Millis| Millis((start - end).0.max(0) / 2);
    (0..speech.len())
        .map(|index| {
            let span = speech[index];
            let before = if index == 0 { span.start } else { half(speech[index - 1].end, span.start) };
            let after = match speech.get(index + 1) {
                Some(next) => half(span.end, next.start),
                None => duration - span.end,
            };
            Span::new(span.start - PAD.min(before), span.end + PAD.min(after))
        })
        .collect()
}

/// Speech without a breath for longer than a window is cut into equal parts.
fn split(span: Span) -> Vec<Span> {
    let parts = (span.length().0.max(1) + MAX.0 - 1) / MAX.0;
    let edge = |part: i64| span.start + Millis(span.length().0 * part / parts);
    (0..parts).map(|part| Span::new(edge(part), edge(part + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(spans: &[(f64, f64)]) -> Vec<Span> {
        spans.iter().map(|&(start, end)| Span::from_seconds(start, end)).collect()
    }

    #[test]
    fn silence_is_cut_out_and_times_found_again() {
        let speech = seconds(&[(1.0, 2.0), (2.4, 4.0), (100.0, 102.0)]);
        let windows = plan(&speech, Millis(102_100));
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].pieces, seconds(&[(0.7, 2.2), (2.2, 4.3), (99.7, 102.1)]));
        assert_eq!(windows[0].length(), Millis(6_000));
        assert_eq!(windows[0].session_time(Millis(0)), Millis(700));
        assert_eq!(windows[0].session_time(Millis(3_600)), Millis(4_300));
        assert_eq!(windows[0].session_time(Millis(3_900)), Millis(100_000));
        assert_eq!(windows[0].session_time(Millis(99_000)), Millis(102_100));
    }

    #[test]
    fn no_window_is_longer_than_the_model_hears_and_none_overlap() {
        let speech: Vec<Span> =
            (0..100).map(|i| Span::from_seconds(i as f64 * 3.0, i as f64 * 3.0 + 2.9)).collect();
        let windows = plan(&speech, Millis::seconds(400));
        assert!(windows.iter().all(|window| window.length() <= MAX));
        let pieces: Vec<Span> = windows.iter().flat_map(|window| window.pieces.clone()).collect();
        assert!(pieces.windows(2).all(|pair| pair[0].end <= pair[1].start));
        assert!(
            speech.iter().all(|span| pieces.iter().any(|piece| piece.intersection(*span) == Some(*span)))
        );
    }

    #[test]
    fn a_speech_without_a_breath_is_cut_evenly() {
        let windows = plan(&seconds(&[(0.0, 60.0)]), Millis::seconds(60));
        let pieces: Vec<Span> = windows.into_iter().flat_map(|window| window.pieces).collect();
        assert_eq!(pieces, seconds(&[(0.0, 20.0), (20.0, 40.0), (40.0, 60.0)]));
    }

    #[test]
    fn halves_meet_at_a_border_of_pieces() {
        let window = Window { pieces: seconds(&[(0.0, 1.0), (5.0, 7.0), (9.0, 13.0)]) };
        let [first, second] = window.halves().unwrap();
        assert_eq!((first.pieces.len(), second.pieces.len()), (2, 1));
        assert_eq!(second.halves(), None);
    }

    #[test]
    fn no_speech_is_no_window() {
        assert!(plan(&[], Millis::seconds(60)).is_empty());
    }
}
