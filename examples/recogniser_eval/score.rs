//! Word errors, and how far word onsets are off.

use crate::truth::{Said, Truth};

pub struct Score {
    /// Words changed, left out and put in, by the words that were said.
    pub word_error_rate: f64,
    /// Median and 95th percentile of the distance, in milliseconds, over words that were heard rightly.
    pub onsets: Option<(f64, f64)>,
}

pub fn score(truth: &Truth, heard: &[Said]) -> Score {
    let said = &truth.0;
    // Least edits, and the way to them.
    let mut cost = vec![vec![0_usize; heard.len() + 1]; said.len() + 1];
    for (index, row) in cost.iter_mut().enumerate() {
        row[0] = index;
    }
    cost[0] = (0..=heard.len()).collect();
    for i in 1..=said.len() {
        for j in 1..=heard.len() {
            let change = cost[i - 1][j - 1] + usize::from(said[i - 1].word != heard[j - 1].word);
            cost[i][j] = change.min(cost[i - 1][j] + 1).min(cost[i][j - 1] + 1);
        }
    }
    let (mut i, mut j) = (said.len(), heard.len());
    let mut off = Vec::new();
    while i > 0 && j > 0 {
        let differ = usize::from(said[i - 1].word != heard[j - 1].word);
        if cost[i][j] == cost[i - 1][j - 1] + differ {
            (i, j) = (i - 1, j - 1);
            if let (0, Some(true_start), Some(start)) = (differ, said[i].start, heard[j].start) {
                off.push((start - true_start).abs() * 1000.0);
            }
        } else if cost[i][j] == cost[i - 1][j] + 1 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    off.sort_by(f64::total_cmp);
    let at = |share: f64| off[((off.len() - 1) as f64 * share).round() as usize];
    Score {
        word_error_rate: cost[said.len()][heard.len()] as f64 / said.len().max(1) as f64,
        onsets: (!off.is_empty()).then(|| (at(0.5), at(0.95))),
    }
}
