//! How loud it is, and whether anything is heard at all.

use std::collections::VecDeque;

/// Level over the last tenth of a second, silence of the machine (exact zeros) and of the room.
pub struct LevelMeter {
    rate: usize,
    /// Mean squares of tenths of a second, newest last; so many as [`QUIET_TENTHS`].
    tenths: VecDeque<f64>,
    sum: f64,
    count: usize,
    zeros: usize,
}

/// Zeros for this long are no quiet room: a muted or forbidden microphone.
const ZERO_SECONDS: usize = 2;
/// Nothing above [`QUIET_DB`] for so many tenths is too low to hear.
const QUIET_TENTHS: usize = 40;
/// No room with a working microphone is quieter for seconds on end.
const QUIET_DB: f64 = -75.0;

/// What the level says of the microphone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    Fine,
    /// Nothing but exact zeros.
    Nothing,
    TooLow,
}

impl LevelMeter {
    /// `rate`: mono samples a second.
    pub fn new(rate: u32) -> Self {
        Self { rate: rate as usize, tenths: VecDeque::new(), sum: 0.0, count: 0, zeros: 0 }
    }

    pub fn push(&mut self, samples: &[f32]) {
        for &sample in samples {
            self.zeros = if sample == 0.0 { self.zeros + 1 } else { 0 };
            self.sum += f64::from(sample) * f64::from(sample);
            self.count += 1;
            if self.count * 10 >= self.rate {
                if self.tenths.len() == QUIET_TENTHS {
                    self.tenths.pop_front();
                }
                self.tenths.push_back(self.sum / self.count as f64);
                (self.sum, self.count) = (0.0, 0);
            }
        }
    }

    /// RMS of the last whole tenth of a second, dB of full scale.
    pub fn decibels(&self) -> f32 {
        self.tenths.back().map_or(f32::NEG_INFINITY, |square| (10.0 * square.log10()) as f32)
    }

    pub fn hearing(&self) -> Hearing {
        if self.zeros >= ZERO_SECONDS * self.rate {
            return Hearing::Nothing;
        }
        let loudest = self.tenths.iter().copied().fold(0.0, f64::max);
        let quiet = self.tenths.len() == QUIET_TENTHS && 10.0 * loudest.log10() < QUIET_DB;
        if quiet && self.zeros == 0 { Hearing::TooLow } else { Hearing::Fine }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(value: impl Fn(usize) -> f32, seconds: usize) -> (Hearing, f32) {
        let mut meter = LevelMeter::new(1_000);
        let samples: Vec<f32> = (0..seconds * 1_000).map(value).collect();
        samples.chunks(37).for_each(|chunk| meter.push(chunk));
        (meter.hearing(), meter.decibels())
    }

    #[test]
    fn zeros_and_whispers_are_told_from_speech_within_five_seconds() {
        assert_eq!(heard(|_| 0.0, 1).0, Hearing::Fine);
        assert_eq!(heard(|_| 0.0, 3).0, Hearing::Nothing);
        let square = |level: f32| move |i: usize| if i.is_multiple_of(2) { level } else { -level };
        assert_eq!(heard(square(0.0001), 5).0, Hearing::TooLow);
        assert_eq!(heard(square(0.001), 5).0, Hearing::Fine);
        assert!((heard(square(0.1), 1).1 + 20.0).abs() < 0.1);
    }
}
