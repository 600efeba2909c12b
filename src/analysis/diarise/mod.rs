//! Who speaks when, on one channel: voiceprints of short windows are gathered around one centre a voice,
//! and a model in which people keep the floor decides on the turns.
//!
//! ```text
//! speech regions ─→ windows ─→ voiceprints ─→ centres ⇄ smoothing ─→ turns, each with a confidence
//!                              (an adapter)       └────────────────→ are there so many voices at all?
//! ```

mod smooth;
mod voices;
mod windows;

use serde::Serialize;
use voices::{centres, dot, mean};
pub use windows::{Window, windows};

use crate::session::time::total;
use crate::session::{Millis, Span};

/// How voiceprints become turns; docs/architecture.md has what was measured with these values.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Length of a window: shorter ones tell voices apart badly, longer ones hold two turns at once.
    pub window: Millis,
    /// Most time between the beginnings of two windows.
    pub hop: Millis,
    /// Log-odds for each unit of likeness (a cosine) that a window is more like one voice than another.
    pub sharpness: f64,
    /// Log-odds against a change of voice from one window to the next within a region.
    pub change: f64,
    /// The same where there is a pause between the two.
    pub change_over_pause: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { window: Millis(1_200), hop: Millis(400), sharpness: 12.0, change: 2.0, change_over_pause: 1.0 }
    }
}

/// Rounds in which centres are taken from the smoothed turns again.
const ROUNDS: usize = 3;
/// Below this a turn's voice is not sure. The model's own reckoning is optimistic: most wrong turns are above.
const SURE_TURN: f32 = 0.8;
/// A voice with less speech than this cannot be told from an odd moment of another.
const LEAST_SPEECH: Millis = Millis(3_000);

/// A stretch of one voice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Turn {
    pub span: Span,
    /// 0 for the voice that is heard first, and so on.
    pub speaker: usize,
    /// Probability of that voice, 0 to 1, by the model's own reckoning, over the turn's windows.
    pub confidence: f32,
}

impl Turn {
    /// Whether the turn's voice may be relied on.
    pub fn is_sure(&self) -> bool {
        self.confidence >= SURE_TURN
    }
}

/// The turns of a recording, and how far to trust that there are so many voices.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Diarised {
    /// In order, not overlapping; together they are the regions of speech.
    pub turns: Vec<Turn>,
    /// Speech of each voice.
    pub talk: Vec<Millis>,
    /// How far apart the two most alike voices lie, in spreads of their prints along the line between them;
    /// none where there is nothing to compare.
    pub apart: Option<f32>,
    /// Cosine of the two most alike voices' centres.
    pub likeness: Option<f32>,
    /// Whether there are as many voices as was asked for, as far as can be told.
    pub sure: bool,
}

impl Diarised {
    /// The voice that talks most (of equals the first): in a mock interview this is the candidate.
    pub fn most_talkative(&self) -> usize {
        (0..self.talk.len())
            .fold(0, |most, voice| if self.talk[voice] > self.talk[most] { voice } else { most })
    }

    /// Share of the speech whose voice is not sure, 0 to 1; 1 where the number of voices is not.
    pub fn unsure_share(&self) -> f64 {
        if !self.sure {
            return 1.0;
        }
        let all = total(self.turns.iter().map(|turn| turn.span)).0;
        let unsure = total(self.turns.iter().filter(|turn| !turn.is_sure()).map(|turn| turn.span)).0;
        if all == 0 { 0.0 } else { unsure as f64 / all as f64 }
    }
}

