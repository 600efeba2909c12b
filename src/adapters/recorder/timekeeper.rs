//! Where audio is missing: capture times against frames.
//!
//! ```text
//! offset of a block = its capture time - the time of the frames before it
//!
//! offset  |                    x x x x x      stays up: audio was lost before the first of these
//!         |        x                          comes back down: a late callback, nothing was lost
//!         | x x x    x x x x x                the base follows slowly: the sound card drifts
//! ```

use std::collections::VecDeque;

/// An offset this far above the base may be a gap.
const SUSPECT_NS: i64 = 80_000_000;
/// It is one when it stays up for so long. On a machine without a free core callbacks came late for half a second on
/// end, and a fill too many is worse than a late one.
const PATIENCE_NS: i64 = 1_500_000_000;
/// How fast the base may rise: 500 millionths, beyond any sound card's drift.
const RISE: f64 = 500e-6;

/// Blocks that a source claims to have captured within so little are one burst: a sound server hands over what has
/// gathered in several callbacks, and its client gives each the same time (three in 100 ms, up to 100 ms early).
const BURST_NS: i64 = 5_000_000;

/// How soon the base falls to a lower offset: one early block alone must not draw it down.
const FALL_NS: f64 = 1e9;

/// What to do with the oldest block that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Write it.
    Take,
    /// Write so many nanoseconds of silence, then it.
    FillThenTake(i64),
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    offset: i64,
    claimed_ns: i64,
    length_ns: i64,
}

/// Judges blocks in order; each waits a little until its neighbours are known.
#[derive(Debug, Default)]
pub struct Timekeeper {
    waiting: VecDeque<Waiting>,
    /// Time of all frames that came in, fills included.
    received_ns: i64,
    /// Offset without jitter: session time 0 on the monotonic clock.
    base: Option<i64>,
    /// What was claimed for the first block of the newest burst.
    burst_ns: Option<i64>,
    /// Where the sound of the newest block ends.
    captured_to: i64,
}

impl Timekeeper {
    /// A block came: `length_ns` of sound, captured at `claimed_ns` as the source says.
    pub fn push(&mut self, claimed_ns: i64, length_ns: i64) {
        let same_burst = self.burst_ns.is_some_and(|first| (claimed_ns - first).abs() < BURST_NS);
        let capture_ns = if same_burst { self.captured_to } else { claimed_ns };
        if !same_burst {
            self.burst_ns = Some(claimed_ns);
        }
        let offset = capture_ns - self.received_ns;
        self.base.get_or_insert(offset);
        self.waiting.push_back(Waiting { offset, claimed_ns, length_ns });
        self.received_ns += length_ns;
        self.captured_to = capture_ns + length_ns;
    }

    /// The verdict on the oldest block, once it can be given; with `last`, of any block.
    pub fn decide(&mut self, last: bool) -> Option<Verdict> {
        let base = self.base?;
        let first = *self.waiting.front()?;
        if first.offset - base <= SUSPECT_NS {
            self.waiting.pop_front();
            self.follow(first);
            return Some(Verdict::Take);
        }
        let lowest = self.waiting.iter().map(|waiting| waiting.offset).min().unwrap_or(first.offset);
        let missing = lowest - base;
        if missing <= SUSPECT_NS {
            self.waiting.pop_front();
            return Some(Verdict::Take);
        }
        let newest = self.waiting.back().map_or(first.claimed_ns, |waiting| waiting.claimed_ns);
        if !last && newest - first.claimed_ns < PATIENCE_NS {
            return None;
        }
        self.waiting.pop_front();
        self.received_ns += missing;
        self.waiting.iter_mut().for_each(|waiting| waiting.offset -= missing);
        Some(Verdict::FillThenTake(missing))
    }

    /// Down soon (callbacks are late, seldom early), up only as fast as a card drifts.
    fn follow(&mut self, block: Waiting) {
        if let Some(base) = &mut self.base {
            let length = block.length_ns as f64;
            let rise = (length * RISE) as i64;
            let fall = ((block.offset - *base) as f64 * (length / FALL_NS).min(1.0)) as i64;
            *base += fall.min(rise);
        }
    }

    /// The monotonic time of session time 0, as the newest blocks have it.
    pub fn zero_ns(&self) -> Option<i64> {
        self.base
    }

