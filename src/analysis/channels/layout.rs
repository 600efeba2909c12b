//! What two channels hold: one voice twice, one voice on one side, or two people.

use super::levels::{Comparison, HOP_MS};
use super::stretch::{self, ALIKE, FRAMES, LATEST, Stretch, median};
use crate::session::time::total;
use crate::session::{Millis, Span};

/// Channels this much alike are one voice, at whatever level. Two people who hear each other at -2 dB would give 0.98.
const SAME: f64 = 0.98;
/// So much against each other they are one voice with one side turned over; a mean would be silence.
const INVERTED: f64 = -0.9;
/// A side this many decibels below the other is what leaks through a cable.
const LEAK: f64 = 50.0;
/// The samples of a stereo recording of one voice, taken by microphones side by side, are at least this much alike;
/// below, a mean would wipe out parts of it.
const MEAN: f64 = 0.5;
/// Less speech than this on the weaker side, of the speech on the stronger, is what a detector mishears.
const ONE_SIDED: f64 = 0.02;
/// Seconds of speech that a second person has at least; less is left to the one who has the rest.
const LEAST: Millis = Millis(1_500);
/// The same as a share of all speech.
const LEAST_SHARE: f64 = 0.03;
/// Decibels between the leads of two people at least. A person who moves about before two microphones gives 2 to 4.
pub const APART: f32 = 8.0;
/// Decibels by which each is louder on the own side at least, where the other side hears them too.
const LOUDER: f32 = 1.5;

/// So far apart, two people need not each be the louder one: one microphone may be set far louder than the other. A
/// person on one side that fails now and then would look the same, but fails for minutes; people take turns.
const FAR_APART: f32 = 20.0;
const TURNS: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    pub fn index(self) -> usize {
        self as usize
    }

    pub fn other(self) -> Self {
        if self == Self::Left { Self::Right } else { Self::Left }
    }

    pub fn name(self) -> &'static str {
        if self == Self::Left { "left" } else { "right" }
    }
}

/// Where one voice is heard best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Side(Side),
    Mean,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Layout {
    /// The same voice or voices on both.
    Mono(Source),
    /// The same, one turned over.
    Inverted(Side),
    /// Only this side holds anything.
    OneSide(Side),
    /// One person a side. `apart`: by how many decibels their levels set them apart.
    TwoSpeakers { apart: f32 },
}

impl Layout {
    /// What can be said from levels alone; `None` when it takes to know where there is speech.
    pub fn at_once(compared: &Comparison) -> Option<Self> {
        let (alike, lead) = (compared.alike(), compared.lead());
        let louder = louder(compared);
        if alike >= SAME {
            Some(Self::Mono(Source::Side(louder)))
        } else if alike <= INVERTED {
            Some(Self::Inverted(louder))
        } else if lead.abs() >= LEAK {
            Some(Self::OneSide(louder))
        } else {
            None
        }
    }

    /// What the channels hold, from where each has speech (in order, not overlapping).
    ///
    /// `expected`: it is known that there are two people, so that little of one is no reason to doubt it.
    pub fn of(compared: &Comparison, speech: [&[Span]; 2], expected: bool) -> Self {
        if let Some(layout) = Self::at_once(compared) {
            return layout;
        }
        let heard = speech.map(|spans| total(spans.iter().copied()).as_seconds());
        let stronger = if heard[0] >= heard[1] { Side::Left } else { Side::Right };
        let (most, least) = (heard[stronger.index()], heard[stronger.other().index()]);
        if !expected && most > 0.0 && least <= most * ONE_SIDED {
            return Self::OneSide(stronger);
        }
        match people(compared, &stretch::all(compared, speech)) {
            People::Two { apart } => Self::TwoSpeakers { apart },
            People::Unknown if expected => Self::TwoSpeakers { apart: APART },
            _ if compared.alike() >= MEAN => Self::Mono(Source::Mean),
            _ => Self::Mono(Source::Side(louder(compared))),
        }
    }
}

fn louder(compared: &Comparison) -> Side {
    if compared.lead() >= 0.0 { Side::Left } else { Side::Right }
}

enum People {
    Two {
        apart: f32,
    },
    /// Most of what is said is on both sides, and the same.
    Same,
    Unknown,
}

/// There are two people if each is the louder on one side, or if both sides speak at once and are not alike.
fn people(compared: &Comparison, stretches: &[Stretch]) -> People {
    let border = stretch::divide(stretches);
    // The right side speaks where it leads, the left where it does.
    let some = |wanted: &dyn Fn(&Stretch) -> bool| -> Vec<Stretch> {
        stretches.iter().copied().filter(|stretch| wanted(stretch)).collect()
    };
    let right = some(&|s| s.speech[1] && s.lead <= border);
    let left = some(&|s| s.speech[0] && s.lead > border);
    let both = some(&|s| s.speech == [true, true]);
    let share = |count: usize| count as f64 / stretches.len().max(1) as f64;
    let enough =
        |count: usize| Millis((count * FRAMES) as i64 * HOP_MS) >= LEAST && share(count) >= LEAST_SHARE;
    let alike = |own: &[Stretch]| {
        let later = stretch::delay(compared, own, -LATEST..=LATEST).unwrap_or(0);
        median(own.iter().map(|s| stretch::likeness(compared, s.from, later))) >= ALIKE
    };
    let lead = |own: &[Stretch]| median(own.iter().map(|s| s.lead));
    let apart = lead(&left) - lead(&right);
    let changes =
        stretches.windows(2).filter(|pair| (pair[0].lead > border) != (pair[1].lead > border)).count();
    let far = apart >= FAR_APART && changes >= TURNS;
    let own_left = || far || lead(&left) >= LOUDER || !alike(&left);
    let own_right = || far || lead(&right) <= -LOUDER || !alike(&right);
    if enough(left.len()) && enough(right.len()) && apart >= APART && own_left() && own_right() {
        People::Two { apart }
    } else if enough(both.len()) && !alike(&both) {
        // Two voices at once that share nothing are as far apart as can be.
        People::Two { apart: 2.0 * APART }
    } else if share(both.len()) >= 0.5 {
        People::Same
    } else {
        People::Unknown
    }
}

