//! `rubrics/scorecards/*.toml`: what is good. Rules over metrics, each with its band, weight and source.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::source::{RubricError, RubricFile};
use crate::analysis::{METRICS, Metric};
use crate::session::hash::sha256;

/// What `advice` may name in braces.
pub const PLACEHOLDERS: [&str; 5] = ["at", "length", "quote", "symbol", "value"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScorecardText {
    id: Spanned<String>,
    version: u32,
    title: String,
    what: String,
    categories: Vec<Category>,
    rules: Vec<RuleText>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub id: String,
    pub title: String,
    pub weight: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    id: Spanned<String>,
    metric: Spanned<String>,
    category: Spanned<String>,
    weight: Spanned<f64>,
    title: String,
    good_min: Option<f64>,
    poor_min: Option<f64>,
    good_max: Option<f64>,
    poor_max: Option<f64>,
    #[serde(default)]
    curve: Curve,
    what: String,
    why: String,
    advice: Spanned<String>,
    advice_announced: Option<Spanned<String>>,
    say: Option<Spanned<String>>,
    strength: String,
    drill: Option<String>,
    source: String,
}

#[derive(Clone, Debug)]
pub struct Scorecard {
    pub id: String,
    pub version: u32,
    /// SHA-256 (hex) of the file: two cards of one name and other content are never compared silently.
    pub hash: String,
    pub title: String,
    pub what: String,
    pub categories: Vec<Category>,
    pub rules: Vec<Rule>,
}

/// What is asked of one metric. Its id names the flaw.
#[derive(Clone, Debug)]
pub struct Rule {
    pub id: String,
    pub metric: String,
    pub category: String,
    pub weight: f64,
    pub title: String,
    pub band: Band,
    pub what: String,
    pub why: String,
    /// What could be done instead; a template over [`PLACEHOLDERS`].
    pub advice: String,
    /// The same for a pause that was announced.
    pub advice_announced: Option<String>,
    /// Words that would have done at that moment; a template over [`PLACEHOLDERS`].
    pub say: Option<String>,
    /// What to say when it went well.
    pub strength: String,
    /// How to practise it.
    pub drill: Option<String>,
    pub source: String,
}

impl Rule {
    /// It counts what there should be more of: its moments are strengths, not faults.
    pub fn wants_more(&self, metric: &Metric) -> bool {
        let too_few = |min| metric.value().is_some_and(|value| value < min);
        metric.unit == "count" && self.band.good_min.is_some_and(too_few)
    }
}

/// How the score falls from good to poor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Curve {
    /// In a straight line.
    #[default]
    Line,
    /// Slowly near both ends: near good is good, near poor is poor.
    Smooth,
    /// Fast at first: the first step from good costs most. For counts of faults.
    Steep,
    /// Slowly at first: the last step to poor costs most. For counts of which the first matters most.
    Gentle,
}

impl Curve {
    /// Of a share of the way from poor (0) to good (1).
    fn bend(self, share: f64) -> f64 {
        match self {
            Self::Line => share,
            Self::Smooth => share * share * (3.0 - 2.0 * share),
            Self::Steep => share * share,
            Self::Gentle => share.sqrt(),
        }
    }
}

/// Where a value is good, and where it is as poor as it gets; in between the score falls along the curve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Band {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poor_min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_max: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poor_max: Option<f64>,
    #[serde(default)]
    pub curve: Curve,
}

impl Band {
    /// 0 (poor) to 1 (good).
    pub fn score(&self, value: f64) -> f64 {
        let low = side(value, self.poor_min, self.good_min);
        let high = side(-value, self.poor_max.map(|max| -max), self.good_max.map(|max| -max));
        self.curve.bend(low.min(high))
    }

    /// The band in words, such as `at least 3` or `40 % to 75 %`.
    pub fn describe(&self, show: impl Fn(f64) -> String) -> String {
        match (self.good_min, self.good_max) {
            (Some(min), Some(max)) => format!("{} to {}", show(min), show(max)),
            (Some(min), None) => format!("at least {}", show(min)),
            (None, Some(max)) => format!("at most {}", show(max)),
            (None, None) => String::new(),
        }
    }

    fn is_sound(&self) -> bool {
        let pair = |good: Option<f64>, poor: Option<f64>, above: bool| match (good, poor) {
            (Some(good), Some(poor)) => {
                good.is_finite() && poor.is_finite() && good != poor && (good > poor) == above
            }
            (None, None) => true,
            _ => false,
        };
        pair(self.good_min, self.poor_min, true)
            && pair(self.good_max, self.poor_max, false)
            && (self.good_min.is_some() || self.good_max.is_some())
            && self.good_min.zip(self.good_max).is_none_or(|(min, max)| min <= max)
    }
}

/// 1 from `good` upwards, 0 from `poor` downwards.
fn side(value: f64, poor: Option<f64>, good: Option<f64>) -> f64 {
    match (poor, good) {
        (Some(poor), Some(good)) => ((value - poor) / (good - poor)).clamp(0.0, 1.0),
        _ => 1.0,
    }
}

