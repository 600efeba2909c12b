//! Words to utterances: cut at sentence ends, pauses and changes of speaker; run-ons at clause borders.

use crate::session::{Millis, Role, Span, Utterance, Word};

/// A pause of this length ends an utterance.
const PAUSE: Millis = Millis(1_000);
/// Longer ones are cut at a clause border (LABELS.md: 4 to 35 words).
const MAX_WORDS: usize = 35;
/// No piece of a run-on is shorter.
const MIN_WORDS: usize = 4;
/// Words that open a clause in spoken English.
const CLAUSE_OPENERS: [&str; 14] = [
    "so", "and", "but", "then", "because", "now", "okay", "or", "which", "if", "when", "let's", "also",
    "since",
];

/// Utterances in order of their start. Each speaker's words are cut by themselves: two who talk at once do not cut
/// each other short.
pub fn cut(words: &[Word]) -> Vec<Utterance> {
    let mut utterances: Vec<Utterance> = Vec::new();
    for speaker in [Role::Candidate, Role::Interviewer] {
        let own: Vec<Word> = words.iter().filter(|word| word.speaker == speaker).cloned().collect();
        utterances.extend(cut_one(&own, words));
    }
    utterances.sort_by_key(|utterance| utterance.span.start);
    utterances
}

/// The utterances of one speaker. Another's whole turn in between ends one.
fn cut_one(words: &[Word], all: &[Word]) -> Vec<Utterance> {
    let mut utterances = Vec::new();
    let mut from = 0;
    for index in 0..words.len() {
        let ends = match words.get(index + 1) {
            None => true,
            Some(next) => {
                let word = &words[index];
                let between = Span::new(word.span.end, next.span.start);
                word.ends_utterance
                    || has_other(all, word.speaker, between)
                    || next.span.start - word.span.end >= PAUSE
                    || ends_sentence(&word.text)
            }
        };
        if ends {
            cut_run_on(&words[from..=index], &mut utterances);
            from = index + 1;
        }
    }
    utterances
}

/// Whether somebody else says a whole word in this stretch.
fn has_other(all: &[Word], speaker: Role, between: Span) -> bool {
    let first = all.partition_point(|word| word.span.start < between.start);
    let inside = all[first..].iter().take_while(|word| word.span.start < between.end);
    inside.into_iter().any(|word| word.speaker != speaker && word.span.end <= between.end)
}

fn ends_sentence(word: &str) -> bool {
    let bare = word.trim_end_matches(['"', '\'', ')', '\u{201d}']);
    if bare.ends_with("...") || bare.ends_with('…') {
        return false;
    }
    bare.ends_with(['?', '!', '。', '？', '！']) || (bare.ends_with('.') && !is_abbreviation(bare))
}

fn is_abbreviation(word: &str) -> bool {
    let stem = word.trim_end_matches('.').to_lowercase();
    matches!(stem.as_str(), "e.g" | "i.e" | "etc" | "vs" | "mr" | "mrs" | "dr")
}

/// Cuts at the border that looks most like one (the longest pause, a comma, a clause opener) until each piece fits.
fn cut_run_on(words: &[Word], out: &mut Vec<Utterance>) {
    if words.len() <= MAX_WORDS {
        out.push(utterance(words));
        return;
    }
    let best = (MIN_WORDS..=words.len() - MIN_WORDS)
        .map(|at| (border_strength(words, at), at))
        // Among equals the one nearest the middle, so that pieces stay of a size.
        .max_by_key(|&(strength, at)| (strength, std::cmp::Reverse(at.abs_diff(words.len() / 2))))
        .map_or(words.len() / 2, |(_, at)| at);
    cut_run_on(&words[..best], out);
    cut_run_on(&words[best..], out);
}

/// Milliseconds of pause before word `at`, with a bonus for a comma and for a clause opener.
fn border_strength(words: &[Word], at: usize) -> i64 {
    let (before, after) = (&words[at - 1], &words[at]);
    let pause = (after.span.start - before.span.end).0.max(0);
    let comma = if before.text.ends_with([',', ';', ':']) { 300 } else { 0 };
    let bare = after.text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let opener = if CLAUSE_OPENERS.contains(&bare.as_str()) { 250 } else { 0 };
    pause + comma + opener
}

fn utterance(words: &[Word]) -> Utterance {
    let (first, last) = (&words[0], &words[words.len() - 1]);
    Utterance {
        span: Span::new(first.span.start, last.span.end),
        speaker: first.speaker,
        text: words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        words: words.to_vec(),
        labels: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, step_ms: i64) -> Vec<Word> {
        text.split_whitespace()
            .enumerate()
            .map(|(index, text)| Word {
                span: Span::new(Millis(index as i64 * step_ms), Millis(index as i64 * step_ms + 200)),
                text: text.into(),
                probability: 1.0,
                speaker: Role::Candidate,
                ends_utterance: false,
            })
            .collect()
    }

    fn texts(words: &[Word]) -> Vec<String> {
        cut(words).into_iter().map(|utterance| utterance.text).collect()
    }

    #[test]
    fn cuts_at_sentence_ends_but_not_at_abbreviations() {
        assert_eq!(
            texts(&words("I use a map, e.g. a dict. Is that sorted? Yes", 300)),
            ["I use a map, e.g. a dict.", "Is that sorted?", "Yes"]
        );
    }

    #[test]
    fn cuts_at_pauses_and_speakers() {
        let mut said = words("one two three four", 300);
        said[2].span = Span::from_seconds(5.0, 5.2);
        said[3].span = Span::from_seconds(5.3, 5.5);
        said[3].speaker = Role::Interviewer;
        assert_eq!(texts(&said), ["one two", "three", "four"]);
    }

    #[test]
    fn a_run_on_is_cut_at_clause_openers_and_loses_no_word() {
        let clause = "so we take the next item from the heap and push it back again ";
        let said = words(&clause.repeat(40), 300);
        let pieces = cut(&said);
        assert!(pieces.iter().all(|piece| (MIN_WORDS..=MAX_WORDS).contains(&piece.words.len())));
        assert!(pieces.iter().all(|piece| piece.text.starts_with("so") || piece.text.starts_with("and")));
        assert_eq!(pieces.iter().map(|piece| piece.words.len()).sum::<usize>(), said.len());
    }

    #[test]
    fn two_who_talk_at_once_keep_their_sentences() {
        let mut said = words("so I keep a map", 300);
        let mut other = words("yes okay", 300);
        other.iter_mut().for_each(|word| {
            word.speaker = Role::Interviewer;
            word.span = Span::new(word.span.start + Millis(100), word.span.end + Millis(100));
        });
        said.extend(other);
        said.sort_by_key(|word| word.span.start);
        assert_eq!(texts(&said), ["so I keep a map", "yes okay"]);
    }

    #[test]
    fn a_border_that_was_given_is_kept() {
        let mut said = words("so the key is here next one", 300);
        said[4].ends_utterance = true;
        assert_eq!(texts(&said), ["so the key is here", "next one"]);
    }

    #[test]
    fn nothing_said_is_no_utterance() {
        assert!(cut(&[]).is_empty());
    }
}
