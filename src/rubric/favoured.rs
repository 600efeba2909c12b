//! Words that are likely in a session: those of the trade, the problem's, and the names in the code.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::source::{RubricError, RubricFile};
use crate::session::CodeHistory;

/// Names of so many letters at least: shorter ones are loop variables, and are spoken as letters.
const SHORTEST: usize = 3;
/// So many names at most, the most used first: of what is favoured too much, some is heard where it was not said.
const MOST: usize = 80;

/// The part of `lexicon.toml` that is read here.
#[derive(Deserialize)]
struct Text {
    favoured: Option<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    #[serde(rename = "what", default)]
    _what: String,
    words: Vec<toml::Spanned<String>>,
}

/// The words of the trade, in lower case.
#[derive(Default)]
pub struct Favoured(Vec<String>);

impl Favoured {
    /// # Errors
    /// A word with anything but small letters in it.
    pub fn parse(file: &RubricFile) -> Result<Self, RubricError> {
        let text: Text = file.parse()?;
        let words = text.favoured.map(|section| section.words).unwrap_or_default();
        let word = |word: toml::Spanned<String>| {
            let plain = !word.get_ref().is_empty() && word.get_ref().chars().all(|c| c.is_ascii_lowercase());
            let error = || file.error(word.span(), "a favoured word is one word of small letters".to_owned());
            if plain { Ok(word.get_ref().clone()) } else { Err(error()) }
        };
        words.into_iter().map(word).collect::<Result<_, _>>().map(Self)
    }

    /// All words for a session about `problem` with this code, each once, in order of the alphabet.
    pub fn words(&self, problem: &str, code: &CodeHistory) -> Vec<String> {
        let mut words = self.0.clone();
        words.extend(parts(problem).filter(|part| part.len() > SHORTEST));
        words.extend(names(code));
        words.sort();
        words.dedup();
        words
    }
}

/// Parts of the names that are in the code more than once.
fn names(code: &CodeHistory) -> Vec<String> {
    let added = code.edits.iter().flat_map(|edit| &edit.hunks).flat_map(|hunk| &hunk.added);
    let lines = code.snapshots.values().flat_map(|text| text.lines()).chain(added.map(String::as_str));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for part in lines.flat_map(parts) {
        *counts.entry(part).or_default() += 1;
    }
    let mut names: Vec<(String, usize)> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
    names.sort_by_key(|(_, count)| Reverse(*count));
    names.into_iter().take(MOST).map(|(name, _)| name).collect()
}

/// The parts of all names in a text: `maxHeapSize` and `max_heap_size` are max, heap and size.
fn parts(text: &str) -> impl Iterator<Item = String> {
    let mut parts: Vec<String> = Vec::new();
    let mut before = ' ';
    for letter in text.chars() {
        if letter.is_ascii_alphabetic() {
            let begins =
                !before.is_ascii_alphabetic() || before.is_ascii_lowercase() && letter.is_ascii_uppercase();
            if begins {
                parts.push(String::new());
            }
            if let Some(part) = parts.last_mut() {
                part.push(letter.to_ascii_lowercase());
            }
        }
        before = letter;
    }
    parts.into_iter().filter(|part| part.len() >= SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rubric::builtin;

    #[test]
    fn names_are_split_and_counted() {
        let all = |text: &str| parts(text).collect::<Vec<_>>();
        assert_eq!(
            all("self.maxHeapSize = max_heap_size"),
            ["self", "max", "heap", "size", "max", "heap", "size"]
        );
        assert_eq!(all("x1 = TTLCache(10)"), ["ttlcache"]);
        let mut code = CodeHistory::default();
        code.snapshots.insert("a.py".into(), "def evict(cache):\n    cache.evict()\n    once()\n".into());
        assert_eq!(names(&code), ["cache", "evict"]);
    }

    #[test]
    fn a_session_favours_the_trade_its_problem_and_its_names() {
        let file = RubricFile::new("lexicon.toml", "[favoured]\nwords = ['deque', 'trie']\n");
        let favoured = Favoured::parse(&file).unwrap();
        assert_eq!(
            favoured.words("merge-k-lists", &CodeHistory::default()),
            ["deque", "lists", "merge", "trie"]
        );
        let wrong = RubricFile::new("lexicon.toml", "[favoured]\nwords = ['big o']\n");
        assert!(Favoured::parse(&wrong).err().unwrap().to_string().contains("lexicon.toml:2"));
        assert!(Favoured::parse(&builtin::lexicon()).unwrap().0.len() > 50);
    }
}
