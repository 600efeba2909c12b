//! Mann-Kendall: do later sessions tend to be higher than earlier ones?

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Kendall {
    /// Pairs that rise less pairs that fall.
    pub s: i64,
    /// How often chance alone would do as much, in either direction: 0 to 1.
    pub p: f64,
}

/// By the normal approximation, with the correction for ties and for continuity.
pub fn mann_kendall(values: &[f64]) -> Kendall {
    let rises = |(i, first): (usize, &f64)| -> i64 {
        values[i + 1..].iter().map(|later| i64::from(later > first) - i64::from(later < first)).sum()
    };
    let s: i64 = values.iter().enumerate().map(rises).sum();
    let spread = ties_variance(values).sqrt();
    let beyond = (s.abs() - 1).max(0) as f64;
    let p = if spread > 0.0 { 2.0 * upper_tail(beyond / spread) } else { 1.0 };
    Kendall { s, p: p.clamp(0.0, 1.0) }
}

/// Variance of S where there is no trend; equal values lower it.
pub fn ties_variance(values: &[f64]) -> f64 {
    let of = |count: usize| (count * count.saturating_sub(1) * (2 * count + 5)) as f64;
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let ties: f64 = sorted.chunk_by(|a, b| a == b).map(|group| of(group.len())).sum();
    (of(values.len()) - ties) / 18.0
}

/// Chance of more than `z` (0 or above) in the normal distribution, to 1e-7: Abramowitz and Stegun 26.2.17.
fn upper_tail(z: f64) -> f64 {
    const B: [f64; 5] = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let sum = B.iter().rev().fold(0.0, |sum, b| (sum + b) * t);
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: pymannkendall 1.4.3, `original_test(values)`: s, var_s, p.
    #[test]
    fn as_pymannkendall_computes_it() {
        let cases: [(&[f64], i64, f64, f64); 6] = [
            (
                &[1120., 1160., 963., 1210., 1160., 1160., 813., 1230., 1370., 1140., 995., 935.],
                -5,
                209.0,
                0.782_021_387_421_909_7,
            ),
            (&[3., 1., 4., 1., 5., 9., 2., 6., 5., 8., 9., 7., 9.], 45, 263.0, 0.006_664_567_765_022_555),
            (&[0., 0., 1., 0., 2., 2., 3., 2., 3., 3.], 32, 114.0, 0.003_691_159_562_058_122),
            (&[1., 2., 3., 4., 5.], 10, 50.0 / 3.0, 0.027_486_336_111_510_3),
            (&[2.; 6], 0, 0.0, 1.0),
            (
                &[40., 42., 39., 41., 43., 40., 42., 30., 29., 31., 28., 30., 32., 29.],
                -43,
                989.0 / 3.0,
                0.020_712_058_788_306_29,
            ),
        ];
        for (values, s, variance, p) in cases {
            let got = mann_kendall(values);
            assert_eq!(got.s, s, "{values:?}");
            assert!((ties_variance(values) - variance).abs() < 1e-9, "{values:?}");
            assert!((got.p - p).abs() < 1e-6, "{values:?}: {} is not {p}", got.p);
        }
        assert_eq!(mann_kendall(&[]), Kendall { s: 0, p: 1.0 });
    }
}
