//! From likeness to voices: people keep the floor, so a change of speaker needs more than one odd window.

/// Probability of each voice in each window, and the most probable run of voices.
pub struct Smoothed {
    pub path: Vec<usize>,
    /// One row a window, one column a voice; a row adds up to 1.
    pub posterior: Vec<Vec<f64>>,
}

/// `evidence` holds a row a window with the log-likelihood (up to a constant) of each voice; `change[i]` is
/// the log-cost of another voice in window `i` than in the one before.
pub fn smooth(evidence: &[Vec<f64>], change: &[f64]) -> Smoothed {
    let voices = evidence.first().map_or(0, Vec::len);
    Smoothed { path: path(evidence, change, voices), posterior: posterior(evidence, change, voices) }
}

fn cost(change: f64, from: usize, to: usize) -> f64 {
    if from == to { 0.0 } else { -change }
}

fn path(evidence: &[Vec<f64>], change: &[f64], voices: usize) -> Vec<usize> {
    let Some(first) = evidence.first() else { return Vec::new() };
    let mut score = first.clone();
    let mut back: Vec<Vec<usize>> = vec![vec![0; voices]];
    for (row, &change) in evidence.iter().zip(change).skip(1) {
        let best: Vec<(usize, f64)> = (0..voices)
            .map(|to| {
                (0..voices)
                    .map(|from| (from, score[from] + cost(change, from, to)))
                    .fold((to, f64::NEG_INFINITY), |best, this| if this.1 > best.1 { this } else { best })
            })
            .collect();
        score = best.iter().zip(row).map(|((_, score), evidence)| score + evidence).collect();
        back.push(best.into_iter().map(|(from, _)| from).collect());
    }
    let mut at = (0..voices).fold(0, |best, voice| if score[voice] > score[best] { voice } else { best });
    let mut path: Vec<usize> = back
        .iter()
        .rev()
        .map(|from| {
            let here = at;
            at = from[at];
            here
        })
        .collect();
    path.reverse();
    path
}

/// Forward and backward, in logarithms.
fn posterior(evidence: &[Vec<f64>], change: &[f64], voices: usize) -> Vec<Vec<f64>> {
    let mut forward: Vec<Vec<f64>> = Vec::with_capacity(evidence.len());
    for (index, row) in evidence.iter().enumerate() {
        let next = match forward.last() {
            None => row.clone(),
            Some(last) => (0..voices)
                .map(|to| {
                    row[to] + log_sum((0..voices).map(|from| last[from] + cost(change[index], from, to)))
                })
                .collect(),
        };
        forward.push(level(next));
    }
    let mut backward = vec![0.0; voices];
    for index in (0..evidence.len()).rev() {
        let here = &mut forward[index];
        let both = level(here.iter().zip(&backward).map(|(forward, backward)| forward + backward).collect());
        *here = both.into_iter().map(f64::exp).collect();
        if index > 0 {
            let ahead = &evidence[index];
            let steps = (0..voices).map(|from| {
                log_sum((0..voices).map(|to| backward[to] + ahead[to] + cost(change[index], from, to)))
            });
            backward = level(steps.collect());
        }
    }
    forward
}

fn log_sum(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = values.clone().fold(f64::NEG_INFINITY, f64::max);
    if most.is_finite() { most + values.map(|value| (value - most).exp()).sum::<f64>().ln() } else { most }
}

/// Shifts logarithms so that what they stand for adds up to 1.
fn level(mut values: Vec<f64>) -> Vec<f64> {
    let sum = log_sum(values.iter().copied());
    values.iter_mut().for_each(|value| *value -= sum);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(voices: &[(f64, f64)]) -> Vec<Vec<f64>> {
        voices.iter().map(|&(a, b)| vec![a, b]).collect()
    }

    #[test]
    fn one_odd_window_is_no_change_of_speaker() {
        let evidence = rows(&[(1.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 0.0)]);
        assert_eq!(smooth(&evidence, &[2.0; 5]).path, [0; 5]);
        assert_eq!(smooth(&evidence, &[0.1; 5]).path, [0, 0, 1, 0, 0]);
    }

    #[test]
    fn the_posterior_is_that_of_all_paths_counted_out() {
        let evidence = rows(&[(0.3, 0.0), (0.0, 0.9), (0.2, 0.1), (0.0, 2.0)]);
        let change = [0.0, 1.5, 0.4, 0.9];
        let mut by_hand = vec![[0.0; 2]; 4];
        for path in 0..16_usize {
            let voice = |window: usize| (path >> window) & 1;
            let score: f64 = (0..4)
                .map(|window| {
                    let step = if window == 0 {
                        0.0
                    } else {
                        cost(change[window], voice(window - 1), voice(window))
                    };
                    evidence[window][voice(window)] + step
                })
                .sum();
            (0..4).for_each(|window| by_hand[window][voice(window)] += score.exp());
        }
        for (row, expected) in smooth(&evidence, &change).posterior.iter().zip(&by_hand) {
            assert!((row[0] - expected[0] / (expected[0] + expected[1])).abs() < 1e-12);
            assert!((row[0] + row[1] - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn nothing_gives_nothing() {
        let smoothed = smooth(&[], &[]);
        assert!(smoothed.path.is_empty() && smoothed.posterior.is_empty());
    }
}