/// Gives each stretch of `speech` (in order, not overlapping) one of `count` voices.
///
/// `windows` are [`windows()`] of it, and `prints` has a voiceprint of length 1 for each, alike where the
/// voices are. `can_count` says whether the prints are of the kind for which it is known how far apart two
/// voices lie; without that the answer is never sure.
pub fn diarise(
    speech: &[Span],
    windows: &[Window],
    prints: &[Vec<f32>],
    count: usize,
    can_count: bool,
    settings: Settings,
) -> Diarised {
    let shares = windows::shares(windows, speech);
    let count = count.max(1);
    if count == 1 || windows.is_empty() || windows.len() != prints.len() {
        let turns: Vec<Turn> = speech
            .iter()
            .map(|&span| Turn { span, speaker: 0, confidence: if count == 1 { 1.0 } else { 0.0 } })
            .collect();
        let talk =
            (0..count).map(|voice| if voice == 0 { total(speech.iter().copied()) } else { Millis::ZERO });
        return Diarised { turns, talk: talk.collect(), apart: None, likeness: None, sure: count == 1 };
    }
    // A short window's print is less certain than a whole one's.
    let weights: Vec<f32> = windows
        .iter()
        .map(|window| (window.span.length().0 as f32 / settings.window.0.max(1) as f32).clamp(0.05, 1.0))
        .collect();
    let change: Vec<f64> = (0..windows.len())
        .map(|i| {
            let within = i > 0 && windows[i].region == windows[i - 1].region;
            if within { settings.change } else { settings.change_over_pause }
        })
        .collect();
    let mut centres = centres(prints, &weights, count);
    let mut smoothed = smooth::smooth(&evidence(prints, &centres, settings), &change);
    for _ in 0..ROUNDS {
        let path = &smoothed.path;
        for (voice, centre) in centres.iter_mut().enumerate() {
            if path.contains(&voice) {
                *centre = mean(prints, |index| if path[index] == voice { weights[index] } else { 0.0 });
            }
        }
        let next = smooth::smooth(&evidence(prints, &centres, settings), &change);
        let rests = next.path == smoothed.path;
        smoothed = next;
        if rests {
            break;
        }
    }
    let names = by_first_word(&smoothed.path, count);
    let turns = turns(&shares, windows, &smoothed, &names);
    let talk: Vec<Millis> = (0..count)
        .map(|voice| total(turns.iter().filter(|turn| turn.speaker == voice).map(|turn| turn.span)))
        .collect();
    let (apart, likeness) = closest(prints, &smoothed.path, &centres);
    let sure = can_count
        && talk.iter().all(|&talk| talk >= LEAST_SPEECH)
        && apart.zip(likeness).is_some_and(|(apart, likeness)| are_different(apart, likeness));
    Diarised { turns, talk, apart, likeness, sure }
}

/// Two halves of one person's speech had 0.81 and more in 8 recordings of one voice, two people 0.48 to 0.76
/// in 72 of 80 made-up conversations; people who sit round one far microphone had 0.87 to 0.89.
const MOST_LIKENESS: f32 = 0.78;
/// Conversations had 5.8 and more, a minute and more of one voice 2.8 to 3.0.
const LEAST_APART: f32 = 4.0;

fn are_different(apart: f32, likeness: f32) -> bool {
    likeness < MOST_LIKENESS && apart > LEAST_APART
}

fn evidence(prints: &[Vec<f32>], centres: &[Vec<f32>], settings: Settings) -> Vec<Vec<f64>> {
    let of = |print: &Vec<f32>| {
        centres.iter().map(|centre| settings.sharpness * f64::from(dot(print, centre))).collect()
    };
    prints.iter().map(of).collect()
}

/// New numbers for the voices, so that the first to speak is 0.
fn by_first_word(path: &[usize], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    for &voice in path.iter().chain(&(0..count).collect::<Vec<_>>()) {
        if !order.contains(&voice) {
            order.push(voice);
        }
    }
    (0..count).map(|voice| order.iter().position(|&other| other == voice).unwrap_or(voice)).collect()
}

/// Joins neighbouring windows of one voice and one region.
fn turns(shares: &[Span], windows: &[Window], smoothed: &smooth::Smoothed, names: &[usize]) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut region = usize::MAX;
    for (index, &span) in shares.iter().enumerate() {
        let voice = smoothed.path[index];
        let sure = smoothed.posterior[index][voice] as f32;
        match turns.last_mut() {
            Some(last) if region == windows[index].region && last.speaker == names[voice] => {
                let (before, this) = (last.span.length().0 as f32, span.length().0 as f32);
                last.confidence = (last.confidence * before + sure * this) / (before + this).max(1.0);
                last.span.end = span.end;
            }
            _ => turns.push(Turn { span, speaker: names[voice], confidence: sure }),
        }
        region = windows[index].region;
    }
    turns
}

