//! Metrics against a scorecard: scores, findings and what to change first.

use serde::{Deserialize, Serialize};

use super::scorecard::{Rule, Scorecard};
use crate::analysis::alignment::window;
use crate::analysis::{Evidence, Metric, Reading};
use crate::session::{Episode, Span};

/// At most so many things to change at once.
const FOCUS: usize = 3;
/// Points of the total that make no difference to what should be changed first.
const NEAR: f64 = 1.0;

#[derive(Clone, Debug, PartialEq)]
pub enum Score {
    /// 0 to 100.
    Scored(f64),
    TooLittleData(String),
}

impl Score {
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Scored(score) => Some(*score),
            Self::TooLittleData(_) => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct RuleScore<'a> {
    pub rule: &'a Rule,
    pub metric: Option<&'a Metric>,
    pub score: Score,
    /// Points of the total that full marks here would add.
    pub to_win: f64,
}

/// One moment that a rule objects to.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Finding {
    pub rule: String,
    #[serde(flatten)]
    pub span: Span,
    pub quote: String,
    pub episode: Option<usize>,
    pub confidence: f64,
    /// What could be done instead, at this moment.
    pub advice: String,
}

#[derive(Clone, Debug)]
pub struct Judgement<'a> {
    pub rules: Vec<RuleScore<'a>>,
    /// Category id and score, in the scorecard's order.
    pub categories: Vec<(String, Score)>,
    pub total: Score,
    pub findings: Vec<Finding>,
    /// Positions in `rules`, most points to win first.
    pub focus: Vec<usize>,
    /// Positions in `rules` with full marks, heaviest first.
    pub strengths: Vec<usize>,
}

/// `recent`: the rules that were in focus in the last sessions, one entry for each time.
pub fn judge<'a>(
    card: &'a Scorecard,
    metrics: &'a [Metric],
    episodes: &[Episode],
    recent: &[String],
) -> Judgement<'a> {
    let mut rules: Vec<RuleScore> = card.rules.iter().map(|rule| score(rule, metrics)).collect();
    let categories: Vec<(String, Score)> = card
        .categories
        .iter()
        .map(|category| {
            let scored = rules.iter().filter(|scored| scored.rule.category == category.id);
            (category.id.clone(), weighted(scored.map(|scored| (scored.rule.weight, &scored.score))))
        })
        .collect();
    let total = weighted(
        card.categories.iter().zip(&categories).map(|(category, (_, score))| (category.weight, score)),
    );
    points_to_win(card, &mut rules);
    let findings = rules.iter().flat_map(|scored| findings(scored, episodes)).collect();
    let focus = focus(&rules, recent);
    let mut strengths: Vec<usize> =
        (0..rules.len()).filter(|&index| rules[index].score == Score::Scored(100.0)).collect();
    strengths.sort_by(|&a, &b| rules[b].rule.weight.total_cmp(&rules[a].rule.weight));
    Judgement { rules, categories, total, findings, focus, strengths }
}

/// Most points first; of those that are nearly equal, what came up most often in the last sessions.
fn focus(rules: &[RuleScore], recent: &[String]) -> Vec<usize> {
    let mut focus: Vec<usize> = (0..rules.len()).filter(|&index| rules[index].to_win > 0.5).collect();
    focus.sort_by(|&a, &b| rules[b].to_win.total_cmp(&rules[a].to_win));
    let came_up = |index: usize| recent.iter().filter(|rule| **rule == rules[index].rule.id).count();
    let mut rest = &mut focus[..];
    while let Some(&first) = rest.first() {
        let near = rest.partition_point(|&index| rules[index].to_win >= rules[first].to_win - NEAR);
        let (equals, others) = rest.split_at_mut(near);
        // Stable: as often in focus, the one with more points stays first.
        equals.sort_by_key(|&index| std::cmp::Reverse(came_up(index)));
        rest = others;
    }
    let mut chosen: Vec<usize> = Vec::new();
    for index in focus {
        if chosen.len() < FOCUS && !chosen.iter().any(|&other| is_same_fault(&rules[other], &rules[index])) {
            chosen.push(index);
        }
    }
    chosen
}

/// Two rules of one category that object most to one moment: the longest silence is one over 60 seconds, too.
fn is_same_fault(one: &RuleScore, other: &RuleScore) -> bool {
    let worst = |scored: &RuleScore| {
        let metric = scored.metric.filter(|metric| !scored.rule.wants_more(metric))?;
        metric.evidence.iter().map(|evidence| evidence.span).max_by_key(|span| span.length())
    };
    one.rule.category == other.rule.category
        && worst(one).zip(worst(other)).is_some_and(|(one, other)| one.overlaps(other))
}

fn score<'a>(rule: &'a Rule, metrics: &'a [Metric]) -> RuleScore<'a> {
    let metric = metrics.iter().find(|metric| metric.id == rule.metric);
    let score = match metric.map(|metric| &metric.reading) {
        Some(Reading::Value(value)) => Score::Scored(rule.band.score(*value) * 100.0),
        Some(Reading::TooLittleData(reason)) => Score::TooLittleData(reason.clone()),
        None => Score::TooLittleData("not measured in this session".into()),
    };
    RuleScore { rule, metric, score, to_win: 0.0 }
}

