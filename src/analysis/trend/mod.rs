//! Is a measure changing from session to session? Rank statistics, which one odd session cannot turn round. Pure.

pub mod change;
pub mod kendall;
pub mod records;
pub mod slope;

pub use change::ChangePoint;
pub use kendall::Kendall;
pub use records::{Aim, Best, Streak};
pub use slope::Slope;

use serde::Serialize;

/// Fewer sessions than this say nothing of a trend.
pub const FEWEST: usize = 5;
/// A claim is made when chance alone would do the same less often than this.
pub const SURE: f64 = 0.05;

/// What one measure does over the sessions, in their order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trend {
    pub slope: Slope,
    pub kendall: Kendall,
    pub change: Option<ChangePoint>,
}

/// The trend of `values`, one a session, oldest first; `None` below [`FEWEST`]. All values must be finite.
pub fn trend(values: &[f64]) -> Option<Trend> {
    if values.len() < FEWEST {
        return None;
    }
    let slope = slope::theil_sen(values)?;
    let change = change::pettitt(values).filter(|change| change.p < SURE && change.beats(&slope, values));
    Some(Trend { slope, kendall: kendall::mann_kendall(values), change })
}

/// Adjusts p-values for being several: the share of false claims among all claims stays below what they are compared
/// with (Benjamini and Hochberg 1995). In the order given.
pub fn adjusted(p_values: &[f64]) -> Vec<f64> {
    let count = p_values.len();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| p_values[b].total_cmp(&p_values[a]));
    let mut adjusted = vec![1.0; count];
    let mut least: f64 = 1.0;
    for (place, &index) in order.iter().enumerate() {
        least = least.min(p_values[index] * count as f64 / (count - place) as f64);
        adjusted[index] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn adjustment_is_that_of_benjamini_and_hochberg() {
        // scipy.stats.false_discovery_control([0.01, 0.04, 0.03, 0.5])
        let expected = [0.04, 0.16 / 3.0, 0.16 / 3.0, 0.5];
        for (got, expected) in adjusted(&[0.01, 0.04, 0.03, 0.5]).iter().zip(expected) {
            assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
        assert!(adjusted(&[]).is_empty());
    }

    #[test]
    fn four_sessions_claim_nothing() {
        assert_eq!(trend(&[1.0, 2.0, 3.0, 4.0]), None);
        assert!(trend(&[1.0, 2.0, 3.0, 4.0, 5.0]).is_some());
    }

    #[test]
    fn a_step_is_a_change_point_and_a_ramp_is_none() {
        let step = [40.0, 42.0, 39.0, 41.0, 43.0, 40.0, 42.0, 30.0, 29.0, 31.0, 28.0, 30.0, 32.0, 29.0];
        assert_eq!(trend(&step).unwrap().change.unwrap().first, 7);
        let ramp: Vec<f64> = (0..14).map(f64::from).collect();
        assert_eq!(trend(&ramp).unwrap().change, None);
    }

    proptest! {
        #[test]
        fn every_number_is_finite_and_every_p_a_probability(
            values in prop::collection::vec(prop_oneof![-1e6..1e6_f64, Just(0.0), Just(1e9)], 0..40)
        ) {
            if let Some(trend) = trend(&values) {
                let Slope { per_session, low, high, start } = trend.slope;
                prop_assert!([per_session, low, high, start].iter().all(|value| value.is_finite()));
                prop_assert!(low <= per_session && per_session <= high);
                prop_assert!((0.0..=1.0).contains(&trend.kendall.p));
                prop_assert!(trend.change.is_none_or(|change| (0.0..=1.0).contains(&change.p)));
            } else {
                prop_assert!(values.len() < FEWEST);
            }
        }

        #[test]
        fn turning_the_values_over_turns_the_trend_over(values in prop::collection::vec(-100.0..100.0_f64, 5..30)) {
            let turned: Vec<f64> = values.iter().map(|value| -value).collect();
            let (one, other) = (trend(&values).unwrap(), trend(&turned).unwrap());
            prop_assert!((one.slope.per_session + other.slope.per_session).abs() < 1e-9);
            prop_assert!((one.slope.low + other.slope.high).abs() < 1e-9);
            prop_assert_eq!(one.kendall.s, -other.kendall.s);
            prop_assert!((one.kendall.p - other.kendall.p).abs() < 1e-12);
        }
    }
}
