//! What was said: words with times, and the utterances cut from them.

use serde::{Deserialize, Serialize};

use super::{FORMAT, Millis, Role, Span};

/// One word as the recogniser wrote it, punctuation included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    #[serde(flatten)]
    pub span: Span,
    pub text: String,
    /// The recogniser's own, 0 to 1; 1 when it gave none.
    #[serde(default = "certain")]
    pub probability: f32,
    #[serde(default)]
    pub speaker: Role,
    /// The utterance ends here, as whoever wrote the transcript has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_utterance: bool,
}

fn certain() -> f32 {
    1.0
}

/// Text that was written but not used, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dropped {
    #[serde(flatten)]
    pub span: Span,
    pub text: String,
    pub reason: String,
}

/// A sentence or clause group of one speaker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Utterance {
    #[serde(flatten)]
    pub span: Span,
    pub speaker: Role,
    /// With known mishearings put right.
    pub text: String,
    /// As the recogniser wrote it, where that is something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<String>,
    #[serde(skip)]
    pub words: Vec<Word>,
    #[serde(default)]
    pub labels: Vec<LabelHit>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cues: Vec<Cue>,
}

impl Utterance {
    pub fn has(&self, label: &str) -> bool {
        self.labels.iter().any(|hit| hit.label == label)
    }

    /// The cues of one kind.
    pub fn cues_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Cue> {
        self.cues.iter().filter(move |cue| cue.cue == id)
    }

    /// When the words of a cue were said; the whole utterance where its words have no times of their own.
    pub fn span_of(&self, cue: &Cue) -> Span {
        let words = cue.words.split(' ').count();
        let last = (cue.at + words).min(self.words.len());
        match self.words.get(cue.at..last) {
            Some([first, .., last]) => Span::new(first.span.start, last.span.end),
            Some([only]) => only.span,
            _ => self.span,
        }
    }

    /// Whether it is known when it was said.
    pub fn is_timed(&self) -> bool {
        self.span != Span::default()
    }

    pub fn word_count(&self) -> usize {
        self.text.split_whitespace().count()
    }

    pub fn is_candidate(&self) -> bool {
        self.speaker == Role::Candidate
    }
}

/// A label, the pattern that gave it and the words that caused it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelHit {
    pub label: String,
    /// 0 to 1.
    pub confidence: f64,
    pub pattern: String,
    pub words: String,
}

/// A phrase that matters beside the labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cue {
    pub cue: String,
    /// As patterns see them: lower case, without marks, as heard.
    pub words: String,
    /// Number of the first of them among the utterance's words, from 0.
    pub at: usize,
}

/// `transcript.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    #[serde(default)]
    pub format: u32,
    #[serde(default)]
    pub tool: String,
    #[serde(default)]
    pub duration: Millis,
    #[serde(default)]
    pub language: String,
    #[serde(default)]
    pub model: String,
    /// Hash of audio, model and parameters: an equal one means that nothing need be recognised again.
    #[serde(default)]
    pub key: String,
    pub words: Vec<Word>,
    #[serde(default)]
    pub dropped: Vec<Dropped>,
}

/// What other programs write instead of words: longer pieces, mostly with times.
#[derive(Deserialize)]
struct Piece {
    start: Option<Millis>,
    end: Option<Millis>,
    text: String,
    #[serde(default)]
    speaker: Role,
}

#[derive(Deserialize)]
struct Foreign {
    #[serde(default)]
    duration: Millis,
    #[serde(default)]
    language: String,
    #[serde(default)]
    model: String,
    #[serde(alias = "segments")]
    utterances: Vec<Piece>,
}

impl Transcript {
    /// Reads a JSON transcript with `words`, or with `utterances` (or `segments`) whose words are then spread
    /// evenly over their time. Words come out in order and none ends before it starts. Utterances may all lack times:
    /// then all their words have the time 0 and stand in the order in which they were said.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut transcript = match serde_json::from_str::<Self>(text) {
            Ok(transcript) => transcript,
            Err(error) => match serde_json::from_str::<Foreign>(text) {
                Ok(foreign) => foreign.try_into()?,
                Err(_) => return Err(format!("not a transcript with \"words\" or \"utterances\": {error}")),
            },
        };
        if transcript.format > FORMAT {
            return Err(format!("it has format {}; this program knows up to {FORMAT}", transcript.format));
        }
        for word in &mut transcript.words {
            word.span = Span::new(word.span.start, word.span.end);
        }
        transcript.words.retain(|word| !word.text.trim().is_empty());
        transcript.words.sort_by_key(|word| word.span.start);
        Ok(transcript)
    }

    /// The document as text, for a file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self)
            .unwrap_or_else(|error| unreachable!("every key is a string: {error}"))
    }
}

impl TryFrom<Foreign> for Transcript {
    type Error = String;

    fn try_from(foreign: Foreign) -> Result<Self, String> {
        let timed =
            foreign.utterances.iter().filter(|piece| piece.start.is_some() && piece.end.is_some()).count();
        if timed != 0 && timed != foreign.utterances.len() {
            return Err("some utterances have \"start\" and \"end\" and some do not".into());
        }
        let words = foreign.utterances.into_iter().flat_map(spread).collect();
        Ok(Self {
            duration: foreign.duration,
            language: foreign.language,
            model: foreign.model,
            words,
            ..Self::default()
        })
    }
}

fn spread(piece: Piece) -> Vec<Word> {
    let texts: Vec<&str> = piece.text.split_whitespace().collect();
    let span = Span::new(piece.start.unwrap_or_default(), piece.end.unwrap_or_default());
    let (start, length) = (span.start.0, (span.end - span.start).0.max(0));
    let edge = |index: usize| Millis(start + length * index as i64 / texts.len().max(1) as i64);
    let word = |(index, text): (usize, &&str)| Word {
        span: Span::new(edge(index), edge(index + 1)),
        text: (*text).to_owned(),
        probability: certain(),
        speaker: piece.speaker,
        ends_utterance: index + 1 == texts.len(),
    };
    texts.iter().enumerate().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_put_in_order() {
        let text = r#"{"words": [{"start": 2.0, "end": 1.0, "text": "b"}, {"start": 0.5, "end": 1.0, "text": "a"}]}"#;
        let words = Transcript::read(text).unwrap().words;
        assert_eq!(words[0].text, "a");
        assert_eq!(words[1].span, Span::from_seconds(2.0, 2.0));
        assert_eq!(words[1].probability, 1.0);
    }

    #[test]
    fn utterances_are_spread_over_their_time() {
        let text =
            r#"{"segments": [{"start": 1.0, "end": 3.0, "text": "one two", "speaker": "interviewer"}]}"#;
        let words = Transcript::read(text).unwrap().words;
        assert_eq!(words[1].span, Span::from_seconds(2.0, 3.0));
        assert_eq!(words[1].speaker, Role::Interviewer);
        let untimed = r#"{"utterances": [{"text": "one two", "speaker": "interviewer"}, {"text": "three"}]}"#;
        let words = Transcript::read(untimed).unwrap().words;
        assert!(words.iter().all(|word| word.span == Span::default()));
        assert_eq!(words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["one", "two", "three"]);
        let half = untimed.replace("{\"text\": \"three\"", "{\"start\": 1, \"end\": 2, \"text\": \"three\"");
        assert!(Transcript::read(&half).unwrap_err().contains("some do not"));
        assert!(Transcript::read("[]").unwrap_err().contains("not a transcript"));
        assert!(Transcript::read(r#"{"words": [{"start": 1e400, "end": 2, "text": "a"}]}"#).is_err());
    }
}
