//! Speech against the code that is typed meanwhile: an utterance that only repeats it is syntax, whatever its wording;
//! one that gives the purpose is not.
//!
//! ```text
//! said    if not index in self dot seen ─→ if not index in self . seen ┐
//!                                                                      ├─→ longest common subsequence
//! typed   if idx not in self.seen:      ─→ if idx not in self . seen : ┘
//! ```

use crate::analysis::code::words::split;
use crate::analysis::{Evidence, Metric};
use crate::session::{CodeHistory, Edit, LabelHit, Millis, Span, Timeline, Utterance};

/// How long before it is said a line may have been typed, and how long after.
const TYPED_BEFORE: Millis = Millis(10_000);
const TYPED_AFTER: Millis = Millis(15_000);
/// An utterance of which so much is code that is being typed repeats it.
const MOSTLY: f64 = 0.65;
/// Fewer words of code than this are met with by chance.
const MIN_MATCHED: usize = 3;
/// An utterance with less code than this does something else than reading it.
const HARDLY: f64 = 0.35;
/// Fewer utterances than this are no basis for a share.
const MIN_NEAR: usize = 5;
/// Lines of code are longer than breaths: so many words said cover one line, or more.
const WORDS_A_LINE: usize = 4;
const LONGEST_READ: usize = 8;

/// Words without meaning of their own: where they are not part of the code they count for nothing.
const GLUE: [&str; 51] = [
    "a",
    "an",
    "and",
    "all",
    "also",
    "alright",
    "again",
    "basically",
    "be",
    "okay",
    "ok",
    "do",
    "for",
    "from",
    "go",
    "going",
    "gonna",
    "have",
    "here",
    "i",
    "i'll",
    "i'm",
    "in",
    "is",
    "it",
    "just",
    "let",
    "let's",
    "like",
    "now",
    "of",
    "on",
    "or",
    "over",
    "right",
    "say",
    "so",
    "than",
    "that",
    "the",
    "then",
    "there",
    "this",
    "to",
    "uh",
    "um",
    "we",
    "we'll",
    "will",
    "with",
    "you",
];
/// What may be said of code's shape without a counterpart in its letters.
const SHAPES: [&str; 24] = [
    "line",
    "lines",
    "bracket",
    "brackets",
    "paren",
    "parens",
    "parenthesis",
    "parentheses",
    "brace",
    "braces",
    "curly",
    "square",
    "open",
    "close",
    "new",
    "enter",
    "tab",
    "indent",
    "space",
    "statement",
    "block",
    "loop",
    "write",
    "writing",
];
/// Words that give a purpose or a reason.
const PURPOSE: [&str; 26] = [
    "so that",
    "because",
    "make sure",
    "in order",
    "to avoid",
    "so we can",
    "so i can",
    "so we don't",
    "so i don't",
    "since",
    "that way",
    "otherwise",
    "which means",
    "this lets",
    "to handle",
    "to prevent",
    "to keep",
    "to know",
    "to remember",
    "to protect",
    "in case",
    "the idea",
    "purpose",
    "the reason",
    "to save",
    "cause we",
];

/// How much of an utterance is code that is being typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repeated {
    /// Of its words (glue left out where it is no code), 0 to 1.
    pub share: f64,
    /// The words that are code, as they were said.
    pub words: Vec<String>,
}

impl Repeated {
    /// The utterance reads code aloud.
    pub fn is_mostly_code(&self) -> bool {
        self.share >= MOSTLY && self.words.len() >= MIN_MATCHED
    }
}

/// For each utterance: how much of it repeats lines typed within seconds of it; `None` where none were typed.
pub fn repeated(utterances: &[Utterance], code: &CodeHistory) -> Vec<Option<Repeated>> {
    let lines = Typed::of(code);
    utterances
        .iter()
        .map(|said| {
            if !said.is_candidate() {
                return None;
            }
            let near = lines.near(Span::new(said.span.start - TYPED_BEFORE, said.span.end + TYPED_AFTER));
            (!near.is_empty()).then(|| against(&said.text, near))
        })
        .collect()
}

/// Of the utterances said while code was typed within seconds, the share that mostly repeats it. Asides of less than
/// three words count for nothing.
pub fn measure(timeline: &Timeline, code: &CodeHistory) -> Metric {
    let (id, unit) = ("edits.spoken_code", "share");
    let repeated = repeated(&timeline.utterances, code);
    let near: Vec<(&Utterance, &Repeated)> = timeline
        .utterances
        .iter()
        .zip(&repeated)
        .filter_map(|(said, repeated)| Some((said, repeated.as_ref()?)))
        .filter(|(said, _)| said.word_count() >= MIN_MATCHED)
        .collect();
    if near.len() < MIN_NEAR {
        let reason = format!("only {} utterances were said while code was typed", near.len());
        return Metric::too_little(id, unit, reason);
    }
    let read: Vec<Evidence> = near
        .iter()
        .filter(|(_, repeated)| repeated.is_mostly_code())
        .map(|(said, _)| Evidence::new(said.span, said.text.as_str()))
        .collect();
    let note = format!("{} of {} utterances said while typing", read.len(), near.len());
    Metric::new(id, unit, read.len() as f64 / near.len() as f64).with_note(note).with_evidence(read)
}

