//! Finds the cues of utterances: phrases that matter beside the labels.

use std::ops::Range;

use super::catalog::Catalog;
use super::context::{Past, Unit};
use super::definition::{Definition, Kind};
use super::labeller::Labeller;
use super::lexicon::Lexicon;
use super::normalise::normalise;
use super::pattern::{Outcome, Pattern};
use super::source::{RubricError, RubricFile};
use crate::session::{Cue, LabelHit};

/// All cues. A pass over all patterns takes 20 microseconds an utterance; one automaton of them all took ten times as long,
/// since it met new states all the time.
#[derive(Clone, Debug)]
pub struct Cues(Catalog);

/// A place that a pattern of a cue matches, and what became of it.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    pub cue: &'a Definition,
    pub pattern: &'a Pattern,
    pub outcome: Outcome<'a>,
    /// Bytes of the words in the text in normal form.
    bytes: Range<usize>,
}

impl Found<'_> {
    fn is_hit(&self) -> bool {
        matches!(self.outcome, Outcome::Hit(_))
    }

    fn overlaps(&self, other: &Found) -> bool {
        self.bytes.start < other.bytes.end && other.bytes.start < self.bytes.end
    }
}

impl Cues {
    /// Reads one cue a file. `own` are the user's: each extends or replaces the cue of its id, or is a new one.
    /// Two of one id, and a name that is no label or cue, are errors.
    pub fn load(
        lexicon: &[RubricFile],
        files: &[RubricFile],
        own: &[RubricFile],
        labels: &Labeller,
    ) -> Result<Self, RubricError> {
        let catalog = Catalog::load(Kind::Cue, &Lexicon::parse(lexicon)?, files, own)?;
        catalog.check(|kind, id| match kind {
            Kind::Cue => catalog.has(id),
            Kind::Label => labels.labels().iter().any(|label| label.id == id),
        })?;
        Ok(Self(catalog))
    }

    pub fn all(&self) -> &[Definition] {
        self.0.all()
    }

    /// Whether there are cues for a language. One that is not said is taken for English.
    pub fn knows(&self, language: &str) -> bool {
        self.0.knows(language)
    }

    /// The cues of each utterance of a session, which stand in order, with their labels.
    pub fn of_session(&self, language: &str, units: &[Unit], labels: &[Vec<LabelHit>]) -> Vec<Vec<Cue>> {
        let mut past = Past::default();
        let find = |(unit, labels): (&Unit, &Vec<LabelHit>)| {
            let cues = self.of(language, unit, labels, &past);
            past.push(unit.speaker, labels);
            cues
        };
        units.iter().zip(labels).map(find).collect()
    }

    /// The cues of one utterance with these labels, in order of their words.
    pub fn of(&self, language: &str, unit: &Unit, labels: &[LabelHit], past: &Past) -> Vec<Cue> {
        let text = normalise(unit.text);
        let found = self.verdicts(language, &text, unit, labels, past);
        let mut hits: Vec<&Found> = found.iter().filter(|found| found.is_hit()).collect();
        if hits.is_empty() {
            return Vec::new();
        }
        hits.sort_by_key(|found| found.bytes.start);
        let written = written_words(unit.text);
        let cue = |found: &&Found| Cue {
            cue: found.cue.id.clone(),
            words: text[found.bytes.clone()].to_owned(),
            at: written.get(text[..found.bytes.start].matches(' ').count()).copied().unwrap_or_default(),
        };
        hits.iter().map(cue).collect()
    }

    /// What became of each place that a pattern matches. `text` is the utterance in normal form.
    pub fn verdicts<'a>(
        &'a self,
        language: &str,
        text: &'a str,
        unit: &Unit,
        labels: &[LabelHit],
        past: &Past,
    ) -> Vec<Found<'a>> {
        let spoken = self.0.of(language, unit.speaker);
        let patterns = spoken.flat_map(|cue| cue.patterns.iter().map(move |pattern| (cue, pattern)));
        let mut found: Vec<Found> =
            patterns.flat_map(|(cue, pattern)| places(cue, pattern, text, unit, labels, past)).collect();
        let raw: Vec<&str> =
            found.iter().filter(|found| found.is_hit()).map(|found| found.cue.id.as_str()).collect();
        for place in &mut found {
            let other = place.pattern.without.iter().find(|other| raw.contains(&other.as_str()));
            if let (Outcome::Hit(words), Some(other)) = (&place.outcome, other) {
                place.outcome = Outcome::Beside(words, other);
            }
        }
        longest_first(&mut found);
        let mut settled: Vec<Found> = Vec::with_capacity(found.len());
        for mut place in found {
            let before = settled.iter().filter(|other| other.is_hit() && other.overlaps(&place));
            // Twice the same words are one hit; another cue's words go before where this one says so.
            let mut before = before.map(|other| other.cue);
            if before.clone().any(|cue| cue.id == place.cue.id) && place.is_hit() {
                continue;
            }
            if let (Outcome::Hit(words), Some(other)) =
                (&place.outcome, before.find(|cue| place.cue.yields_to.contains(&cue.id)))
            {
                place.outcome = Outcome::Beside(words, &other.id);
            }
            settled.push(place);
        }
        settled
    }
}

