//! Minutes planned and spent in each stage.

use super::Chart;
use super::picture::{Anchor, Ink, LETTER, Picture};
use crate::report::document::Report;
use crate::report::show;

const ROW: f64 = 46.0;

pub fn draw(report: &Report) -> Option<Chart> {
    let plan = report.plan.as_ref().filter(|_| !report.stages.is_empty())?;
    let spent = |stage: &str| report.metrics.iter().find(|m| m.id == format!("stage.{stage}.minutes"))?.value;
    let mut rows: Vec<(&str, Option<f64>, Option<f64>)> = plan
        .stages
        .iter()
        .map(|planned| (planned.stage.as_str(), Some(planned.minutes), spent(&planned.stage)))
        .collect();
    for stage in &report.stages {
        if !rows.iter().any(|row| row.0 == stage.stage) {
            rows.push((&stage.stage, None, spent(&stage.stage)));
        }
    }
    let longest = rows.iter().flat_map(|row| [row.1, row.2]).flatten().fold(0.1, f64::max);
    let names: Vec<String> = rows.iter().map(|row| show::cut(row.0, 18)).collect();
    let left = names.iter().map(|name| name.chars().count()).max().unwrap_or(0) as f64 * LETTER + 16.0;
    let room = 560.0 - left - 120.0;
    let mut picture = Picture::new(560, (ROW * rows.len() as f64) as u32 + 4);
    let mut words = Vec::new();
    for (index, ((stage, planned, actual), name)) in rows.iter().zip(&names).enumerate() {
        let top = ROW * index as f64 + 4.0;
        picture.text((left - 8.0, top + 18.0), name.as_str(), Ink::Text, Anchor::End);
        let minutes = |value: Option<f64>, none: &str| {
            value.map_or_else(|| none.to_owned(), |value| show::value(value, "min"))
        };
        let (plan, spent) = (minutes(*planned, "not planned"), minutes(*actual, "not marked"));
        for (value, said, offset, ink) in [
            (*planned, format!("plan {plan}"), 0.0, Ink::Plan),
            (*actual, format!("actual {spent}"), 19.0, Ink::Stage),
        ] {
            let width = value.unwrap_or(0.0) / longest * room;
            picture.bar(left, top + offset, width, 16.0, ink);
            picture.text((left + width + 8.0, top + offset + 8.0), said, Ink::Text, Anchor::Start);
        }
        words.push(format!("{stage}: plan {plan}, actual {spent}"));
    }
    Some(Chart {
        name: "stages",
        title: "Stages, planned and actual",
        words: words.join("; ") + ".",
        picture,
    })
}
