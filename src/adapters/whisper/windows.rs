//! Which stretches of audio are decoded at once.
//!
//! ```text
//! speech    [--] [-----]   [--]              [----]
//! windows   [---------------------]         [------]     joined over short holes, at most 28 s, a little padded
//! ```

use crate::session::{Millis, Span};

/// Grows when the windows of the same speech change, so that old transcripts are made again.
pub const VERSION: u32 = 1;
/// The model hears at most 30 s; some room is left for the padding.
const MAX: Millis = Millis(28_000);
/// Holes shorter than this stay inside a window.
const JOIN: Millis = Millis(1_000);
/// Audio kept around speech: soft beginnings and ends.
const PAD: Millis = Millis(200);

/// Windows in order, not overlapping, that cover all of `speech`.
pub fn plan(speech: &[Span], duration: Millis) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in speech.iter().flat_map(|span| split(*span)) {
        match joined.last_mut() {
            Some(last) if span.start - last.end < JOIN && span.end - last.start <= MAX => last.end = span.end,
            _ => joined.push(span),
        }
    }
    (0..joined.len())
        .map(|index| {
            // Half of the hole to a neighbour at most, so that no audio is heard twice.
            let before =
                if index == 0 { joined[0].start } else { half(joined[index - 1].end, joined[index].start) };
            let after = match joined.get(index + 1) {
                Some(next) => half(joined[index].end, next.start),
                None => duration - joined[index].end,
            };
            Span::new(joined[index].start - PAD.min(before), joined[index].end + PAD.min(after))
        })
        .collect()
}

fn half(end: Millis, start: Millis) -> Millis {
    Millis((start - end).0.max(0) / 2)
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
    fn short_holes_are_kept_long_ones_cut() {
        let speech = seconds(&[(1.0, 2.0), (2.5, 4.0), (10.0, 12.0)]);
        assert_eq!(plan(&speech, Millis::seconds(12)), seconds(&[(0.8, 4.2), (9.8, 12.0)]));
    }

    #[test]
    fn no_window_is_longer_than_the_model_hears_and_none_overlap() {
        let speech: Vec<Span> =
            (0..100).map(|i| Span::from_seconds(i as f64 * 3.0, i as f64 * 3.0 + 2.9)).collect();
        let windows = plan(&speech, Millis::seconds(400));
        assert!(windows.iter().all(|window| window.length() <= Millis(28_400)));
        assert!(windows.windows(2).all(|pair| pair[0].end <= pair[1].start));
        assert!(speech.iter().all(|span| windows.iter().any(|w| w.start <= span.start && span.end <= w.end)));
    }

    #[test]
    fn a_speech_without_a_breath_is_cut_evenly() {
        let windows = plan(&seconds(&[(0.0, 60.0)]), Millis::seconds(60));
        assert_eq!(windows, seconds(&[(0.0, 20.0), (20.0, 40.0), (40.0, 60.0)]));
    }
}
