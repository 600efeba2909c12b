//! Verify and discuss: costs, tests and special cases.

use crate::analysis::acts::{self, Act};
use crate::analysis::{Evidence, Metric};
use crate::session::{Millis, Role, Span, Timeline, Utterance};

const IDS: [&str; 7] = [
    "complexity.stated",
    "complexity.unprompted",
    "complexity.time_and_space",
    "testing.walked",
    "testing.strategy",
    "testing.before_done",
    "edge_cases.count",
];
/// What is said so soon after the interviewer asked for it was asked for, unless they asked for something else since.
const PROMPTED_WITHIN: Millis = Millis(60_000);
/// The same where no times are known, in utterances of anyone.
const PROMPTED_WITHIN_UTTERANCES: usize = 5;
/// A question of no more words than these goes on with the one before it.
const FEW_WORDS: usize = 4;

pub fn measure(timeline: &Timeline) -> Vec<Metric> {
    let said = match acts::labelled(timeline) {
        Ok(said) => said,
        Err(reason) => return IDS.map(|id| Metric::too_little(id, "count", reason)).into(),
    };
    let window = acts::everything(timeline);
    let count = |id, label| Metric::count(id, acts::evidence(&acts::with(&said, label, window)));
    let complexity = acts::with(&said, "complexity", window);
    let mut metrics = vec![Metric::count(IDS[0], acts::evidence(&complexity))];
    metrics.extend(match acts::cued(timeline) {
        Ok(_) => [unprompted(timeline, &complexity), time_and_space(&said)],
        Err(reason) => [IDS[1], IDS[2]].map(|id| Metric::too_little(id, "count", reason)),
    });
    metrics.push(count(IDS[3], "testing"));
    metrics.extend(match acts::cued(timeline) {
        Ok(said) => [strategy(&said), before_done(timeline, &said)],
        Err(reason) => [IDS[4], IDS[5]].map(|id| Metric::too_little(id, "count", reason)),
    });
    metrics.push(count(IDS[6], "edge_case"));
    metrics
}

/// Acts of complexity that the interviewer did not ask for.
fn unprompted(timeline: &Timeline, complexity: &[Act]) -> Metric {
    let own =
        complexity.iter().filter(|act| !act.said.first().is_some_and(|(_, said)| was_asked(timeline, said)));
    Metric::count(IDS[1], own.map(Act::evidence).collect())
}

/// Whether the question that stands when this is said asks for a cost. "And the insert?" asks for what was asked before.
fn was_asked(timeline: &Timeline, first: &Utterance) -> bool {
    let Some(at) = timeline.utterances.iter().position(|said| std::ptr::eq(said, first)) else {
        return false;
    };
    let near = |index: usize, said: &Utterance| match first.is_timed() {
        true => first.span.start - said.span.end <= PROMPTED_WITHIN,
        false => at - index <= PROMPTED_WITHIN_UTTERANCES,
    };
    let is_question = |said: &Utterance| {
        said.speaker == Role::Interviewer
            && ["prompt", "followup", "hint"].iter().any(|label| said.has(label))
    };
    let asks = |said: &Utterance| said.cues_of("asks_complexity").next().is_some();
    let before = timeline.utterances[..at].iter().enumerate().rev();
    let mut questions =
        before.filter(|(_, said)| is_question(said)).take_while(|(index, said)| near(*index, said));
    questions
        .find(|(_, said)| asks(said) || said.word_count() > FEW_WORDS)
        .is_some_and(|(_, said)| asks(said))
}

/// 0, 1 or 2: whether the cost in time was stated, and that in space. A cost of which it is not said what is spent is
/// one in time.
fn time_and_space(said: &[(usize, &Utterance)]) -> Metric {
    let costs = || said.iter().map(|(_, said)| *said).filter(|said| said.has("complexity"));
    let has = |said: &&Utterance, cue: &str| said.cues_of(cue).next().is_some();
    let time = costs().find(|said| has(said, "time_cost") || !has(said, "space_cost"));
    let space = costs().find(|said| has(said, "space_cost"));
    let named = [("time", time), ("space", space)];
    let evidence: Vec<Evidence> = named
        .iter()
        .filter_map(|(name, said)| {
            said.map(|said| Evidence::new(said.span, format!("{name}: {}", said.text)))
        })
        .collect();
    let missing: Vec<&str> = named.iter().filter(|(_, said)| said.is_none()).map(|(name, _)| *name).collect();
    let metric = Metric::count(IDS[2], evidence);
    if missing.is_empty() { metric } else { metric.with_note(format!("not stated: {}", missing.join(", "))) }
}

fn strategy(said: &[(usize, &Utterance)]) -> Metric {
    let hits = said.iter().copied().filter(|(_, said)| said.cues_of("test_strategy").next().is_some());
    Metric::count(IDS[4], acts::evidence(&acts::of(hits)))
}