/// Labels put right by what was typed: reading code aloud is syntax, and giving the purpose of code is intent.
pub fn sharpen(utterances: &mut [Utterance], code: &CodeHistory) {
    let repeated = repeated(utterances, code);
    for (said, repeated) in utterances.iter_mut().zip(repeated) {
        let Some(repeated) = repeated else { continue };
        let has_purpose = gives_purpose(&said.text);
        if repeated.is_mostly_code() && !has_purpose {
            said.labels.retain(|hit| hit.label != "intent");
            if !said.has("syntax") && !said.has("testing") {
                said.labels.push(LabelHit {
                    label: "syntax".into(),
                    confidence: repeated.share,
                    pattern: "repeats-what-is-typed".into(),
                    words: repeated.words.join(" "),
                });
            }
        } else if repeated.share < HARDLY && has_purpose {
            for hit in said.labels.iter_mut().filter(|hit| hit.label == "syntax") {
                hit.label = "intent".into();
                hit.pattern = "gives-a-purpose-while-typing".into();
            }
            dedup(&mut said.labels);
        }
    }
}

fn dedup(labels: &mut Vec<LabelHit>) {
    let mut seen = Vec::new();
    labels.retain(|hit| {
        let first = !seen.contains(&hit.label);
        seen.push(hit.label.clone());
        first
    });
}

fn gives_purpose(text: &str) -> bool {
    let said = format!(" {} ", words_said(text).join(" "));
    PURPOSE.iter().any(|phrase| said.contains(&format!(" {phrase} ")))
}

/// Lines that were added by hand, with the time, as they are spoken.
struct Typed {
    lines: Vec<(Millis, Vec<String>)>,
}

impl Typed {
    fn of(code: &CodeHistory) -> Self {
        let by_hand = code.edits.iter().filter(|edit| edit.cause.is_by_hand());
        let added = |edit: &Edit| {
            let added = edit.hunks.iter().flat_map(|hunk| &hunk.added);
            let spoken: Vec<_> = added.map(|line| (edit.at, as_spoken(line))).collect();
            spoken
        };
        Self { lines: by_hand.flat_map(added).filter(|(_, tokens)| !tokens.is_empty()).collect() }
    }

    fn near(&self, window: Span) -> &[(Millis, Vec<String>)] {
        let first = self.lines.partition_point(|(at, _)| *at < window.start);
        let end = self.lines.partition_point(|(at, _)| *at <= window.end);
        &self.lines[first..end.max(first)]
    }
}

/// The stretch of lines that the utterance repeats most of.
fn against(text: &str, lines: &[(Millis, Vec<String>)]) -> Repeated {
    let said = words_said(text);
    let tokens: Vec<String> = said.iter().map(|word| canonical(word)).collect();
    let reach = tokens.len().div_ceil(WORDS_A_LINE).clamp(1, LONGEST_READ).min(lines.len());
    let mut best = Repeated::default();
    for stretch in lines.windows(reach) {
        let code: Vec<&str> = stretch.iter().flat_map(|(_, line)| line).map(String::as_str).collect();
        let matched = common(&tokens, &code);
        let counts = |&at: &usize| {
            matched.contains(&at)
                || !(GLUE.contains(&said[at].as_str()) || SHAPES.contains(&said[at].as_str()))
        };
        let all = (0..said.len()).filter(counts).count();
        let share = if all == 0 { 0.0 } else { matched.len() as f64 / all as f64 };
        if (share, matched.len()) > (best.share, best.words.len()) {
            best = Repeated { share, words: matched.iter().map(|&at| said[at].clone()).collect() };
        }
    }
    best
}

