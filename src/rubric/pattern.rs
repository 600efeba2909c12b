//! One pattern of a label or a cue: what it matches, what forbids it, and what must stand around it.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use toml::Spanned;

use super::context::{Past, Unit, When, WhenText};
use super::definition::{Kind, Named};
use super::lexicon::Lexicon;
use super::source::{Place, RubricError, RubricFile};

/// Compiled size, in bytes: generous for words, small enough for thousands of patterns.
const MAX_BYTES: usize = 4 << 20;
/// A hit is denied when one of these words stands at most two words before it.
const DENIAL: &str = r"\b{negation}(?: \S+){0,2} $";
/// A group of this name in a pattern holds the words of a cue; the rest of the match is what must stand around them.
const WORDS: &str = "words";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PatternText {
    name: Spanned<String>,
    #[serde(rename = "match")]
    matches: Spanned<String>,
    #[serde(default)]
    unless: Vec<Spanned<String>>,
    affirmed: Option<Spanned<bool>>,
    when: Option<WhenText>,
    #[serde(default)]
    without: Vec<Spanned<String>>,
    confidence: Option<Spanned<f64>>,
    #[serde(default)]
    #[allow(dead_code)] // For the reader of the file.
    because: String,
}

#[derive(Clone, Debug)]
pub struct Pattern {
    pub name: String,
    matches: Regex,
    unless: Vec<Regex>,
    /// Words right before a hit that deny it, where the pattern asks for that.
    denial: Option<Regex>,
    when: Option<When>,
    /// Labels (of a cue's pattern: cues) beside which this one counts for nothing.
    pub without: Vec<String>,
    /// Share of its hits that are right; 1 of a cue, whose words are there or not.
    pub confidence: f64,
    pub place: Place,
}

/// What became of a pattern on a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    NoMatch,
    /// It matches these words, but those forbid it.
    Vetoed(&'a str, &'a str),
    /// It matches, but each time a negation stands right before.
    Denied(&'a str),
    /// It matches, but not in such a context.
    OutOfContext(&'a str),
    /// It matches, but not in an utterance with the labels that its cue asks for.
    Unlabelled(&'a str),
    /// It matches, but a pattern of that label, or cue, does too.
    Beside(&'a str, &'a str),
    Hit(&'a str),
}

impl Pattern {
    /// Reads one; what it names goes to `named`.
    pub(super) fn read(
        kind: Kind,
        text: PatternText,
        file: &RubricFile,
        lexicon: &Lexicon,
        named: &mut Vec<Named>,
    ) -> Result<Self, RubricError> {
        let place = file.place(text.name.span());
        let confidence = match (kind, text.confidence) {
            (Kind::Cue, None) => 1.0,
            (Kind::Cue, Some(own)) => return Err(file.error(own.span(), "a cue has no confidence")),
            (Kind::Label, None) => return Err(place.error("a label's pattern needs the key `confidence`")),
            (Kind::Label, Some(own)) if (0.0..=1.0).contains(own.get_ref()) => own.into_inner(),
            (Kind::Label, Some(own)) => {
                return Err(file.error(own.span(), "a confidence lies between 0 and 1"));
            }
        };
        named.extend(Named::all(kind, &text.without, file));
        let compile = |pattern: &Spanned<String>| compile(file, lexicon, pattern);
        let affirmed = text.affirmed.filter(|affirmed| *affirmed.get_ref());
        let denial = affirmed.map(|affirmed| Spanned::new(affirmed.span(), DENIAL.to_owned()));
        Ok(Self {
            matches: compile(&text.matches)?,
            unless: text.unless.iter().map(compile).collect::<Result<_, _>>()?,
            denial: denial.as_ref().map(compile).transpose()?,
            when: text.when.map(|when| When::read(when, file, named)).transpose()?,
            without: text.without.into_iter().map(Spanned::into_inner).collect(),
            confidence,
            name: text.name.into_inner(),
            place,
        })
    }

    /// What it makes of a text in normal form, whatever other labels make of it.
    pub fn judge<'a>(&self, text: &'a str, unit: &Unit, past: &Past) -> Outcome<'a> {
        let mut all = self.matches.find_iter(text);
        let Some(first) = all.next() else { return Outcome::NoMatch };
        if self.when.as_ref().is_some_and(|when| !when.holds(unit, past)) {
            return Outcome::OutOfContext(first.as_str());
        }
        if let Some(veto) = self.unless.iter().find_map(|veto| veto.find(text)) {
            return Outcome::Vetoed(first.as_str(), veto.as_str());
        }
        let Some(denial) = &self.denial else { return Outcome::Hit(first.as_str()) };
        let mut each = std::iter::once(first).chain(all);
        match each.find(|found| !denial.is_match(&text[..found.start()])) {
            Some(found) => Outcome::Hit(found.as_str()),
            None => Outcome::Denied(first.as_str()),
        }
    }

    /// What it makes of every place in the text that it matches: the words' first byte, and what became of them. A veto
    /// forbids the places that it overlaps.
    pub fn places<'a>(&self, text: &'a str, unit: &Unit, past: &Past) -> Vec<(usize, Outcome<'a>)> {
        let mut places = Vec::new();
        // Mostly it is not there, which is told without the groups in less time.
        if !self.matches.is_match(text) {
            return places;
        }
        let (mut from, mut vetoes) = (0, None);
        while let Some(found) = (from <= text.len()).then(|| self.matches.captures_at(text, from)).flatten() {
            let Some(whole) = found.get(0) else { break };
            let words = found.name(WORDS).unwrap_or(whole);
            // What must stand around these words may stand around others too.
            from = words.end().max(from + 1);
            let vetoes: &mut Vec<regex::Match> = vetoes
                .get_or_insert_with(|| self.unless.iter().flat_map(|veto| veto.find_iter(text)).collect());
            let veto = vetoes.iter().find(|veto| veto.start() < words.end() && words.start() < veto.end());
            let outcome = if self.when.as_ref().is_some_and(|when| !when.holds(unit, past)) {
                Outcome::OutOfContext(words.as_str())
            } else if let Some(veto) = veto {
                Outcome::Vetoed(words.as_str(), veto.as_str())
            } else if self.denial.as_ref().is_some_and(|denial| denial.is_match(&text[..words.start()])) {
                Outcome::Denied(words.as_str())
            } else {
                Outcome::Hit(words.as_str())
            };
            places.push((words.start(), outcome));
        }
        places
    }
}

