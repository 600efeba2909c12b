//! Clarify: what was asked, said back and named before the first line of code.

use crate::analysis::{Evidence, Metric, acts};
use crate::session::Timeline;

const IDS: [(&str, &str); 4] = [
    ("clarify.questions", "count"),
    ("clarify.topics", "count"),
    ("clarify.restated", "yes/no"),
    ("clarify.edge_cases_named", "count"),
];
/// Cues of the five sides that a problem has, and what people call them.
const TOPICS: [(&str, &str); 5] = [
    ("topic_scale", "scale"),
    ("topic_interface", "interface"),
    ("topic_constraints", "constraints and types"),
    ("topic_concurrency", "concurrency"),
    ("topic_errors", "errors"),
];

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    let said = match acts::labelled(timeline) {
        Ok(said) => said,
        Err(reason) => return IDS.map(|(id, unit)| Metric::too_little(id, unit, reason)).into(),
    };
    let window = acts::before_code(timeline);
    let count = |id, label| Metric::count(id, acts::evidence(&acts::with(&said, label, window)));
    vec![
        count("clarify.questions", "clarifying"),
        topics(timeline),
        restated(acts::evidence(&acts::with(&said, "restatement", window))),
        count("clarify.edge_cases_named", "edge_case"),
    ]
}

/// 1 where the problem was said back, and each time that it was.
fn restated(acts: Vec<Evidence>) -> Metric {
    let (id, unit) = IDS[2];
    Metric::new(id, unit, if acts.is_empty() { 0.0 } else { 1.0 }).with_evidence(acts)
}

/// How many sides of the problem were asked about, each by the first question that did.
fn topics(timeline: &Timeline) -> Metric {
    let said = match acts::cued(timeline) {
        Ok(said) => said,
        Err(reason) => return Metric::too_little("clarify.topics", "count", reason),
    };
    let window = acts::before_code(timeline);
    let questions =
        || said.iter().filter(|(_, said)| said.has("clarifying") && window.contains(said.span.start));
    let mut asked: Vec<(&str, Evidence)> = Vec::new();
    for (cue, name) in TOPICS {
        if let Some((_, said)) = questions().find(|(_, said)| said.cues_of(cue).next().is_some()) {
            asked.push((name, Evidence::new(said.span, format!("{name}: {}", said.text))));
        }
    }
    let names: Vec<&str> = asked.iter().map(|(name, _)| *name).collect();
    let note = if names.is_empty() { "none of the five".to_owned() } else { names.join(", ") };
    Metric::count("clarify.topics", asked.into_iter().map(|(_, evidence)| evidence).collect()).with_note(note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::spoken::{said, session, value};
    use crate::session::{Episode, Span};

    #[test]
    fn the_sides_that_were_asked_about_count_once_each() {
        let timeline = session(vec![
            said(0.0, &["clarifying"], &["topic_scale"]),
            said(15.0, &["clarifying"], &["topic_scale", "topic_errors"]),
            said(30.0, &["intent"], &["topic_interface"]),
            said(45.0, &["restatement"], &[]),
            said(80.0, &["restatement"], &[]),
            said(60.0, &["edge_case"], &[]),
        ]);
        let metrics = measure(&timeline);
        assert_eq!(value(&metrics, "clarify.topics"), Some(2.0));
        assert_eq!(value(&metrics, "clarify.questions"), Some(2.0));
        // Said back twice: once is enough.
        assert_eq!(value(&metrics, "clarify.restated"), Some(1.0));
        assert_eq!((metrics[2].unit, metrics[2].evidence.len()), ("yes/no", 2));
        assert_eq!(value(&metrics, "clarify.edge_cases_named"), Some(1.0));
        assert_eq!(metrics[1].note, "scale, errors");
        assert!(metrics[1].evidence[1].quote.starts_with("errors: "));
    }

    #[test]
    fn what_is_asked_after_the_first_edit_is_too_late() {
        let mut timeline = session(vec![
            said(0.0, &["clarifying"], &["topic_scale"]),
            said(100.0, &["clarifying"], &["topic_errors"]),
        ]);
        let coding = Episode {
            span: Span::from_seconds(50.0, 60.0),
            files: vec!["a.py".into()],
            added: 5,
            ..Episode::default()
        };
        timeline.episodes = vec![coding];
        let metrics = measure(&timeline);
        assert_eq!(value(&metrics, "clarify.topics"), Some(1.0));
        assert_eq!(value(&metrics, "clarify.questions"), Some(1.0));
        // A starter file that appears before anything was said is no coding.
        timeline.episodes[0] =
            Episode { files: vec!["a.py".into()], added: 5, creates_only: true, ..Episode::default() };
        timeline
            .utterances
            .iter_mut()
            .for_each(|said| said.span.start = said.span.start + crate::session::Millis(10));
        assert_eq!(value(&measure(&timeline), "clarify.questions"), Some(2.0));
        timeline.episodes[0].creates_only = false;
        assert_eq!(value(&measure(&timeline), "clarify.questions"), Some(0.0));
    }

    #[test]
    fn too_few_words_and_another_language_are_not_judged() {
        let mut timeline = session(vec![said(0.0, &["clarifying"], &["topic_scale"])]);
        timeline.cued = false;
        assert_eq!(value(&measure(&timeline), "clarify.topics"), None);
        assert_eq!(value(&measure(&timeline), "clarify.questions"), Some(1.0));
        timeline.labelled = false;
        assert!(measure(&timeline).iter().all(|metric| metric.value().is_none()));
        timeline.labelled = true;
        timeline.utterances[0].text = "is it".into();
        assert!(measure(&timeline).iter().all(|metric| metric.value().is_none()));
    }
}
