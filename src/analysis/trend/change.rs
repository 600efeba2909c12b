//! Pettitt (1979): the moment at which the values before and after differ most, by ranks.

use serde::Serialize;

use super::Slope;
use crate::analysis::statistics::median;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChangePoint {
    /// Position of the first session after the change.
    pub first: usize,
    /// Median before and after.
    pub before: f64,
    pub after: f64,
    /// How often chance alone would do as much: 0 to 1.
    pub p: f64,
}

impl ChangePoint {
    /// Whether a step tells the values better than a straight line does: a steady rise has no moment of change.
    pub fn beats(&self, slope: &Slope, values: &[f64]) -> bool {
        let step = |index: usize| if index < self.first { self.before } else { self.after };
        let miss = |line: &dyn Fn(usize) -> f64| -> f64 {
            values.iter().enumerate().map(|(index, value)| (value - line(index)).abs()).sum()
        };
        miss(&step) < miss(&|index| slope.at(index))
    }
}

/// The likeliest change point, however unlikely; `None` where all values are equal, or fewer than two.
pub fn pettitt(values: &[f64]) -> Option<ChangePoint> {
    let count = values.len() as f64;
    let (mut u, mut most, mut first) = (0_i64, 0_i64, 0);
    for (index, value) in values.iter().enumerate().take(values.len().saturating_sub(1)) {
        // U grows by what this value is below all others: pairs within the part before cancel out.
        u += values.iter().map(|other| i64::from(other > value) - i64::from(other < value)).sum::<i64>();
        if u.abs() > most {
            (most, first) = (u.abs(), index + 1);
        }
    }
    let k = most as f64;
    let p = (2.0 * (-6.0 * k * k / (count.powi(3) + count.powi(2))).exp()).min(1.0);
    let (before, after) = values.split_at(first);
    (most > 0).then_some(())?;
    Some(ChangePoint { first, before: median(before.to_vec())?, after: median(after.to_vec())?, p })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: pyhomogeneity, `pettitt_test(values, sim=None)`: cp and p (its p is not held below 1).
    #[test]
    fn as_pyhomogeneity_computes_it() {
        let cases: [(&[f64], usize, f64); 4] = [
            (
                &[1120., 1160., 963., 1210., 1160., 1160., 813., 1230., 1370., 1140., 995., 935.],
                9,
                0.972_381_885_276_881_5,
            ),
            (&[3., 1., 4., 1., 5., 9., 2., 6., 5., 8., 9., 7., 9.], 5, 0.126_378_259_229_167_93),
            (&[0., 0., 1., 0., 2., 2., 3., 2., 3., 3.], 4, 0.086_408_346_808_512_52),
            (
                &[40., 42., 39., 41., 43., 40., 42., 30., 29., 31., 28., 30., 32., 29.],
                7,
                0.014_893_166_141_848_676,
            ),
        ];
        for (values, first, p) in cases {
            let got = pettitt(values).unwrap();
            assert_eq!(got.first, first, "{values:?}");
            assert!((got.p - p).abs() < 1e-12, "{values:?}: {} is not {p}", got.p);
        }
        let step = pettitt(cases[3].0).unwrap();
        assert_eq!((step.before, step.after), (41.0, 30.0));
        assert_eq!(pettitt(&[2.0; 6]), None);
        assert_eq!(pettitt(&[]), None);
    }
}
