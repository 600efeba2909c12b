//! When a burst of changes is over.

use std::time::{Duration, Instant};

/// Quiet times that a burst lasts at most.
const LONGEST: u32 = 5;

/// All changes, of whichever files, that follow one another closely.
#[derive(Clone, Copy, Debug)]
pub struct Activity {
    began: Instant,
    last: Instant,
    held: Instant,
}

impl Activity {
    pub fn begin(now: Instant) -> Self {
        Self { began: now, last: now, held: now }
    }

    pub fn go_on(&mut self, now: Instant) {
        self.last = now;
    }

    /// It is not over before this.
    pub fn hold(&mut self, until: Instant) {
        self.held = until;
    }

    pub fn lasts(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }

    pub fn is_over_at(&self, quiet: Duration) -> Instant {
        (self.last + quiet).min(self.began + quiet * LONGEST).max(self.held)
    }

    /// Over because nothing happens any more, and not for its length.
    pub fn is_quiet(&self, now: Instant, quiet: Duration) -> bool {
        self.last + quiet <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_ends_in_quiet_or_after_five_times_as_long() {
        let quiet = Duration::from_millis(400);
        let at = |millis| Duration::from_millis(millis);
        let start = Instant::now();
        let mut activity = Activity::begin(start);
        assert_eq!(activity.is_over_at(quiet), start + quiet);
        activity.go_on(start + at(300));
        assert_eq!(activity.is_over_at(quiet), start + at(700));
        activity.go_on(start + at(1900));
        assert_eq!(activity.is_over_at(quiet), start + at(2000));
        assert!(!activity.is_quiet(start + at(2000), quiet) && activity.is_quiet(start + at(2300), quiet));
        activity.hold(start + at(5000));
        assert_eq!(activity.is_over_at(quiet), start + at(5000));
        assert_eq!(activity.lasts(start + at(9)), at(9));
    }
}
