//! Charts as SVG. Colour is never the only sign: long gaps, runs and stages carry words or shapes.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::document::Report;
use super::show;
use crate::session::Span;

/// Colours that differ in lightness as well, readable on white and on dark grey.
const SPEECH: RGBColor = RGBColor(60, 125, 190);
/// Speech of the interviewer.
const OTHER: RGBColor = RGBColor(140, 150, 160);
const LONG_GAP: RGBColor = RGBColor(205, 70, 55);
const GAP: RGBColor = RGBColor(225, 165, 60);
const EDIT: RGBColor = RGBColor(110, 95, 175);
/// What was announced, or not explained, is paler; dark words stand on it.
const PALE_LONG_GAP: RGBColor = RGBColor(240, 180, 170);
const PALE_GAP: RGBColor = RGBColor(243, 212, 150);
const PALE_EDIT: RGBColor = RGBColor(196, 188, 228);
const DARK: RGBColor = RGBColor(29, 33, 39);
const STAGE: [RGBColor; 2] = [RGBColor(72, 104, 95), RGBColor(96, 128, 118)];
const PASS: RGBColor = RGBColor(40, 140, 90);
pub(super) const TEXT: RGBColor = RGBColor(118, 118, 118);
pub(super) const GRID: RGBAColor = RGBAColor(128, 128, 128, 0.25);

const WIDTH: u32 = 1100;
const LEFT: u32 = 64;
const RIGHT: u32 = 18;
/// Where the time axis of the timeline lies: left end, right end, width of the chart.
pub const AXIS: [u32; 3] = [LEFT, WIDTH - RIGHT, WIDTH];
const FONT: (&str, i32) = ("sans-serif", 14);
/// Shorter pauses are not drawn: they would be a haze.
const DRAWN_GAP: f64 = 10.0;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A chart's file name and SVG text.
pub struct Chart {
    pub name: &'static str,
    pub svg: String,
}

/// The charts of a session. One that has nothing to show is left out.
pub fn all(report: &Report) -> Vec<Chart> {
    let mut charts = vec![Chart { name: "timeline", svg: timeline(report) }];
    if report.scores.ordered.iter().any(|category| category.score.is_some()) {
        charts.push(Chart { name: "scores", svg: scores(report) });
    }
    if report.plan.is_some() && !report.stages.is_empty() {
        charts.push(Chart { name: "stages", svg: stages(report) });
    }
    charts
}

fn draw(height: u32, paint: impl FnOnce(&Area) -> Result<(), Box<dyn std::error::Error>>) -> String {
    draw_sized((WIDTH, height), paint)
}

pub(super) fn draw_sized(
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

/// Lanes over one time axis: stages, speech, silence, edits, runs.
fn timeline(report: &Report) -> String {
    const LANES: [&str; 5] = ["runs", "edits", "silence", "speech", "stages"];
    let seconds = |at: crate::session::Millis| at.as_seconds();
    let end = seconds(report.duration).max(1.0);
    draw(300, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin_right(RIGHT)
            .margin_top(8)
            .x_label_area_size(34)
            .y_label_area_size(LEFT)
            .build_cartesian_2d(0.0..end, 0.0..LANES.len() as f64)?;
        let step = tick(end);
        for at in (0..).map(|index| f64::from(index) * step).take_while(|&at| at <= end) {
            chart.draw_series([PathElement::new(vec![(at, 0.0), (at, LANES.len() as f64)], GRID)])?;
            let (x, y) = chart.backend_coord(&(at, 0.0));
            let label = crate::session::Millis::from_seconds(at).clock();
            let left = (x - 12).min(WIDTH as i32 - 8 * label.len() as i32);
            area.draw(&Text::new(label, (left, y + 8), FONT.into_font().color(&TEXT)))?;
        }
        for (lane, name) in LANES.iter().enumerate() {
            let (x, y) = chart.backend_coord(&(0.0, lane as f64 + 0.5));
            area.draw(&Text::new(*name, (x - 58, y - 7), FONT.into_font().color(&TEXT)))?;
        }
        let bar = |lane: f64, from: f64, to: f64, inset: f64, style: ShapeStyle| {
            Rectangle::new([(from, lane + inset), (to, lane + 1.0 - inset)], style)
        };
        for (index, stage) in report.stages.iter().enumerate() {
            let (from, to) = (seconds(stage.span.start), seconds(stage.span.end));
            chart.draw_series([bar(4.0, from, to, 0.18, STAGE[index % 2].filled())])?;
            let place = [chart.backend_coord(&(from, 4.5)), chart.backend_coord(&(to, 4.5))];
            label(area, place, &[&stage.stage], WHITE)?;
        }
        if report.speakers.is_empty() {
            let speech = report.speech.iter();
            let own = |s: &Span| bar(3.0, seconds(s.start), seconds(s.end), 0.15, SPEECH.filled());
            chart.draw_series(speech.map(own))?;
        }
        // Of two people the candidate has the upper half of the lane, the interviewer the lower one.
        for (one, (from, to, colour)) in
            report.speakers.iter().zip([(3.5, 3.85, SPEECH), (3.15, 3.45, OTHER)])
        {
            let half =
                |s: &Span| Rectangle::new([(seconds(s.start), from), (seconds(s.end), to)], colour.filled());
            chart.draw_series(one.speech.iter().map(half))?;
        }
        for gap in report.gaps.iter().filter(|gap| gap.seconds.as_seconds() > DRAWN_GAP) {
            let (from, to) = (seconds(gap.span.start), seconds(gap.span.end));
            let length = gap.seconds.as_seconds();
            let (colour, ink) = match (gap.long, gap.announced) {
                (true, false) => (LONG_GAP, WHITE),
                (true, true) => (PALE_LONG_GAP, DARK),
                (false, false) => (GAP, DARK),
                (false, true) => (PALE_GAP, DARK),
            };
            chart.draw_series([bar(2.0, from, to, 0.15, colour.filled())])?;
            let place = [chart.backend_coord(&(from, 2.5)), chart.backend_coord(&(to, 2.5))];
            let words = format!("{length:.0} s");
            let long_words = if gap.announced { format!("{words} announced") } else { words.clone() };
            label(area, place, &[&long_words, &words], ink)?;
        }
        for episode in &report.episodes {
            // A single keystroke is a moment; it still wants to be seen.
            let from = seconds(episode.span.start);
            let to = seconds(episode.span.end).max(from + end / 400.0);
            let colour = if episode.explained { EDIT } else { PALE_EDIT };
            chart.draw_series([bar(1.0, from, to, 0.15, colour.filled())])?;
            if !episode.explained {
                let place = [chart.backend_coord(&(from, 1.5)), chart.backend_coord(&(to, 1.5))];
                label(area, place, &["?"], DARK)?;
            }
        }
        for run in &report.runs {
            let (x, y) = chart.backend_coord(&(seconds(run.span.start), 0.5));
            if run.passed() {
                area.draw(&Circle::new((x, y), 6, PASS.filled()))?;
            } else {
                area.draw(&Cross::new((x, y), 6, LONG_GAP.stroke_width(3)))?;
            }
            let word = if run.passed() { "pass" } else { "fail" };
            let beside = if x + 40 > WIDTH as i32 { x - 38 } else { x + 9 };
            area.draw(&Text::new(word, (beside, y - 7), FONT.into_font().color(&TEXT)))?;
        }
        Ok(())
    })
}

