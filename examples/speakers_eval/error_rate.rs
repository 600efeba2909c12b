//! The diarisation error rate, counted in hundredths of a second.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use thinkaloud::analysis::diarise::Turn;

/// Who speaks when, in seconds; several may at once.
#[derive(Clone, Debug, Default)]
pub struct Reference(pub Vec<(f64, f64, String)>);

impl Reference {
    pub fn speakers(&self) -> usize {
        self.names().len()
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|(_, _, name)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// All RTTM files of a folder, by the recording's name.
pub fn read_all(folder: &Path) -> Result<BTreeMap<String, Reference>> {
    let mut all: BTreeMap<String, Reference> = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "rttm") {
            continue;
        }
        for line in std::fs::read_to_string(&path)?.lines() {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let [_, name, _, start, length, _, _, speaker, ..] = parts[..] else { continue };
            let start: f64 = start.parse().with_context(|| line.to_owned())?;
            let length: f64 = length.parse().with_context(|| line.to_owned())?;
            all.entry(name.into()).or_default().0.push((start, start + length, speaker.into()));
        }
    }
    Ok(all)
}

/// In percent of the reference's speech.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    pub missed: f64,
    pub false_alarm: f64,
    pub confusion: f64,
}

impl Rates {
    pub fn total(self) -> f64 {
        self.missed + self.false_alarm + self.confusion
    }
}

pub fn error_rate(turns: &[Turn], reference: &Reference, collar: f64) -> Rates {
    let names = reference.names();
    let ends =
        reference.0.iter().map(|turn| turn.1).chain(turns.iter().map(|turn| turn.span.end.as_seconds()));
    let frames = (ends.fold(0.0, f64::max) * 100.0) as usize + 1;
    let speakers = turns.iter().map(|turn| turn.speaker + 1).max().unwrap_or(1).max(names.len());
    let mut judged = vec![true; frames];
    let (mut truth, mut heard) =
        (vec![vec![false; frames]; names.len()], vec![vec![false; frames]; speakers]);
    let range =
        |start: f64, end: f64| (start.max(0.0) * 100.0) as usize..((end * 100.0) as usize).min(frames);
    for (start, end, name) in &reference.0 {
        let row = names.iter().position(|other| other == name).unwrap_or(0);
        truth[row][range(*start, *end)].fill(true);
        if collar > 0.0 {
            for border in [start, end] {
                judged[range(border - collar, border + collar)].fill(false);
            }
        }
    }
    for turn in turns {
        heard[turn.speaker][range(turn.span.start.as_seconds(), turn.span.end.as_seconds())].fill(true);
    }
    let (mut all, mut missed, mut false_alarm, mut both) = (0, 0, 0, 0);
    let mut shared = vec![vec![0_usize; speakers]; names.len()];
    for frame in (0..frames).filter(|&frame| judged[frame]) {
        let spoken = truth.iter().filter(|row| row[frame]).count();
        let found = heard.iter().filter(|row| row[frame]).count();
        all += spoken;
        missed += spoken.saturating_sub(found);
        false_alarm += found.saturating_sub(spoken);
        both += spoken.min(found);
        for (row, counts) in truth.iter().zip(&mut shared) {
            for (column, count) in heard.iter().zip(counts) {
                *count += usize::from(row[frame] && column[frame]);
            }
        }
    }
    let right = best(&shared, 0, &mut vec![false; speakers]);
    let share = |count: usize| count as f64 * 100.0 / all.max(1) as f64;
    Rates {
        missed: share(missed),
        false_alarm: share(false_alarm),
        confusion: share(both.saturating_sub(right)),
    }
}

/// Most frames that any assignment of speakers to references gets right.
fn best(shared: &[Vec<usize>], row: usize, taken: &mut Vec<bool>) -> usize {
    if row == shared.len() {
        return 0;
    }
    let mut most = 0;
    for column in 0..taken.len() {
        if !taken[column] {
            taken[column] = true;
            most = most.max(shared[row][column] + best(shared, row + 1, taken));
            taken[column] = false;
        }
    }
    most
}
