//! What was spoken of beside the code itself: errors, load, several callers, parts and their purposes, the library.

use crate::analysis::{Metric, acts};
use crate::session::{Timeline, Utterance};

/// Measures that count acts of a label, and the label.
const LABELS: [(&str, &str); 3] = [
    ("errors.discussed", "error_handling"),
    ("concurrency.discussed", "concurrency"),
    ("scaling.discussed", "scaling"),
];
/// Measures that count acts with a cue, and the cue.
const CUES: [(&str, &str); 5] = [
    ("abstractions.discussed", "abstraction"),
    ("production.discussed", "production"),
    ("extensibility.discussed", "extensible"),
    ("advanced.named", "advanced"),
    ("library.named", "library"),
];

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    let labels = LABELS.map(|(id, label)| count(acts::labelled(timeline), id, &|said| said.has(label)));
    let cues =
        CUES.map(|(id, cue)| count(acts::cued(timeline), id, &|said| said.cues_of(cue).next().is_some()));
    labels.into_iter().chain(cues).collect()
}

type Said<'a> = Result<Vec<(usize, &'a Utterance)>, &'static str>;

fn count(said: Said, id: &str, does: &dyn Fn(&Utterance) -> bool) -> Metric {
    match said {
        Ok(said) => {
            let hits = said.into_iter().filter(|(_, said)| does(said));
            Metric::count(id, acts::evidence(&acts::of(hits)))
        }
        Err(reason) => Metric::too_little(id, "count", reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cue, LabelHit, Span};

    #[test]
    fn acts_of_labels_and_cues() {
        let said = |at: f64, label: &str, cue: &str| Utterance {
            span: Span::from_seconds(at, at + 3.0),
            text: "word ".repeat(30),
            labels: vec![LabelHit {
                label: label.into(),
                confidence: 1.0,
                pattern: String::new(),
                words: String::new(),
            }],
            cues: vec![Cue { cue: cue.into(), words: String::new(), at: 0 }],
            ..Utterance::default()
        };
        let mut timeline = Timeline {
            labelled: true,
            cued: true,
            utterances: vec![
                said(0.0, "scaling", "extensible"),
                said(4.0, "scaling", "advanced"),
                said(40.0, "scaling", "extensible"),
                said(90.0, "concurrency", "filler_um"),
                said(95.0, "intent", "library"),
            ],
            ..Timeline::default()
        };
        let read = |timeline: &Timeline| -> Vec<Option<f64>> {
            measure(timeline).iter().map(Metric::value).collect()
        };
        let [none, one, two] = [Some(0.0), Some(1.0), Some(2.0)];
        assert_eq!(read(&timeline), [none, one, two, none, none, two, one, one]);
        timeline.cued = false;
        assert_eq!(read(&timeline)[2..4], [two, None]);
    }
}