/// The two voices that are hardest to tell apart: how many spreads of their prints lie between them on the
/// line that joins their centres, and the cosine of the centres.
fn closest(prints: &[Vec<f32>], path: &[usize], centres: &[Vec<f32>]) -> (Option<f32>, Option<f32>) {
    let mut apart: Option<f32> = None;
    let mut likeness: Option<f32> = None;
    for a in 0..centres.len() {
        for b in 0..a {
            let along = |voice: usize| -> Vec<f32> {
                let of_voice = prints.iter().zip(path).filter(|&(_, &owner)| owner == voice);
                of_voice.map(|(print, _)| dot(print, &centres[a]) - dot(print, &centres[b])).collect()
            };
            let (first, second) = (along(a), along(b));
            if first.len() < 2 || second.len() < 2 {
                return (None, None);
            }
            let ((mean_a, spread_a), (mean_b, spread_b)) = (spread(&first), spread(&second));
            let distance = (mean_a - mean_b) / ((spread_a + spread_b) / 2.0).sqrt().max(1e-6);
            apart = Some(apart.map_or(distance, |least| least.min(distance)));
            let cosine = dot(&centres[a], &centres[b]);
            likeness = Some(likeness.map_or(cosine, |most| most.max(cosine)));
        }
    }
    (apart, likeness)
}

/// Mean and variance.
fn spread(values: &[f32]) -> (f32, f32) {
    let count = values.len() as f32;
    let mean = values.iter().sum::<f32>() / count;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count)
}

/// Voiceprints made up for the tests: noise around a centre a voice.
#[cfg(test)]
mod made_up {
    use super::voices::normalise;

    pub struct Voices {
        pub centres: Vec<Vec<f32>>,
        pub seed: u32,
    }

    impl Voices {
        pub fn new(count: usize, size: usize, seed: u32) -> Self {
            let mut random = Random(seed);
            let centres = (0..count)
                .map(|_| {
                    let mut centre: Vec<f32> = (0..size).map(|_| random.next()).collect();
                    normalise(&mut centre);
                    centre
                })
                .collect();
            Self { centres, seed }
        }
    }

    /// A print near its owner's centre for each entry of `owners`; `noise` is the length of what is added.
    pub fn prints_of(voices: &Voices, owners: &[usize], noise: f32) -> Vec<Vec<f32>> {
        let mut random = Random(voices.seed.wrapping_add(77));
        let size = voices.centres[0].len() as f32;
        let scale = noise / (size / 3.0).sqrt();
        owners
            .iter()
            .map(|&owner| {
                let mut print: Vec<f32> =
                    voices.centres[owner].iter().map(|value| value + scale * random.next()).collect();
                normalise(&mut print);
                print
            })
            .collect()
    }

    struct Random(u32);

    impl Random {
        /// -1 to 1.
        fn next(&mut self) -> f32 {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::made_up::{Voices, prints_of};
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Millis(start), Millis(end))
    }

