//! Two channels as levels over time, band by band, made while the samples stream past.

/// Octave bands in which speech lies and hum does not; who speaks is told from all of them.
const CENTRES: [f32; BANDS] = [300.0, 700.0, 1500.0, 3000.0];
pub const BANDS: usize = 4;
/// Time from one level to the next.
pub const HOP_MS: i64 = 10;
const RATE: f32 = 16_000.0;
const HOP: usize = (RATE as usize / 1000) * HOP_MS as usize;
/// A level is the mean power of so many hops: a single one sees no more than the pulses of a low voice.
const HOPS: usize = 3;
/// Steps a decibel in which levels are kept: a byte each, 9 MB for three hours.
pub const STEPS: f32 = 2.0;
/// Decibels of full scale that step 0 stands for.
const FLOOR: f32 = -110.0;

/// Levels of one channel at one moment, in steps.
pub type Frame = [u8; BANDS];

/// A band-pass filter of second order.
#[derive(Clone, Default)]
struct Band {
    gain: f32,
    feedback: [f32; 2],
    input: [f32; 2],
    output: [f32; 2],
}

impl Band {
    fn new(centre: f32) -> Self {
        let angle = std::f32::consts::TAU * centre / RATE;
        // An octave wide: Q of about 1.4.
        let alpha = angle.sin() / 2.8;
        let scale = 1.0 / (1.0 + alpha);
        Self {
            gain: alpha * scale,
            feedback: [-2.0 * angle.cos() * scale, (1.0 - alpha) * scale],
            ..Self::default()
        }
    }

    fn filter(&mut self, sample: f32) -> f32 {
        let value = self.gain * (sample - self.input[1])
            - self.feedback[0] * self.output[0]
            - self.feedback[1] * self.output[1];
        // Numbers that fade out below what a processor handles fast are nothing.
        let value = if value.abs() < 1e-15 { 0.0 } else { value };
        self.input = [sample, self.input[0]];
        self.output = [value, self.output[0]];
        value
    }
}

#[derive(Default)]
struct Channel {
    bands: Vec<Band>,
    power: [f32; BANDS],
    /// Power of the hops before, the newest first.
    before: [[f32; BANDS]; HOPS - 1],
    frames: Vec<Frame>,
    last: f32,
}

impl Channel {
    fn new() -> Self {
        Self { bands: CENTRES.map(Band::new).into(), ..Self::default() }
    }

    fn push(&mut self, sample: f32) {
        for (band, power) in self.bands.iter_mut().zip(&mut self.power) {
            let value = band.filter(sample);
            *power += value * value;
        }
    }

    fn end_hop(&mut self) {
        let mean = |band: usize| {
            let sum = self.power[band] + self.before.iter().map(|hop| hop[band]).sum::<f32>();
            sum / (HOP * HOPS) as f32
        };
        let frame = std::array::from_fn(|band| {
            let decibels = 10.0 * (mean(band) + 1e-12).log10();
            ((decibels - FLOOR) * STEPS).clamp(0.0, 255.0) as u8
        });
        self.frames.push(frame);
        self.before.rotate_right(1);
        self.before[0] = std::mem::take(&mut self.power);
    }
}

/// Takes both channels as they come.
pub struct Levels {
    channels: [Channel; 2],
    in_hop: usize,
    /// Sums of left by left, right by right and left by right, of what changes fast: hum and a constant part are
    /// alike on all channels, whoever speaks.
    products: [f64; 3],
}

impl Default for Levels {
    fn default() -> Self {
        Self { channels: [Channel::new(), Channel::new()], in_hop: 0, products: [0.0; 3] }
    }
}

impl Levels {
    /// For two channels that begin after so many samples which were the same on both.
    pub fn starting_after(samples: u64) -> Self {
        let mut levels = Self::default();
        let frames = (samples / HOP as u64) as usize;
        levels.in_hop = (samples % HOP as u64) as usize;
        levels.channels.iter_mut().for_each(|channel| channel.frames.resize(frames, [0; BANDS]));
        levels
    }

