//! One small chart a measure: its band, a mark a session, the trend line, the change point.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::measure::{MeasureTrend, Verdict};
use crate::analysis::statistics::quartiles;
use crate::report::show;

const WIDTH: u32 = 360;
const HEIGHT: u32 = 170;
const LEFT: i32 = 58;
const RIGHT: i32 = 350;
const TOP: i32 = 14;
const BOTTOM: i32 = 142;
const OWN: RGBColor = RGBColor(60, 125, 190);
const APART: RGBColor = RGBColor(140, 150, 160);
const LINE: RGBColor = RGBColor(205, 100, 40);
const GOOD: RGBAColor = RGBAColor(60, 170, 110, 0.22);
const TEXT: RGBColor = RGBColor(118, 118, 118);
const GRID: RGBAColor = RGBAColor(128, 128, 128, 0.25);
const FONT: (&str, i32) = ("sans-serif", 14);
/// Values further out than so many interquartile ranges are marked at the edge: they would flatten all others.
const FAR: f64 = 5.0;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn draw_sized(
    size: (u32, u32),
    paint: impl FnOnce(&Area) -> Result<(), Box<dyn std::error::Error>>,
) -> String {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        // Drawing into a string cannot fail for want of space or rights; what is left is a fault of ours.
        if let Err(error) = paint(&area).and_then(|()| Ok(area.present()?)) {
            debug_assert!(false, "a chart could not be drawn: {error}");
        }
    }
    svg
}

/// The chart as SVG; `None` where there is nothing to draw.
pub fn small_multiple(measure: &MeasureTrend) -> Option<String> {
    let values: Vec<f64> = measure.points.iter().filter_map(|point| point.value).collect();
    let frame = Frame::around(&values, measure)?;
    Some(draw_sized((WIDTH, HEIGHT), |area| {
        if let Some((from, to)) = frame.band(measure) {
            area.draw(&Rectangle::new([(LEFT, from), (RIGHT, to)], GOOD.filled()))?;
        }
        let font = || FONT.into_font().color(&TEXT);
        for value in [frame.low, frame.high] {
            let y = frame.y(value);
            area.draw(&PathElement::new(vec![(LEFT, y), (RIGHT, y)], GRID))?;
            let label = show::short(value, &measure.unit);
            let x = LEFT - 6 - 7 * label.chars().count() as i32;
            area.draw(&Text::new(label, (x.max(0), y - 7), font()))?;
        }
        let dates = [measure.points.first(), measure.points.last()]
            .map(|point| point.map_or("", |point| &point.date));
        area.draw(&Text::new(dates[0].to_owned(), (LEFT, BOTTOM + 10), font()))?;
        if measure.points.len() > 1 {
            let x = RIGHT - 7 * dates[1].len() as i32;
            area.draw(&Text::new(dates[1].to_owned(), (x, BOTTOM + 10), font()))?;
        }
        let placed = |compared: bool| {
            let points =
                measure.points.iter().enumerate().filter(move |(_, point)| point.compared == compared);
            points.filter_map(|(index, point)| Some((frame.x(index), point.value?)))
        };
        if let Some(change) = &measure.change
            && let Some(index) = measure.points.iter().position(|point| point.session == change.session)
        {
            let x = frame.x(index) - 3;
            for y in (TOP..BOTTOM).step_by(8) {
                area.draw(&PathElement::new(vec![(x, y), (x, y + 4)], LINE.stroke_width(1)))?;
            }
        }
        let path: Vec<(i32, i32)> = placed(true).map(|(x, value)| (x, frame.y(value))).collect();
        area.draw(&PathElement::new(path, OWN.mix(0.45).stroke_width(1)))?;
        for (x, value) in placed(false) {
            area.draw(&TriangleMarker::new((x, frame.y(value)), 4, APART.stroke_width(1)))?;
        }
        let size = if measure.points.len() > 60 { 2 } else { 3 };
        for (x, value) in placed(true) {
            area.draw(&Circle::new((x, frame.y(value)), size, OWN.filled()))?;
            if !frame.holds(value) {
                let label = show::short(value, &measure.unit);
                let left = (x - 3 * label.chars().count() as i32)
                    .clamp(LEFT, RIGHT - 7 * label.chars().count() as i32);
                let y = if value > frame.high { TOP - 14 } else { BOTTOM - 14 };
                area.draw(&Text::new(label, (left, y), font()))?;
            }
        }
        if let Some(trend) = measure.trend.as_ref().filter(|_| measure.verdict != Verdict::NoClearChange) {
            let line: Vec<(i32, i32)> =
                placed(true).enumerate().map(|(index, (x, _))| (x, frame.y(trend.slope.at(index)))).collect();
            area.draw(&PathElement::new(line, LINE.stroke_width(2)))?;
        }
        Ok(())
    }))
}

