//! Trade-offs: how many, how many complete, and how many for each point where something was decided.

use crate::analysis::acts::{self, Act};
use crate::analysis::{Evidence, Metric};
use crate::session::{Millis, Timeline, Utterance};

const IDS: [(&str, &str); 7] = [
    ("tradeoff.count", "count"),
    ("tradeoff.complete", "count"),
    ("tradeoff.complete_early", "count"),
    ("tradeoff.rejected_options", "count"),
    ("tradeoff.with_complexity", "count"),
    ("tradeoff.decisions", "count"),
    ("tradeoff.per_decision", "count"),
];
/// What is said so long before and after a trade-off may belong to it.
const AROUND: Millis = Millis(20_000);
/// The same in utterances, where no times are known.
const AROUND_UTTERANCES: usize = 3;
/// A conclusion so many utterances after a trade-off is the choice in it.
const CONCLUDED_WITHIN: usize = 2;
/// So many ways make a choice.
const OPTIONS: usize = 2;

/// Cues that name a way, that choose one, and that turn one down.
const WAYS: [&str; 2] = ["option", "weighed_option"];
const CHOICE: &[&str] = &["choice", "weighed_choice"];
const REJECTION: &[&str] = &["rejected", "turned_down"];
const TURN: &[&str] = &["weighed_turn"];

/// `in_code`: what was decided in the code, one piece of evidence each, such as a new class.
pub fn measure(timeline: &Timeline, in_code: &[Evidence]) -> Vec<Metric> {
    let said = match acts::labelled(timeline) {
        Ok(said) => said,
        Err(reason) => return IDS.map(|(id, unit)| Metric::too_little(id, unit, reason)).into(),
    };
    let tradeoffs = acts::with(&said, "tradeoff", acts::everything(timeline));
    let mut metrics = vec![Metric::count(IDS[0].0, acts::evidence(&tradeoffs))];
    match acts::cued(timeline) {
        Err(reason) => {
            metrics.extend(IDS[1..].iter().map(|(id, unit)| Metric::too_little(id, unit, reason)));
        }
        Ok(_) => {
            let told: Vec<Told> = tradeoffs.iter().map(|act| Told::of(act, &said)).collect();
            metrics.extend(complete(timeline, &told));
            metrics.push(Metric::count(IDS[3].0, told.iter().flat_map(Told::rejected).collect()));
            let with_cost = told.iter().filter(|told| told.has_label("complexity"));
            metrics.push(Metric::count(IDS[4].0, with_cost.map(|told| told.act.evidence()).collect()));
            metrics.extend(decisions(&said, in_code, tradeoffs.len()));
        }
    }
    metrics
}

/// A trade-off and what was said around it. The cues `weighed_*` and `turned_down` are found in trade-offs alone: words
/// that mean nothing of the kind elsewhere.
struct Told<'a> {
    act: &'a Act<'a>,
    around: Vec<(usize, &'a Utterance)>,
    /// Ways that were named, each once.
    options: Vec<String>,
}

