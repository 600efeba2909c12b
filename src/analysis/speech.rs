//! Speech regions from the scores of a frame-wise detector and the level of the sound.
//!
//! ```text
//! score   ..#####..##....#........######.
//! region  [---------]             [----]      two thresholds; short holes closed, short blips dropped
//! level   .:|||::||:.             :|||:.
//! edge     [------]                [--]       where the sound rises from the noise around it
//! ```

use crate::session::hearing::{Heard, MIN_SPEECH, OFFSET, ONSET, Track};
use crate::session::{Millis, Span};

/// How scores become regions. All values were chosen on the tuning half of `examples/vad_eval`
/// (docs/architecture.md has the measurements).
#[derive(Clone, Copy, Debug)]
pub struct SpeechSettings {
    /// A region opens at this score.
    pub onset: f32,
    /// It goes on while the score stays at or above this.
    pub offset: f32,
    /// Regions closer than this are one: the stop before a "t" is no pause.
    pub min_hole: Millis,
    /// A region shorter than this is a click, not speech.
    pub min_speech: Millis,
    /// Score that a region must reach beyond the onset for each dB that it is weaker than the recording's
    /// speech, the first [`SpeechSettings::near`] dB not counted: a far voice counts only when it is clear.
    pub far: f32,
    /// Speech of one person in one place varies so much, in dB.
    pub near: f32,
    /// A voice of this score is speech however weak: an interviewer across the room, the end of a long thought.
    pub clear_voice: f32,
    pub edges: EdgeSettings,
}

/// How the edges of a region are moved to where the sound rises and falls.
#[derive(Clone, Copy, Debug)]
pub struct EdgeSettings {
    /// How far out an edge may move: a detector hears a soft beginning late.
    pub outward: Millis,
    /// How far in an edge may move: a detector takes its time to be sure of the end.
    pub inward: Millis,
    /// Speech is no weaker than so many dB under the loudest tenth of its region.
    pub range: f32,
    /// It is at least so many dB over the noise around it.
    pub above_noise: f32,
    /// Edges stay where they are unless speech is so many dB over what counts as silence.
    pub clear: f32,
}

impl Default for SpeechSettings {
    fn default() -> Self {
        Self {
            onset: ONSET,
            offset: OFFSET,
            min_hole: Millis(200),
            min_speech: MIN_SPEECH,
            far: 0.08,
            near: 3.0,
            clear_voice: 0.9,
            edges: EdgeSettings {
                outward: Millis(100),
                inward: Millis(160),
                range: 30.0,
                above_noise: 3.0,
                clear: 20.0,
            },
        }
    }
}

/// Regions in order, not touching.
pub fn regions(heard: &Heard, settings: SpeechSettings) -> Vec<Span> {
    let Heard { scores, levels } = heard;
    let mut raw = above(scores, settings);
    without_far(&mut raw, scores, levels, settings);
    let spans = raw.iter().enumerate().flat_map(|(index, &span)| {
        let before = index.checked_sub(1).map_or(Millis::ZERO, |before| raw[before].end);
        let after = raw.get(index + 1).map_or(scores.end(), |after| after.start);
        sharpened(span, Span::new(before, after), levels, settings)
    });
    let mut joined = joined(spans, settings.min_hole);
    joined.retain(|span| span.length() >= settings.min_speech);
    joined
}

/// Spans in order of their starts, those closer than `hole` as one.
fn joined(spans: impl Iterator<Item = Span>, hole: Millis) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start - last.end < hole => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

/// Stretches that open at the onset and last while the score is at or above the offset.
fn above(scores: &Track, settings: SpeechSettings) -> Vec<Span> {
    let mut raw: Vec<Span> = Vec::new();
    let mut open: Option<usize> = None;
    for (index, &score) in scores.values.iter().chain([&0.0]).enumerate() {
        match open {
            None if score >= settings.onset => open = Some(index),
            Some(from) if score < settings.offset || index == scores.values.len() => {
                raw.push(Span::new(scores.at(from), scores.at(index)));
                open = None;
            }
            _ => {}
        }
    }
    raw
}

/// Takes out what is weaker than the recording's speech and not clearly speech.
fn without_far(raw: &mut Vec<Span>, scores: &Track, levels: &Track, settings: SpeechSettings) {
    let louds: Vec<f32> =
        raw.iter().map(|&span| share(levels.within(span), 0.9).unwrap_or(f32::NEG_INFINITY)).collect();
    // The loudest quarter of what was said is near.
    let mut order: Vec<(f32, i64)> =
        louds.iter().zip(&*raw).map(|(&loud, span)| (loud, span.length().0)).collect();
    order.sort_by(|one, other| other.0.total_cmp(&one.0));
    let whole: i64 = order.iter().map(|(_, length)| length).sum();
    let mut passed = 0;
    let reference = order.iter().find(|(_, length)| {
        passed += length;
        passed * 4 >= whole
    });
    let Some(&(reference, _)) = reference else { return };
    let mut louds = louds.into_iter();
    raw.retain(|&span| {
        let weaker = reference - louds.next().unwrap_or(reference) - settings.near;
        let peak = share(scores.within(span), 0.75).unwrap_or(0.0);
        peak >= (settings.onset + settings.far * weaker.max(0.0)).min(settings.clear_voice)
    });
}

