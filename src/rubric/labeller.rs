//! Gives utterances their labels.

use super::catalog::Catalog;
use super::context::{Past, Unit};
use super::definition::{Definition, Kind};
use super::lexicon::Lexicon;
use super::normalise::normalise;
use super::pattern::{Outcome, Pattern};
use super::source::{RubricError, RubricFile};
use crate::session::LabelHit;

/// All labels, in an order in which a label comes after those that it yields to.
#[derive(Clone, Debug)]
pub struct Labeller(Catalog);

/// What became of a label on an utterance.
#[derive(Clone, Debug)]
pub enum Verdict<'a> {
    Given(LabelHit),
    /// It would have been given, but this one was.
    GivesWay(&'a str),
    /// Those of its patterns that match, and what became of each.
    Withheld(Outcomes<'a>),
}

impl Verdict<'_> {
    pub fn hit(&self) -> Option<&LabelHit> {
        if let Self::Given(hit) = self { Some(hit) } else { None }
    }
}

impl Labeller {
    /// Reads one label a file. `own` are the user's: each extends or replaces the label of its id, or is a new one.
    /// Two of one id, and a name that is no label, are errors.
    pub fn load(
        lexicon: &[RubricFile],
        files: &[RubricFile],
        own: &[RubricFile],
    ) -> Result<Self, RubricError> {
        let catalog = Catalog::load(Kind::Label, &Lexicon::parse(lexicon)?, files, own)?;
        catalog.check(|_, id| catalog.has(id))?;
        Ok(Self(catalog))
    }

    pub fn labels(&self) -> &[Definition] {
        self.0.all()
    }

    /// Whether a label is the user's own, or one that the user's own stands in place of.
    pub fn is_own(&self, id: &str) -> bool {
        self.0.is_own(id)
    }

    /// Whether there are labels for a language. One that is not said is taken for English.
    pub fn knows(&self, language: &str) -> bool {
        self.0.knows(language)
    }

    /// The labels of each utterance of a session, which stand in order.
    pub fn label_session(&self, language: &str, units: &[Unit]) -> Vec<Vec<LabelHit>> {
        let mut past = Past::default();
        let label = |unit: &Unit| {
            let hits = self.label(language, unit, &past);
            past.push(unit.speaker, &hits);
            hits
        };
        units.iter().map(label).collect()
    }

    /// The labels of one utterance after others.
    pub fn label(&self, language: &str, unit: &Unit, past: &Past) -> Vec<LabelHit> {
        let text = normalise(unit.text);
        let verdicts = self.verdicts(language, &text, unit, past);
        verdicts.iter().filter_map(|(_, verdict)| verdict.hit().cloned()).collect()
    }

    /// What became of each label that the speaker can have. `text` is the utterance in normal form.
    pub fn verdicts<'a>(
        &'a self,
        language: &str,
        text: &'a str,
        unit: &Unit,
        past: &Past,
    ) -> Vec<(&'a Definition, Verdict<'a>)> {
        let own = self.0.of(language, unit.speaker);
        let judged: Vec<(&Definition, Outcomes)> =
            own.map(|label| (label, outcomes(label, text, unit, past))).collect();
        let hit: Vec<&str> = judged
            .iter()
            .filter(|(_, outcomes)| has_hit(outcomes))
            .map(|(label, _)| label.id.as_str())
            .collect();
        let mut verdicts: Vec<(&Definition, Verdict)> = Vec::new();
        for (label, mut outcomes) in judged {
            for (pattern, outcome) in &mut outcomes {
                let other = pattern.without.iter().find(|other| hit.contains(&other.as_str()));
                if let (Outcome::Hit(words), Some(other)) = (&*outcome, other) {
                    *outcome = Outcome::Beside(words, other);
                }
            }
            let given = |id: &&String| {
                verdicts
                    .iter()
                    .any(|(other, verdict)| other.id == **id && matches!(verdict, Verdict::Given(_)))
            };
            let verdict = match (best(label, &outcomes), label.yields_to.iter().find(given)) {
                (Some(_), Some(other)) => Verdict::GivesWay(other),
                (Some(hit), None) => Verdict::Given(hit),
                (None, _) => Verdict::Withheld(outcomes),
            };
            verdicts.push((label, verdict));
        }
        verdicts
    }
}

/// The patterns of a label that match, and what became of each.
type Outcomes<'a> = Vec<(&'a Pattern, Outcome<'a>)>;

fn outcomes<'a>(label: &'a Definition, text: &'a str, unit: &Unit, past: &Past) -> Outcomes<'a> {
    let all = label.patterns.iter().map(|pattern| (pattern, pattern.judge(text, unit, past)));
    all.filter(|(_, outcome)| *outcome != Outcome::NoMatch).collect()
}

fn has_hit(outcomes: &Outcomes) -> bool {
    outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::Hit(_)))
}

