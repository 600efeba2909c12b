//! How often the code's purpose was said, and how often its syntax, stage by stage.

use super::Chart;
use super::picture::{Anchor, Ink, LETTER, Picture};
use crate::report::document::{Report, SaidEntry};
use crate::report::show;
use crate::session::{Millis, Role, Span};

const ROW: f64 = 32.0;

pub fn draw(report: &Report) -> Option<Chart> {
    let rows: Vec<(String, usize, usize)> = parts(report)
        .into_iter()
        .map(|(name, spans)| {
            let count = |label: &str| {
                let inside = |said: &&SaidEntry| spans.iter().any(|span| span.contains(said.span.start));
                let own = report.utterances.iter().filter(|said| said.speaker == Role::Candidate);
                own.filter(inside).filter(|said| said.labels.contains_key(label)).count()
            };
            (name, count("intent"), count("syntax"))
        })
        .collect();
    if rows.iter().all(|row| row.1 + row.2 == 0) {
        return None;
    }
    let most = rows.iter().map(|row| row.1 + row.2).max().unwrap_or(1).max(1) as f64;
    let names: Vec<String> = rows.iter().map(|row| show::cut(&row.0, 18)).collect();
    let left = names.iter().map(|name| name.chars().count()).max().unwrap_or(0) as f64 * LETTER + 16.0;
    let room = 560.0 - left - 120.0;
    let mut picture = Picture::new(560, (ROW * rows.len() as f64) as u32 + 30);
    let mut words = Vec::new();
    for (index, ((name, why, syntax), short)) in rows.iter().zip(&names).enumerate() {
        let middle = ROW * (index as f64 + 0.5) + 2.0;
        picture.text((left - 8.0, middle), short.as_str(), Ink::Text, Anchor::End);
        let mut x = left;
        for (count, ink) in [(*why, Ink::Why), (*syntax, Ink::Syntax)] {
            let width = count as f64 / most * room;
            picture.bar(x, middle - 9.0, width, 18.0, ink);
            x += width;
        }
        picture.text((x + 8.0, middle), format!("{why} why, {syntax} what"), Ink::Text, Anchor::Start);
        words.push(format!("{name}: {why} of purpose, {syntax} of syntax"));
    }
    let foot = ROW * rows.len() as f64 + 16.0;
    for (x, ink, says) in
        [(left, Ink::Why, "why: what it is for"), (left + 170.0, Ink::Syntax, "what: the syntax read out")]
    {
        picture.bar(x, foot - 5.0, 10.0, 10.0, ink);
        picture.text((x + 16.0, foot), says, Ink::Text, Anchor::Start);
    }
    let words = format!("Utterances. {}.", words.join("; "));
    Some(Chart { name: "intent", title: "Purpose against syntax", words, picture })
}

/// The stages in order of their first mark, or the quarters of a session without any.
fn parts(report: &Report) -> Vec<(String, Vec<Span>)> {
    let mut parts: Vec<(String, Vec<Span>)> = Vec::new();
    for stage in &report.stages {
        match parts.iter_mut().find(|part| part.0 == stage.stage) {
            Some(part) => part.1.push(stage.span),
            None => parts.push((stage.stage.clone(), vec![stage.span])),
        }
    }
    if parts.is_empty() {
        // One more than the end, so that the last word is inside.
        let edge = |index: i64| Millis((report.duration.0 + 1) * index / 4);
        let quarter = |index: i64| Span::new(edge(index), edge(index + 1));
        parts.extend((0..4).map(|index| (format!("quarter {}", index + 1), vec![quarter(index)])));
    }
    parts
}
