//! Known mishearings, put right in a step of its own that keeps the heard text beside the repaired one.

use serde::Deserialize;

use super::normalise::normalise;
use super::source::{RubricError, RubricFile};

/// How many words away a word of `near` may stand.
const NEAR_WORDS: usize = 12;

/// The part of `lexicon.toml` that is read here; its word sets are read by [`super::lexicon`].
#[derive(Deserialize)]
struct RepairsText {
    #[serde(default)]
    repairs: Vec<RepairText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RepairText {
    heard: Vec<toml::Spanned<String>>,
    write: String,
    #[serde(default)]
    near: Vec<toml::Spanned<String>>,
}

struct Repair {
    /// Phrases as lists of normalised words.
    heard: Vec<Vec<String>>,
    write: String,
    near: Vec<String>,
}

/// All repairs; the first that fits a place is done.
#[derive(Default)]
pub struct Repairs(Vec<Repair>);

/// A word as patterns see it, and the number of the written word that it comes from.
struct Seen {
    word: String,
    from: usize,
}

impl Repairs {
    /// # Errors
    /// A repair without `heard` or `write`, or with a phrase that is not written as the normaliser leaves it.
    pub fn parse(file: &RubricFile) -> Result<Self, RubricError> {
        let text: RepairsText = file.parse()?;
        let phrase = |phrase: &toml::Spanned<String>| {
            let words = normalise(phrase.get_ref());
            if words.is_empty() || words != *phrase.get_ref() {
                return Err(file.error(phrase.span(), format!("write it as patterns see it: {words:?}")));
            }
            Ok(words.split(' ').map(str::to_owned).collect::<Vec<_>>())
        };
        let repair = |repair: RepairText| {
            if repair.heard.is_empty() || repair.write.trim().is_empty() {
                let at = file.text.find("[[repairs]]").unwrap_or(0);
                return Err(file.error(at..at, "a repair needs at least one `heard` and what to `write`"));
            }
            let heard = repair.heard.iter().map(phrase).collect::<Result<_, _>>()?;
            let near = repair.near.iter().map(|near| phrase(near).map(|words| words.join(" ")));
            Ok(Repair { heard, near: near.collect::<Result<_, _>>()?, write: repair.write })
        };
        text.repairs.into_iter().map(repair).collect::<Result<_, _>>().map(Self)
    }

    /// The text put right, or `None` where nothing is to be.
    pub fn apply(&self, text: &str) -> Option<String> {
        let written: Vec<&str> = text.split_whitespace().collect();
        let seen: Vec<Seen> = written
            .iter()
            .enumerate()
            .flat_map(|(from, word)| {
                let words = normalise(word);
                let words: Vec<Seen> = words
                    .split(' ')
                    .filter(|word| !word.is_empty() && *word != "?")
                    .map(|word| Seen { word: word.to_owned(), from })
                    .collect();
                words
            })
            .collect();
        let mut out: Vec<String> = Vec::with_capacity(written.len());
        let (mut at, mut copied, mut repaired) = (0, 0, false);
        while at < seen.len() {
            let Some((repair, length)) = self.find(&seen, at) else {
                at += 1;
                continue;
            };
            let (first, last) = (seen[at].from, seen[at + length - 1].from);
            out.extend(written[copied..first].iter().map(|word| (*word).to_owned()));
            out.push(in_place_of(&repair.write, written[first], written[last], first == 0));
            (copied, repaired) = (last + 1, true);
            at += length;
        }
        out.extend(written[copied..].iter().map(|word| (*word).to_owned()));
        repaired.then(|| out.join(" "))
    }

