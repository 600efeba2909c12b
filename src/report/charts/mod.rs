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
    use std::path::Path;

    use super::*;
    use crate::report::sample;

    #[test]
    fn the_axis_has_a_dozen_marks_at_most() {
        for end in [1.0, 59.0, 600.0, 2_700.0, 10_800.0, 100_000.0] {
            assert!(end / tick(end) <= 12.01 && end / column(end, 60.0) <= 60.01, "{end}");
        }
        assert_eq!(tick(600.0), 60.0);
        assert_eq!(ticks(125.0).last().map(|mark| mark.1.clone()), Some("2:00".into()));
    }

    /// `UPDATE_GOLDEN=1 cargo test golden` writes them anew.
    fn matches_golden(name: &str, text: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(expected == text, "{} has changed; look at it, then UPDATE_GOLDEN=1", path.display());
    }

    #[test]
    fn charts_are_as_in_the_golden_files() {
        let mut long = sample::regular(3.0 * 3_600.0);
        long.gaps = vec![sample::silence(4_000.0, 4_075.0, false), sample::silence(9_000.0, 9_300.0, true)];
        let cases = [("single", sample::single()), ("equal", sample::regular(600.0)), ("three-hours", long)];
        for (case, report) in &cases {
            let charts = all(report);
            let names: Vec<&str> = charts.iter().map(|chart| chart.name).collect();
            assert_eq!(names, ["timeline", "scores", "speech", "intent", "stages", "pace"], "{case}");
            for chart in charts {
                let svg = chart.svg();
                for bad in ["NaN", "inf", "-2147483648", "2147483647"] {
                    assert!(!svg.contains(bad) && !chart.words.contains(bad), "{case} {}: {bad}", chart.name);
                }
                matches_golden(&format!("charts/{case}-{}.svg", chart.name), &svg);
                matches_golden(&format!("charts/{case}-{}.txt", chart.name), &format!("{}\n", chart.words));
            }
        }
    }

    #[test]
    fn nothing_gives_no_chart_but_an_empty_axis() {
        let charts = all(&sample::empty(600.0));
        assert_eq!(charts.iter().map(|chart| chart.name).collect::<Vec<_>>(), ["timeline"]);
        matches_golden("charts/none-timeline.svg", &charts[0].svg());
        assert!(all(&sample::empty(0.0)).is_empty());
    }

    #[test]
    fn the_page_has_a_shade_of_its_own_for_every_ink() {
        let style = include_str!("../page/style.css");
        for ink in Ink::ALL {
            let (red, green, blue) = ink.rgb();
            let colour = format!("\"#{red:02X}{green:02X}{blue:02X}\"");
            assert!(style.contains(&colour), "style.css has no shade for {ink:?}, {colour}");
        }
    }
}