impl<'a> Told<'a> {
    fn of(act: &'a Act<'a>, said: &[(usize, &'a Utterance)]) -> Self {
        let span = act.span();
        let (first, last) = (act.said.first().map_or(0, |(at, _)| *at), last(act));
        let near = |index: usize, other: &Utterance| match other.is_timed() {
            true => other.span.end >= span.start - AROUND && other.span.start <= span.end + AROUND,
            false => index + AROUND_UTTERANCES >= first && index <= last + AROUND_UTTERANCES,
        };
        // Another trade-off's words are its own.
        let belongs = |(index, other): &(usize, &Utterance)| {
            is_own(act, *index) || (near(*index, other) && !other.has("tradeoff"))
        };
        let around: Vec<_> = said.iter().copied().filter(belongs).collect();
        let mut options: Vec<String> = Vec::new();
        for cue in around.iter().flat_map(|(_, said)| WAYS.iter().flat_map(|cue| said.cues_of(cue))) {
            add(&mut options, &cue.words);
        }
        Self { act, around, options }
    }

    fn has_near(&self, cues: &[&str]) -> bool {
        self.around.iter().any(|(_, said)| has(said, cues))
    }

    fn has(&self, cues: &[&str]) -> bool {
        self.act.said.iter().any(|(_, said)| has(said, cues))
    }

    fn has_label(&self, label: &str) -> bool {
        self.around.iter().any(|(_, said)| said.has(label))
    }

    /// What is cheaper is cheaper than something: a second way may stay without a name.
    fn has_options(&self) -> bool {
        let unnamed = || self.has(&["weighed_other"]) && (!self.options.is_empty() || self.has(TURN));
        self.options.len() >= OPTIONS || unnamed()
    }

    /// Where one side was told, what stands beyond a "but" is the price.
    fn has_cost(&self) -> bool {
        self.has(&["cost", "weighed_cost"]) || (self.has_benefit() && self.has(TURN))
    }

    fn has_benefit(&self) -> bool {
        self.has(&["benefit", "weighed_benefit"])
    }

    /// What is done right after two ways were weighed is the choice, too.
    fn has_choice(&self) -> bool {
        let last = last(self.act);
        let right_after = |index: usize| index > last && index <= last + CONCLUDED_WITHIN;
        let concluded =
            |(index, said): &(usize, &Utterance)| right_after(*index) && has(said, &["concludes"]);
        self.has_near(CHOICE) || self.has_near(REJECTION) || self.around.iter().any(concluded)
    }

    /// What it lacks.
    fn missing(&self) -> Vec<&'static str> {
        let parts = [
            ("a second option", self.has_options()),
            ("a cost", self.has_cost()),
            ("a benefit", self.has_benefit()),
            ("a choice", self.has_choice()),
        ];
        parts.into_iter().filter(|(_, is_there)| !is_there).map(|(name, _)| name).collect()
    }

    /// Where it turns a way down, in so many words or by choosing the other.
    fn rejected(&self) -> Vec<Evidence> {
        let turns_down =
            |said: &&Utterance| has(said, REJECTION) || (self.has_options() && has(said, CHOICE));
        let own = self.act.said.iter().map(|(_, said)| *said).filter(turns_down);
        own.map(|said| Evidence::new(said.span, said.text.as_str())).collect()
    }
}

fn last(act: &Act) -> usize {
    act.said.last().map_or(0, |(at, _)| *at)
}

fn is_own(act: &Act, index: usize) -> bool {
    act.said.iter().any(|(own, _)| *own == index)
}

fn has(said: &Utterance, cues: &[&str]) -> bool {
    cues.iter().any(|cue| said.cues_of(cue).next().is_some())
}

/// Adds a name unless it is there: "the maps" are a hash map that was named before.
fn add(names: &mut Vec<String>, name: &str) -> bool {
    let name = name.strip_suffix('s').unwrap_or(name);
    let is_part = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '))
    };
    let is_new = !names.iter().any(|known| is_part(known, name) || is_part(name, known));
    if is_new {
        names.push(name.to_owned());
    }
    is_new
}

fn complete(timeline: &Timeline, told: &[Told]) -> [Metric; 2] {
    let whole: Vec<&Told> = told.iter().filter(|told| told.missing().is_empty()).collect();
    let mut complete = Metric::count(IDS[1].0, whole.iter().map(|told| told.act.evidence()).collect());
    if let (true, Some(nearest)) = (whole.is_empty(), told.iter().min_by_key(|told| told.missing().len())) {
        complete = complete.with_note(format!("the nearest lacks {}", nearest.missing().join(", ")));
    }
    let early = if timeline.utterances.iter().all(|said| !said.is_timed()) {
        Metric::too_little(IDS[2].0, "count", "the transcript has no times")
    } else {
        let half = timeline.active.start + Millis(timeline.active.length().0 / 2);
        let early = whole.iter().map(|told| told.act.evidence()).filter(|act| act.span.start < half);
        Metric::count(IDS[2].0, early.collect())
    };
    [complete, early]
}

