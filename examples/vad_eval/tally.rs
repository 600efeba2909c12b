//! Found speech against the truth.

use thinkaloud::session::time::complement;
use thinkaloud::session::{Millis, Span};

/// Frames that are compared, in milliseconds.
const FRAME: i64 = 10;
/// The program's own limit for a silence that is a finding.
const LONG: Millis = Millis(60_000);
/// Only edges of pauses of this length at least are measured: a shorter one is no metric's business.
const PAUSE: Millis = Millis(500);
/// A true gap and a found one are the same when they share this much of what they cover together.
const SAME: f64 = 0.8;

#[derive(Clone, Default)]
pub struct Tally {
    both: i64,
    found: i64,
    true_: i64,
    edges: Vec<i64>,
    pub gaps: usize,
    pub missed: usize,
    pub invented: usize,
}

impl Tally {
    /// `truth` and `found` are in order and do not touch.
    pub fn add(&mut self, truth: &[Span], found: &[Span], length: Millis) {
        let whole = Span::new(Millis::ZERO, length);
        let frames = |spans: &[Span]| {
            let mut frames = vec![false; (length.0 / FRAME) as usize];
            for span in spans {
                let (from, to) = ((span.start.0 + 5) / FRAME, (span.end.0 + 5) / FRAME);
                frames[(from as usize).min((length.0 / FRAME) as usize)
                    ..(to as usize).min((length.0 / FRAME) as usize)]
                    .fill(true);
            }
            frames
        };
        for (&is, &says) in frames(truth).iter().zip(&frames(found)) {
            self.both += i64::from(is && says);
            self.true_ += i64::from(is);
            self.found += i64::from(says);
        }
        let pauses = complement(truth, whole);
        for pause in pauses.iter().filter(|pause| pause.length() >= PAUSE) {
            if pause.start > Millis::ZERO {
                self.edges.push(nearest(pause.start, found.iter().map(|span| span.end)));
            }
            if pause.end < length {
                self.edges.push(nearest(pause.end, found.iter().map(|span| span.start)));
            }
        }
        let long = |spans: &[Span]| -> Vec<Span> {
            complement(spans, whole).into_iter().filter(|gap| gap.length() > LONG).collect()
        };
        let (true_gaps, found_gaps) = (long(truth), long(found));
        let same = |one: &Span, other: &Span| {
            let shared = one.intersection(*other).map_or(0, |both| both.length().0);
            shared as f64 >= SAME * (one.length().0 + other.length().0 - shared) as f64
        };
        self.gaps += true_gaps.len();
        self.missed +=
            true_gaps.iter().filter(|gap| !found_gaps.iter().any(|other| same(gap, other))).count();
        self.invented +=
            found_gaps.iter().filter(|gap| !true_gaps.iter().any(|other| same(gap, other))).count();
    }

    pub fn join(&mut self, other: &Self) {
        self.both += other.both;
        self.found += other.found;
        self.true_ += other.true_;
        self.edges.extend(&other.edges);
        self.gaps += other.gaps;
        self.missed += other.missed;
        self.invented += other.invented;
    }

    /// 1 when nothing was found.
    pub fn precision(&self) -> f64 {
        if self.found == 0 { 1.0 } else { self.both as f64 / self.found as f64 }
    }

    pub fn recall(&self) -> f64 {
        if self.true_ == 0 { 1.0 } else { self.both as f64 / self.true_ as f64 }
    }

    pub fn f1(&self) -> f64 {
        2.0 * self.both as f64 / ((self.found + self.true_) as f64).max(1.0)
    }

    /// Milliseconds from a true edge to the nearest found one of its kind; `share` of them are at most that.
    pub fn edge(&self, share: f64) -> i64 {
        let mut sorted = self.edges.clone();
        sorted.sort_unstable();
        sorted.get(((sorted.len().max(1) - 1) as f64 * share).round() as usize).copied().unwrap_or(0)
    }
}

fn nearest(at: Millis, edges: impl Iterator<Item = Millis>) -> i64 {
    edges.map(|edge| (edge - at).0.abs()).min().unwrap_or(i64::from(i32::MAX))
}
