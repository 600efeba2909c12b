//! The mel filter bank that a ggml Whisper file carries.

/// Frequency bins of a 400-sample Fourier transform: 400 / 2 + 1.
pub const BINS: usize = 201;

const SAMPLE_RATE: f64 = 16_000.0;
/// The Slaney scale is linear below this frequency (Hz) and logarithmic above.
const BREAK_HZ: f64 = 1_000.0;
const HZ_PER_MEL: f64 = 200.0 / 3.0;

/// Triangular filters of equal area (Slaney), `mels` rows of [`BINS`] weights, 0 to 8 kHz.
///
/// The same numbers as `librosa.filters.mel(sr=16000, n_fft=400, n_mels=mels)`, with which Whisper
/// was trained: computed in f64 and rounded to f32 twice: before and after the areas are made equal.
pub fn filters(mels: usize) -> Vec<f32> {
    let step = mel(SAMPLE_RATE / 2.0) / (mels + 1) as f64;
    let mut edges: Vec<f64> = (0..=mels).map(|i| hertz(i as f64 * step)).collect();
    // Exact, so that the last weight does not hang on how a machine rounds `exp`.
    edges.push(SAMPLE_RATE / 2.0);
    let mut rows = Vec::with_capacity(mels * BINS);
    for edge in edges.windows(3) {
        let area = 2.0 / (edge[2] - edge[0]);
        for bin in 0..BINS {
            let frequency = SAMPLE_RATE / 2.0 * bin as f64 / (BINS - 1) as f64;
            let rising = (frequency - edge[0]) / (edge[1] - edge[0]);
            let falling = (edge[2] - frequency) / (edge[2] - edge[1]);
            let height = rising.min(falling).max(0.0) as f32;
            rows.push((f64::from(height) * area) as f32);
        }
    }
    rows
}

fn log_step() -> f64 {
    6.4_f64.ln() / 27.0
}

fn mel(hertz: f64) -> f64 {
    if hertz < BREAK_HZ {
        hertz / HZ_PER_MEL
    } else {
        BREAK_HZ / HZ_PER_MEL + (hertz / BREAK_HZ).ln() / log_step()
    }
}

fn hertz(mel: f64) -> f64 {
    let break_mel = BREAK_HZ / HZ_PER_MEL;
    if mel < break_mel { mel * HZ_PER_MEL } else { BREAK_HZ * (log_step() * (mel - break_mel)).exp() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_filters_whisper_was_trained_with() {
        let bank = filters(80);
        let bytes: Vec<u8> = bank.iter().flat_map(|w| w.to_le_bytes()).collect();
        // Equal to librosa's formula in numpy, number by number.
        assert_eq!(
            super::super::checksum::sha256_of(&bytes),
            "85818f156f7e189453901a515e4726d270d307f976e161cf9403e8caab405498"
        );
        assert_eq!(bank[1], 0.024_862_595);
        assert_eq!(bank[BINS + 1], 0.001_990_822);
        for row in bank.chunks(BINS) {
            assert!(row.iter().any(|&w| w > 0.0));
            assert!(row.iter().all(|&w| (0.0..0.03).contains(&w)));
        }
        assert_eq!(filters(128).len(), 128 * BINS);
    }

    #[test]
    fn scale_and_its_inverse_agree() {
        for f in [0.0, 40.0, 999.0, 1000.0, 1001.0, 8000.0] {
            assert!((hertz(mel(f)) - f).abs() < 1e-9 * (1.0 + f));
        }
    }
}
