//! Theil-Sen: the median of the slopes between all pairs, with its interval (Sen 1968).

use serde::Serialize;

use super::kendall::ties_variance;
use crate::analysis::statistics::median;

/// Two-sided 95 % of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A straight line through values that stand one session apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Slope {
    /// Change from one session to the next, in the measure's unit.
    pub per_session: f64,
    /// 95 % interval of that.
    pub low: f64,
    pub high: f64,
    /// Where the line is at the first session.
    pub start: f64,
}

impl Slope {
    pub fn at(&self, session: usize) -> f64 {
        self.start + self.per_session * session as f64
    }
}

/// `None` below two values.
pub fn theil_sen(values: &[f64]) -> Option<Slope> {
    let count = values.len();
    let mut slopes = Vec::with_capacity(count * count.saturating_sub(1) / 2);
    for (i, first) in values.iter().enumerate() {
        slopes
            .extend(values[i + 1..].iter().zip(1..).map(|(later, apart)| (later - first) / f64::from(apart)));
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let pairs = slopes.len() as f64;
    let last = slopes.len().checked_sub(1)?;
    let per_session = median_of_sorted(&slopes);
    // As many slopes to either side of the middle as S may stray by chance.
    let stray = Z * ties_variance(values).sqrt();
    let high = (((pairs + stray) / 2.0).round_ties_even() as usize).min(last);
    let low = (((pairs - stray) / 2.0).round_ties_even() as usize).saturating_sub(1);
    let middle = (count - 1) as f64 / 2.0;
    Some(Slope {
        per_session,
        low: slopes[low],
        high: slopes[high],
        start: median(values.to_vec())? - per_session * middle,
    })
}

fn median_of_sorted(values: &[f64]) -> f64 {
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: scipy 1.17.1, `scipy.stats.theilslopes(values, range(n), 0.95)`: slope, low, high, intercept.
    #[test]
    fn as_scipy_computes_it() {
        let cases: [(&[f64], [f64; 4]); 5] = [
            (
                &[1120., 1160., 963., 1210., 1160., 1160., 813., 1230., 1370., 1140., 995., 935.],
                [-2.805_555_555_555_555_4, -37.5, 25.285_714_285_714_285, 1_165.430_555_555_555_5],
            ),
            (
                &[3., 1., 4., 1., 5., 9., 2., 6., 5., 8., 9., 7., 9.],
                [0.571_428_571_428_571_4, 0.25, 1.0, 1.571_428_571_428_571_6],
            ),
            (&[0., 0., 1., 0., 2., 2., 3., 2., 3., 3.], [0.375, 0.2, 0.5, 0.3125]),
            (&[1., 2., 3., 4., 5.], [1.0, 1.0, 1.0, 1.0]),
            (&[2.; 6], [0.0, 0.0, 0.0, 2.0]),
        ];
        for (values, expected) in cases {
            let Slope { per_session, low, high, start } = theil_sen(values).unwrap();
            for (got, expected) in [per_session, low, high, start].into_iter().zip(expected) {
                assert!((got - expected).abs() < 1e-9, "{values:?}: {got} is not {expected}");
            }
        }
        assert_eq!(theil_sen(&[1.0]), None);
    }

    #[test]
    fn one_wild_session_turns_nothing_round() {
        let mut values: Vec<f64> = (0..9).map(|session| 31.0 + f64::from(session)).collect();
        values[8] = 1e9;
        assert_eq!(theil_sen(&values).unwrap().per_session, 1.0);
    }
}
