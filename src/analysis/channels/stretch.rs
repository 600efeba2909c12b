//! Half-second stretches of two channels: who is louder, and whether both hold the same sound.

use super::levels::{BANDS, Comparison, Frame, HOP_MS, STEPS, decibels};
use crate::session::time::covered;
use crate::session::{Millis, Span};

/// Frames of a stretch: long enough for two syllables, short enough that one person has it.
pub const FRAMES: usize = 50;
/// How much of a stretch is speech at least, for it to count as such.
const SPEECH: f64 = 0.4;
/// Louder by more is all the same.
const MOST: f32 = 40.0;
/// A rise or fall of the level is taken over so many frames.
const SLOPE: usize = 3;
/// Levels this close above the noise do not move: what moves there is noise.
const ABOVE_NOISE: u8 = (3.0 * STEPS) as u8;
/// How much later one channel may have what the other has, in frames: sound that a loudspeaker gives back 0.25 s late.
pub const LATEST: i32 = 25;
/// Stretches this much alike hold the same sound: halfway between two voices (near 0) and one voice twice (near 1).
pub const ALIKE: f32 = 0.5;

/// What is known of one stretch with speech.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// First frame.
    pub from: usize,
    /// By how many decibels left is louder than right, both without their noise.
    pub lead: f32,
    /// Whether the left, and the right, holds speech.
    pub speech: [bool; 2],
}

/// All stretches in which a channel holds speech.
pub fn all(compared: &Comparison, speech: [&[Span]; 2]) -> Vec<Stretch> {
    let power: Vec<f32> = (0..=255_u8).map(|level| 10_f32.powf(decibels(level) / 10.0)).collect();
    let starts = (0..compared.len().saturating_sub(FRAMES - 1)).step_by(FRAMES);
    let stretch = |from: usize| {
        let at = Millis(from as i64 * HOP_MS);
        let span = Span::new(at, at + Millis(FRAMES as i64 * HOP_MS));
        let share = |side: usize| covered(near(speech[side], span), span).0 as f64 / span.length().0 as f64;
        let speech = [share(0) >= SPEECH, share(1) >= SPEECH];
        if speech == [false, false] {
            return None;
        }
        let loudness = [0, 1].map(|side: usize| {
            let sum = |frame: &Frame| frame.iter().map(|&level| power[level as usize]).sum::<f32>();
            let noise = sum(&compared.floor[side]);
            let heard = compared.frames[side][from..from + FRAMES].iter().map(sum).sum::<f32>();
            (heard / FRAMES as f32 - noise).max(noise / 10.0)
        });
        let lead = (10.0 * (loudness[0] / loudness[1]).log10()).clamp(-MOST, MOST);
        Some(Stretch { from, lead, speech })
    };
    starts.filter_map(stretch).collect()
}

/// The spans that may share something with `window`.
fn near(spans: &[Span], window: Span) -> &[Span] {
    let first = spans.partition_point(|span| span.end <= window.start);
    let last = spans.partition_point(|span| span.start < window.end);
    &spans[first.min(last)..last]
}

/// How alike the rises and falls of both channels are, 1 for the same sound: `later` is by how many frames the right
/// one has it later. 0 where one of them does not move.
pub fn likeness(compared: &Comparison, from: usize, later: i32) -> f32 {
    let slope = |side: usize, at: i64, band: usize| -> f32 {
        let level = |at: i64| {
            let frame = usize::try_from(at).ok().and_then(|at| compared.frames[side].get(at));
            let quiet = compared.floor[side][band].saturating_add(ABOVE_NOISE);
            frame.map_or(quiet, |frame| frame[band].max(quiet))
        };
        f32::from(level(at)) - f32::from(level(at - SLOPE as i64))
    };
    let (mut both, mut left, mut right) = (0.0, 0.0, 0.0);
    for at in from as i64..(from + FRAMES) as i64 {
        for band in 0..BANDS {
            let (x, y) = (slope(0, at, band), slope(1, at + i64::from(later), band));
            both += x * y;
            left += x * x;
            right += y * y;
        }
    }
    let scale = (left * right).sqrt();
    if scale > 0.0 { both / scale } else { 0.0 }
}

/// The delay at which most of these stretches are alike, among `delays`; `None` when there is no stretch.
pub fn delay(
    compared: &Comparison,
    stretches: &[Stretch],
    delays: std::ops::RangeInclusive<i32>,
) -> Option<i32> {
    // More would be no better known.
    const ENOUGH: usize = 400;
    let step = stretches.len().div_ceil(ENOUGH).max(1);
    let sum = |later: i32| -> f32 {
        let some = stretches.iter().step_by(step);
        some.map(|stretch| likeness(compared, stretch.from, later).max(0.0).powi(2)).sum()
    };
    let best = delays.map(|later| (later, sum(later))).max_by(|a, b| a.1.total_cmp(&b.1));
    best.filter(|_| !stretches.is_empty()).map(|(later, _)| later)
}

/// The lead that parts stretches best into those of the left voice and those of the right (Otsu's threshold).
pub fn divide(stretches: &[Stretch]) -> f32 {
    let mut leads: Vec<f32> = stretches.iter().map(|stretch| stretch.lead).collect();
    leads.sort_by(f32::total_cmp);
    let all: f32 = leads.iter().sum();
    let (mut below, mut best) = (0.0, (0.0, 0.0));
    for index in 1..leads.len() {
        below += leads[index - 1];
        let (n, m) = (index as f32, (leads.len() - index) as f32);
        let apart = below / n - (all - below) / m;
        let between = n * m * apart * apart;
        if between > best.0 {
            best = (between, (leads[index - 1] + leads[index]) / 2.0);
        }
    }
    if best.0 > 0.0 { best.1 } else { leads.first().copied().unwrap_or(0.0) }
}

/// The middle value; 0 of none.
pub fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
