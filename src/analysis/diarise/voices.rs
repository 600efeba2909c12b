//! Centres of the voices: spherical k-means over voiceprints, from deterministic starts.

/// Most rounds of k-means; it stops when no print changes its owner.
const ROUNDS: usize = 30;
/// Main directions of spread along which a start is tried. The voices differ most along one of the first.
const DIRECTIONS: usize = 4;
/// Rounds of power iteration for a direction: it only has to be a start.
const POWER_ROUNDS: usize = 20;
/// Share of the windows, at either end of a direction, whose mean is a start.
const END_SHARE: usize = 8;

pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Scales to length 1; what has no length (or is no number) becomes zero.
pub fn normalise(vector: &mut [f32]) {
    let length = dot(vector, vector).sqrt();
    let factor = if length.is_finite() && length > 1e-12 { 1.0 / length } else { 0.0 };
    for value in vector {
        *value = if factor > 0.0 { *value * factor } else { 0.0 };
    }
}

/// The mean direction of the prints that `weight` gives a weight.
pub fn mean(prints: &[Vec<f32>], weight: impl Fn(usize) -> f32) -> Vec<f32> {
    let mut sum = vec![0.0; prints.first().map_or(0, Vec::len)];
    for (index, print) in prints.iter().enumerate() {
        let weight = weight(index);
        if weight > 0.0 {
            sum.iter_mut().zip(print).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    normalise(&mut sum);
    sum
}

/// `count` centres of length 1 for prints of length 1: the best of several starts by the weighted sum of
/// each print's likeness to its centre. Deterministic.
pub fn centres(prints: &[Vec<f32>], weights: &[f32], count: usize) -> Vec<Vec<f32>> {
    if count < 2 || prints.len() < count {
        return vec![mean(prints, |index| weights[index]); count];
    }
    let mut best: Option<(f32, Vec<Vec<f32>>)> = None;
    for start in starts(prints, weights, count) {
        let (likeness, found) = settle(prints, weights, start);
        if best.as_ref().is_none_or(|(most, _)| likeness > *most) {
            best = Some((likeness, found));
        }
    }
    best.map_or_else(Vec::new, |(_, found)| found)
}

/// Index of the centre that is most like `print`, and how like.
pub fn nearest(print: &[f32], centres: &[Vec<f32>]) -> (usize, f32) {
    centres
        .iter()
        .map(|centre| dot(print, centre))
        .enumerate()
        .fold((0, f32::NEG_INFINITY), |best, this| if this.1 > best.1 { this } else { best })
}

fn settle(prints: &[Vec<f32>], weights: &[f32], mut centres: Vec<Vec<f32>>) -> (f32, Vec<Vec<f32>>) {
    let mut owners = vec![usize::MAX; prints.len()];
    for _ in 0..ROUNDS {
        let now: Vec<usize> = prints.iter().map(|print| nearest(print, &centres).0).collect();
        if now == owners {
            break;
        }
        owners = now;
        for (index, centre) in centres.iter_mut().enumerate() {
            if owners.contains(&index) {
                *centre = mean(prints, |print| if owners[print] == index { weights[print] } else { 0.0 });
            }
        }
    }
    let likeness =
        prints.iter().zip(weights).map(|(print, weight)| weight * nearest(print, &centres).1).sum();
    (likeness, centres)
}

fn starts(prints: &[Vec<f32>], weights: &[f32], count: usize) -> Vec<Vec<Vec<f32>>> {
    let all = mean(prints, |index| weights[index]);
    let mut directions: Vec<Vec<f32>> = Vec::new();
    let mut starts = Vec::new();
    for number in 0..DIRECTIONS {
        let direction = direction(prints, weights, &all, &directions, number);
        let mut order: Vec<(f32, usize)> =
            prints.iter().enumerate().map(|(index, print)| (dot(print, &direction), index)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let end = (prints.len() / END_SHARE).max(1);
        let of = |part: &[(f32, usize)]| {
            let chosen: Vec<Vec<f32>> = part.iter().map(|&(_, index)| prints[index].clone()).collect();
            mean(&chosen, |_| 1.0)
        };
        let mut start = vec![of(&order[..end]), of(&order[order.len() - end..])];
        while start.len() < count {
            start.push(farthest(prints, &start));
        }
        starts.push(start);
        directions.push(direction);
    }
    starts
}

fn farthest(prints: &[Vec<f32>], centres: &[Vec<f32>]) -> Vec<f32> {
    let least = prints.iter().min_by(|a, b| nearest(a, centres).1.total_cmp(&nearest(b, centres).1));
    least.cloned().unwrap_or_default()
}

/// The direction of most spread that is at right angles to those `before`, by power iteration.
fn direction(
    prints: &[Vec<f32>],
    weights: &[f32],
    all: &[f32],
    before: &[Vec<f32>],
    number: usize,
) -> Vec<f32> {
    let mut vector: Vec<f32> = prints[number * (prints.len() - 1) / DIRECTIONS.max(1)].clone();
    vector.iter_mut().zip(all).for_each(|(value, mean)| *value -= mean);
    for _ in 0..POWER_ROUNDS {
        let mut next = vec![0.0; vector.len()];
        for (print, weight) in prints.iter().zip(weights) {
            let along = weight * (dot(print, &vector) - dot(all, &vector));
            for ((next, value), mean) in next.iter_mut().zip(print).zip(all) {
                *next += along * (value - mean);
            }
        }
        for other in before {
            let along = dot(&next, other);
            next.iter_mut().zip(other).for_each(|(value, other)| *value -= along * other);
        }
        normalise(&mut next);
        vector = next;
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::diarise::made_up::{Voices, prints_of};

    #[test]
    fn centres_are_those_the_prints_were_made_around() {
        for seed in 1..6 {
            let voices = Voices::new(3, 32, seed);
            let owners: Vec<usize> = (0..120).map(|index| if index < 90 { index % 2 } else { 2 }).collect();
            let prints = prints_of(&voices, &owners, 0.5);
            let found = centres(&prints, &vec![1.0; prints.len()], 3);
            for voice in &voices.centres {
                assert!(nearest(voice, &found).1 > 0.97, "seed {seed}");
            }
        }
    }

    #[test]
    fn nothing_to_go_by_is_no_panic() {
        assert_eq!(centres(&[], &[], 2).len(), 2);
        assert_eq!(centres(&[vec![0.0; 4]], &[1.0], 2).len(), 2);
        let same = vec![vec![0.0; 4]; 9];
        assert!(centres(&same, &[1.0; 9], 3).iter().flatten().all(|value| *value == 0.0));
    }
}