    /// The same stretch of both channels, at 16 kHz.
    pub fn push(&mut self, left: &[f32], right: &[f32]) {
        for (&l, &r) in left.iter().zip(right) {
            let [a, b] = &mut self.channels;
            let (x, y) = (f64::from(l - 0.95 * a.last), f64::from(r - 0.95 * b.last));
            (a.last, b.last) = (l, r);
            self.products = [self.products[0] + x * x, self.products[1] + y * y, self.products[2] + x * y];
            a.push(l);
            b.push(r);
            self.in_hop += 1;
            if self.in_hop == HOP {
                self.in_hop = 0;
                self.channels.iter_mut().for_each(Channel::end_hop);
            }
        }
    }

    pub fn finish(self) -> Comparison {
        let frames = self.channels.map(|channel| channel.frames);
        let floor = [0, 1].map(|side: usize| floor(&frames[side]));
        Comparison { frames, floor, products: self.products }
    }
}

/// How two channels compare.
pub struct Comparison {
    /// Left and right; the level at `index` is of the time around `(index - 1) * HOP_MS`.
    pub frames: [Vec<Frame>; 2],
    /// Level of each channel's noise.
    pub floor: [Frame; 2],
    products: [f64; 3],
}

impl Comparison {
    /// Correlation of the samples: 1 for equal channels, -1 for inverted ones; 0 where one is silent.
    pub fn alike(&self) -> f64 {
        let [left, right, both] = self.products;
        let scale = (left * right).sqrt();
        if scale > 0.0 { both / scale } else { 0.0 }
    }

    /// By how many decibels the left channel is louder than the right, over all; infinite where one is silent.
    pub fn lead(&self) -> f64 {
        let [left, right, _] = self.products;
        if left == right { 0.0 } else { 10.0 * (left / right).log10() }
    }

    pub fn len(&self) -> usize {
        self.frames[0].len()
    }

    pub fn is_empty(&self) -> bool {
        self.frames[0].is_empty()
    }
}

/// The level that a tenth of the frames stay under, but no less than what recorders call silence (-90 dB).
fn floor(frames: &[Frame]) -> Frame {
    let lowest = ((-90.0 - FLOOR) * STEPS) as u8;
    std::array::from_fn(|band| {
        let mut histogram = [0_usize; 256];
        frames.iter().for_each(|frame| histogram[frame[band] as usize] += 1);
        let mut left = frames.len() / 10;
        let tenth = histogram.iter().position(|&count| {
            let reached = count > left;
            left = left.saturating_sub(count);
            reached
        });
        (tenth.unwrap_or(0) as u8).max(lowest)
    })
}

/// A level in decibels of full scale.
pub fn decibels(level: u8) -> f32 {
    FLOOR + f32::from(level) / STEPS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, gain: f32) -> Vec<f32> {
        (0..16_000).map(|i| gain * (std::f32::consts::TAU * hertz * i as f32 / RATE).sin()).collect()
    }

    #[test]
    fn a_tone_is_in_its_band_at_its_level() {
        let mut levels = Levels::default();
        levels.push(&tone(700.0, 0.1), &tone(3000.0, 0.01));
        let compared = levels.finish();
        assert_eq!(compared.len(), 100);
        let [left, right] = [0, 1].map(|side: usize| compared.frames[side][50].map(decibels));
        assert!((left[1] + 23.0).abs() < 1.0 && left[3] < -35.0, "{left:?}");
        assert!((right[3] + 43.0).abs() < 1.0 && right[0] < -60.0, "{right:?}");
    }

    #[test]
    fn likeness_sees_through_a_constant_part_and_hum() {
        let hum = tone(50.0, 0.5);
        let noise = |seed: u32| -> Vec<f32> {
            let mut state = seed;
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 24) as f32 - 0.5
            };
            hum.iter().map(|hum| 0.2 + hum + 0.2 * next()).collect()
        };
        let compare = |left: &[f32], right: &[f32]| {
            let mut levels = Levels::default();
            levels.push(left, right);
            levels.finish().alike()
        };
        let inverted: Vec<f32> = noise(1).iter().map(|sample| -0.3 * sample).collect();
        assert!(compare(&noise(1), &noise(1)) > 0.9999);
        assert!(compare(&noise(1), &inverted) < -0.9999);
        assert!(compare(&noise(1), &noise(7)).abs() < 0.5);
        assert_eq!(compare(&noise(1), &[0.0; 16_000]), 0.0);
    }
}
