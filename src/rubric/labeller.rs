//! Gives utterances their labels.

use super::label::{Label, Pattern};
use super::lexicon::Lexicon;
use super::normalise::normalise;
use super::source::{RubricError, RubricFile};
use crate::session::{LabelHit, Role, Utterance};

/// All labels, in an order in which a label comes after those that it yields to.
#[derive(Clone, Debug)]
pub struct Labeller {
    labels: Vec<Label>,
}

impl Labeller {
    /// Reads one label a file; two of one id, or an unknown name in `yields_to`, are errors.
    pub fn load(lexicon: &RubricFile, files: &[RubricFile]) -> Result<Self, RubricError> {
        let lexicon = Lexicon::parse(lexicon)?;
        let mut labels: Vec<Label> = Vec::with_capacity(files.len());
        for file in files {
            let label = Label::parse(file, &lexicon)?;
            if labels.iter().any(|other| other.id == label.id) {
                return Err(file.error(0..0, format!("the label {} is defined twice", label.id)));
            }
            labels.push(label);
        }
        order(labels, files).map(|labels| Self { labels })
    }

    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// Whether there are labels for a language (a two-letter code). One that is not said is taken for English.
    pub fn knows(&self, language: &str) -> bool {
        let language = if language.is_empty() { "en" } else { language };
        self.labels.iter().any(|label| label.language == language)
    }

    /// The labels of one text.
    pub fn label(&self, speaker: Role, text: &str) -> Vec<LabelHit> {
        let normalised = normalise(text);
        let mut hits: Vec<LabelHit> = Vec::new();
        for label in self.labels.iter().filter(|label| label.speaker == speaker) {
            let yields = hits.iter().any(|hit| label.yields_to.contains(&hit.label));
            if !yields && let Some(hit) = best_hit(label, &normalised) {
                hits.push(hit);
            }
        }
        hits
    }

    pub fn apply(&self, utterances: &mut [Utterance]) {
        for utterance in utterances {
            utterance.labels = self.label(utterance.speaker, &utterance.text);
        }
    }
}

/// The pattern that is most often right among those that match.
fn best_hit(label: &Label, text: &str) -> Option<LabelHit> {
    let hits = label.patterns.iter().filter_map(|pattern| Some((pattern, words(pattern, text)?)));
    hits.max_by(|(a, _), (b, _)| a.confidence.total_cmp(&b.confidence)).map(|(pattern, words)| LabelHit {
        label: label.id.clone(),
        confidence: pattern.confidence,
        pattern: pattern.name.clone(),
        words: words.to_owned(),
    })
}

/// The words that the pattern matches, unless a veto does too.
pub fn words<'a>(pattern: &Pattern, text: &'a str) -> Option<&'a str> {
    let found = pattern.matches.find(text)?;
    (!pattern.unless.iter().any(|veto| veto.is_match(text))).then_some(found.as_str())
}

/// Puts each label after those that it yields to; an unknown one, or a circle, is an error.
fn order(mut rest: Vec<Label>, files: &[RubricFile]) -> Result<Vec<Label>, RubricError> {
    let known: Vec<String> = rest.iter().map(|label| label.id.clone()).collect();
    let mut ordered: Vec<Label> = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let placed = |id: &String| ordered.iter().any(|label| label.id == *id);
        let Some(next) = rest.iter().position(|label| label.yields_to.iter().all(placed)) else {
            let label = &rest[0];
            let file = files.iter().find(|file| file.name.ends_with(&format!("{}.toml", label.id)));
            let file = file.unwrap_or(&files[0]);
            let at = file.text.find("yields_to").unwrap_or(0);
            let message = match label.yields_to.iter().find(|id| !known.contains(id)) {
                Some(unknown) => format!("yields_to names {unknown}, which is no label"),
                None => format!("the label {} yields to itself in a circle", label.id),
            };
            return Err(file.error(at..at, message));
        };
        ordered.push(rest.remove(next));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: &str, pattern: &str, yields_to: &str) -> RubricFile {
        let examples: String = ["matches", "passes"]
            .iter()
            .flat_map(|kind| (0..3).map(move |_| format!("[[{kind}]]\ntext = 't'\nbecause = 'b'\n")))
            .collect();
        let text = format!(
            "id = '{id}'\ntitle = 't'\nspeaker = 'candidate'\nlanguage = 'en'\nwhat = 'w'\nwhy = 'w'\n\
             yields_to = [{yields_to}]\n[[patterns]]\nname = 'p'\nmatch = '{pattern}'\nunless = ['\\bnot\\b']\n\
             confidence = 0.7\n{examples}"
        );
        RubricFile::new(format!("{id}.toml"), text)
    }

    fn lexicon() -> RubricFile {
        RubricFile::new("lexicon.toml", "")
    }

    #[test]
    fn a_label_yields_and_a_veto_holds() {
        let files = [file("syntax", r"\bfor loop\b", "'intent'"), file("intent", r"\bto find\b", "")];
        let labeller = Labeller::load(&lexicon(), &files).unwrap();
        let ids = |text: &str| -> Vec<String> {
            labeller.label(Role::Candidate, text).into_iter().map(|hit| hit.label).collect()
        };
        assert_eq!(ids("A for loop."), ["syntax"]);
        assert_eq!(ids("A for-loop to find it"), ["intent"]);
        assert_eq!(ids("not a for loop"), Vec::<String>::new());
        assert!(labeller.label(Role::Interviewer, "a for loop").is_empty());
    }

    #[test]
    fn circles_unknown_names_and_twins_are_refused() {
        let circle = [file("a", "x", "'b'"), file("b", "y", "'a'")];
        assert!(Labeller::load(&lexicon(), &circle).unwrap_err().message.contains("circle"));
        let unknown = [file("a", "x", "'zz'")];
        let error = Labeller::load(&lexicon(), &unknown).unwrap_err();
        assert!(error.message.contains("zz"));
        assert_eq!(error.line, 7);
        let twins = [file("a", "x", ""), file("a", "y", "")];
        assert!(Labeller::load(&lexicon(), &twins).unwrap_err().message.contains("twice"));
    }
}
