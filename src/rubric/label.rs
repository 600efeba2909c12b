//! `rubrics/labels/*.toml`: one label a file. Format: `docs/rubric-format.md`.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use toml::Spanned;

use super::lexicon::Lexicon;
use super::source::{RubricError, RubricFile};
use crate::session::Role;

/// Examples of each kind that a label must bring.
const MIN_EXAMPLES: usize = 3;
/// Compiled size of one pattern, in bytes: generous for words, small enough for thousands of patterns.
const MAX_PATTERN_BYTES: usize = 4 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelText {
    id: Spanned<String>,
    title: String,
    speaker: Role,
    language: String,
    what: String,
    why: String,
    #[serde(default)]
    yields_to: Vec<String>,
    patterns: Vec<PatternText>,
    matches: Vec<ExampleText>,
    passes: Vec<ExampleText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PatternText {
    name: Spanned<String>,
    #[serde(rename = "match")]
    matches: Spanned<String>,
    #[serde(default)]
    unless: Vec<Spanned<String>>,
    confidence: Spanned<f64>,
    #[serde(default)]
    #[allow(dead_code)] // For the reader of the file.
    because: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleText {
    text: Spanned<String>,
    because: String,
}

/// What an utterance can do.
#[derive(Clone, Debug)]
pub struct Label {
    pub id: String,
    pub title: String,
    pub speaker: Role,
    pub language: String,
    pub what: String,
    pub why: String,
    /// Not given when one of these was.
    pub yields_to: Vec<String>,
    pub patterns: Vec<Pattern>,
    pub examples: Vec<Example>,
}

#[derive(Clone, Debug)]
pub struct Pattern {
    pub name: String,
    pub matches: Regex,
    pub unless: Vec<Regex>,
    /// Share of its hits that are right.
    pub confidence: f64,
}

/// A sentence that must, or must not, get the label.
#[derive(Clone, Debug)]
pub struct Example {
    pub text: String,
    pub because: String,
    pub matches: bool,
    pub file: String,
    pub line: usize,
}

impl Label {
    pub fn parse(file: &RubricFile, lexicon: &Lexicon) -> Result<Self, RubricError> {
        let text: LabelText = file.parse()?;
        let id = text.id.get_ref().clone();
        if text.patterns.is_empty() {
            return Err(file.error(text.id.span(), format!("the label {id} has no pattern")));
        }
        for (kind, examples) in [("matches", &text.matches), ("passes", &text.passes)] {
            if examples.len() < MIN_EXAMPLES {
                let message = format!("the label {id} needs at least {MIN_EXAMPLES} `{kind}` examples");
                return Err(file.error(text.id.span(), message));
            }
        }
        let mut patterns: Vec<Pattern> = Vec::with_capacity(text.patterns.len());
        for pattern in &text.patterns {
            let name = pattern.name.get_ref();
            if patterns.iter().any(|other| other.name == *name) {
                return Err(file.error(pattern.name.span(), format!("two patterns are named {name}")));
            }
            if !(0.0..=1.0).contains(pattern.confidence.get_ref()) {
                return Err(file.error(pattern.confidence.span(), "a confidence lies between 0 and 1"));
            }
            patterns.push(Pattern {
                name: name.clone(),
                matches: compile(file, lexicon, &pattern.matches)?,
                unless: pattern
                    .unless
                    .iter()
                    .map(|veto| compile(file, lexicon, veto))
                    .collect::<Result<_, _>>()?,
                confidence: *pattern.confidence.get_ref(),
            });
        }
        let example = |matches: bool| {
            move |example: ExampleText| Example {
                line: file.error(example.text.span(), "").line,
                text: example.text.into_inner(),
                because: example.because,
                matches,
                file: file.name.clone(),
            }
        };
        let examples = text
            .matches
            .into_iter()
            .map(example(true))
            .chain(text.passes.into_iter().map(example(false)))
            .collect();
        Ok(Self {
            id,
            title: text.title,
            speaker: text.speaker,
            language: text.language,
            what: text.what,
            why: text.why,
            yields_to: text.yields_to,
            patterns,
            examples,
        })
    }
}

fn compile(file: &RubricFile, lexicon: &Lexicon, pattern: &Spanned<String>) -> Result<Regex, RubricError> {
    let expanded = lexicon
        .expand(pattern.get_ref())
        .map_err(|name| file.error(pattern.span(), format!("no set is named {{{name}}} in lexicon.toml")))?;
    let regex = RegexBuilder::new(&expanded)
        .size_limit(MAX_PATTERN_BYTES)
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

    const GOOD: &str = r#"
id = "toy"
title = "Toy"
speaker = "candidate"
language = "en"
what = "w"
why = "w"

[[patterns]]
name = "one"
match = '\bso that\b'
confidence = 0.8

[[matches]]
text = "so that a"
because = "b"
[[matches]]
text = "so that b"
because = "b"
[[matches]]
text = "so that c"
because = "b"
[[passes]]
text = "a"
because = "b"
[[passes]]
text = "b"
because = "b"
[[passes]]
text = "c"
because = "b"
"#;

    fn refusal(from: &str, to: &str) -> RubricError {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "{from} is not in the text");
        Label::parse(&RubricFile::new("toy.toml", text), &Lexicon::default()).unwrap_err()
    }

    #[test]
    fn a_good_file_is_read() {
        let label = Label::parse(&RubricFile::new("toy.toml", GOOD), &Lexicon::default()).unwrap();
        assert_eq!(label.examples.len(), 6);
        assert_eq!(label.examples[0].line, 15);
    }

    #[test]
    fn faults_are_refused_where_they_are() {
        let cases = [
            ("title =", "titel =", 3, "titel"),
            ("so that\\b'", "so (that\\b'", 11, "not a pattern"),
            ("'\\bso that\\b'", "'{speed}'", 11, "{speed}"),
            ("'\\bso that\\b'", "'x*'", 11, "matches anything"),
            ("0.8", "1.8", 12, "between 0 and 1"),
            ("[[passes]]\ntext = \"c\"\nbecause = \"b\"\n", "", 2, "`passes`"),
            ("candidate", "nobody", 4, "nobody"),
        ];
        for (from, to, line, says) in cases {
            let error = refusal(from, to);
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(says), "{error}");
        }
    }
}