impl Scorecard {
    /// Labels that its rules count by their own names.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().filter_map(|rule| label_of(&rule.metric))
    }

    pub fn parse(file: &RubricFile) -> Result<Self, RubricError> {
        let text: ScorecardText = file.parse()?;
        for (index, category) in text.categories.iter().enumerate() {
            if text.categories[..index].iter().any(|other| other.id == category.id) {
                return Err(file.error(text.id.span(), format!("two categories are named {}", category.id)));
            }
        }
        let mut rules: Vec<Rule> = Vec::with_capacity(text.rules.len());
        for rule in text.rules {
            let id = rule.id.get_ref();
            if rules.iter().any(|other| other.id == *id) {
                return Err(file.error(rule.id.span(), format!("two rules are named {id}")));
            }
            if !text.categories.iter().any(|category| category.id == *rule.category.get_ref()) {
                let message = format!("no category is named {}", rule.category.get_ref());
                return Err(file.error(rule.category.span(), message));
            }
            if !(*rule.weight.get_ref() > 0.0 && rule.weight.get_ref().is_finite()) {
                return Err(file.error(rule.weight.span(), "a weight is above 0"));
            }
            let band = Band {
                good_min: rule.good_min,
                poor_min: rule.poor_min,
                good_max: rule.good_max,
                poor_max: rule.poor_max,
                curve: rule.curve,
            };
            if !band.is_sound() {
                let message = format!(
                    "the band of {id} needs good_min above poor_min, or good_max below poor_max, or both pairs"
                );
                return Err(file.error(rule.id.span(), message));
            }
            let templates = [Some(&rule.advice), rule.advice_announced.as_ref(), rule.say.as_ref()];
            for advice in templates.into_iter().flatten() {
                if let Some(unknown) = unknown_placeholder(advice.get_ref()) {
                    let message = format!("{{{unknown}}} is none of {}", PLACEHOLDERS.join(", "));
                    return Err(file.error(advice.span(), message));
                }
            }
            if !is_metric(rule.metric.get_ref()) {
                return Err(
                    file.error(rule.metric.span(), format!("no metric is named {}", rule.metric.get_ref()))
                );
            }
            rules.push(Rule {
                id: rule.id.into_inner(),
                metric: rule.metric.into_inner(),
                category: rule.category.into_inner(),
                weight: rule.weight.into_inner(),
                title: rule.title,
                band,
                what: rule.what,
                why: rule.why,
                advice: rule.advice.into_inner(),
                advice_announced: rule.advice_announced.map(Spanned::into_inner),
                say: rule.say.map(Spanned::into_inner),
                strength: rule.strength,
                drill: rule.drill,
                source: rule.source,
            });
        }
        if rules.is_empty() || !text.categories.iter().all(|category| category.weight > 0.0) {
            let message = "a scorecard needs rules, and categories with weights above 0";
            return Err(file.error(text.id.span(), message));
        }
        Ok(Self {
            id: text.id.into_inner(),
            version: text.version,
            hash: sha256(&file.text),
            title: text.title,
            what: text.what,
            categories: text.categories,
            rules,
        })
    }
}

/// Whether anything is measured under this name. Stages and labels have names of the user's own.
pub fn is_metric(id: &str) -> bool {
    let of_stage = |id: &str| id.ends_with(".minutes") || id.ends_with(".talk");
    METRICS.contains(&id) || (id.starts_with("stage.") && of_stage(id)) || label_of(id).is_some()
}

/// The label that `label.NAME` counts.
fn label_of(metric: &str) -> Option<&str> {
    metric.strip_prefix("label.").filter(|label| !label.is_empty())
}

fn unknown_placeholder(template: &str) -> Option<&str> {
    let names = template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    names.into_iter().find(|name| !PLACEHOLDERS.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_score_on_both_sides() {
        let band = Band {
            good_min: Some(0.4),
            poor_min: Some(0.2),
            good_max: Some(0.75),
            poor_max: Some(0.95),
            ..Band::default()
        };
        for (value, score) in [(0.1, 0.0), (0.3, 0.5), (0.4, 1.0), (0.75, 1.0), (0.85, 0.5), (1.0, 0.0)] {
            assert!((band.score(value) - score).abs() < 1e-9, "{value}");
        }
        let bent =
            |curve| Band { good_min: Some(4.0), poor_min: Some(0.0), curve, ..Band::default() }.score(1.0);
        assert_eq!(bent(Curve::Line), 0.25);
        assert_eq!(bent(Curve::Steep), 0.0625);
        assert_eq!(bent(Curve::Gentle), 0.5);
        assert_eq!(bent(Curve::Smooth), 0.15625);
        let none = Band { good_max: Some(0.0), poor_max: Some(3.0), ..Band::default() };
        assert_eq!(none.score(0.0), 1.0);
        assert!((none.score(1.0) - 2.0 / 3.0).abs() < 1e-9);
    }

    const GOOD: &str = "id = 'c'\nversion = 1\ntitle = 't'\nwhat = 'w'\n\
        [[categories]]\nid = 'flow'\ntitle = 'Flow'\nweight = 1\n\
        [[rules]]\nid = 'r'\nmetric = 'talk.ratio'\ncategory = 'flow'\nweight = 1\ntitle = 't'\n\
        good_max = 0\npoor_max = 3\nwhat = 'w'\nwhy = 'w'\nadvice = 'At {at}.'\nstrength = 's'\nsource = 's'\n";

    #[test]
    fn faults_are_refused_where_they_are() {
        assert!(Scorecard::parse(&RubricFile::new("c.toml", GOOD)).is_ok());
        let cases = [
            ("poor_max = 3", "poor_max = 0", 10, "needs good_min above"),
            ("poor_max = 3", "poor_min = 3", 10, "needs good_min above"),
            ("category = 'flow'", "category = 'glow'", 12, "glow"),
            ("talk.ratio", "talk.ration", 11, "no metric is named talk.ration"),
            ("weight = 1\ntitle = 't'\ngood", "weight = -1\ntitle = 't'\ngood", 13, "above 0"),
            ("{at}", "{when}", 19, "{when}"),
            ("source = 's'", "sauce = 's'", 21, "sauce"),
        ];
        for (from, to, line, says) in cases {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from}");
            let error = Scorecard::parse(&RubricFile::new("c.toml", text)).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(says), "{error}");
        }
    }
}