/// 1 when the work was called done with no test, trace or run before, else 0.
fn before_done(timeline: &Timeline, said: &[(usize, &Utterance)]) -> Metric {
    let Some(&(at, done)) = said.iter().find(|(_, said)| said.cues_of("done").next().is_some()) else {
        return Metric::too_little(IDS[5], "count", "nobody said that it was done");
    };
    let is_test = |said: &Utterance| said.has("testing") || said.cues_of("trace_end").next().is_some();
    let tested = said[..at].iter().any(|(_, said)| is_test(said))
        || is_test(done)
        || timeline.runs.iter().any(|run| done.is_timed() && run.span.start <= done.span.end);
    let metric = Metric::new(IDS[5], "count", if tested { 0.0 } else { 1.0 });
    let moment = done.cues_of("done").next().map_or(Span::default(), |cue| done.span_of(cue));
    metric.with_evidence(vec![Evidence::new(moment, done.text.as_str())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::spoken::{interviewer, said, session, untimed, value};
    use crate::session::Run;

    fn measured(utterances: Vec<Utterance>, id: &str) -> Option<f64> {
        value(&measure(&session(utterances)), id)
    }

    #[test]
    fn a_cost_that_was_asked_for_is_not_of_ones_own_accord() {
        let asked = interviewer(10.0, &["prompt"], &["asks_complexity"]);
        let cost = |at| said(at, &["complexity"], &[]);
        assert_eq!(measured(vec![asked.clone(), cost(15.0), cost(100.0)], "complexity.stated"), Some(2.0));
        assert_eq!(
            measured(vec![asked.clone(), cost(15.0), cost(100.0)], "complexity.unprompted"),
            Some(1.0)
        );
        // Asked for something else.
        let other = interviewer(10.0, &["prompt"], &[]);
        assert_eq!(measured(vec![other, cost(15.0)], "complexity.unprompted"), Some(1.0));
        // The question stands until another one is asked; a short one goes on with it.
        let late = cost(65.0);
        let ask = |words: &str| Utterance { text: words.into(), ..interviewer(40.0, &["followup"], &[]) };
        assert_eq!(measured(vec![asked.clone(), late.clone()], "complexity.unprompted"), Some(0.0));
        let next = ask("now what if two threads call it");
        assert_eq!(measured(vec![asked.clone(), next, late.clone()], "complexity.unprompted"), Some(1.0));
        let on = ask("and the insert?");
        assert_eq!(measured(vec![asked.clone(), on, late], "complexity.unprompted"), Some(0.0));
        let order = [asked, cost(0.0), said(0.0, &["intent"], &[]), cost(0.0)].map(untimed);
        assert_eq!(measured(order.to_vec(), "complexity.unprompted"), Some(0.0));
    }

    #[test]
    fn time_and_space_are_two() {
        let id = "complexity.time_and_space";
        let cost = |cues: &[&str]| said(0.0, &["complexity"], cues);
        assert_eq!(measured(vec![cost(&[])], id), Some(1.0));
        assert_eq!(measured(vec![cost(&["space_cost"])], id), Some(1.0));
        assert_eq!(measured(vec![cost(&["space_cost", "time_cost"])], id), Some(2.0));
        assert_eq!(measured(vec![cost(&["space_cost"]), cost(&[])], id), Some(2.0));
        assert_eq!(measured(vec![said(0.0, &[], &["space_cost"])], id), Some(0.0));
    }

    #[test]
    fn done_before_any_test_is_seen() {
        let id = "testing.before_done";
        let done = |at| said(at, &[], &["done"]);
        let test = |at| said(at, &["testing"], &[]);
        assert_eq!(measured(vec![test(0.0)], id), None);
        assert_eq!(measured(vec![done(0.0), test(20.0)], id), Some(1.0));
        assert_eq!(measured(vec![test(0.0), done(20.0)], id), Some(0.0));
        assert_eq!(measured(vec![said(0.0, &[], &["trace_end"]), done(20.0)], id), Some(0.0));
        let mut run = session(vec![done(20.0)]);
        run.runs = vec![Run { span: Span::from_seconds(5.0, 6.0), command: "t".into(), exit_code: 1 }];
        assert_eq!(value(&measure(&run), id), Some(0.0));
        run.runs[0].span = Span::from_seconds(50.0, 51.0);
        assert_eq!(value(&measure(&run), id), Some(1.0));
    }

    #[test]
    fn tests_are_counted_as_acts() {
        let utterances = vec![
            said(0.0, &["testing", "edge_case"], &["test_strategy"]),
            said(3.0, &["testing"], &["test_strategy"]),
            said(60.0, &["testing", "edge_case"], &[]),
        ];
        assert_eq!(measured(utterances.clone(), "testing.walked"), Some(2.0));
        assert_eq!(measured(utterances.clone(), "testing.strategy"), Some(1.0));
        assert_eq!(measured(utterances, "edge_cases.count"), Some(2.0));
    }
}
