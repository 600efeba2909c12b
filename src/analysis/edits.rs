//! How well the edits are explained. Weighted by changed lines; what a tool changed is left out.

use crate::analysis::alignment::Alignment;
use crate::analysis::flow::{NO_SPEECH, UNHEARD};
use crate::analysis::statistics::median;
use crate::analysis::{Evidence, Metric, NO_LABELS};
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
    let reason = match (by_hand.is_empty(), timeline.speech.is_empty()) {
        (true, _) => Some("no edits are known"),
        (_, true) => Some(NO_SPEECH),
        _ => None,
    };
    if let Some(reason) = reason {
        return IDS.map(|(id, unit)| Metric::too_little(id, unit, reason)).into();
    }
    let total: f64 = by_hand.iter().map(|(_, episode, _)| weight(episode)).sum();
    let share = |id: &str, holds: &dyn Fn(&Alignment) -> bool| {
        if !timeline.labelled {
            return Metric::too_little(id, "share", NO_LABELS);
        }
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
        Metric::count("edits.silent", silent.map(|&(index, episode, _)| evidence(index, episode)).collect())
            .with_confidence(if timeline.heard { 1.0 } else { UNHEARD }),
        match median(leads) {
            Some(lead) => Metric::new("edits.lead", "s", lead),
            None => Metric::too_little("edits.lead", "s", "no utterance spoke of an edit"),
        },
    ]
}

/// Changed lines.
fn weight(episode: &Episode) -> f64 {
    episode.lines() as f64
}

fn evidence(index: usize, episode: &Episode) -> Evidence {
    Evidence { episode: Some(index), ..Evidence::new(episode.span, episode.names().join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, Millis, Span};

    fn episode(start: f64, added: usize) -> Episode {
        Episode {
            span: Span::from_seconds(start, start + 5.0),
            files: vec!["a.py".into()],
            added,
            cause: Cause::Typing,
            ..Episode::default()
        }
    }

    #[test]
    fn shares_are_weighted_by_lines_and_tools_left_out() {
        let timeline = Timeline {
            episodes: vec![episode(0.0, 30), episode(50.0, 10), episode(90.0, 0)],
            speech: vec![Span::from_seconds(0.0, 9.0)],
            labelled: true,
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