fn places<'a>(
    cue: &'a Definition,
    pattern: &'a Pattern,
    text: &'a str,
    unit: &Unit,
    labels: &[LabelHit],
    past: &Past,
) -> Vec<Found<'a>> {
    let is_given = |label: &String| labels.iter().any(|hit| hit.label == *label);
    let labelled =
        (cue.labels.is_empty() || cue.labels.iter().any(is_given)) && !cue.not_labels.iter().any(is_given);
    let place = |(start, outcome): (usize, Outcome<'a>)| {
        let words = outcome.account().0;
        let outcome = if labelled { outcome } else { Outcome::Unlabelled(words) };
        Found { cue, pattern, outcome, bytes: start..start + words.len() }
    };
    pattern.places(text, unit, past).into_iter().map(place).collect()
}

/// Within each cue, whose places stand together: by their first word, the longest first.
fn longest_first(found: &mut [Found]) {
    for own in found.chunk_by_mut(|a, b| a.cue.id == b.cue.id) {
        own.sort_by_key(|found| (found.bytes.start, std::cmp::Reverse(found.bytes.end)));
    }
}

/// For each word in normal form, the number of the written word that it comes from.
fn written_words(text: &str) -> Vec<usize> {
    let mut from = Vec::new();
    for (index, word) in text.split_whitespace().enumerate() {
        let normal = normalise(word);
        from.extend(normal.split(' ').filter(|word| !word.is_empty()).map(|_| index));
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Role;

    fn file(id: &str, patterns: &str, more: &str) -> RubricFile {
        let examples: String = ["matches", "passes"]
            .iter()
            .flat_map(|kind| (0..3).map(move |_| format!("[[{kind}]]\ntext = 't'\nbecause = 'b'\n")))
            .collect();
        let text = format!(
            "id = '{id}'\ntitle = 't'\nspeaker = 'candidate'\nlanguage = 'en'\nwhat = 'w'\nwhy = 'w'\n{more}\n\
             [[patterns]]\nname = 'p'\n{patterns}\n{examples}"
        );
        RubricFile::new(format!("{id}.toml"), text)
    }

    fn label() -> RubricFile {
        let mut label = file("tradeoff", "match = 'but'\nconfidence = 1.0", "");
        label.name = "label.toml".into();
        label
    }

    fn load(files: &[RubricFile], own: &[RubricFile]) -> Result<Cues, RubricError> {
        let lexicon = [RubricFile::new("lexicon.toml", "")];
        Cues::load(&lexicon, files, own, &Labeller::load(&lexicon, &[label()], &[]).unwrap())
    }

    fn found(files: &[RubricFile], text: &str, labels: &[&str]) -> Vec<(String, String, usize)> {
        let hit = |label: &&str| LabelHit {
            label: (*label).into(),
            confidence: 1.0,
            pattern: String::new(),
            words: String::new(),
        };
        let labels: Vec<LabelHit> = labels.iter().map(hit).collect();
        let unit = Unit { text, ..Unit::default() };
        let cues = load(files, &[]).unwrap().of("en", &unit, &labels, &Past::default());
        cues.into_iter().map(|cue| (cue.cue, cue.words, cue.at)).collect()
    }

    fn hit(cue: &str, words: &str, at: usize) -> (String, String, usize) {
        (cue.into(), words.into(), at)
    }

    #[test]
    fn every_place_counts_with_the_number_of_its_written_word() {
        let files = [file("cost", r"match = '\bo n\b|\bslow\b'", ""), file("um", r"match = '\bum\b'", "")];
        assert_eq!(
            found(&files, "Um, it's O(n): slow — um,slow.", &[]),
            [
                hit("um", "um", 0),
                hit("cost", "o n", 2),
                hit("cost", "slow", 3),
                hit("um", "um", 5),
                hit("cost", "slow", 5)
            ]
        );
        assert_eq!(found(&files, "", &[]), []);
    }

    #[test]
    fn words_that_two_patterns_find_count_once_and_the_longer_wins() {
        let twice = "match = 'hash'\n[[patterns]]\nname = 'q'\nmatch = 'hash map'";
        assert_eq!(
            found(&[file("d", twice, "")], "a hash map a hash", &[]),
            [hit("d", "hash map", 1), hit("d", "hash", 4)]
        );
    }

    #[test]
    fn a_cue_yields_where_another_has_the_words() {
        let files = [
            file("hedge", "match = 'kind of|maybe'", "yields_to = ['kind']"),
            file("kind", "match = 'kind of'", ""),
        ];
        assert_eq!(
            found(&files, "maybe kind of", &[]),
            [hit("hedge", "maybe", 0), hit("kind", "kind of", 1)]
        );
        let weak = [file("hedge", "match = 'maybe'\nwithout = ['kind']", ""), files[1].clone()];
        assert_eq!(found(&weak, "maybe kind of", &[]), [hit("kind", "kind of", 1)]);
        assert_eq!(found(&weak, "maybe", &[]), [hit("hedge", "maybe", 0)]);
    }

    #[test]
    fn a_cue_asks_for_its_labels() {
        let files = [file("option", "match = 'map'", "labels = ['tradeoff']")];
        assert_eq!(found(&files, "a map", &[]), []);
        assert_eq!(found(&files, "a map", &["tradeoff"]), [hit("option", "map", 1)]);
        let never = [file("tag", "match = 'right'", "not_labels = ['tradeoff']")];
        assert_eq!(found(&never, "right", &[]), [hit("tag", "right", 0)]);
        assert_eq!(found(&never, "right", &["tradeoff"]), []);
    }

    #[test]
    fn what_stands_before_is_asked_for_in_order() {
        let after = file("after", "match = 'yes'\nwhen = { after = ['tradeoff'], within = 1 }", "");
        let cues = load(&[after], &[]).unwrap();
        let units = ["yes", "but", "yes"].map(|text| Unit { text, ..Unit::default() });
        let but =
            LabelHit { label: "tradeoff".into(), confidence: 1.0, pattern: "p".into(), words: "but".into() };
        let found = cues.of_session("en", &units, &[vec![], vec![but], vec![]]);
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 1]);
        assert!(cues.of_session("de", &units, &[vec![], vec![], vec![]]).concat().is_empty());
        let other = Unit { speaker: Role::Interviewer, ..units[0] };
        assert!(cues.of("en", &other, &[], &Past::default()).is_empty());
    }

    #[test]
    fn own_files_extend_and_replace_and_faults_are_refused_where_they_are() {
        let um = || file("um", "match = 'um'", "");
        let more = RubricFile::new(
            "own.toml",
            "id = 'um'\nextends = true\n[[patterns]]\nname = 'q'\nmatch = 'ehm'\n\
             [[matches]]\ntext = 'ehm'\nbecause = 'b'\n[[passes]]\ntext = 'z'\nbecause = 'b'\n",
        );
        let count = |own: &[RubricFile], text| {
            let cues = load(&[um()], own).unwrap();
            cues.of("", &Unit { text, ..Unit::default() }, &[], &Past::default()).len()
        };
        assert_eq!((count(&[], "um ehm"), count(std::slice::from_ref(&more), "um ehm")), (1, 2));
        assert_eq!(count(&[file("um", "match = 'ah'", "")], "um ah"), 1);
        let refusals = [
            (file("a", "match = 'x'\nconfidence = 1.0", ""), 11, "has no confidence"),
            (file("a", "match = 'x'\nwhen = { after = ['zz'] }", ""), 11, "zz is no label"),
            (file("a", "match = 'x'", "labels = ['zz']"), 7, "zz is no label"),
            (file("a", "match = 'x'", "yields_to = ['zz']"), 7, "zz is no cue"),
            (file("a", "match = 'x'", "yields_to = ['a']"), 1, "the cue a yields to itself"),
            (file("a", "match = '{zz}'", ""), 10, "{zz}"),
            (file("a", "match = 'x*'", ""), 10, "matches anything"),
        ];
        for (file, line, says) in refusals {
            let error = load(&[file], &[]).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(says), "{error}");
        }
        assert!(load(&[], &[more]).unwrap_err().message.contains("no cue um to extend"));
        assert!(load(&[um(), um()], &[]).unwrap_err().message.contains("the cue um is defined twice"));
    }
}