/// Weighted mean of what could be scored.
fn weighted<'a>(parts: impl Iterator<Item = (f64, &'a Score)>) -> Score {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (weight, score) in parts {
        if let Score::Scored(score) = score {
            sum += weight * score;
            weights += weight;
        }
    }
    if weights > 0.0 {
        Score::Scored(sum / weights)
    } else {
        Score::TooLittleData("nothing could be scored".into())
    }
}

fn points_to_win(card: &Scorecard, rules: &mut [RuleScore]) {
    let weight_of = |category: &str, rules: &[RuleScore]| -> f64 {
        let scored = rules.iter().filter(|r| r.rule.category == category && r.score.value().is_some());
        scored.map(|r| r.rule.weight).sum()
    };
    let within: Vec<f64> = card.categories.iter().map(|category| weight_of(&category.id, rules)).collect();
    let all: f64 =
        card.categories.iter().zip(&within).filter(|(_, w)| **w > 0.0).map(|(c, _)| c.weight).sum();
    for scored in rules {
        let index = card.categories.iter().position(|category| category.id == scored.rule.category);
        if let (Some(index), Score::Scored(score)) = (index, &scored.score) {
            let share = card.categories[index].weight / all * scored.rule.weight / within[index];
            scored.to_win = (100.0 - score) * share;
        }
    }
}

fn findings(scored: &RuleScore, episodes: &[Episode]) -> Vec<Finding> {
    let (Some(metric), Some(score)) = (scored.metric, scored.score.value()) else { return Vec::new() };
    if score >= 100.0 || scored.rule.wants_more(metric) {
        return Vec::new();
    }
    metric
        .evidence
        .iter()
        .map(|evidence| Finding {
            rule: scored.rule.id.clone(),
            span: evidence.span,
            quote: evidence.quote.clone(),
            episode: evidence.episode,
            confidence: metric.confidence,
            advice: advice(scored.rule, metric, Some(evidence), episodes),
        })
        .collect()
}

/// The rule's advice with the names of the moment filled in.
pub fn advice(rule: &Rule, metric: &Metric, evidence: Option<&Evidence>, episodes: &[Episode]) -> String {
    let announced = evidence.is_some_and(|evidence| evidence.announced);
    let advice = rule.advice_announced.as_ref().filter(|_| announced).unwrap_or(&rule.advice);
    fill(advice, metric, evidence, episodes)
}

/// `template` with its [`super::scorecard::PLACEHOLDERS`] filled in for a moment.
pub fn fill(template: &str, metric: &Metric, evidence: Option<&Evidence>, episodes: &[Episode]) -> String {
    let episode =
        evidence.and_then(|evidence| at_work_on(evidence, episodes)).and_then(|at| episodes.get(at));
    let symbol = episode
        .and_then(|episode| episode.symbols.last().or(episode.files.first()))
        .map_or_else(|| "this step".to_owned(), |symbol| symbol.clone());
    let span = evidence.map(|evidence| evidence.span).unwrap_or_default();
    let value = metric.value().map_or_else(String::new, |value| format!("{value:.0}"));
    let quote = evidence.map_or("", |evidence| evidence.quote.trim_end_matches('.'));
    template
        .replace("{at}", &span.start.clock())
        .replace("{length}", &format!("{:.0} s", span.length().as_seconds()))
        .replace("{quote}", &shortened(quote))
        .replace("{symbol}", &symbol)
        .replace("{value}", &value)
}

/// The number of the episode of a moment: its own, else the next one that begins while its words are still fresh.
pub fn at_work_on(evidence: &Evidence, episodes: &[Episode]) -> Option<usize> {
    let near = |episode: &Episode| episode.lines() > 0 && window(episode).contains(evidence.span.start);
    evidence.episode.or_else(|| episodes.iter().position(near))
}