    /// The next block, captured at `capture_ns`, follows the last one in session time: what lies between is not to
    /// count, as while the recording was held. All blocks must have been judged.
    pub fn skip_to(&mut self, capture_ns: i64) {
        if let Some(base) = &mut self.base {
            *base = capture_ns - self.received_ns;
        }
        self.burst_ns = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: i64 = 1_000_000;

    /// Feeds blocks of 10 ms whose capture times are given in ms; gives the fills in ms and the base.
    fn fills(captures: impl Iterator<Item = i64>) -> (Vec<i64>, i64) {
        let mut keeper = Timekeeper::default();
        let mut found = Vec::new();
        let mut collect = |verdict: Option<Verdict>| match verdict {
            Some(Verdict::FillThenTake(length)) => {
                found.push(length / MS);
                true
            }
            Some(Verdict::Take) => true,
            None => false,
        };
        for capture in captures {
            keeper.push(capture * MS, 10 * MS);
            while collect(keeper.decide(false)) {}
        }
        while collect(keeper.decide(true)) {}
        (found, keeper.zero_ns().unwrap() / MS)
    }

    #[test]
    fn late_callbacks_are_no_gap() {
        let jitter = (0..1_000).map(|i| 5_000 + i * 10 + (i * 7919 % 31));
        let (found, base) = fills(jitter);
        assert!(found.is_empty() && (5_000..5_010).contains(&base), "{found:?} {base}");
        // Frozen for 3 s, then everything is delivered at once, with late times.
        let frozen = (0..1_000).map(|i| if (300..600).contains(&i) { 6_000 } else { i * 10 });
        assert_eq!(fills(frozen).0, Vec::<i64>::new());
    }

    /// Three callbacks every 100 ms that all claim the time of the first, as a sound server's client gives them.
    fn in_bursts(lost: impl Fn(i64) -> i64) -> (Vec<i64>, i64) {
        let mut keeper = Timekeeper::default();
        let mut found = Vec::new();
        for i in 0..600_i64 {
            let claimed = (i * 100 + lost(i) + i * 7919 % 9) * MS;
            for (late_us, length_us) in [(0, 69_900), (800, 30_000), (800, 100)] {
                keeper.push(claimed + late_us * 1_000, length_us * 1_000);
                while let Some(verdict) = keeper.decide(false) {
                    if let Verdict::FillThenTake(length) = verdict {
                        found.push(length / MS);
                    }
                }
            }
        }
        (found, keeper.zero_ns().unwrap() / MS)
    }

    #[test]
    fn callbacks_of_one_burst_follow_one_another() {
        let (found, base) = in_bursts(|_| 0);
        assert!(found.is_empty() && (0..9).contains(&base), "{found:?} {base}");
        let (found, base) = in_bursts(|i| if i >= 300 { 400 } else { 0 });
        assert!(found.len() == 1 && (found[0] - 400).abs() <= 9, "{found:?}");
        assert!((0..9).contains(&base), "{base}");
    }

    #[test]
    fn lost_audio_is_as_long_as_it_was() {
        let lost = (0..1_000).map(|i| i * 10 + if i >= 400 { 2_600 } else { 0 } + (i * 7919 % 13));
        let (found, _) = fills(lost);
        assert_eq!(found.len(), 1);
        assert!((found[0] - 2_600).abs() <= 12, "{found:?}");
        let twice =
            (0..1_000).map(|i| i * 10 + if i >= 400 { 100 } else { 0 } + if i >= 405 { 500 } else { 0 });
        assert_eq!(fills(twice).0.iter().sum::<i64>(), 600);
    }

    #[test]
    fn a_gap_just_before_the_end_is_found() {
        let lost = (0..100).map(|i| i * 10 + if i >= 98 { 700 } else { 0 });
        assert_eq!(fills(lost).0, [700]);
    }

    #[test]
    fn drift_is_followed_for_an_hour_and_loses_nothing() {
        // 300 ppm slow: each block of 10 ms takes 10.003 ms.
        let mut keeper = Timekeeper::default();
        for i in 0..360_000_i64 {
            keeper.push(i * 10_003_000 + i * 7919 % 4_000_000, 10 * MS);
            while let Some(verdict) = keeper.decide(false) {
                assert_eq!(verdict, Verdict::Take, "block {i}");
            }
        }
        let drifted = 360_000_i64 * 3_000;
        assert!((keeper.zero_ns().unwrap() - drifted).abs() < 20 * MS, "{:?}", keeper.zero_ns());
    }
}
