//! Session time from the monotonic clock: a line through the anchors that the recorder wrote.
//!
//! ```text
//! session time   |          . . · (outside: slope of the nearest pair)
//!                |      x---x
//!                |  x---
//!                +------------------ monotonic clock
//! ```

use serde::{Deserialize, Serialize};

use super::Millis;

/// One line of `clock.jsonl`: audio frame `frame` (at `rate` frames a second) was captured at `monotonic_ns`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anchor {
    pub frame: u64,
    pub rate: u32,
    pub monotonic_ns: i64,
    /// Wall time, RFC 3339; only for showing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub wall: String,
}

/// Piecewise linear map from the monotonic clock to session time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// (monotonic ns, session ns), strictly growing in the first.
    points: Vec<(i64, i64)>,
}

impl Clock {
    /// Anchors that go backwards on either clock, or have no rate, are left out.
    pub fn new(anchors: &[Anchor]) -> Self {
        let mut points: Vec<(i64, i64)> = Vec::with_capacity(anchors.len());
        for anchor in anchors.iter().filter(|anchor| anchor.rate > 0) {
            let session = anchor.frame as i128 * 1_000_000_000 / i128::from(anchor.rate);
            let Ok(session) = i64::try_from(session) else { continue };
            if points.last().is_none_or(|&(at, was)| anchor.monotonic_ns > at && session >= was) {
                points.push((anchor.monotonic_ns, session));
            }
        }
        Self { points }
    }

    /// Session time of a monotonic instant, or `None` when there is no anchor at all.
    pub fn session_time(&self, monotonic_ns: i64) -> Option<Millis> {
        let next = self.points.partition_point(|&(at, _)| at <= monotonic_ns);
        let (from, to) = match self.points.len() {
            0 => return None,
            1 => {
                let (at, session) = self.points[0];
                return Some(to_millis(i128::from(session) + i128::from(monotonic_ns) - i128::from(at)));
            }
            count => {
                let to = next.clamp(1, count - 1);
                (self.points[to - 1], self.points[to])
            }
        };
        let wide = i128::from;
        let slope = (wide(to.1) - wide(from.1)) as f64 / (wide(to.0) - wide(from.0)) as f64;
        let session = from.1 as f64 + (wide(monotonic_ns) - wide(from.0)) as f64 * slope;
        Some(to_millis(session as i128))
    }
}

fn to_millis(nanoseconds: i128) -> Millis {
    Millis(((nanoseconds + 500_000).div_euclid(1_000_000)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchor(frame: u64, monotonic_s: f64) -> Anchor {
        Anchor { frame, rate: 48_000, monotonic_ns: (monotonic_s * 1e9) as i64, wall: String::new() }
    }

    #[test]
    fn a_drifting_card_moves_nothing() {
        // 300 ppm fast: after an hour the card has counted 1.08 s too much.
        let anchors: Vec<_> =
            (0..=3600).map(|s| anchor((s as f64 * 48_000.0 * 1.0003) as u64, 5.0 + s as f64)).collect();
        let clock = Clock::new(&anchors);
        // What was done at the true second 1800 lies at the audio that was heard then.
        let at = clock.session_time(1_805_000_000_000).unwrap();
        assert!((at.0 - 1_800_540).abs() <= 1, "{at:?}");
    }

    #[test]
    fn a_lost_second_shifts_only_what_follows() {
        let clock =
            Clock::new(&[anchor(0, 0.0), anchor(48_000, 1.0), anchor(48_000, 2.0), anchor(96_000, 3.0)]);
        assert_eq!(clock.session_time(500_000_000), Some(Millis(500)));
        assert_eq!(clock.session_time(2_500_000_000), Some(Millis(1_500)));
    }

    #[test]
    fn outside_the_anchors_the_slope_goes_on() {
        let clock = Clock::new(&[anchor(0, 10.0), anchor(48_000, 11.0)]);
        assert_eq!(clock.session_time(9_000_000_000), Some(Millis(-1_000)));
        assert_eq!(clock.session_time(13_000_000_000), Some(Millis(3_000)));
        assert_eq!(Clock::new(&[]).session_time(0), None);
        assert_eq!(Clock::new(&[anchor(48_000, 3.0)]).session_time(3_250_000_000), Some(Millis(1_250)));
    }
}
