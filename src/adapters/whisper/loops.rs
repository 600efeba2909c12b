//! A recogniser that loses its way says the same again and again: such loops are found, and cut.
//!
//! ```text
//! so we take the key so we take the key so we take the key and
//! [----- said -----][-------------- loop ----------------]
//! ```

use std::ops::Range;

/// Longest phrase that is looked for, in words.
const LONGEST: usize = 12;
/// People do say "no no no no" and "I think, I think": a phrase of one or two words is a loop from so often on,
const SHORT_TIMES: usize = 6;
/// and a longer one from so often on.
const LONG_TIMES: usize = 3;

/// Words, by their numbers, that only repeat the phrase before them; in order, not overlapping.
pub fn repeats(words: &[&str]) -> Vec<Range<usize>> {
    let bare: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bare.len() {
        match longest_loop(&bare[at..]) {
            Some((phrase, times)) => {
                found.push(at + phrase..at + phrase * times);
                at += phrase * times;
            }
            None => at += 1,
        }
    }
    found
}

/// The phrase at the start, and how often it is said, where that is a loop. The one that covers most counts.
fn longest_loop(words: &[String]) -> Option<(usize, usize)> {
    let loops = (1..=LONGEST.min(words.len() / LONG_TIMES)).filter_map(|phrase| {
        let same = |times: &usize| {
            let from = times * phrase;
            from + phrase <= words.len() && words[from..from + phrase] == words[..phrase]
        };
        let times = 1 + (1..).take_while(same).count();
        let least = if phrase <= 2 { SHORT_TIMES } else { LONG_TIMES };
        (times >= least).then_some((phrase, times))
    });
    // Of "a a a a a a" as a phrase of one and of two words, the shorter is meant.
    loops.max_by_key(|&(phrase, times)| (phrase * times, std::cmp::Reverse(phrase)))
}

fn bare(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> String {
        let words: Vec<&str> = text.split(' ').collect();
        let cut = repeats(&words);
        let kept = words.iter().enumerate().filter(|(at, _)| !cut.iter().any(|range| range.contains(at)));
        kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_loop_is_said_once() {
        assert_eq!(
            kept("So we take the key. So we take the key. so we take the key and go"),
            "So we take the key. and go"
        );
        assert_eq!(kept("you ".repeat(30).trim_end()), "you");
        assert_eq!(kept("well a b a b a b a b a b a b end"), "well a b end");
        let long = "one two three four five six seven eight nine ten ".repeat(4);
        assert_eq!(kept(long.trim_end()), "one two three four five six seven eight nine ten");
    }

    #[test]
    fn what_people_repeat_stays() {
        for said in [
            "no no no no that is wrong",
            "I think I think we go left",
            "we check the left we check the right",
            "zero zero zero one one one",
            "push the key push the key then stop",
            "",
        ] {
            assert_eq!(kept(said), said);
        }
    }
}