/// The first of `words` that fits into a bar between two points, in its middle.
fn label(
    area: &Area,
    [from, to]: [(i32, i32); 2],
    words: &[&str],
    ink: RGBColor,
) -> Result<(), Box<dyn std::error::Error>> {
    let width = |words: &str| words.chars().count() as i32 * 8;
    if let Some(words) = words.iter().find(|words| to.0 - from.0 >= width(words)) {
        let at = (from.0 + (to.0 - from.0 - width(words)) / 2, from.1 - 7);
        area.draw(&Text::new((*words).to_owned(), at, FONT.into_font().color(&ink)))?;
    }
    Ok(())
}

/// Seconds between marks on the axis: about ten of them, at round times.
fn tick(end: f64) -> f64 {
    const STEPS: [f64; 9] = [1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0];
    STEPS
        .into_iter()
        .find(|step| end / step <= 12.0)
        .unwrap_or(3600.0 * (end / 3600.0 / 12.0).ceil().max(1.0))
}

/// One bar a category, 0 to 100.
fn scores(report: &Report) -> String {
    let rows: Vec<(String, Option<f64>, String)> = report
        .scores
        .ordered
        .iter()
        .map(|category| {
            let words = category.score.map_or("too little data".to_owned(), |score| format!("{score:.0}"));
            (category.title.clone(), category.score, words)
        })
        .collect();
    bars(
        rows.iter().map(|(name, value, words)| (name.as_str(), *value, words.clone(), SPEECH)).collect(),
        100.0,
    )
}

/// Minutes planned and spent in each stage of the plan.
fn stages(report: &Report) -> String {
    let Some(plan) = &report.plan else { return String::new() };
    let spent = |stage: &str| report.metrics.iter().find(|m| m.id == format!("stage.{stage}.minutes"))?.value;
    let mut rows = Vec::new();
    for planned in &plan.stages {
        let minutes = |value: f64| show::value(value, "min");
        rows.push((
            planned.stage.as_str(),
            Some(planned.minutes),
            format!("plan {}", minutes(planned.minutes)),
            GAP,
        ));
        let actual = spent(&planned.stage);
        let words = actual.map_or("not marked".to_owned(), |value| format!("actual {}", minutes(value)));
        rows.push(("", actual, words, SPEECH));
    }
    let longest = rows.iter().filter_map(|row| row.1).fold(1.0, f64::max);
    bars(rows, longest)
}

/// Horizontal bars: name, length, the words behind it, colour.
fn bars(rows: Vec<(&str, Option<f64>, String, RGBColor)>, longest: f64) -> String {
    const ROW: i32 = 26;
    const NAMES: i32 = 110;
    const ROOM: f64 = 820.0;
    draw(rows.len() as u32 * ROW as u32 + 12, |area| {
        for (index, (name, value, words, colour)) in rows.into_iter().enumerate() {
            let top = index as i32 * ROW + 6;
            let end = NAMES + (value.unwrap_or(0.0) / longest * ROOM) as i32;
            area.draw(&Text::new(name.to_owned(), (4, top + 3), FONT.into_font().color(&TEXT)))?;
            area.draw(&Rectangle::new([(NAMES, top), (NAMES + ROOM as i32, top + ROW - 8)], GRID.filled()))?;
            area.draw(&Rectangle::new([(NAMES, top), (end, top + ROW - 8)], colour.filled()))?;
            let at = (NAMES + ROOM as i32 + 8, top + 3);
            area.draw(&Text::new(words, at, FONT.into_font().color(&TEXT)))?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::tick;

    #[test]
    fn the_axis_has_a_dozen_marks_at_most() {
        for end in [1.0, 59.0, 600.0, 2_700.0, 10_800.0, 100_000.0] {
            assert!(end / tick(end) <= 12.01, "{end}");
        }
        assert_eq!(tick(600.0), 60.0);
    }
}