/// A sentence or two of a long stretch of speech.
fn shortened(quote: &str) -> String {
    const LONGEST: usize = 140;
    match quote.char_indices().nth(LONGEST) {
        None => quote.to_owned(),
        Some((end, _)) => {
            format!("{}…", quote[..end].rsplit_once(' ').map_or(&quote[..end], |(head, _)| head))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rubric::RubricFile;
    use crate::session::{Cause, Millis};

    const CARD: &str = "id = 'c'\nversion = 1\ntitle = 't'\nwhat = 'w'\n\
        [[categories]]\nid = 'flow'\ntitle = 'Flow'\nweight = 3\n\
        [[categories]]\nid = 'ask'\ntitle = 'Ask'\nweight = 1\n\
        [[rules]]\nid = 'long-silence'\nmetric = 'silence.gaps_over_60s'\ncategory = 'flow'\nweight = 1\ntitle = 't'\n\
        good_max = 0\npoor_max = 2\nwhat = 'w'\nwhy = 'w'\nadvice = '{at} {length} {symbol}'\nstrength = 's'\nsource = 's'\n\
        [[rules]]\nid = 'few-questions'\nmetric = 'clarify.questions'\ncategory = 'ask'\nweight = 1\ntitle = 't'\n\
        good_min = 3\npoor_min = 0\nwhat = 'w'\nwhy = 'w'\nadvice = 'a'\nstrength = 's'\nsource = 's'\n\
        [[rules]]\nid = 'unknown'\nmetric = 'tradeoff.count'\ncategory = 'ask'\nweight = 9\ntitle = 't'\n\
        good_min = 3\npoor_min = 0\nwhat = 'w'\nwhy = 'w'\nadvice = 'a'\nstrength = 's'\nsource = 's'\n";

    #[test]
    fn totals_focus_and_findings() {
        let card = Scorecard::parse(&RubricFile::new("c.toml", CARD)).unwrap();
        let gap = Evidence { episode: Some(0), ..Evidence::new(Span::from_seconds(65.0, 129.0), "so") };
        let question = Evidence::new(Span::from_seconds(5.0, 7.0), "is it sorted?");
        let metrics = [
            Metric::count("silence.gaps_over_60s", vec![gap]),
            Metric::count("clarify.questions", vec![question]),
        ];
        let episodes = [Episode {
            span: Span::from_seconds(70.0, 80.0),
            symbols: vec!["allow".into()],
            added: 3,
            cause: Cause::Typing,
            ..Episode::default()
        }];
        let judged = judge(&card, &metrics, &episodes, &[]);
        // Flow 50, ask 33.3 (the unmeasured rule does not count): (3 * 50 + 33.3) / 4.
        assert!((judged.total.value().unwrap() - 45.8333).abs() < 0.001);
        assert_eq!(judged.focus, [0, 1]);
        assert!((judged.rules[0].to_win - 37.5).abs() < 1e-9);
        assert!((judged.rules[1].to_win - 16.6667).abs() < 0.001);
        assert_eq!(judged.findings.len(), 1);
        assert_eq!(judged.findings[0].advice, "1:05 64 s allow");
        assert_eq!(judged.findings[0].span.end, Millis(129_000));
    }

    #[test]
    fn of_nearly_equal_flaws_the_one_that_comes_back_is_first() {
        let rule = |id: &str, weight: f64, metric: &str| {
            format!(
                "[[rules]]\nid = '{id}'\nmetric = '{metric}'\ncategory = 'flow'\nweight = {weight}\ntitle = 't'\ngood_max = 0\n\
                 poor_max = 1\nwhat = 'w'\nwhy = 'w'\nadvice = 'a'\nstrength = 's'\nsource = 's'\n"
            )
        };
        let head = CARD.split("[[rules]]").next().unwrap();
        let text = head.to_owned()
            + &rule("a", 10.05, "pause.count")
            + &rule("b", 10.0, "edits.silent")
            + &rule("c", 5.0, "silence.longest");
        let card = Scorecard::parse(&RubricFile::new("c.toml", text)).unwrap();
        let metrics =
            ["pause.count", "edits.silent", "silence.longest"].map(|id| Metric::new(id, "count", 5.0));
        let order = |recent: &[&str]| {
            let recent: Vec<String> = recent.iter().map(|id| (*id).to_owned()).collect();
            judge(&card, &metrics, &[], &recent).focus
        };
        assert_eq!(order(&[]), [0, 1, 2]);
        assert_eq!(order(&["b", "a", "b", "c", "c", "c"]), [1, 0, 2]);
    }

    #[test]
    fn one_silence_is_one_thing_to_change() {
        let text = CARD
            .replace("tradeoff.count", "silence.longest")
            .replace("'ask'\nweight = 9", "'flow'\nweight = 9");
        let text = text
            .replace("id = 'unknown'", "id = 'longest'")
            .replace("good_min = 3\npoor_min = 0", "good_max = 0\npoor_max = 60");
        let card = Scorecard::parse(&RubricFile::new("c.toml", text)).unwrap();
        let gap = |start: f64| vec![Evidence::new(Span::from_seconds(start, start + 64.0), "so")];
        let focus = |longest: f64| {
            let metrics = [
                Metric::count("silence.gaps_over_60s", gap(65.0)),
                Metric::new("silence.longest", "s", 64.0).with_evidence(gap(longest)),
            ];
            judge(&card, &metrics, &[], &[]).focus.len()
        };
        assert_eq!((focus(65.0), focus(300.0)), (1, 2));
    }

    #[test]
    fn nothing_measured_is_no_zero() {
        let card = Scorecard::parse(&RubricFile::new("c.toml", CARD)).unwrap();
        let judged = judge(&card, &[], &[], &[]);
        assert_eq!(judged.total.value(), None);
        assert!(judged.focus.is_empty() && judged.strengths.is_empty());
    }
}
