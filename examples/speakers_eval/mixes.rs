//! Conversations of known turns, made of recordings of one person each.

use crate::error_rate::Reference;

const RATE: f64 = 16_000.0;
/// Seconds of a made-up conversation.
const LENGTH: f64 = 60.0;
/// RMS that every piece is brought to: -26 dBFS.
const LEVEL: f32 = 0.05;

/// What one person says, in pieces without long pauses.
pub struct Person {
    pub name: String,
    pub pieces: Vec<Vec<f32>>,
}

#[derive(Clone, Copy)]
pub enum Shape {
    /// Turns of 2 to 8 s.
    Turns,
    /// Turns of 1 to 3 s.
    Short,
    /// One has 80 % of the speech.
    Uneven,
    /// Four in ten turns begin before the other has ended.
    Overlap,
    /// One is 12 dB quieter, and there is noise 30 dB below the other.
    Far,
}

impl Shape {
    pub const ALL: [Self; 5] = [Self::Turns, Self::Short, Self::Uneven, Self::Overlap, Self::Far];

    pub fn name(self) -> &'static str {
        match self {
            Self::Turns => "2-8 s",
            Self::Short => "1-3 s",
            Self::Uneven => "80/20",
            Self::Overlap => "overlap",
            Self::Far => "far",
        }
    }
}

pub struct Mix {
    pub samples: Vec<f32>,
    pub reference: Reference,
}

struct Random(u32);

impl Random {
    fn between(&mut self, least: f64, most: f64) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        least + f64::from(self.0 >> 8) / f64::from(1 << 24) * (most - least)
    }
}

impl Mix {
    pub fn of(first: &Person, second: &Person, shape: Shape, seed: u32) -> Self {
        let mut random = Random(seed.wrapping_mul(2_654_435_761));
        let mut mix = Self { samples: Vec::new(), reference: Reference::default() };
        let (mut at, mut who, mut next) = (0.0, 0, [0, 0]);
        while at < LENGTH {
            let (least, most) = if matches!(shape, Shape::Short) { (1.0, 3.0) } else { (2.0, 8.0) };
            let share = if !matches!(shape, Shape::Uneven) { 1.0 } else { [1.6, 0.4][who] };
            let length = random.between(least, most) * share;
            let person = [first, second][who];
            let gain = if matches!(shape, Shape::Far) && who == 1 { 0.25 } else { 1.0 };
            let (begun, mut left) = (at, length);
            while left > 0.3 {
                let piece = &person.pieces[next[who] % person.pieces.len()];
                next[who] += 1;
                let cut = &piece[..piece.len().min((left * RATE) as usize + 4_800)];
                mix.add(cut, at, gain, person);
                let long = cut.len() as f64 / RATE;
                left -= long;
                at += long + random.between(0.05, 0.4);
            }
            let early = matches!(shape, Shape::Overlap) && random.between(0.0, 1.0) < 0.4;
            let gap = if early { -random.between(0.3, 1.0) } else { random.between(0.0, 0.6) };
            at = (at + gap).max(begun + 0.2);
            who = 1 - who;
        }
        mix.add_noise(if matches!(shape, Shape::Far) { 0.002_7 } else { 0.001 });
        mix
    }

    /// One person alone, up to the length of a conversation, without saying anything twice.
    pub fn alone(person: &Person) -> Self {
        let mut mix = Self { samples: Vec::new(), reference: Reference::default() };
        let mut at = 0.0;
        for piece in &person.pieces {
            if at > LENGTH {
                break;
            }
            mix.add(piece, at, 1.0, person);
            at += piece.len() as f64 / RATE + 0.3;
        }
        mix.add_noise(0.001);
        mix
    }

    fn add(&mut self, piece: &[f32], at: f64, gain: f32, person: &Person) {
        let start = (at * RATE) as usize;
        let power = piece.iter().map(|sample| sample * sample).sum::<f32>() / piece.len().max(1) as f32;
        let gain = gain * LEVEL / power.sqrt().max(1e-6);
        self.samples.resize(self.samples.len().max(start + piece.len()), 0.0);
        self.samples[start..].iter_mut().zip(piece).for_each(|(to, sample)| *to += sample * gain);
        self.reference.0.push((at, at + piece.len() as f64 / RATE, person.name.clone()));
    }

    fn add_noise(&mut self, level: f32) {
        let mut random = Random(99);
        self.samples.iter_mut().for_each(|sample| *sample += random.between(-1.0, 1.0) as f32 * level * 1.7);
    }
}
