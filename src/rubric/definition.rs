//! `rubrics/labels/*.toml` and `rubrics/cues/*.toml`: one label, or one cue, a file. Format: `docs/rubric-format.md`.

use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use super::lexicon::Lexicon;
use super::pattern::{Pattern, PatternText};
use super::source::{Place, RubricError, RubricFile};
use crate::session::Role;

/// Examples of each kind that a file must bring, and that an extension must.
const MIN_EXAMPLES: usize = 3;
const MIN_EXTENSION_EXAMPLES: usize = 1;

/// What a file defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What an utterance does.
    Label,
    /// A phrase inside an utterance that matters beside its labels.
    Cue,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(if *self == Self::Label { "label" } else { "cue" })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefinitionText {
    id: Spanned<String>,
    /// Adds to the one of this id that comes with the program, instead of standing in its place.
    #[serde(default)]
    extends: bool,
    title: Option<Spanned<String>>,
    speaker: Option<Spanned<Role>>,
    language: Option<Spanned<String>>,
    what: Option<Spanned<String>>,
    why: Option<Spanned<String>>,
    #[serde(default)]
    yields_to: Vec<Spanned<String>>,
    #[serde(default)]
    labels: Vec<Spanned<String>>,
    #[serde(default)]
    not_labels: Vec<Spanned<String>>,
    #[serde(default)]
    patterns: Vec<PatternText>,
    #[serde(default)]
    matches: Vec<ExampleText>,
    #[serde(default)]
    passes: Vec<ExampleText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleText {
    text: Spanned<String>,
    #[serde(default)]
    context: Vec<Spanned<String>>,
    words: Option<Spanned<Vec<String>>>,
    because: String,
}

/// A label or a cue, its patterns and its examples.
#[derive(Clone, Debug)]
pub struct Definition {
    pub kind: Kind,
    pub id: String,
    pub extends: bool,
    pub title: String,
    pub speaker: Role,
    pub language: String,
    pub what: String,
    pub why: String,
    /// A label is not given when one of these was, a cue not where one of these was.
    pub yields_to: Vec<String>,
    /// A cue counts only in utterances with one of these labels, if there are any.
    pub labels: Vec<String>,
    /// And in none with one of these.
    pub not_labels: Vec<String>,
    pub patterns: Vec<Pattern>,
    pub examples: Vec<Example>,
    /// Where its id stands.
    pub place: Place,
    /// Labels and cues that it names, and where.
    pub(super) named: Vec<Named>,
}

/// A label or a cue that a file names.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub kind: Kind,
    pub id: String,
    pub place: Place,
}

impl Named {
    pub fn all<'a>(
        kind: Kind,
        ids: &'a [Spanned<String>],
        file: &'a RubricFile,
    ) -> impl Iterator<Item = Self> + 'a {
        ids.iter().map(move |id| Self { kind, id: id.get_ref().clone(), place: file.place(id.span()) })
    }
}

/// A sentence that must, or must not, get the label or the cue.
#[derive(Clone, Debug)]
pub struct Example {
    pub text: String,
    /// What was said before it, and by whom.
    pub context: Vec<(Role, String)>,
    /// The words of a cue that it must have, each time that it has it; nothing is asked where there are none.
    pub words: Vec<String>,
    pub because: String,
    pub matches: bool,
    pub place: Place,
}

