//! Words to utterances: cut at sentence ends, pauses and changes of speaker; run-ons at clause borders.

use crate::session::{Millis, Role, Span, Utterance, Word};

/// A pause of this length ends an utterance.
const PAUSE: Millis = Millis(1_000);
/// A start that breaks off ("so the ...") waits this long for the rest of it.
const RESTART: Millis = Millis(3_000);
/// Longer run-ons are cut at a clause border. On 13 interviews that people cut by hand, their borders in unmarked
/// speech are met best between 22 and 26 words (F1 0.53; 0.34 with 35 words and all openers alike).
const MAX_WORDS: usize = 26;
/// No piece of a run-on is shorter, and a shorter sentence joins its neighbour.
const MIN_WORDS: usize = 4;
/// What joins stays within this.
const MAX_JOINED: usize = 35;
/// Words that open a clause in spoken English, and what they weigh as a border, in milliseconds of pause.
const CLAUSE_OPENERS: [(&str, i64); 22] = [
    ("so", 400),
    ("okay", 400),
    ("ok", 400),
    ("but", 400),
    ("because", 350),
    ("and", 300),
    ("hmm", 300),
    ("similarly", 250),
    ("otherwise", 250),
    ("wait", 250),
    ("then", 200),
    ("now", 200),
    ("let's", 200),
    ("yeah", 200),
    ("oh", 200),
    ("since", 150),
    ("or", 150),
    ("if", 120),
    ("when", 120),
    ("which", 100),
    ("also", 60),
    ("first", 60),
];

/// Utterances in order of their start. Each speaker's words are cut by themselves: two who talk at once do not cut
/// each other short.
///
/// Words without times (all zero) stand in the order in which they were said.
pub fn cut(words: &[Word]) -> Vec<Utterance> {
    if words.iter().all(|word| word.span == Span::default()) {
        return words.chunk_by(|a, b| a.speaker == b.speaker).flat_map(|turn| cut_one(turn, turn)).collect();
    }
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
    let mut pieces: Vec<&[Word]> = Vec::new();
    let mut from = 0;
    for index in 0..words.len() {
        let word = &words[index];
        let ends = words.get(index + 1).is_none_or(|next| {
            let begun = index + 1 - from < MIN_WORDS && !ends_sentence(&word.text);
            is_border(word, next, all)
                || next.span.start - word.span.end >= if begun { RESTART } else { PAUSE }
                || ends_sentence(&word.text)
        });
        if ends {
            pieces.push(&words[from..=index]);
            from = index + 1;
        }
    }
    let mut utterances = Vec::new();
    join(words, &pieces, all).into_iter().for_each(|piece| cut_run_on(piece, &mut utterances));
    utterances
}

/// A border that holds whatever stands on its sides.
fn is_border(word: &Word, next: &Word, all: &[Word]) -> bool {
    word.ends_utterance || has_other(all, word.speaker, Span::new(word.span.end, next.span.start))
}

/// Joins sentences too short to say anything ("Okay.") with what follows them at once, or else with what they follow.
/// A question stays alone: it is an act of its own.
fn join<'a>(words: &'a [Word], pieces: &[&'a [Word]], all: &[Word]) -> Vec<&'a [Word]> {
    let onward =
        join_where(words, pieces, |last, piece| last.len() < MIN_WORDS && may_join(last, piece, all));
    join_where(words, &onward, |last, piece| piece.len() < MIN_WORDS && may_join(last, piece, all))
}

fn join_where<'a>(
    words: &'a [Word],
    pieces: &[&'a [Word]],
    joins: impl Fn(&[Word], &[Word]) -> bool,
) -> Vec<&'a [Word]> {
    let mut joined: Vec<&[Word]> = Vec::new();
    let mut end = 0;
    for piece in pieces {
        end += piece.len();
        match joined.last_mut() {
            Some(last) if joins(last, piece) => *last = &words[end - piece.len() - last.len()..end],
            _ => joined.push(piece),
        }
    }
    joined
}

fn may_join(last: &[Word], piece: &[Word], all: &[Word]) -> bool {
    let (end, next) = (&last[last.len() - 1], &piece[0]);
    last.len() + piece.len() <= MAX_JOINED
        && next.span.start - end.span.end < PAUSE
        && !end.text.ends_with('?')
        && !piece[piece.len() - 1].text.ends_with('?')
        && !is_border(end, next, all)
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
    let opener = CLAUSE_OPENERS.iter().find(|(opener, _)| *opener == bare).map_or(0, |(_, weight)| *weight);
    pause + comma + opener
}

fn utterance(words: &[Word]) -> Utterance {
    let (first, last) = (&words[0], &words[words.len() - 1]);
    Utterance {
        span: Span::new(first.span.start, last.span.end),
        speaker: first.speaker,
        text: words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "),
        words: words.to_vec(),
        heard: None,
        labels: Vec::new(),
        cues: Vec::new(),
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
    fn a_short_sentence_joins_its_neighbour_but_a_question_stands_alone() {
        let said = words(
            "Okay. So I keep a map of names. Right. Is it sorted? Yes. Good. Then I walk over it.",
            300,
        );
        assert_eq!(
            texts(&said),
            ["Okay. So I keep a map of names. Right.", "Is it sorted?", "Yes. Good. Then I walk over it."]
        );
    }

    #[test]
    fn a_start_that_breaks_off_waits_for_the_rest() {
        let mut said = words("so the next interval goes here", 300);
        said[2..].iter_mut().for_each(|word| {
            word.span = Span::new(word.span.start + Millis(2_000), word.span.end + Millis(2_000));
        });
        assert_eq!(texts(&said), ["so the next interval goes here"]);
        said[2..].iter_mut().for_each(|word| {
            word.span = Span::new(word.span.start + Millis(2_000), word.span.end + Millis(2_000));
        });
        assert_eq!(texts(&said), ["so the", "next interval goes here"]);
    }

    #[test]
    fn without_times_the_order_and_the_speakers_count() {
        let mut said = words("can I sort it first yes you can so I sort it by start and then I walk", 0);
        said.iter_mut().for_each(|word| word.span = Span::default());
        said[5..8].iter_mut().for_each(|word| word.speaker = Role::Interviewer);
        assert_eq!(
            texts(&said),
            ["can I sort it first", "yes you can", "so I sort it by start and then I walk"]
        );
    }

    #[test]
    fn nothing_said_is_no_utterance() {
        assert!(cut(&[]).is_empty());
    }
}