/// A data structure or an algorithm that is named for the first time as one's own plan, and what the code shows.
fn decisions(said: &[(usize, &Utterance)], in_code: &[Evidence], tradeoffs: usize) -> [Metric; 2] {
    let mut names: Vec<String> = Vec::new();
    let mut evidence: Vec<Evidence> = Vec::new();
    for (said, cue) in said.iter().flat_map(|(_, said)| said.cues_of("decision").map(move |cue| (said, cue)))
    {
        if add(&mut names, &cue.words) {
            evidence.push(Evidence::new(said.span_of(cue), format!("{}: {}", cue.words, said.text)));
        }
    }
    evidence.extend(in_code.iter().cloned());
    evidence.sort_by_key(|decision| decision.span.start);
    let per_decision = if evidence.is_empty() {
        Metric::too_little(IDS[6].0, "count", "no data structure or algorithm was decided on")
    } else {
        Metric::new(IDS[6].0, "count", tradeoffs as f64 / evidence.len() as f64)
            .with_note(format!("{tradeoffs} trade-offs, {} decisions", evidence.len()))
            .with_evidence(evidence.clone())
    };
    [Metric::count(IDS[5].0, evidence), per_decision]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::spoken::{said, session, untimed, value};
    use crate::session::Span;

    fn measured(utterances: Vec<Utterance>) -> Vec<Metric> {
        measure(&session(utterances), &[])
    }

    /// Two options with a cost, a benefit and, later, a choice.
    fn whole(at: f64) -> Vec<Utterance> {
        vec![
            said(at, &["tradeoff"], &["option=a heap", "benefit"]),
            said(at + 3.0, &["tradeoff"], &["option=sorting", "cost"]),
            said(at + 15.0, &["intent"], &["choice"]),
        ]
    }

    #[test]
    fn neighbouring_sentences_are_one_trade_off_and_two_far_apart_are_two() {
        let hit = |at| said(at, &["tradeoff"], &[]);
        let metrics = measured(vec![hit(0.0), hit(3.0), hit(60.0), said(90.0, &[], &[])]);
        assert_eq!(value(&metrics, "tradeoff.count"), Some(2.0));
        assert_eq!(value(&metrics, "tradeoff.complete"), Some(0.0));
        let order =
            [said(0.0, &["tradeoff"], &[]), hit(0.0), said(0.0, &["intent"], &[]), hit(0.0)].map(untimed);
        assert_eq!(value(&measured(order.into()), "tradeoff.count"), Some(2.0));
    }

    #[test]
    fn a_complete_one_has_options_both_sides_and_a_choice() {
        let metrics = measured(whole(10.0));
        assert_eq!(value(&metrics, "tradeoff.complete"), Some(1.0));
        assert_eq!(value(&metrics, "tradeoff.complete_early"), Some(1.0));
        // Each part is needed.
        for (at, part, lacks) in
            [(0, 0, "a second option"), (0, 1, "a benefit"), (1, 1, "a cost"), (2, 0, "a choice")]
        {
            let mut utterances = whole(10.0);
            utterances[at].cues.remove(part);
            let metrics = measured(utterances);
            assert_eq!(value(&metrics, "tradeoff.complete"), Some(0.0), "{lacks}");
            assert_eq!(metrics[1].note, format!("the nearest lacks {lacks}"));
        }
        // The choice comes too late, or belongs to the next trade-off.
        let mut late = whole(10.0);
        late[2].span = Span::from_seconds(40.0, 41.0);
        assert_eq!(value(&measured(late), "tradeoff.complete"), Some(0.0));
        let mut next = whole(10.0);
        next[2] = said(25.0, &["tradeoff"], &["choice"]);
        assert_eq!(value(&measured(next), "tradeoff.complete"), Some(0.0));
        // In the second half.
        let metrics = measured(whole(400.0));
        assert_eq!(value(&metrics, "tradeoff.complete"), Some(1.0));
        assert_eq!(value(&metrics, "tradeoff.complete_early"), Some(0.0));
        let metrics = measured(whole(0.0).into_iter().map(untimed).collect());
        assert_eq!(value(&metrics, "tradeoff.complete"), Some(1.0));
        assert_eq!(value(&metrics, "tradeoff.complete_early"), None);
    }

    /// A benefit of one of two ways, a "but", and a choice, in one sentence.
    const TOLD: [&str; 5] =
        ["weighed_option=gap buffer", "option=array", "weighed_benefit", "weighed_turn", "weighed_choice"];

    fn without(cue: &str) -> Vec<&'static str> {
        TOLD.into_iter().filter(|own| !own.starts_with(cue)).collect()
    }

    fn lacks(utterances: Vec<Utterance>) -> String {
        measured(utterances)[1].note.replace("the nearest lacks ", "")
    }

    #[test]
    fn what_stands_beyond_a_but_is_the_price() {
        let told = |cues: &[&str]| vec![said(0.0, &["tradeoff"], cues)];
        assert_eq!(value(&measured(told(&TOLD)), "tradeoff.complete"), Some(1.0));
        for (cue, lacking) in [
            ("weighed_turn", "a cost"),
            ("weighed_benefit", "a cost, a benefit"),
            ("weighed_option", "a second option"),
            ("weighed_choice", "a choice"),
        ] {
            assert_eq!(lacks(told(&without(cue))), lacking);
        }
    }

    #[test]
    fn the_second_way_may_be_unnamed() {
        let told = |cues: Vec<&str>| vec![said(0.0, &["tradeoff"], &cues)];
        assert_eq!(lacks(told(without("option"))), "a second option");
        let compared = told([&without("option"), &["weighed_other"][..]].concat());
        assert_eq!(value(&measured(compared), "tradeoff.complete"), Some(1.0));
        // None named at all: it must turn from one to the other.
        let none = ["weighed_other", "weighed_cost", "weighed_benefit", "weighed_choice"];
        assert_eq!(lacks(told(none.into())), "a second option");
        let turned = told([&none[..], &["weighed_turn"]].concat());
        assert_eq!(value(&measured(turned), "tradeoff.complete"), Some(1.0));
    }

    #[test]
    fn what_is_done_right_after_is_the_choice() {
        let after = |at: f64, label: &str, cue: &str| {
            let filler = |at| said(at, &["syntax"], &[]);
            let open = said(20.0, &["tradeoff"], &without("weighed_choice"));
            let mut all = vec![open, filler(24.0), filler(27.0), said(at, &[label], &[cue])];
            all.sort_by_key(|said| said.span.start);
            value(&measured(all), "tradeoff.complete")
        };
        assert_eq!(after(23.0, "intent", "concludes"), Some(1.0));
        assert_eq!(after(26.0, "intent", "concludes"), Some(1.0));
        // Later, and before.
        assert_eq!(after(30.0, "intent", "concludes"), Some(0.0));
        assert_eq!(after(10.0, "intent", "concludes"), Some(0.0));
        // A choice that is none without a trade-off may stand anywhere near.
        assert_eq!(after(10.0, "intent", "choice"), Some(1.0));
        assert_eq!(after(50.0, "intent", "choice"), Some(0.0));
    }

    #[test]
    fn who_chooses_one_of_two_turns_the_other_down() {
        let chosen = said(0.0, &["tradeoff"], &TOLD);
        let open = said(3.0, &["tradeoff"], &without("weighed_choice"));
        let metrics = measured(vec![chosen.clone(), open, chosen]);
        assert_eq!(value(&metrics, "tradeoff.count"), Some(1.0));
        assert_eq!(value(&metrics, "tradeoff.rejected_options"), Some(2.0));
    }

    #[test]
    fn the_same_option_twice_is_one() {
        let mut utterances = whole(0.0);
        utterances[1].cues[0].words = "heaps".into();
        assert_eq!(value(&measured(utterances), "tradeoff.complete"), Some(0.0));
        let mut names = Vec::new();
        let new: Vec<bool> =
            ["hash map", "map", "bitmap", "maps", "heap"].iter().map(|name| add(&mut names, name)).collect();
        assert_eq!(new, [true, false, true, false, true]);
    }

    #[test]
    fn costs_rejections_and_decisions_are_counted() {
        let utterances = vec![
            said(0.0, &["tradeoff"], &["rejected"]),
            said(10.0, &["complexity"], &[]),
            said(60.0, &["tradeoff"], &["rejected", "rejected"]),
            said(100.0, &["intent"], &["decision=hash map", "decision=min heap"]),
            said(150.0, &["intent"], &["decision=map"]),
        ];
        let metrics = measured(utterances.clone());
        assert_eq!(value(&metrics, "tradeoff.with_complexity"), Some(1.0));
        assert_eq!(value(&metrics, "tradeoff.rejected_options"), Some(2.0));
        assert_eq!(value(&metrics, "tradeoff.decisions"), Some(2.0));
        assert_eq!(value(&metrics, "tradeoff.per_decision"), Some(1.0));
        let in_code = [Evidence::new(Span::from_seconds(50.0, 51.0), "class Cache")];
        let metrics = measure(&session(utterances), &in_code);
        assert_eq!(value(&metrics, "tradeoff.decisions"), Some(3.0));
        assert_eq!(metrics[5].evidence[0].quote, "class Cache");
        assert_eq!(value(&measured(vec![said(0.0, &[], &[])]), "tradeoff.per_decision"), None);
    }

    #[test]
    fn without_cues_only_the_count_is_known() {
        let mut timeline = session(whole(0.0));
        timeline.cued = false;
        let metrics = measure(&timeline, &[]);
        assert_eq!(value(&metrics, "tradeoff.count"), Some(1.0));
        assert!(metrics[1..].iter().all(|metric| metric.value().is_none()));
    }
}
