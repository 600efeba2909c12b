//! `rubrics/lexicon.toml`: named sets of phrases that patterns refer to as `{name}`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::normalise::normalise;
use super::source::{RubricError, RubricFile};

/// A set's name; digits alone are a quantifier of the pattern's own.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{([a-z][a-z0-9_]*)\}").unwrap_or_else(|error| unreachable!("a fixed pattern: {error}"))
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LexiconText {
    #[serde(default)]
    sets: BTreeMap<String, SetText>,
    /// Read by [`super::repair`].
    #[serde(default)]
    repairs: Option<toml::Spanned<toml::value::Array>>,
    /// Read by [`super::favoured`].
    #[serde(default)]
    favoured: Option<toml::Spanned<toml::Table>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetText {
    what: String,
    words: Vec<toml::Spanned<String>>,
}

/// Each set as an alternation, longest phrase first.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    alternations: BTreeMap<String, String>,
}

impl Lexicon {
    /// Sets of one name in several files are one set. The first file is the program's own.
    pub fn parse(files: &[RubricFile]) -> Result<Self, RubricError> {
        let mut sets: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (index, file) in files.iter().enumerate() {
            for (name, words) in Self::read(file, index == 0)? {
                sets.entry(name).or_default().extend(words);
            }
        }
        let alternations = sets.into_iter().map(|(name, mut words)| {
            words.sort_by_key(|word| std::cmp::Reverse(word.len()));
            let escaped: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
            (name, format!("(?:{})", escaped.join("|")))
        });
        Ok(Self { alternations: alternations.collect() })
    }

    fn read(file: &RubricFile, is_main: bool) -> Result<Vec<(String, Vec<String>)>, RubricError> {
        let text: LexiconText = file.parse()?;
        let others =
            [text.repairs.as_ref().map(toml::Spanned::span), text.favoured.as_ref().map(toml::Spanned::span)];
        if let (Some(span), false) = (others.into_iter().flatten().next(), is_main) {
            return Err(file.error(span, "a lexicon of one's own holds sets and nothing else"));
        }
        let mut sets = Vec::with_capacity(text.sets.len());
        for (name, set) in text.sets {
            if set.what.trim().is_empty() || set.words.is_empty() {
                let at = file.text.find(&format!("sets.{name}")).unwrap_or(0);
                return Err(file.error(at..at, format!("the set {name} needs `what` and at least one word")));
            }
            for word in &set.words {
                if normalise(word.get_ref()) != *word.get_ref() {
                    let wanted = normalise(word.get_ref());
                    return Err(file.error(word.span(), format!("write it as patterns see it: {wanted:?}")));
                }
            }
            sets.push((name, set.words.into_iter().map(toml::Spanned::into_inner).collect()));
        }
        Ok(sets)
    }

    /// The pattern with every `{name}` replaced, or the name that no set has.
    pub fn expand(&self, pattern: &str) -> Result<String, String> {
        let mut expanded = String::with_capacity(pattern.len());
        let mut from = 0;
        for found in PLACEHOLDER.captures_iter(pattern) {
            let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else { continue };
            let Some(alternation) = self.alternations.get(name.as_str()) else {
                return Err(name.as_str().to_owned());
            };
            expanded.push_str(&pattern[from..whole.start()]);
            expanded.push_str(alternation);
            from = whole.end();
        }
        expanded.push_str(&pattern[from..]);
        Ok(expanded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon(text: &str) -> Result<Lexicon, RubricError> {
        Lexicon::parse(&[RubricFile::new("lexicon.toml", text)])
    }

    #[test]
    fn placeholders_expand_and_quantifiers_stay() {
        let lexicon = lexicon("[sets.cost]\nwhat = 'a cost'\nwords = ['o of n', 'o of n log n']\n").unwrap();
        assert_eq!(lexicon.expand(r"\b{cost}\b a{0,2}").unwrap(), r"\b(?:o of n log n|o of n)\b a{0,2}");
        assert_eq!(lexicon.expand("{speed}").unwrap_err(), "speed");
    }

    #[test]
    fn a_second_file_adds_to_the_sets_of_the_first() {
        let file = |words: &str| {
            RubricFile::new("l.toml", format!("[sets.cost]\nwhat = 'a cost'\nwords = [{words}]\n"))
        };
        let both = Lexicon::parse(&[file("'linear'"), file("'sublinear'")]).unwrap();
        assert_eq!(both.expand("{cost}").unwrap(), "(?:sublinear|linear)");
        let repairs = RubricFile::new("l.toml", "\n[[repairs]]\nheard = ['x']\nwrite = 'y'\n");
        assert!(Lexicon::parse(std::slice::from_ref(&repairs)).is_ok());
        assert_eq!(Lexicon::parse(&[file("'linear'"), repairs]).unwrap_err().line, 2);
    }

    #[test]
    fn a_phrase_that_can_never_match_is_refused() {
        let error = lexicon("[sets.cost]\nwhat = 'a cost'\nwords = ['ok', 'O(n)']\n").unwrap_err();
        assert_eq!(error.line, 3);
        assert!(error.message.contains("\"o n\""), "{error}");
    }
}
