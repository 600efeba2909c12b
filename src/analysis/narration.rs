//! Intent against syntax: whether the narration says what the code is for, or reads it aloud.

use crate::analysis::{Evidence, Metric, acts, inference};
use crate::session::{Span, Timeline, Utterance};

/// Fewer utterances of intent or syntax than this are no basis for a share.
const MIN_NARRATION: usize = 5;
/// Syntax utterances in a row that make a run.
const RUN: usize = 3;
const IDS: [(&str, &str); 2] = [("narration.intent_share", "share"), ("narration.syntax_runs", "count")];

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    let said: Vec<&Utterance> = match acts::labelled(timeline) {
        Ok(said) => said.into_iter().map(|(_, said)| said).collect(),
        Err(reason) => return IDS.map(|(id, unit)| Metric::too_little(id, unit, reason)).into(),
    };
    vec![intent_share(timeline, &said), syntax_runs(&said)]
}

/// How often the candidate did what a label names, over the whole session: `label.NAME`.
pub fn count(timeline: &Timeline, label: &str) -> Metric {
    let id = format!("label.{label}");
    match acts::labelled(timeline) {
        Ok(said) => Metric::count(&id, acts::evidence(&acts::with(&said, label, acts::everything(timeline)))),
        Err(reason) => Metric::too_little(&id, "count", reason),
    }
}

/// Intent / (intent + syntax) among utterances while code is in the making, or everywhere without edits.
fn intent_share(timeline: &Timeline, said: &[&Utterance]) -> Metric {
    let id = "narration.intent_share";
    let coding = inference::coding(timeline);
    let while_coding = |said: &&&Utterance| coding.is_none_or(|coding| coding.contains(said.span.start));
    let coding: Vec<&&Utterance> = said.iter().filter(while_coding).collect();
    let intent = coding.iter().filter(|said| said.has("intent")).count();
    let syntax: Vec<Evidence> = coding
        .iter()
        .filter(|said| said.has("syntax"))
        .map(|said| Evidence::new(said.span, said.text.as_str()))
        .collect();
    let total = intent + syntax.len();
    let Some(share) = share(intent, syntax.len()) else {
        return Metric::too_little(id, "share", format!("only {total} utterances spoke of the code"));
    };
    Metric::new(id, "share", share)
        .with_note(format!("{intent} of {total} utterances say what the code is for"))
        .with_evidence(syntax)
}

/// The share of intent, where there are enough utterances that speak of the code.
pub fn share(intent: usize, syntax: usize) -> Option<f64> {
    let total = intent + syntax;
    (total >= MIN_NARRATION).then(|| intent as f64 / total as f64)
}

fn syntax_runs(said: &[&Utterance]) -> Metric {
    let mut runs = Vec::new();
    // Utterances that do nothing ("okay") neither make nor break a run.
    let speaking: Vec<&&Utterance> = said.iter().filter(|said| !said.labels.is_empty()).collect();
    for run in speaking.chunk_by(|a, b| a.has("syntax") == b.has("syntax")) {
        if run.len() >= RUN && run[0].has("syntax") {
            let text: Vec<&str> = run.iter().map(|said| said.text.as_str()).collect();
            runs.push(Evidence::new(
                Span::new(run[0].span.start, run[run.len() - 1].span.end),
                text.join(" "),
            ));
        }
    }
    let about_code = said.iter().filter(|said| said.has("syntax") || said.has("intent")).count();
    if about_code < MIN_NARRATION {
        let reason = format!("only {about_code} utterances spoke of the code");
        return Metric::too_little("narration.syntax_runs", "count", reason);
    }
    Metric::count("narration.syntax_runs", runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::spoken::{session, value};

    fn said(at: f64, labels: &[&str]) -> Utterance {
        crate::analysis::spoken::said(at, labels, &[])
    }

    fn measured(utterances: Vec<Utterance>) -> Vec<Metric> {
        measure(&session(utterances))
    }

    #[test]
    fn share_and_runs() {
        let metrics = measured(vec![
            said(0.0, &["intent"]),
            said(5.0, &["syntax"]),
            said(10.0, &["syntax"]),
            said(15.0, &[]),
            said(20.0, &["syntax"]),
            said(25.0, &["intent"]),
            said(30.0, &["syntax"]),
            said(35.0, &["syntax"]),
        ]);
        assert_eq!(value(&metrics, "narration.intent_share"), Some(2.0 / 7.0));
        assert_eq!(value(&metrics, "narration.syntax_runs"), Some(1.0));
    }

    #[test]
    fn too_few_words_are_not_judged() {
        let mut short = said(0.0, &["intent"]);
        short.text = "a few".into();
        assert!(measured(vec![short]).iter().all(|metric| metric.value().is_none()));
        assert_eq!(value(&measured(vec![said(0.0, &["intent"])]), "narration.syntax_runs"), None);
    }
}