impl<'a> Outcome<'a> {
    /// The words that matched, and why that counts for nothing, if it does.
    pub fn account(&self) -> (&'a str, Option<String>) {
        match *self {
            Self::NoMatch => ("", None),
            Self::Vetoed(words, veto) => (words, Some(format!("its `unless` matches {veto:?}"))),
            Self::Denied(words) => (words, Some("a negation stands right before".into())),
            Self::OutOfContext(words) => (words, Some("its `when` does not hold".into())),
            Self::Unlabelled(words) => (words, Some("its `labels` or `not_labels` do not hold".into())),
            Self::Beside(words, other) => (words, Some(format!("it counts for nothing beside {other}"))),
            Self::Hit(words) => (words, None),
        }
    }
}

fn compile(file: &RubricFile, lexicon: &Lexicon, pattern: &Spanned<String>) -> Result<Regex, RubricError> {
    let expanded = lexicon
        .expand(pattern.get_ref())
        .map_err(|name| file.error(pattern.span(), format!("no set is named {{{name}}} in lexicon.toml")))?;
    let regex = RegexBuilder::new(&expanded)
        .size_limit(MAX_BYTES)
        .build()
        .map_err(|error| file.error(pattern.span(), format!("not a pattern: {error}")))?;
    if regex.is_match("") {
        return Err(file.error(pattern.span(), "this pattern matches anything, even no words"));
    }
    Ok(regex)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let file = RubricFile::new("p.toml", format!("name = 'p'\nconfidence = 0.5\n{text}"));
        let sets = "[sets.negation]\nwhat = 'w'\nwords = ['not', 'no', \"isn't\"]\n";
        let lexicon = Lexicon::parse(&[RubricFile::new("l.toml", sets)]).unwrap();
        Pattern::read(Kind::Label, file.parse().unwrap(), &file, &lexicon, &mut Vec::new()).unwrap()
    }

    fn judge<'a>(pattern: &Pattern, text: &'a str) -> Outcome<'a> {
        pattern.judge(text, &Unit::default(), &Past::default())
    }

    #[test]
    fn a_hit_right_after_a_negation_is_denied_and_a_later_one_is_not() {
        let affirmed = pattern("match = '\\blinear\\b'\naffirmed = true");
        assert_eq!(judge(&affirmed, "it is linear"), Outcome::Hit("linear"));
        assert_eq!(judge(&affirmed, "it isn't really linear"), Outcome::Denied("linear"));
        assert_eq!(judge(&affirmed, "not linear no wait it is linear"), Outcome::Hit("linear"));
        assert_eq!(judge(&affirmed, "another linear one"), Outcome::Hit("linear"));
        assert_eq!(judge(&affirmed, "not one but three or four linear ones"), Outcome::Hit("linear"));
        assert_eq!(judge(&pattern("match = '\\blinear\\b'"), "not linear"), Outcome::Hit("linear"));
    }

    #[test]
    fn a_veto_is_named_with_its_words() {
        let vetoed = pattern("match = '\\block\\b'\nunless = ['\\bcaps lock\\b']");
        assert_eq!(judge(&vetoed, "the caps lock is on"), Outcome::Vetoed("lock", "caps lock"));
        let other = pattern("match = '\\block\\b'\nwhen = { last = 'interviewer' }");
        assert_eq!(judge(&other, "a lock"), Outcome::OutOfContext("lock"));
        assert_eq!(judge(&other, "a clock"), Outcome::NoMatch);
    }

    #[test]
    fn every_place_is_found_and_a_veto_forbids_its_own_alone() {
        let so = pattern("match = '\\b(?<words>so) (?:so|um)\\b'\nunless = ['\\bor so\\b']");
        let places = |text| so.places(text, &Unit::default(), &Past::default());
        assert_eq!(places("so so um so"), [(0, Outcome::Hit("so")), (3, Outcome::Hit("so"))]);
        assert_eq!(places("ten or so um so um")[0], (7, Outcome::Vetoed("so", "or so")));
        assert_eq!(places("ten or so um so um")[1], (13, Outcome::Hit("so")));
        assert_eq!(places("also um"), []);
    }
}
