//! One bar a category, 0 to 100, before the bands of poor, fair and good.

use super::Chart;
use super::picture::{Anchor, Ink, LETTER, Picture, Plot};
use crate::report::document::Report;
use crate::report::show::{FAIR, GOOD, verdict};

const ROW: f64 = 30.0;

pub fn draw(report: &Report) -> Option<Chart> {
    let rows = &report.scores.ordered;
    if rows.iter().all(|row| row.score.is_none()) {
        return None;
    }
    let height = ROW * rows.len() as f64;
    let mut picture = Picture::new(560, height as u32 + 28);
    let widest = rows.iter().map(|row| row.title.chars().count()).max().unwrap_or(0) as f64;
    let left = (widest * LETTER + 16.0).clamp(60.0, 160.0);
    let plot = Plot { left, top: 4.0, width: 560.0 - left - 96.0, height };
    picture.bar(plot.x(GOOD / 100.0), plot.top, plot.width * (1.0 - GOOD / 100.0), height, Ink::Band);
    for mark in [0.0, FAIR, GOOD, 100.0] {
        let x = plot.x(mark / 100.0);
        picture.line(vec![(x, plot.top), (x, plot.bottom())], Ink::Grid, 1);
        picture.text((x, plot.bottom() + 13.0), format!("{mark:.0}"), Ink::Text, Anchor::Middle);
    }
    let mut words = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let middle = plot.top + ROW * (index as f64 + 0.5);
        picture.text((left - 8.0, middle), row.title.as_str(), Ink::Text, Anchor::End);
        let said = match row.score {
            Some(score) => {
                picture.bar(left, middle - 8.0, plot.width * score / 100.0, 16.0, Ink::Speech);
                format!("{score:.0} {}", verdict(score))
            }
            None => "no data".to_owned(),
        };
        picture.text((plot.x(1.0) + 10.0, middle), said.as_str(), Ink::Text, Anchor::Start);
        words.push(format!("{} {said}", row.title));
    }
    Some(Chart {
        name: "scores",
        title: "Scores",
        words: format!("{}; good is {GOOD:.0} and more.", words.join(", ")),
        picture,
    })
}