/// Positions in `said` of the longest common subsequence.
fn common(said: &[String], code: &[&str]) -> Vec<usize> {
    let width = code.len() + 1;
    let mut length = vec![0u16; (said.len() + 1) * width];
    for i in (0..said.len()).rev() {
        for j in (0..code.len()).rev() {
            length[i * width + j] = if said[i] == code[j] {
                length[(i + 1) * width + j + 1].saturating_add(1)
            } else {
                length[(i + 1) * width + j].max(length[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < said.len() && j < code.len() {
        if said[i] == code[j] {
            out.push(i);
            (i, j) = (i + 1, j + 1);
        } else if length[(i + 1) * width + j] >= length[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    out
}

/// Small words, numbers and the names of signs; apostrophes stay.
fn words_said(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '\'' || c == '_';
    let words = text.split(|c: char| !is_part(c)).filter(|word| !word.is_empty());
    words.flat_map(|word| if word.contains('\'') { vec![word.to_lowercase()] } else { split(word) }).collect()
}

/// A line of code as words and signs.
fn as_spoken(line: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = line.trim();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if is_word(first) {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            tokens.extend(split(&rest[..end]).iter().map(|word| canonical(word)));
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

/// One form for what is spoken and written differently.
fn canonical(word: &str) -> String {
    let form = match word {
        "equal" | "equals" => "=",
        "plus" => "+",
        "minus" => "-",
        "times" => "*",
        "dot" => ".",
        "comma" => ",",
        "colon" => ":",
        "semicolon" => ";",
        "less" => "<",
        "greater" | "bigger" => ">",
        "mod" | "modulo" | "percent" => "%",
        "function" | "func" | "fn" | "define" | "def" => "def",
        "returns" | "returning" => "return",
        "length" | "len" | "size" => "len",
        "integer" | "int" => "int",
        "string" | "str" => "str",
        "boolean" | "bool" => "bool",
        "dictionary" | "dict" => "dict",
        "none" | "null" | "nil" => "none",
        "index" | "idx" => "index",
        "value" | "val" => "value",
        "zero" => "0",
        "one" => "1",
        "two" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "ten" => "10",
        "hundred" => "100",
        "thousand" => "1000",
        other => other,
    };
    form.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, EditKind, Hunk, Role};

    fn typed(lines: &[(f64, &str)]) -> CodeHistory {
        let edit = |(index, &(at, line)): (usize, &(f64, &str))| Edit {
            at: Millis::from_seconds(at),
            monotonic_ns: None,
            path: "a.py".into(),
            kind: EditKind::Modify,
            from: None,
            cause: Cause::Typing,
            hunks: vec![Hunk { line: index + 1, removed: vec![], added: vec![line.into()] }],
            hash: String::new(),
        };
        CodeHistory { snapshots: Default::default(), edits: lines.iter().enumerate().map(edit).collect() }
    }

    fn said(text: &str, labels: &[&str]) -> Utterance {
        let hit = |label: &&str| LabelHit {
            label: label.to_string(),
            confidence: 0.8,
            pattern: String::new(),
            words: String::new(),
        };
        Utterance {
            span: Span::from_seconds(100.0, 104.0),
            speaker: Role::Candidate,
            text: text.into(),
            words: vec![],
            heard: None,
            labels: labels.iter().map(hit).collect(),
            cues: vec![],
        }
    }

    fn share(text: &str, line: &str) -> f64 {
        let code = typed(&[(103.0, line)]);
        repeated(&[said(text, &[])], &code)[0].clone().unwrap().share
    }

    #[test]
    fn code_as_it_is_spoken() {
        for (text, line) in [
            ("for i in range n", "    for i in range(n):"),
            ("so if nums i equals equals target, return i", "if nums[i] == target: return i"),
            ("def dunder init self capacity", "def __init__(self, capacity):"),
            ("self dot node map equals empty dictionary", "self.nodeMap = dict()"),
            ("and then while left is less than right", "while left < right:"),
            ("let mut total equals zero", "let mut total = 0;"),
        ] {
            assert!(share(text, line) >= MOSTLY, "{text}: {}", share(text, line));
        }
        for (text, line) in [
            ("we have to know in constant time whether we saw it", "if value in self.seen:"),
            ("the window shrinks until no letter is in it twice", "while s[right] in window:"),
            ("I will keep the counts so that removing is cheap", "counts = Counter(nums)"),
        ] {
            assert!(share(text, line) < HARDLY, "{text}: {}", share(text, line));
        }
    }

    #[test]
    fn only_what_is_typed_within_seconds_counts() {
        let text = "for i in range n";
        let at = |seconds: f64| {
            repeated(&[said(text, &[])], &typed(&[(seconds, "for i in range(n):")]))[0].is_some()
        };
        assert!(at(90.0) && at(119.0));
        assert!(!at(89.9) && !at(119.1));
    }

    #[test]
    fn typing_tells_syntax_from_intent() {
        let code = typed(&[(102.0, "for word in words:"), (103.0, "    counts[word] += 1")]);
        let labelled = |text: &str, labels: &[&str]| {
            let mut utterances = [said(text, labels)];
            sharpen(&mut utterances, &code);
            utterances[0].labels.iter().map(|hit| hit.label.clone()).collect::<Vec<_>>()
        };
        assert_eq!(labelled("for word in words counts word plus equals one", &["intent"]), ["syntax"]);
        assert_eq!(labelled("for word in words", &[]), ["syntax"]);
        assert_eq!(
            labelled("now I count them so that the most frequent one is known", &["syntax"]),
            ["intent"]
        );
        assert_eq!(labelled("what happens with upper case letters", &["edge_case"]), ["edge_case"]);
        assert_eq!(labelled("for word in words, because each may come twice", &["intent"]), ["intent"]);
    }
}