/// Around a region this much is taken for the noise it stands in.
const AROUND: Millis = Millis(1_500);

/// The parts of a region that are louder than its noise; `room` ends where the neighbours begin.
fn sharpened(span: Span, room: Span, levels: &Track, settings: SpeechSettings) -> Vec<Span> {
    let edges = settings.edges;
    let inside = levels.within(span);
    let around: Vec<f32> = [
        Span::new((span.start - AROUND).max(room.start), span.start),
        Span::new(span.end, (span.end + AROUND).min(room.end)),
    ]
    .iter()
    .flat_map(|side| levels.within(*side))
    .copied()
    .collect();
    let (Some(loud), noise) = (share(inside, 0.9), share(&around, 0.9).unwrap_or(f32::NEG_INFINITY)) else {
        return vec![span];
    };
    let least = (loud - edges.range).max(noise + edges.above_noise);
    if least > loud - edges.clear {
        // The noise is as loud as the speech: the level tells nothing.
        return vec![span];
    }
    let from = levels.index((span.start - edges.outward).max(room.start));
    let to = levels.index((span.end + edges.outward).min(room.end));
    let loud_at = |index: usize| levels.values[index] >= least;
    let steps = (from..to)
        .filter(|&index| loud_at(index))
        .map(|index| Span::new(levels.at(index), levels.at(index + 1)));
    let mut parts = joined(steps, settings.min_hole);
    let (Some(first), Some(last)) = (parts.first().copied(), parts.last().copied()) else {
        return vec![span];
    };
    let start = first.start.min(span.start + edges.inward);
    let end = last.end.max(span.end - edges.inward);
    if let Some(part) = parts.first_mut() {
        part.start = start;
    }
    if let Some(part) = parts.last_mut() {
        part.end = end;
    }
    parts
}

/// The value that `share` of them do not pass.
fn share(values: &[f32], share: f32) -> Option<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted.get(((sorted.len().max(1) - 1) as f32 * share) as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts of so many steps of 10 ms: score and level.
    fn heard(parts: &[(usize, f32, f32)]) -> Heard {
        let track = |of: fn(&(usize, f32, f32)) -> f32| {
            let values = parts.iter().flat_map(|part| std::iter::repeat_n(of(part), part.0)).collect();
            Track { values, step: 10 }
        };
        Heard { scores: track(|part| part.1), levels: track(|part| part.2) }
    }

    fn found(parts: &[(usize, f32, f32)]) -> Vec<(i64, i64)> {
        let spans = regions(&heard(parts), SpeechSettings::default());
        spans.into_iter().map(|span| (span.start.0, span.end.0)).collect()
    }

    const QUIET: (usize, f32, f32) = (100, 0.0, -70.0);

    #[test]
    fn hysteresis_keeps_a_region_through_a_dip() {
        let dip = |score: f32| [QUIET, (30, 0.9, -20.0), (30, score, -20.0), (30, 0.9, -20.0), QUIET];
        assert_eq!(found(&dip(0.4)), [(1000, 1900)]);
        assert_eq!(found(&dip(0.1)), [(1000, 1300), (1600, 1900)]);
    }

    #[test]
    fn clicks_are_dropped_and_short_holes_closed() {
        let parts =
            [QUIET, (8, 0.9, -20.0), QUIET, (20, 0.9, -20.0), (15, 0.0, -70.0), (20, 0.9, -20.0), QUIET];
        assert_eq!(found(&parts), [(2080, 2630)]);
    }

    #[test]
    fn edges_move_to_where_the_sound_is_but_not_far() {
        // The detector is 60 ms late and lets go 120 ms late.
        let parts = [QUIET, (6, 0.0, -20.0), (50, 0.9, -20.0), (12, 0.9, -70.0), QUIET];
        assert_eq!(found(&parts), [(1000, 1560)]);
        let parts = [QUIET, (20, 0.0, -20.0), (50, 0.9, -20.0), (40, 0.9, -70.0), QUIET];
        assert_eq!(found(&parts), [(1100, 1940)]);
    }

    #[test]
    fn a_pause_that_the_detector_bridged_is_one_when_the_level_shows_it() {
        assert_eq!(
            found(&[QUIET, (50, 0.9, -20.0), (40, 0.9, -70.0), (50, 0.9, -20.0), QUIET]),
            [(1000, 1500), (1900, 2400)]
        );
        // Loud noise hides it: then the detector is believed.
        let noise = (100, 0.0, -28.0);
        assert_eq!(
            found(&[noise, (50, 0.9, -20.0), (40, 0.9, -28.0), (50, 0.9, -20.0), noise]),
            [(1000, 2400)]
        );
    }

    #[test]
    fn a_weak_voice_counts_when_it_is_clear_only() {
        let far = |score| [QUIET, (200, 0.9, -20.0), QUIET, (50, score, -30.0), QUIET];
        assert_eq!(found(&far(0.6)), [(1000, 3000)]);
        assert_eq!(found(&far(0.93)).len(), 2);
        // The same voice alone is near.
        assert_eq!(found(&[QUIET, (50, 0.6, -50.0), QUIET]), [(1000, 1500)]);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(found(&[]).is_empty());
        assert!(found(&[(100, f32::NAN, f32::NAN)]).is_empty());
        assert_eq!(found(&[(100, 1.0, f32::NAN)]), [(0, 1000)]);
    }
}
