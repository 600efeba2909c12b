//! Many channels to one: who speaks is in the centre, or in one channel of many.

/// Positions of a speaker mask, as WAV numbers them.
const FRONT_LEFT: u32 = 1;
const FRONT_RIGHT: u32 = 1 << 1;
const FRONT_CENTRE: u32 = 1 << 2;
const LOW_FREQUENCY: u32 = 1 << 3 | 1 << 18;
/// Front speakers beside the centre carry music and effects, or a second voice.
const FRONT_WEIGHT: f32 = 0.5;
/// What comes from the back is ambience.
const BACK_WEIGHT: f32 = 0.25;
/// A mask of as many bits as the usual layouts of 3 to 8 channels have (3.0, quad, 5.0, 5.1, 6.1, 7.1).
const USUAL_MASKS: [u32; 6] = [0x7, 0x33, 0x37, 0x3f, 0x70f, 0x63f];

/// How the channels of a file become one or two.
#[derive(Clone, Debug, PartialEq)]
pub enum Fold {
    /// One or two channels stay what they are: two may be two people.
    Keep(usize),
    /// More become one, by the weight of each.
    Weigh(Vec<f32>),
}

impl Fold {
    /// `mask` has a bit a channel, in order; `None` or 0 when the file does not say.
    pub fn of(channels: usize, mask: Option<u32>) -> Self {
        if channels <= 2 {
            return Self::Keep(channels);
        }
        match mask.filter(|&mask| mask != 0) {
            Some(mask) if mask.count_ones() as usize == channels && mask & FRONT_CENTRE != 0 => {
                Self::Weigh((0..32).map(|bit| 1 << bit).filter(|bit| mask & bit != 0).map(weight).collect())
            }
            // Microphones side by side: a voice in one of them, incoherent noise in all.
            _ => Self::Weigh(vec![1.0 / (channels as f32).sqrt(); channels]),
        }
    }

    /// The mask that files without one mean, by custom.
    pub fn usual_mask(channels: usize) -> Option<u32> {
        USUAL_MASKS.get(channels.checked_sub(3)?).copied()
    }

    /// Channels that come out.
    pub fn channels(&self) -> usize {
        match self {
            Self::Keep(channels) => *channels,
            Self::Weigh(_) => 1,
        }
    }

    /// Appends the folded frames of `samples` (interleaved) to `out`.
    pub fn apply(&self, samples: &[f32], out: &mut Vec<f32>) {
        match self {
            Self::Keep(_) => out.extend_from_slice(samples),
            Self::Weigh(weights) => {
                out.extend(samples.chunks_exact(weights.len()).map(|frame| {
                    frame.iter().zip(weights).map(|(sample, weight)| sample * weight).sum::<f32>()
                }))
            }
        }
    }
}

/// In 5.1 the dialogue is in the centre and must keep its level; the low-frequency channel holds no speech.
fn weight(position: u32) -> f32 {
    match position {
        FRONT_CENTRE => 1.0,
        position if position & LOW_FREQUENCY != 0 => 0.0,
        FRONT_LEFT | FRONT_RIGHT => FRONT_WEIGHT,
        _ => BACK_WEIGHT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_in_the_centre_keeps_its_level() {
        let fold = Fold::of(6, Some(0x3f));
        let mut out = Vec::new();
        fold.apply(&[0.0, 0.0, 0.4, 0.9, 0.0, 0.0], &mut out);
        assert_eq!(out, [0.4]);
        assert_eq!(fold, Fold::of(6, Fold::usual_mask(6)));
    }

    #[test]
    fn two_channels_stay_apart() {
        let mut out = Vec::new();
        Fold::of(2, Some(3)).apply(&[0.5, -0.5], &mut out);
        assert_eq!(out, [0.5, -0.5]);
    }

    #[test]
    fn microphones_side_by_side_are_all_heard() {
        let fold = Fold::of(4, None);
        let mut out = Vec::new();
        fold.apply(&[0.0, 0.0, 0.0, 0.8], &mut out);
        assert!((out[0] - 0.4).abs() < 1e-6 && fold.channels() == 1);
    }
}
