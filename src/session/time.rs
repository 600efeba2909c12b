//! Session time: milliseconds since the first audio frame.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in session time, or a length of it, in whole milliseconds.
///
/// Documents hold it as seconds (a float with millisecond precision).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub i64);

impl Millis {
    pub const ZERO: Self = Self(0);

    /// Seconds to milliseconds, rounded. NaN is zero; out of range values saturate.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1000.0).round() as i64)
    }

    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds * 1000)
    }

    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// `m:ss`, or `h:mm:ss` from one hour on; the second is cut, not rounded, as on a clock.
    pub fn clock(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let total = self.0.unsigned_abs() / 1000;
        let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60);
        if hours > 0 {
            format!("{sign}{hours}:{minutes:02}:{seconds:02}")
        } else {
            format!("{sign}{minutes}:{seconds:02}")
        }
    }
}

impl Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Millis {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.clock())
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_seconds())
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if !seconds.is_finite() || seconds.abs() > 1e9 {
            return Err(serde::de::Error::custom(format!("{seconds} is not a time in seconds")));
        }
        Ok(Self::from_seconds(seconds))
    }
}

/// A half-open stretch of session time: `start` belongs to it, `end` does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    pub start: Millis,
    pub end: Millis,
}

impl Span {
    /// An end before the start is taken for the start: a span is never of negative length.
    pub fn new(start: Millis, end: Millis) -> Self {
        Self { start, end: end.max(start) }
    }

    pub fn from_seconds(start: f64, end: f64) -> Self {
        Self::new(Millis::from_seconds(start), Millis::from_seconds(end))
    }

    pub fn length(self) -> Millis {
        self.end - self.start
    }

    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    pub fn contains(self, at: Millis) -> bool {
        self.start <= at && at < self.end
    }

    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The common part, if there is one.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let common = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (!common.is_empty()).then_some(common)
    }
}

/// Total length that `spans` (in order, not overlapping) share with `window`.
pub fn covered(spans: &[Span], window: Span) -> Millis {
    total(spans.iter().filter_map(|span| span.intersection(window)))
}

/// Sum of the lengths.
pub fn total(spans: impl IntoIterator<Item = Span>) -> Millis {
    spans.into_iter().fold(Millis::ZERO, |sum, span| sum + span.length())
}

/// Joins spans that touch or overlap; the result is in order.
pub fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut joined: Vec<Span> = Vec::new();
    for span in spans.into_iter().filter(|span| !span.is_empty()) {
        match joined.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => joined.push(span),
        }
    }
    joined
}

/// What is left of `window` when `spans` (in order, not overlapping) are taken out.
pub fn complement(spans: &[Span], window: Span) -> Vec<Span> {
    let mut gaps = Vec::new();
    let mut from = window.start;
    for span in spans.iter().filter_map(|span| span.intersection(window)) {
        if span.start > from {
            gaps.push(Span::new(from, span.start));
        }
        from = from.max(span.end);
    }
    if window.end > from {
        gaps.push(Span::new(from, window.end));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Millis(start), Millis(end))
    }

    #[test]
    fn seconds_are_rounded_to_the_millisecond() {
        assert_eq!(Millis::from_seconds(1.0005), Millis(1001));
        assert_eq!(serde_json::to_string(&Millis(64_020)).unwrap(), "64.02");
        assert_eq!(serde_json::from_str::<Millis>("64.02").unwrap(), Millis(64_020));
        assert!(serde_json::from_str::<Millis>("1e300").is_err());
    }

    #[test]
    fn clock_reads_as_on_a_watch() {
        assert_eq!(Millis(59_999).clock(), "0:59");
        assert_eq!(Millis(3_600_000).clock(), "1:00:00");
        assert_eq!(Millis(-1_500).clock(), "-0:01");
    }

    #[test]
    fn half_open_spans_that_touch_do_not_overlap() {
        assert!(!span(0, 10).overlaps(span(10, 20)));
        assert_eq!(span(0, 10).intersection(span(5, 20)), Some(span(5, 10)));
        assert_eq!(span(20, 10), span(20, 20));
    }

    #[test]
    fn complement_and_union_are_inverse() {
        let speech = union(vec![span(30, 40), span(10, 20), span(15, 25)]);
        assert_eq!(speech, [span(10, 25), span(30, 40)]);
        let gaps = complement(&speech, span(0, 50));
        assert_eq!(gaps, [span(0, 10), span(25, 30), span(40, 50)]);
        assert_eq!(complement(&gaps, span(0, 50)), speech);
        assert_eq!(covered(&speech, span(20, 35)), Millis(10));
    }
}
