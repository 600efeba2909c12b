//! The at most three things to change: what happened, why it matters, and what could have been said instead.

use serde::{Deserialize, Serialize};

use crate::analysis::alignment::window;
use crate::analysis::{Analysis, Evidence, Metric};
use crate::rubric::scoring::{self, RuleScore};
use crate::session::{Episode, Span};

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Focus {
    pub rule: String,
    pub title: String,
    #[serde(flatten)]
    pub span: Option<Span>,
    pub quote: String,
    pub episode: Option<usize>,
    /// What was missing at this moment, where the moment is one without rather than one with.
    #[serde(default)]
    pub missing: String,
    pub what: String,
    pub why: String,
    pub advice: String,
    /// Words that would have done, with the names of the edit.
    #[serde(default)]
    pub say: String,
    /// Points of the total that full marks here would add.
    pub points: f64,
}

pub fn of(scored: &RuleScore, analysis: &Analysis) -> Focus {
    let rule = scored.rule;
    let episodes = &analysis.timeline.episodes;
    let (moment, missing) = match scored.metric {
        // What there should be more of is shown by a moment that lacks it.
        Some(metric) if rule.wants_more(metric) => {
            let found = without(metric, episodes);
            (found.map(|index| at(index, episodes)), found.map(|index| lack(metric, &episodes[index])))
        }
        Some(metric) => (worst(&metric.evidence).map(|moment| beside_code(moment, episodes)), None),
        None => (None, None),
    };
    let filled = |template: &str| {
        let metric = scored.metric?;
        Some(scoring::fill(template, metric, moment.as_ref(), episodes))
    };
    let advice = scored.metric.map(|metric| scoring::advice(rule, metric, moment.as_ref(), episodes));
    Focus {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        span: moment.as_ref().map(|moment| moment.span),
        quote: moment.as_ref().map_or_else(String::new, |moment| moment.quote.clone()),
        episode: moment.as_ref().and_then(|moment| moment.episode),
        missing: missing.unwrap_or_default(),
        what: rule.what.clone(),
        why: rule.why.clone(),
        advice: advice.unwrap_or_default(),
        say: rule.say.as_deref().and_then(filled).unwrap_or_default(),
        points: scored.to_win,
    }
}

/// The longest moment shows the flaw best.
fn worst(evidence: &[Evidence]) -> Option<&Evidence> {
    evidence.iter().max_by_key(|evidence| evidence.span.length())
}

/// The moment with the code that was being written around it, where that was not known before.
fn beside_code(moment: &Evidence, episodes: &[Episode]) -> Evidence {
    Evidence { episode: scoring::at_work_on(moment, episodes), ..moment.clone() }
}

fn at(index: usize, episodes: &[Episode]) -> Evidence {
    Evidence { episode: Some(index), ..Evidence::new(episodes[index].span, "") }
}

/// Questions belong before the first code; of all else the largest piece of code without it shows the want of it best.
fn without(metric: &Metric, episodes: &[Episode]) -> Option<usize> {
    // Tests want no reason of their own.
    let is_test = |episode: &Episode| {
        !episode.files.is_empty() && episode.files.iter().all(|file| file.to_lowercase().contains("test"))
    };
    let is_work = |index: &usize| episodes[*index].lines() > 0 && !is_test(&episodes[*index]);
    let mut by_hand = (0..episodes.len()).filter(is_work);
    if is_of_the_start(metric) {
        return by_hand.next();
    }
    let has = |index: usize| {
        let window = window(&episodes[index]);
        metric.evidence.iter().any(|evidence| window.contains(evidence.span.start))
    };
    by_hand
        .filter(|&index| !has(index))
        .max_by_key(|&index| (episodes[index].lines(), std::cmp::Reverse(index)))
}

fn is_of_the_start(metric: &Metric) -> bool {
    metric.id.starts_with("clarify.")
}

fn lack(metric: &Metric, episode: &Episode) -> String {
    let name = episode.symbols.last().or(episode.files.first()).map_or("code", String::as_str);
    let at = episode.span.start;
    if is_of_the_start(metric) {
        let count = metric.evidence.len();
        format!("At {at} you began to type, with {name}; heard until then: {count}.")
    } else {
        format!("At {at} you wrote {name}, and nothing of this was said near it.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Cause;

    fn episode(start: f64, symbol: &str, added: usize) -> Episode {
        Episode {
            span: Span::from_seconds(start, start + 10.0),
            symbols: vec![symbol.into()],
            added,
            cause: Cause::Typing,
            ..Episode::default()
        }
    }

    #[test]
    fn what_is_wanted_more_is_missed_where_most_code_went_in_without_it() {
        let episodes =
            [episode(10.0, "small", 2), episode(100.0, "weighed", 30), episode(200.0, "large", 20)];
        let near_the_second = Evidence::new(Span::from_seconds(95.0, 99.0), "or a heap");
        let metric = Metric::count("tradeoff.count", vec![near_the_second]);
        assert_eq!(without(&metric, &episodes), Some(2));
        assert_eq!(
            lack(&metric, &episodes[2]),
            "At 3:20 you wrote large, and nothing of this was said near it."
        );
        let said = Evidence::new(Span::from_seconds(195.0, 199.0), "equals zero");
        assert_eq!(beside_code(&said, &episodes).episode, Some(2));
        let far = Evidence::new(Span::from_seconds(300.0, 301.0), "");
        assert_eq!(beside_code(&far, &episodes).episode, None);
        let questions = Metric::count("clarify.questions", vec![]);
        assert_eq!(without(&questions, &episodes), Some(0));
        assert_eq!(without(&questions, &[episode(1.0, "generated", 0)]), None);
    }
}
