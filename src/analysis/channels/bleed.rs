//! Bleed: what one channel hears of the other's voice, and how to leave it out.
//!
//! How loud and how late each side hears the other is learned over the whole recording, band by band, from stretches
//! in which both hold the same sound. A frame that is no louder than that is the other's speech; one that is louder in
//! some bands is both people at once.

use super::layout::Side;
use super::levels::{BANDS, Comparison, Frame, HOP_MS, STEPS};
use super::stretch::{self, ALIKE, FRAMES, LATEST, Stretch};
use crate::session::time::union;
use crate::session::{Millis, Span};

/// A channel may also have what it hears a little earlier, by the frames of both not being the same moments.
const EARLIEST: i32 = -2;
/// Levels this far above the noise are sound; bleed is learned from louder ones, on which noise adds nothing.
const SOUND: f32 = 6.0;
const LOUD: f32 = 12.0;
/// Fewer frames than this (half a second) teach nothing.
const LEAST_FRAMES: usize = 50;
/// By how much a voice falls a frame in a room that rings for 0.4 s: 60 dB in 40 frames.
const RINGING: f32 = 1.5;
/// Bands that must be louder than bleed for a frame to be the own voice.
const OWN_BANDS: usize = 2;
/// Frames over which that is averaged, and the share of them that must be.
const AROUND: usize = 15;
const OWN_SHARE: f32 = 0.4;
/// Shorter pieces of own speech are moments at which bleed was a little louder than learned.
const MIN_OWN: Millis = Millis(150);

/// How one channel hears the other.
#[derive(Clone, Debug)]
struct Path {
    /// Frames after which it does.
    later: i32,
    /// Decibels by which it is louder (mostly below 0), band by band; `None` where nothing was heard.
    gain: [Option<f32>; BANDS],
}

/// What each side hears of the other.
#[derive(Clone, Debug)]
pub struct Bleed {
    /// Of the right voice on the left, of the left voice on the right.
    paths: [Path; 2],
    /// Decibels above bleed from which on it is the own voice.
    margin: f32,
}

impl Bleed {
    /// `apart`: as in [`super::Layout::TwoSpeakers`].
    pub fn learn(compared: &Comparison, speech: [&[Span]; 2], apart: f32) -> Self {
        let stretches = stretch::all(compared, speech);
        let border = stretch::divide(&stretches);
        let paths = Side::BOTH.map(|hearer| {
            let leads = |s: &&Stretch| (s.lead > border) == (hearer == Side::Right);
            let others: Vec<Stretch> = stretches.iter().filter(leads).copied().collect();
            path(compared, &others, hearer)
        });
        // A third: with two voices at the same level neither side is louder than bleed plus half of what is between.
        Self { paths, margin: (apart / 3.0).clamp(2.0, 6.0) }
    }

    /// Decibels, in the mean over bands, at which `side` hears the other; `None` when it does not.
    pub fn gain(&self, side: Side) -> Option<f32> {
        let gains: Vec<f32> = self.paths[side.index()].gain.iter().flatten().copied().collect();
        (!gains.is_empty()).then(|| gains.iter().sum::<f32>() / gains.len() as f32)
    }

    /// Of the speech heard on one side, what is that side's own. In order, not overlapping.
    pub fn own(&self, compared: &Comparison, side: Side, speech: &[Span]) -> Vec<Span> {
        let path = &self.paths[side.index()];
        if path.gain.iter().all(Option::is_none) {
            return speech.to_vec();
        }
        let own = self.own_frames(compared, side);
        // Sums from the start give the mean around each frame at once.
        let mut sums = vec![0_u32];
        own.iter().for_each(|&own| sums.push(sums[sums.len() - 1] + u32::from(own)));
        let is_own = |at: usize| {
            let (from, to) = (at.saturating_sub(AROUND / 2), (at + AROUND / 2 + 1).min(own.len()));
            (sums[to] - sums[from]) as f32 >= OWN_SHARE * (to - from) as f32
        };
        let mut kept = Vec::new();
        for &span in speech {
            let (from, to) = (frame_at(span.start), frame_at(span.end).min(own.len()));
            let mut start: Option<usize> = None;
            for at in from..=to {
                let inside = at < to && is_own(at);
                match start {
                    None if inside => start = Some(at),
                    Some(begun) if !inside => {
                        start = None;
                        // The ends of the detector's region are more exact than frames.
                        let begins = if begun == from { span.start } else { time_of(begun) };
                        let ends = if at == to { span.end } else { time_of(at) };
                        kept.push(Span::new(begins, ends));
                    }
                    _ => {}
                }
            }
        }
        union(kept).into_iter().filter(|span| span.length() >= MIN_OWN).collect()
    }

    /// For each frame, whether what is heard there is more than bleed.
    fn own_frames(&self, compared: &Comparison, side: Side) -> Vec<bool> {
        let path = &self.paths[side.index()];
        let (here, there) = (&compared.frames[side.index()], &compared.frames[side.other().index()]);
        let (floor, other_floor) = (compared.floor[side.index()], compared.floor[side.other().index()]);
        let sound = |level: u8, floor: u8| f32::from(level) > f32::from(floor) + SOUND * STEPS;
        let mut ringing = [0.0_f32; BANDS];
        let own = |at: usize| {
            let mut other_speaks = false;
            let mut louder = 0;
            for band in 0..BANDS {
                // One frame ahead, as the delay is not a whole number of them.
                let ahead = at as i64 - i64::from(path.later) + 1;
                let level = usize::try_from(ahead).ok().and_then(|at| there.get(at)).map_or(0, |f| f[band]);
                ringing[band] = f32::from(level).max(ringing[band] - RINGING * STEPS);
                let heard = here[at][band];
                let is_other = ringing[band] > f32::from(other_floor[band]) + SOUND * STEPS;
                let bleed = path.gain[band].filter(|_| is_other).map(|gain| ringing[band] + gain * STEPS);
                other_speaks |= bleed.is_some_and(|bleed| bleed > f32::from(floor[band]));
                let over = bleed.is_none_or(|bleed| f32::from(heard) > bleed + self.margin * STEPS);
                louder += usize::from(over && sound(heard, floor[band]));
            }
            !other_speaks || louder >= OWN_BANDS
        };
        (0..here.len()).map(own).collect()
    }
}

