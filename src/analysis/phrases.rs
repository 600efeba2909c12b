//! Pet phrases: what one person says far more often than others do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::analysis::acts;
use crate::analysis::{Evidence, Metric};
use crate::session::{Millis, Span, Timeline};

const ID: &str = "phrases.repeated";
/// Words of a phrase.
const SHORTEST: usize = 2;
const LONGEST: usize = 4;
/// Said so often at least, and so many times as often as others say it.
const TIMES: usize = 5;
const RATIO: f64 = 5.0;
/// What others are taken to say of a phrase that is not in the list, in 1,000 words.
const RARE: f64 = 0.5;
/// Below this nothing is often.
const MIN_WORDS: usize = 300;
/// So many phrases in the note.
const NAMED: usize = 5;
/// General words, one a line, and usual phrases with how often they are said in 1,000 words. Made by
/// `scripts/ordinary_phrases.py`.
const ORDINARY: &str = include_str!("ordinary.txt");

struct Ordinary {
    words: BTreeSet<&'static str>,
    phrases: BTreeMap<&'static str, f64>,
}

static USUAL: LazyLock<Ordinary> = LazyLock::new(|| Ordinary {
    words: ORDINARY.lines().filter(|line| !line.contains('\t')).collect(),
    phrases: ORDINARY
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(phrase, rate)| Some((phrase, rate.parse().ok()?)))
        .collect(),
});

/// A word as it is compared, and when it was said.
struct Said {
    word: String,
    span: Span,
}

pub fn measure(timeline: &Timeline) -> Metric {
    let said = match acts::cued(timeline) {
        Ok(said) => said,
        Err(reason) => return Metric::too_little(ID, "count", reason),
    };
    // Code that is read aloud repeats itself by its nature.
    let spoken = said.iter().filter(|(_, said)| !said.has("syntax"));
    let words: Vec<Said> = spoken.flat_map(|(_, said)| words(said)).collect();
    if words.len() < MIN_WORDS {
        return Metric::too_little(ID, "count", "fewer than 300 words were said");
    }
    let found = repeated(&words);
    let top: Vec<String> =
        found.iter().take(NAMED).map(|(phrase, at)| format!("{phrase:?} {} times", at.len())).collect();
    let evidence = found.iter().flat_map(|(phrase, at)| {
        at.iter().map(|&at| {
            let last = at + phrase.split(' ').count() - 1;
            Evidence::new(Span::new(words[at].span.start, words[last].span.end), phrase.as_str())
        })
    });
    Metric::new(ID, "count", found.len() as f64).with_evidence(evidence.collect()).with_note(top.join(", "))
}

fn words(said: &crate::session::Utterance) -> Vec<Said> {
    let texts: Vec<(String, Span)> = if said.words.is_empty() {
        said.text.split_whitespace().map(|word| (word.to_owned(), said.span)).collect()
    } else {
        said.words.iter().map(|word| (word.text.clone(), word.span)).collect()
    };
    let plain = |(text, span): (String, Span)| {
        let word: String = text.to_lowercase().replace('\u{2019}', "'");
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        (!word.is_empty()).then_some(Said { word, span })
    };
    texts.into_iter().filter_map(plain).collect()
}

/// The phrases and where each is said, the most said first. What is part of a longer one does not count again.
fn repeated(words: &[Said]) -> Vec<(String, Vec<usize>)> {
    let usual = &*USUAL;
    let general: Vec<bool> = words.iter().map(|said| usual.words.contains(said.word.as_str())).collect();
    let mut taken = vec![false; words.len()];
    let mut found: Vec<(String, Vec<usize>)> = Vec::new();
    for length in (SHORTEST..=LONGEST).rev() {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for at in 0..(words.len() + 1).saturating_sub(length) {
            let here = at..at + length;
            let fresh =
                general[here.clone()].iter().all(|general| *general) && !taken[here.clone()].contains(&true);
            // "no no no" is no phrase, and what a pause cuts in two is not one either.
            let differ = words[at + 1..here.end].iter().any(|said| said.word != words[at].word);
            let together = words[here.clone()]
                .windows(2)
                .all(|pair| pair[1].span.start - pair[0].span.end < Millis(1_000));
            if fresh && differ && together {
                let phrase: Vec<&str> = words[here].iter().map(|said| said.word.as_str()).collect();
                let own = places.entry(phrase.join(" ")).or_default();
                // One that overlaps itself counts once.
                if own.last().is_none_or(|last| last + length <= at) {
                    own.push(at);
                }
            }
        }
        let often = |(phrase, at): &(String, Vec<usize>)| {
            let ordinary = usual.phrases.get(phrase.as_str()).copied().unwrap_or_default().max(RARE);
            at.len() >= TIMES && at.len() as f64 * 1000.0 / words.len() as f64 >= RATIO * ordinary
        };
        let mut own: Vec<(String, Vec<usize>)> = places.into_iter().filter(often).collect();
        // Of two that share words, the one that is said more keeps them.
        own.sort_by_key(|(_, at)| std::cmp::Reverse(at.len()));
        for (phrase, at) in own {
            let free: Vec<usize> =
                at.into_iter().filter(|&at| !taken[at..at + length].contains(&true)).collect();
            if often(&(phrase.clone(), free.clone())) {
                free.iter().for_each(|&at| taken[at..at + length].fill(true));
                found.push((phrase, free));
            }
        }
    }
    found.sort_by_key(|(_, at)| std::cmp::Reverse(at.len()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::spoken::session;
    use crate::session::Utterance;

    fn measured(text: &str) -> Metric {
        measure(&session(vec![Utterance { text: text.into(), ..Utterance::default() }]))
    }

    /// Words that nobody repeats, between what is repeated.
    fn between(phrase: &str, times: usize) -> String {
        (0..times)
            .map(|index| format!("{phrase} alpha{index} beta{index} {} ", "gamma ".repeat(60)))
            .collect()
    }

    #[test]
    fn the_longest_phrase_wins_and_is_counted() {
        let metric = measured(&between("What we will do is", 6));
        assert_eq!(metric.value(), Some(1.0));
        assert_eq!(metric.note, "\"we will do is\" 6 times");
        assert_eq!(metric.evidence.len(), 6);
    }

    #[test]
    fn usual_phrases_names_and_rare_ones_do_not_count() {
        // Five times in 300 words is no more than others say it.
        assert_eq!(measured(&between("and the", 6)).value(), Some(0.0));
        assert_eq!(measured(&between("heap bucket", 9)).value(), Some(0.0));
        assert_eq!(measured(&between("let us say", 4)).value(), None);
        let longer = between("let us say", 4) + &"gamma ".repeat(100);
        assert_eq!(measured(&longer).value(), Some(0.0));
        assert_eq!(measured(&between("no no no", 6)).value(), Some(0.0));
    }

    #[test]
    fn the_list_of_what_is_usual_can_be_read() {
        assert!(USUAL.words.len() > 150 && USUAL.phrases.len() > 150);
        assert!(USUAL.phrases.values().all(|rate| rate.is_finite() && *rate > 0.0));
        for of_code in ["heap", "index", "node", "null"] {
            assert!(!USUAL.words.contains(of_code), "{of_code}");
        }
    }
}