    /// Turns of `lengths` seconds by the voices in turn, with 0.5 s between every second pair, heard by
    /// made-up prints.
    fn conversation(lengths: &[f64], voices: usize, noise: f32) -> (Vec<Span>, Vec<(Span, usize)>, Diarised) {
        let (mut at, mut speech, mut truth) = (0, Vec::<Span>::new(), Vec::new());
        for (index, length) in lengths.iter().enumerate() {
            let turn = span(at, at + (length * 1000.0) as i64);
            truth.push((turn, index % voices));
            match speech.last_mut() {
                Some(last) if last.end == turn.start => last.end = turn.end,
                _ => speech.push(turn),
            }
            at = turn.end.0 + if index % 2 == 1 { 500 } else { 0 };
        }
        let settings = Settings::default();
        let cut = windows(&speech, settings.window, settings.hop);
        let owner = |window: &Window| {
            let middle = Millis((window.span.start.0 + window.span.end.0) / 2);
            truth.iter().find(|(turn, _)| turn.contains(middle)).map_or(0, |(_, voice)| *voice)
        };
        let owners: Vec<usize> = cut.iter().map(owner).collect();
        let prints = prints_of(&Voices::new(voices, 64, 5), &owners, noise);
        let found = diarise(&speech, &cut, &prints, voices, true, settings);
        (speech, truth, found)
    }

    fn wrong(truth: &[(Span, usize)], found: &Diarised) -> i64 {
        let mut wrong = 0;
        for turn in &found.turns {
            for (span, voice) in truth {
                if *voice != turn.speaker {
                    wrong += turn.span.intersection(*span).map_or(0, |both| both.length().0);
                }
            }
        }
        wrong
    }

    #[test]
    fn turns_are_found_to_half_a_hop() {
        let lengths = [4.0, 2.0, 7.0, 3.0, 1.5, 9.0, 2.5, 4.0];
        let (speech, truth, found) = conversation(&lengths, 2, 0.6);
        assert!(found.sure, "{found:?}");
        assert_eq!(crate::session::time::union(found.turns.iter().map(|turn| turn.span).collect()), speech);
        let changes = lengths.len() as i64;
        assert!(wrong(&truth, &found) <= changes * 200, "{:?}", found.turns);
        // 15 s against 18 s.
        assert_eq!(found.most_talkative(), 1);
        assert!(found.unsure_share() < 0.1);
    }

    #[test]
    fn three_voices_are_told_apart() {
        let (_, truth, found) = conversation(&[5.0, 4.0, 6.0, 3.0, 4.0, 5.0], 3, 0.6);
        assert!(found.sure && wrong(&truth, &found) <= 1_200, "{found:?}");
        assert_eq!(found.talk.len(), 3);
    }

    #[test]
    fn one_voice_is_not_surely_two() {
        let settings = Settings::default();
        let speech: Vec<Span> = (0..12).map(|i| span(i * 5000, i * 5000 + 4000)).collect();
        let cut = windows(&speech, settings.window, settings.hop);
        for noise in [0.2, 0.6, 1.0] {
            let prints = prints_of(&Voices::new(1, 64, 9), &vec![0; cut.len()], noise);
            let found = diarise(&speech, &cut, &prints, 2, true, settings);
            assert!(!found.sure, "{noise}: {:?} {:?}", found.apart, found.likeness);
            assert_eq!(found.unsure_share(), 1.0);
        }
    }

    #[test]
    fn prints_that_cannot_count_are_never_sure() {
        let speech = [span(0, 20_000)];
        let settings = Settings::default();
        let cut = windows(&speech, settings.window, settings.hop);
        let owners: Vec<usize> = (0..cut.len()).map(|index| index * 2 / cut.len()).collect();
        let prints = prints_of(&Voices::new(2, 64, 2), &owners, 0.3);
        assert!(diarise(&speech, &cut, &prints, 2, true, settings).sure);
        assert!(!diarise(&speech, &cut, &prints, 2, false, settings).sure);
    }

    #[test]
    fn too_little_to_go_by_is_one_unsure_voice_or_none() {
        let settings = Settings::default();
        assert!(diarise(&[], &[], &[], 2, true, settings).turns.is_empty());
        let speech = [span(0, 900)];
        let cut = windows(&speech, settings.window, settings.hop);
        let found = diarise(&speech, &cut, &[vec![0.0; 8]], 2, true, settings);
        assert_eq!((found.turns.len(), found.sure), (1, false));
        let alone = diarise(&speech, &cut, &[vec![0.0; 8]], 1, true, settings);
        assert!(alone.sure && alone.turns[0].confidence == 1.0);
    }
}