/// Learned from the stretches in which the other side leads.
fn path(compared: &Comparison, others: &[Stretch], hearer: Side) -> Path {
    // `likeness` has the right channel later.
    let delays = if hearer == Side::Right { EARLIEST..=LATEST } else { -LATEST..=-EARLIEST };
    let Some(right_later) = stretch::delay(compared, others, delays) else {
        return Path { later: 0, gain: [None; BANDS] };
    };
    let later = if hearer == Side::Right { right_later } else { -right_later };
    let (here, there) = (&compared.frames[hearer.index()], &compared.frames[hearer.other().index()]);
    let (floor, other_floor) = (compared.floor[hearer.index()], compared.floor[hearer.other().index()]);
    let above = |frame: &Frame, floor: Frame, band: usize, decibels: f32| {
        f32::from(frame[band]) >= f32::from(floor[band]) + decibels * STEPS
    };
    let same = others.iter().filter(|s| stretch::likeness(compared, s.from, right_later) >= ALIKE);
    let mut differences: [Vec<f32>; BANDS] = Default::default();
    for at in same.flat_map(|s| s.from..s.from + FRAMES) {
        let heard = usize::try_from(at as i64 + i64::from(later)).ok().and_then(|at| here.get(at));
        let Some(heard) = heard else { continue };
        for (band, differences) in differences.iter_mut().enumerate() {
            if above(&there[at], other_floor, band, LOUD) && above(heard, floor, band, SOUND) {
                differences.push((f32::from(heard[band]) - f32::from(there[at][band])) / STEPS);
            }
        }
    }
    let gain =
        differences.map(|found| (found.len() >= LEAST_FRAMES).then(|| stretch::median(found.into_iter())));
    Path { later, gain }
}

/// The frame of a moment. A frame's level is that of the hop before it, in the middle of the three it is made of.
fn frame_at(at: Millis) -> usize {
    usize::try_from(at.0 / HOP_MS + 1).unwrap_or(0)
}

fn time_of(frame: usize) -> Millis {
    Millis((frame as i64 - 1).max(0) * HOP_MS)
}

#[cfg(test)]
mod tests {
    use super::super::levels::Levels;
    use super::super::voices::{self, mixed};
    use super::*;
    use crate::session::time::{covered, total};

    const LEFT: [(f64, f64); 3] = [(0.5, 6.0), (9.0, 14.0), (17.0, 20.0)];
    /// The last one is spoken while the left voice speaks.
    const RIGHT: [(f64, f64); 3] = [(6.2, 8.8), (14.2, 16.8), (18.0, 19.5)];

    fn shared(spans: &[Span], window: (f64, f64)) -> f64 {
        covered(spans, Span::from_seconds(window.0, window.1)).as_seconds()
    }

    #[test]
    fn bleed_is_left_out_and_both_at_once_are_kept() {
        let (left, right) = (voices::voice(1, &LEFT, 20.0), voices::voice(2, &RIGHT, 20.0));
        // On both channels the detector hears both people.
        let all = union(voices::spans(&[LEFT, RIGHT].concat()));
        for (gain, delay, apart) in [(0.5, 0, 12.0), (0.5, 320, 12.0), (0.25, 160, 24.0), (0.1, 80, 40.0)] {
            let channels = [(&left, &right), (&right, &left)]
                .map(|(own, other)| mixed(&[(own, 1.0, 0), (other, gain, delay)], own.len()));
            let mut levels = Levels::default();
            levels.push(&channels[0], &channels[1]);
            let compared = levels.finish();
            let bleed = Bleed::learn(&compared, [&all, &all], apart);
            let own = bleed.own(&compared, Side::Left, &all);
            let heard = bleed.gain(Side::Left).unwrap();
            assert!((heard - 20.0 * gain.log10()).abs() < 1.5, "{gain} {delay}: heard at {heard}");
            let others = shared(&own, (6.4, 8.6)) + shared(&own, (14.4, 16.6));
            assert!(others < 0.2, "{gain} {delay}: {others} of {own:?}");
            let alone = shared(&own, LEFT[0]) + shared(&own, LEFT[1]);
            assert!(alone > 9.7, "{gain} {delay}: {alone} of {own:?}");
            assert!(shared(&own, RIGHT[2]) > 0.9, "{gain} {delay}: {own:?}");
        }
    }

    #[test]
    fn without_bleed_nothing_is_taken() {
        let (left, right) = (voices::voice(1, &LEFT, 20.0), voices::voice(2, &RIGHT, 20.0));
        let (a, b) = (voices::spans(&LEFT), voices::spans(&RIGHT));
        let mut levels = Levels::default();
        levels.push(&mixed(&[(&left, 1.0, 0)], left.len()), &mixed(&[(&right, 1.0, 0)], left.len()));
        let compared = levels.finish();
        let bleed = Bleed::learn(&compared, [&a, &b], 40.0);
        for (side, spans) in [(Side::Left, &a), (Side::Right, &b)] {
            let own = bleed.own(&compared, side, spans);
            assert!(
                total(own.iter().copied()).as_seconds() > total(spans.iter().copied()).as_seconds() - 0.3
            );
        }
    }
}