/// Which side is the candidate's when nobody says so: the one who talks more. Also how sure that is, 0.5 to 1: a
/// candidate has half to seven tenths of the talk in most interviews, so a lead of half the talk settles it.
pub fn candidate(talk: [Millis; 2]) -> (Side, f64) {
    let [left, right] = talk.map(Millis::as_seconds);
    let side = if left >= right { Side::Left } else { Side::Right };
    let lead = (left - right).abs() / (left + right).max(f64::MIN_POSITIVE);
    (side, 0.5 + lead.min(0.5))
}

#[cfg(test)]
mod tests {
    use super::super::levels::Levels;
    use super::super::voices::{self, mixed};
    use super::*;

    const LEFT: [(f64, f64); 3] = [(0.5, 6.0), (9.0, 14.0), (17.0, 20.0)];
    const RIGHT: [(f64, f64); 2] = [(6.2, 8.8), (14.2, 16.8)];

    fn of(left: &[f32], right: &[f32], speech: [&[Span]; 2]) -> Layout {
        let mut levels = Levels::default();
        levels.push(left, right);
        Layout::of(&levels.finish(), speech, false)
    }

    #[test]
    fn one_voice_on_both_sides_is_mono_however_it_came_there() {
        let spans = voices::spans(&LEFT);
        let both: [&[Span]; 2] = [&spans, &spans];
        let voice = voices::voice(1, &LEFT, 20.0);
        let scaled = |gain: f32| -> Vec<f32> { voice.iter().map(|sample| sample * gain).collect() };
        assert_eq!(of(&voice, &voice, both), Layout::Mono(Source::Side(Side::Left)));
        assert_eq!(of(&scaled(0.1), &voice, both), Layout::Mono(Source::Side(Side::Right)));
        assert_eq!(of(&voice, &scaled(-1.0), both), Layout::Inverted(Side::Left));
        assert_eq!(of(&voice, &scaled(-0.001), [&spans, &[]]), Layout::Inverted(Side::Left));
        assert_eq!(of(&vec![0.0; voice.len()], &voice, [&[], &spans]), Layout::OneSide(Side::Right));
        assert_eq!(of(&voice, &mixed(&[], voice.len()), [&spans, &[]]), Layout::OneSide(Side::Left));
        // Two microphones, one farther away.
        let (near, far) = (mixed(&[(&voice, 1.0, 0)], voice.len()), mixed(&[(&voice, 0.6, 40)], voice.len()));
        assert!(matches!(of(&near, &far, both), Layout::Mono(_)), "{:?}", of(&near, &far, both));
    }

    #[test]
    fn two_people_are_two_with_and_without_bleed_and_at_once() {
        let (left, right) = (voices::voice(1, &LEFT, 20.0), voices::voice(2, &RIGHT, 20.0));
        let (a, b) = (voices::spans(&LEFT), voices::spans(&RIGHT));
        let all = crate::session::time::union([a.clone(), b.clone()].concat());
        for (bleed, speech) in [(0.0, [&a, &b]), (0.03, [&a, &b]), (0.25, [&all, &all]), (0.5, [&all, &all])]
        {
            let channels = [(&left, &right), (&right, &left)]
                .map(|(own, other)| mixed(&[(own, 1.0, 0), (other, bleed, 160)], own.len()));
            let found = of(&channels[0], &channels[1], [speech[0], speech[1]]);
            assert!(matches!(found, Layout::TwoSpeakers { .. }), "{bleed}: {found:?}");
        }
        // The left microphone is set so loud that it has both people louder than the right.
        let hot = mixed(&[(&left, 4.0, 0), (&right, 1.2, 160)], left.len());
        let found = of(&hot, &mixed(&[(&right, 1.0, 0)], left.len()), [&all, &b]);
        assert!(matches!(found, Layout::TwoSpeakers { .. }), "{found:?}");
        // A side that fails once is no second person.
        let failing: Vec<f32> =
            left.iter().enumerate().map(|(at, s)| if at < 128_000 { *s } else { 0.0 }).collect();
        let found = of(
            &mixed(&[(&left, 1.0, 0)], left.len()),
            &mixed(&[(&failing, 1.0, 0)], left.len()),
            [&a, &a[..1]],
        );
        assert!(matches!(found, Layout::Mono(_)), "{found:?}");
        // Both all the time.
        let other = voices::voice(3, &LEFT, 20.0);
        let found =
            of(&mixed(&[(&left, 1.0, 0)], left.len()), &mixed(&[(&other, 1.0, 0)], left.len()), [&a, &a]);
        assert!(matches!(found, Layout::TwoSpeakers { .. }), "{found:?}");
    }

    #[test]
    fn the_candidate_is_who_talks_more_and_a_close_call_is_called_one() {
        assert_eq!(candidate([Millis(90), Millis(10)]), (Side::Left, 1.0));
        let (side, sure) = candidate([Millis(48), Millis(52)]);
        assert!(side == Side::Right && (sure - 0.54).abs() < 1e-9, "{side:?} {sure}");
        assert_eq!(candidate([Millis(0), Millis(0)]), (Side::Left, 0.5));
    }
}