    /// The repair that fits at a word, and how many words it takes; longer phrases first.
    fn find(&self, seen: &[Seen], at: usize) -> Option<(&Repair, usize)> {
        let whole = |length: usize| {
            // A phrase must not begin or end inside a written word.
            let before = at == 0 || seen[at - 1].from != seen[at].from;
            before && seen.get(at + length).is_none_or(|next| next.from != seen[at + length - 1].from)
        };
        let fits = |repair: &&Repair, phrase: &[String]| {
            phrase.len() <= seen.len() - at
                && phrase.iter().zip(&seen[at..]).all(|(wanted, seen)| *wanted == seen.word)
                && whole(phrase.len())
                && repair.has_near(seen, at, phrase.len())
        };
        let candidates =
            self.0.iter().flat_map(|repair| repair.heard.iter().map(move |heard| (repair, heard)));
        candidates
            .filter(|(repair, heard)| fits(repair, heard))
            .map(|(repair, heard)| (repair, heard.len()))
            .max_by_key(|(_, length)| *length)
    }
}

impl Repair {
    fn has_near(&self, seen: &[Seen], at: usize, length: usize) -> bool {
        let around = at.saturating_sub(NEAR_WORDS)..at;
        let after = at + length..(at + length + NEAR_WORDS).min(seen.len());
        self.near.is_empty() || around.chain(after).any(|index| self.near.contains(&seen[index].word))
    }
}

/// `write` with the punctuation around the words that it replaces, and their capital at the start of a text.
fn in_place_of(write: &str, first: &str, last: &str, opens: bool) -> String {
    let before = &first[..first.find(char::is_alphanumeric).unwrap_or(0)];
    let after = last.rfind(char::is_alphanumeric).map_or("", |at| {
        let end = at + last[at..].chars().next().map_or(0, char::len_utf8);
        &last[end..]
    });
    let capital = opens && first.chars().any(char::is_uppercase);
    let mut letters = write.chars();
    let write = match letters.next() {
        Some(letter) if capital => letter.to_uppercase().chain(letters).collect(),
        _ => write.to_owned(),
    };
    format!("{before}{write}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repairs() -> Repairs {
        Repairs::parse(&crate::rubric::builtin::lexicon()).unwrap()
    }

    #[test]
    fn costs_and_words_of_the_trade_are_put_right() {
        for (heard, wanted) in [
            ("So it's all of n.", "So it's O(n)."),
            ("this is big o of n log in, which is fine", "this is O(n log n), which is fine"),
            ("Oh of one for both", "O(1) for both"),
            ("that's o of n squared", "that's O(n^2)"),
            ("A pen the value to the list.", "Append the value to the list."),
            ("I use a deck and pop from the left", "I use a deque and pop from the left"),
            ("on a cash miss we load it", "on a cache miss we load it"),
            ("the node is knoll?", "the node is null?"),
            ("take the you text before writing", "take the mutex before writing"),
        ] {
            assert_eq!(repairs().apply(heard).as_deref(), Some(wanted), "{heard}");
        }
    }

    #[test]
    fn the_same_words_said_of_other_things_stay() {
        for said in [
            "I took a pen and paper",
            "the whole deck of cards is shuffled",
            "we pay them in cash",
            "all of the values",
            "let me see all of it",
            "I log in to the server",
            "did you text him",
            "it sinks",
        ] {
            assert_eq!(repairs().apply(said), None, "{said}");
        }
    }

    #[test]
    fn a_part_of_a_written_word_is_not_replaced() {
        assert_eq!(repairs().apply("the list has a-pen-b"), None);
        assert_eq!(repairs().apply(""), None);
    }

    #[test]
    fn a_repair_that_can_never_fit_is_refused() {
        let parse =
            |text: &str| Repairs::parse(&RubricFile::new("lexicon.toml", text)).map(|_| ()).unwrap_err();
        let error = parse("[[repairs]]\nheard = ['O(n)']\nwrite = 'x'\n");
        assert_eq!(error.line, 2);
        assert!(parse("[[repairs]]\nheard = []\nwrite = 'x'\n").message.contains("at least one"));
        assert!(parse("[[repairs]]\nheard = ['a']\nwrit = 'x'\n").message.contains("writ"));
    }
}
