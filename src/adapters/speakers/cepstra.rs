//! Voiceprints without a model: mean and spread of the mel cepstrum over a window.

use std::f32::consts::PI;

use super::spectrum::BANDS;

/// Cepstral coefficients, without the first, which is loudness.
const COEFFICIENTS: usize = 19;
/// Share of a window's frames that are too quiet to show the voice.
const QUIET_SHARE: f32 = 0.3;
const FLOOR: f32 = 1e-8;

/// Means, then spreads, of the coefficients over the louder frames of a window of mel powers.
pub fn summary(powers: &[f32]) -> Vec<f32> {
    let mut frames: Vec<&[f32]> = powers.chunks_exact(BANDS).collect();
    frames.sort_by(|a, b| a.iter().sum::<f32>().total_cmp(&b.iter().sum()));
    let loud = &frames[(frames.len() as f32 * QUIET_SHARE) as usize..];
    let mut sums = [0.0; COEFFICIENTS];
    let mut squares = [0.0; COEFFICIENTS];
    for frame in loud {
        let logs: Vec<f32> = frame.iter().map(|power| (power + FLOOR).ln()).collect();
        for (index, (sum, square)) in sums.iter_mut().zip(&mut squares).enumerate() {
            let turn = PI * (index + 1) as f32 / BANDS as f32;
            let value: f32 =
                logs.iter().enumerate().map(|(i, log)| log * (turn * (i as f32 + 0.5)).cos()).sum();
            *sum += value;
            *square += value * value;
        }
    }
    let count = loud.len().max(1) as f32;
    let spread = |(sum, square): (&f32, &f32)| (square / count - (sum / count).powi(2)).max(0.0).sqrt();
    let spreads: Vec<f32> = sums.iter().zip(&squares).map(spread).collect();
    sums.iter().map(|sum| sum / count).chain(spreads).collect()
}

/// Takes the recording's own mean out, divides each number by how much it changes from window to window
/// (which is what is said, more than who says it), and brings each print to length 1.
pub fn even_out(prints: &mut [Vec<f32>]) {
    let count = prints.len().max(1) as f32;
    for index in 0..prints.first().map_or(0, Vec::len) {
        let mean = prints.iter().map(|print| print[index]).sum::<f32>() / count;
        let change = prints.windows(2).map(|pair| (pair[1][index] - pair[0][index]).powi(2)).sum::<f32>();
        let scale = (change / count).sqrt() + 1e-6;
        prints.iter_mut().for_each(|print| print[index] = (print[index] - mean) / scale);
    }
    for print in prints {
        let length = print.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-9);
        print.iter_mut().for_each(|value| *value /= length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames whose bands rise by `slope`, with something that changes from frame to frame.
    fn window(slope: f32, seed: usize) -> Vec<f32> {
        (0..100 * BANDS)
            .map(|i| ((i % BANDS) as f32 * slope + ((i * 31 + seed * 17) % 23) as f32 * 0.02).exp())
            .collect()
    }

    #[test]
    fn two_shapes_of_spectrum_point_in_opposite_directions() {
        let mut prints: Vec<Vec<f32>> =
            (0..40).map(|i| summary(&window(if i < 20 { 0.1 } else { -0.1 }, i))).collect();
        even_out(&mut prints);
        let likeness = |a: usize, b: usize| prints[a].iter().zip(&prints[b]).map(|(x, y)| x * y).sum::<f32>();
        assert!(likeness(0, 2) > 0.5 && likeness(25, 38) > 0.5);
        assert!(likeness(0, 30) < -0.5);
    }

    #[test]
    fn an_empty_window_is_no_panic() {
        let mut prints = vec![summary(&[]), summary(&[0.0; BANDS])];
        even_out(&mut prints);
        assert!(prints.iter().flatten().all(|value| value.is_finite()));
        even_out(&mut []);
    }
}
