//! What was said, and where it is known, when.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::Result;

/// A word without case and punctuation, and where it begins, in seconds.
#[derive(Clone, Debug)]
pub struct Said {
    pub word: String,
    pub start: Option<f64>,
}

pub struct Truth(pub Vec<Said>);

#[derive(Deserialize)]
struct Script {
    say: Vec<Say>,
}

#[derive(Deserialize)]
struct Say {
    words: Vec<(String, f64, f64)>,
}

impl Truth {
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        if path.extension().is_some_and(|extension| extension == "toml") {
            let script: Script = toml::from_str(&text)?;
            let words = script.say.into_iter().flat_map(|say| say.words);
            return Ok(Self(words.flat_map(|(text, start, _)| bare(&text, Some(start))).collect()));
        }
        Ok(Self(text.split_whitespace().flat_map(|text| bare(text, None)).collect()))
    }
}

/// The words in a written word; only the first begins where it does.
pub fn bare(text: &str, start: Option<f64>) -> Vec<Said> {
    let lower = text.to_lowercase().replace('’', "'");
    let parts = lower.split(|c: char| !(c.is_alphanumeric() || c == '\'')).filter(|part| !part.is_empty());
    parts
        .enumerate()
        .map(|(index, word)| Said { word: spelled(word).into(), start: start.filter(|_| index == 0) })
        .collect()
}

/// Tools differ in how they write small numbers; that is no error.
fn spelled(word: &str) -> &str {
    const NUMBERS: [(&str, &str); 13] = [
        ("0", "zero"),
        ("1", "one"),
        ("2", "two"),
        ("3", "three"),
        ("4", "four"),
        ("5", "five"),
        ("6", "six"),
        ("7", "seven"),
        ("8", "eight"),
        ("9", "nine"),
        ("10", "ten"),
        ("60", "sixty"),
        ("mr", "mister"),
    ];
    NUMBERS.iter().find(|(short, _)| *short == word).map_or(word, |(_, long)| long)
}