/// Where a value and a session lie.
struct Frame {
    low: f64,
    high: f64,
    sessions: usize,
}

impl Frame {
    fn around(values: &[f64], measure: &MeasureTrend) -> Option<Self> {
        let (lower, upper) = quartiles(values.to_vec())?;
        let far = (upper - lower) * FAR;
        let near =
            values.iter().copied().filter(|value| far == 0.0 || (lower - far..=upper + far).contains(value));
        let band = measure.band.into_iter().flat_map(|band| [band.good_min, band.good_max]).flatten();
        let (mut low, mut high) =
            near.chain(band).fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        if high - low < 1e-9 {
            // All are equal: they lie in the middle.
            let room = if measure.unit == "share" { 0.1 } else { 1.0 };
            (low, high) = (low - room, high + room);
        }
        Some(Self { low, high, sessions: measure.points.len() })
    }

    fn x(&self, session: usize) -> i32 {
        let room = f64::from(RIGHT - LEFT - 16);
        let share = if self.sessions > 1 { session as f64 / (self.sessions - 1) as f64 } else { 0.5 };
        LEFT + 8 + (share * room).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        BOTTOM - (share * f64::from(BOTTOM - TOP)).round() as i32
    }

    fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Top and bottom of the good range, where there is one.
    fn band(&self, measure: &MeasureTrend) -> Option<(i32, i32)> {
        let band = measure.band?;
        let top = band.good_max.map_or(TOP, |value| self.y(value));
        let bottom = band.good_min.map_or(BOTTOM, |value| self.y(value));
        // A range of one value is still to be seen.
        Some(if bottom - top < 4 { (top - 2, bottom + 2) } else { (top, bottom) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::trends::measure;
    use crate::rubric::{Scorecard, builtin};
    use crate::session::history::{MetricRow, SessionRecord};
    use proptest::prelude::*;

    fn chart(values: &[Option<f64>], id: &str) -> Option<String> {
        let card = Scorecard::parse(&builtin::files("scorecards")[0]).unwrap();
        let sessions: Vec<SessionRecord> = values
            .iter()
            .map(|value| SessionRecord {
                metrics: vec![MetricRow {
                    id: id.into(),
                    value: *value,
                    unit: "s".into(),
                    ..MetricRow::default()
                }],
                ..SessionRecord::default()
            })
            .collect();
        let all: Vec<&SessionRecord> = sessions.iter().collect();
        small_multiple(measure::all(&[id.to_owned()], &card, &all, &all, &all).first()?)
    }

    proptest! {
        #[test]
        fn no_value_makes_a_number_that_is_none(
            values in prop::collection::vec(
                prop::option::of(prop_oneof![-1e12..1e12_f64, Just(0.0), Just(1e12), Just(-1e12), 0.0..1.0_f64]), 0..30
            ),
            id in prop_oneof![Just("silence.longest"), Just("talk.ratio"), Just("words")],
        ) {
            if let Some(svg) = chart(&values, id) {
                prop_assert!(!svg.contains("NaN") && !svg.contains("inf"));
                for number in svg.split('"').filter_map(|text| text.parse::<f64>().ok()) {
                    prop_assert!((-20.0..=400.0).contains(&number), "{number}");
                }
            } else {
                prop_assert!(values.iter().all(Option::is_none));
            }
        }
    }

    #[test]
    fn a_wild_value_stays_at_the_edge_and_leaves_the_others_room() {
        let mut values: Vec<Option<f64>> = (31..39).map(|value| Some(f64::from(value))).collect();
        values.push(Some(1e9));
        let svg = chart(&values, "words").unwrap();
        assert!(svg.contains("1e9"), "{svg}");
        let heights: std::collections::BTreeSet<&str> = svg
            .split("<circle")
            .skip(1)
            .filter_map(|circle| circle.split("cy=\"").nth(1)?.split('"').next())
            .collect();
        assert!(heights.len() >= 8, "{heights:?}");
    }
}
