//! How well the edits are explained. Weighted by changed lines; what a tool changed is left out.

use crate::analysis::alignment::Alignment;
use crate::analysis::statistics::median;
use crate::analysis::{Evidence, Metric};
use crate::session::{Episode, Timeline};

const IDS: [(&str, &str); 4] = [
    ("edits.explained", "share"),
    ("edits.explained_before", "share"),
    ("edits.silent", "count"),
    ("edits.lead", "s"),
];

pub fn measure(timeline: &Timeline, alignments: &[Alignment]) -> Vec<Metric> {
    let by_hand: Vec<(usize, &Episode, &Alignment)> = timeline
        .episodes
        .iter()
        .zip(alignments)
        .enumerate()
        .filter(|(_, (episode, _))| weight(episode) > 0.0)
        .map(|(index, (episode, alignment))| (index, episode, alignment))
        .collect();
    if by_hand.is_empty() {
        return IDS.map(|(id, unit)| Metric::too_little(id, unit, "no edits are known")).into();
    }
    let total: f64 = by_hand.iter().map(|(_, episode, _)| weight(episode)).sum();
    let share = |id: &str, holds: &dyn Fn(&Alignment) -> bool| {
        let (yes, no): (Vec<(usize, &Episode, &Alignment)>, Vec<_>) =
            by_hand.iter().copied().partition(|(_, _, alignment)| holds(alignment));
        let explained: f64 = yes.iter().map(|(_, episode, _)| weight(episode)).sum();
        Metric::new(id, "share", explained / total)
            .with_note(format!("{} of {} bursts of edits", yes.len(), by_hand.len()))
            .with_evidence(no.into_iter().map(|(index, episode, _)| evidence(index, episode)).collect())
    };
    let silent = by_hand.iter().filter(|(_, _, alignment)| alignment.silent);
    let leads: Vec<f64> =
        by_hand.iter().filter_map(|(_, _, alignment)| alignment.lead).map(|lead| lead.as_seconds()).collect();
    vec![
        share("edits.explained", &|alignment| alignment.explained_by.is_some()),
        share("edits.explained_before", &|alignment| alignment.explained_before),
        Metric::count("edits.silent", silent.map(|&(index, episode, _)| evidence(index, episode)).collect()),
        match median(leads) {
            Some(lead) => Metric::new("edits.lead", "s", lead),
            None => Metric::too_little("edits.lead", "s", "no utterance spoke of an edit"),
        },
    ]
}

/// Changed lines.
fn weight(episode: &Episode) -> f64 {
    (episode.added + episode.removed) as f64
}

fn evidence(index: usize, episode: &Episode) -> Evidence {
    let what = if episode.symbols.is_empty() { episode.files.join(", ") } else { episode.symbols.join(", ") };
    Evidence { episode: Some(index), ..Evidence::new(episode.span, what) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, Millis, Span};

    fn episode(start: f64, added: usize) -> Episode {
        Episode {
            span: Span::from_seconds(start, start + 5.0),
            edits: vec![],
            files: vec!["a.py".into()],
            symbols: vec![],
            added,
            removed: 0,
            cause: Cause::Typing,
        }
    }

    #[test]
    fn shares_are_weighted_by_lines_and_tools_left_out() {
        let timeline = Timeline {
            episodes: vec![episode(0.0, 30), episode(50.0, 10), episode(90.0, 0)],
            ..Timeline::default()
        };
        let alignments = [
            Alignment {
                explained_by: Some(0),
                explained_before: true,
                lead: Some(Millis(4_000)),
                ..Alignment::default()
            },
            Alignment { silent: true, ..Alignment::default() },
            Alignment { silent: true, ..Alignment::default() },
        ];
        let metrics = measure(&timeline, &alignments);
        let values: Vec<_> = metrics.iter().map(Metric::value).collect();
        assert_eq!(values, [Some(0.75), Some(0.75), Some(1.0), Some(4.0)]);
        assert_eq!(metrics[0].evidence.len(), 1);
        assert_eq!(metrics[0].evidence[0].episode, Some(1));
    }

    #[test]
    fn no_edits_is_too_little_data() {
        assert!(measure(&Timeline::default(), &[]).iter().all(|metric| metric.value().is_none()));
    }
}
