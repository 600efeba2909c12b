//! Speech regions from the scores of a frame-wise detector.
//!
//! ```text
//! score   ..#####..##....#........######.
//! region  [---------]             [----]      two thresholds; short holes closed, short blips dropped
//! ```

use crate::session::{Millis, Span};

/// How scores become regions. The values are those that measured best on the sample (docs/architecture.md).
#[derive(Clone, Copy, Debug)]
pub struct SpeechSettings {
    /// A region opens at this score.
    pub onset: f32,
    /// It goes on while the score stays at or above this.
    pub offset: f32,
    /// Regions closer than this are one.
    pub min_hole: Millis,
    /// A region shorter than this is a click, not speech.
    pub min_speech: Millis,
}

impl Default for SpeechSettings {
    fn default() -> Self {
        Self { onset: 0.7, offset: 0.6, min_hole: Millis(200), min_speech: Millis(130) }
    }
}

/// Regions in order, not touching, from one score a frame of `frame_ms` milliseconds.
pub fn regions(scores: &[f32], frame_ms: i64, settings: SpeechSettings) -> Vec<Span> {
    let mut raw: Vec<Span> = Vec::new();
    let mut open: Option<usize> = None;
    for (index, &score) in scores.iter().chain([&0.0]).enumerate() {
        match open {
            None if score >= settings.onset => open = Some(index),
            Some(from) if score < settings.offset || index == scores.len() => {
                raw.push(Span::new(Millis(from as i64 * frame_ms), Millis(index as i64 * frame_ms)));
                open = None;
            }
            _ => {}
        }
    }
    let mut joined: Vec<Span> = Vec::new();
    for span in raw {
        match joined.last_mut() {
            Some(last) if span.start - last.end < settings.min_hole => last.end = span.end,
            _ => joined.push(span),
        }
    }
    joined.retain(|span| span.length() >= settings.min_speech);
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(parts: &[(usize, f32)]) -> Vec<f32> {
        parts.iter().flat_map(|&(count, score)| std::iter::repeat_n(score, count)).collect()
    }

    #[test]
    fn hysteresis_keeps_a_region_through_a_dip() {
        let found = regions(
            &scores(&[(10, 0.0), (20, 0.9), (10, 0.5), (20, 0.9), (40, 0.1)]),
            10,
            SpeechSettings::default(),
        );
        assert_eq!(found, [Span::new(Millis(100), Millis(600))]);
    }

    #[test]
    fn clicks_are_dropped_and_short_holes_closed() {
        let found = regions(
            &scores(&[(5, 0.9), (50, 0.0), (20, 0.9), (15, 0.0), (20, 0.9)]),
            10,
            SpeechSettings::default(),
        );
        assert_eq!(found, [Span::new(Millis(550), Millis(1100))]);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(regions(&[], 16, SpeechSettings::default()).is_empty());
        assert!(regions(&[f32::NAN; 100], 16, SpeechSettings::default()).is_empty());
    }
}