/// The pattern that is most often right among those that hit.
fn best(label: &Definition, outcomes: &Outcomes) -> Option<LabelHit> {
    let hits = outcomes.iter().filter_map(|(pattern, outcome)| match outcome {
        Outcome::Hit(words) => Some((*pattern, *words)),
        _ => None,
    });
    hits.max_by(|(a, _), (b, _)| a.confidence.total_cmp(&b.confidence)).map(|(pattern, words)| LabelHit {
        label: label.id.clone(),
        confidence: pattern.confidence,
        pattern: pattern.name.clone(),
        words: words.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Role;

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

    fn load(files: &[RubricFile], own: &[RubricFile]) -> Result<Labeller, RubricError> {
        Labeller::load(&[RubricFile::new("lexicon.toml", "")], files, own)
    }

    fn ids(labeller: &Labeller, speaker: Role, text: &str) -> Vec<String> {
        let unit = Unit { speaker, text, ..Unit::default() };
        labeller.label("", &unit, &Past::default()).into_iter().map(|hit| hit.label).collect()
    }

    #[test]
    fn a_label_yields_and_a_veto_holds() {
        let files = [file("syntax", r"\bfor loop\b", "'intent'"), file("intent", r"\bto find\b", "")];
        let labeller = load(&files, &[]).unwrap();
        let ids = |text: &str| ids(&labeller, Role::Candidate, text);
        assert_eq!(ids("A for loop."), ["syntax"]);
        assert_eq!(ids("A for-loop to find it"), ["intent"]);
        assert_eq!(ids("not a for loop"), Vec::<String>::new());
        assert!(super::tests::ids(&labeller, Role::Interviewer, "a for loop").is_empty());
    }

    #[test]
    fn a_weak_pattern_counts_for_nothing_beside_another_label() {
        let weak =
            file("plan", r"\bwe use\b", "").text.replace("name = 'p'", "name = 'p'\nwithout = ['cost']");
        let files = [RubricFile::new("plan.toml", weak), file("cost", r"\blinear\b", "'plan'")];
        let labeller = load(&files, &[]).unwrap();
        assert_eq!(ids(&labeller, Role::Candidate, "we use a map"), ["plan"]);
        // Not even when the other gives way to it: what counts is that its words are there.
        assert_eq!(ids(&labeller, Role::Candidate, "we use a linear scan"), ["cost"]);
    }

    #[test]
    fn a_session_is_labelled_in_order() {
        let after = file("after", r"\byes\b", "")
            .text
            .replace("name = 'p'", "name = 'p'\nwhen = { after = ['ask'] }");
        let files = [file("ask", r"\bis it\b", ""), RubricFile::new("after.toml", after)];
        let texts = ["yes", "is it sorted", "yes"];
        let units = texts.map(|text| Unit { text, ..Unit::default() });
        let labelled = load(&files, &[]).unwrap().label_session("en", &units);
        let ids: Vec<Vec<&str>> =
            labelled.iter().map(|hits| hits.iter().map(|hit| hit.label.as_str()).collect()).collect();
        assert_eq!(ids, [vec![], vec!["ask"], vec!["after"]]);
    }

    #[test]
    fn another_language_gets_no_labels() {
        let labeller = load(&[file("a", "x", "")], &[]).unwrap();
        let given =
            |language: &str| labeller.label_session(language, &[Unit { text: "x", ..Unit::default() }]);
        for known in ["en", "", "en-GB", "English"] {
            assert!(labeller.knows(known) && given(known)[0].len() == 1, "{known}");
        }
        assert!(!labeller.knows("de") && given("de")[0].is_empty());
    }

    #[test]
    fn own_files_extend_replace_and_add() {
        let extension = "id = 'a'\nextends = true\n[[patterns]]\nname = 'q'\nmatch = 'y'\nconfidence = 1.0\n\
            [[matches]]\ntext = 'y'\nbecause = 'b'\n[[passes]]\ntext = 'z'\nbecause = 'b'\n";
        let extension = RubricFile::new("own.toml", extension);
        let labels =
            |own: &[RubricFile], text| ids(&load(&[file("a", "x", "")], own).unwrap(), Role::Candidate, text);
        assert_eq!((labels(&[], "y"), labels(&[], "x")), (vec![], vec!["a".to_owned()]));
        assert_eq!(labels(std::slice::from_ref(&extension), "x y"), ["a"]);
        assert_eq!(labels(std::slice::from_ref(&extension), "y"), ["a"]);
        assert!(labels(&[file("a", "z", "")], "x").is_empty());
        assert_eq!(labels(&[file("b", "x", "")], "x"), ["a", "b"]);
        let error = load(&[], &[extension]).unwrap_err();
        assert!(error.message.contains("no label a to extend"), "{error}");
    }

    #[test]
    fn circles_unknown_names_and_twins_are_refused() {
        let circle = [file("a", "x", "'b'"), file("b", "y", "'a'")];
        assert!(load(&circle, &[]).unwrap_err().message.contains("circle"));
        let error = load(&[file("a", "x", "'zz'")], &[]).unwrap_err();
        assert!(error.message.contains("zz"));
        assert_eq!((error.line, error.column), (7, 14));
        let twins = [file("a", "x", ""), file("a", "y", "")];
        assert!(load(&twins, &[]).unwrap_err().message.contains("twice"));
        assert!(load(&[], &twins).unwrap_err().message.contains("twice"));
    }
}