impl Definition {
    pub fn parse(kind: Kind, file: &RubricFile, lexicon: &Lexicon) -> Result<Self, RubricError> {
        let text: DefinitionText = file.parse()?;
        let id = text.id.get_ref().clone();
        let place = file.place(text.id.span());
        let fewest = if text.extends { MIN_EXTENSION_EXAMPLES } else { MIN_EXAMPLES };
        for (key, examples) in [("matches", &text.matches), ("passes", &text.passes)] {
            if examples.len() < fewest {
                let message = format!("the {kind} {id} needs at least {fewest} `{key}` examples");
                return Err(place.error(message));
            }
        }
        if text.patterns.is_empty() {
            return Err(place.error(format!("the {kind} {id} has no pattern")));
        }
        if let (Kind::Label, Some(label)) = (kind, text.labels.iter().chain(&text.not_labels).next()) {
            return Err(file.error(label.span(), "only a cue asks for labels"));
        }
        let mut named: Vec<Named> = Named::all(kind, &text.yields_to, file).collect();
        named.extend(Named::all(Kind::Label, &text.labels, file));
        named.extend(Named::all(Kind::Label, &text.not_labels, file));
        let mut patterns: Vec<Pattern> = Vec::with_capacity(text.patterns.len());
        for pattern in text.patterns {
            let pattern = Pattern::read(kind, pattern, file, lexicon, &mut named)?;
            if patterns.iter().any(|other| other.name == pattern.name) {
                return Err(pattern.place.error(format!("two patterns are named {}", pattern.name)));
            }
            patterns.push(pattern);
        }
        let mut examples = Vec::new();
        for (matches, texts) in [(true, text.matches), (false, text.passes)] {
            for example in texts {
                examples.push(example.read(kind, matches, file)?);
            }
        }
        let own = Own { kind, id: &id, place: &place, file, extends: text.extends };
        Ok(Self {
            kind,
            title: own.take("title", text.title)?,
            speaker: own.take("speaker", text.speaker)?,
            language: own.take("language", text.language)?,
            what: own.take("what", text.what)?,
            why: own.take("why", text.why)?,
            extends: text.extends,
            yields_to: text.yields_to.into_iter().map(Spanned::into_inner).collect(),
            labels: text.labels.into_iter().map(Spanned::into_inner).collect(),
            not_labels: text.not_labels.into_iter().map(Spanned::into_inner).collect(),
            patterns,
            examples,
            named,
            id,
            place,
        })
    }

    /// Takes over what an extension brings.
    pub(super) fn extend(&mut self, other: Definition) -> Result<(), RubricError> {
        for pattern in other.patterns {
            if self.patterns.iter().any(|own| own.name == pattern.name) {
                let message = format!("{} has a pattern of the name {} already", self.id, pattern.name);
                return Err(pattern.place.error(message));
            }
            self.patterns.push(pattern);
        }
        self.yields_to.extend(other.yields_to);
        self.labels.extend(other.labels);
        self.not_labels.extend(other.not_labels);
        self.examples.extend(other.examples);
        self.named.extend(other.named);
        Ok(())
    }
}

/// What a label or cue of one's own must say of itself, and an extension must not.
struct Own<'a> {
    kind: Kind,
    id: &'a str,
    place: &'a Place,
    file: &'a RubricFile,
    extends: bool,
}

impl Own<'_> {
    fn take<T: Default>(&self, key: &str, value: Option<Spanned<T>>) -> Result<T, RubricError> {
        match value {
            Some(value) if self.extends => Err(self
                .file
                .error(value.span(), format!("an extension keeps the `{key}` of its {}", self.kind))),
            None if !self.extends => {
                Err(self.place.error(format!("the {} {} needs the key `{key}`", self.kind, self.id)))
            }
            value => Ok(value.map(Spanned::into_inner).unwrap_or_default()),
        }
    }
}

impl ExampleText {
    fn read(self, kind: Kind, matches: bool, file: &RubricFile) -> Result<Example, RubricError> {
        if let (Some(words), true) = (&self.words, kind == Kind::Label || !matches) {
            return Err(file.error(words.span(), "only what matches a cue has `words`"));
        }
        let context = self.context.into_iter().map(|line| {
            Role::of_line(line.get_ref())
                .ok_or_else(|| file.error(line.span(), "begin it with \"candidate: \" or \"interviewer: \""))
        });
        Ok(Example {
            context: context.collect::<Result<_, _>>()?,
            place: file.place(self.text.span()),
            text: self.text.into_inner(),
            words: self.words.map(Spanned::into_inner).unwrap_or_default(),
            because: self.because,
            matches,
        })
    }
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
        Definition::parse(Kind::Label, &RubricFile::new("toy.toml", text), &Lexicon::default()).unwrap_err()
    }

    #[test]
    fn a_good_file_is_read() {
        let label =
            Definition::parse(Kind::Label, &RubricFile::new("toy.toml", GOOD), &Lexicon::default()).unwrap();
        assert_eq!(label.examples.len(), 6);
        assert_eq!(label.examples[0].place.line, 15);
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
            ("why = \"w\"", "", 2, "needs the key `why`"),
            ("id = \"toy\"", "id = \"toy\"\nextends = true", 4, "keeps the `title`"),
            ("confidence", "affirmed = true\nconfidence", 12, "{negation}"),
            ("because", "context = ['it is sorted']\nbecause", 16, "interviewer: "),
        ];
        for (from, to, line, says) in cases {
            let error = refusal(from, to);
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(says), "{error}");
        }
    }
}
