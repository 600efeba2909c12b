//! The charts of a session, as SVG and PNG. Colour is never the only sign: words or shapes stand beside it.

mod intent;
mod pace;
mod paint;
mod picture;
mod scores;
mod speech;
mod stages;
pub mod timeline;

pub use picture::{Ink, Picture};

use super::document::Report;
use crate::session::Millis;

/// A chart, and all that it shows in words.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Of its file.
    pub name: &'static str,
    pub title: &'static str,
    pub words: String,
    pub picture: Picture,
}

impl Chart {
    pub fn svg(&self) -> String {
        paint::svg(&self.picture)
    }

    /// Twice as large as the SVG, for sharp print.
    pub fn png(&self) -> Vec<u8> {
        paint::png(&self.picture, 2)
    }
}

/// The charts of a session. One that has nothing to show is left out.
pub fn all(report: &Report) -> Vec<Chart> {
    let charts = [
        timeline::draw(report),
        scores::draw(report),
        speech::draw(report),
        intent::draw(report),
        stages::draw(report),
        pace::draw(report),
    ];
    charts.into_iter().flatten().collect()
}

/// Seconds between marks on a time axis: a dozen of them at most, at round times.
pub fn tick(end: f64) -> f64 {
    const STEPS: [f64; 9] = [1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0];
    STEPS
        .into_iter()
        .find(|step| end / step <= 12.0)
        .unwrap_or(3600.0 * (end / 3600.0 / 12.0).ceil().max(1.0))
}

/// Round times from 0 to `end`, in seconds, and how they read.
pub fn ticks(end: f64) -> Vec<(f64, String)> {
    let step = tick(end);
    let marks = (0..).map(|index| f64::from(index) * step).take_while(|&at| at <= end);
    marks.map(|at| (at, Millis::from_seconds(at).clock())).collect()
}

/// Seconds that a column of a chart over time covers, for `most` columns at most.
fn column(end: f64, most: f64) -> f64 {
    const STEPS: [f64; 8] = [10.0, 15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0];
    STEPS.into_iter().find(|step| end / step <= most).unwrap_or(600.0 * (end / 600.0 / most).ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_has_a_dozen_marks_at_most() {
        for end in [1.0, 59.0, 600.0, 2_700.0, 10_800.0, 100_000.0] {
            assert!(end / tick(end) <= 12.01 && end / column(end, 60.0) <= 60.01, "{end}");
        }
        assert_eq!(tick(600.0), 60.0);
        assert_eq!(ticks(125.0).last().map(|mark| mark.1.clone()), Some("2:00".into()));
    }
}
