//! The words of a recording in the forms that people and programs read: text, subtitles, JSON, a table.

use serde::Serialize;

use crate::analysis::utterances;
use crate::rubric::repair::Repairs;
use crate::session::{Dropped, FORMAT, Millis, Role, Span, TOOL, Transcript, Word};

/// A subtitle holds two lines of 42 letters, as broadcasters have it.
const CUE_LETTERS: usize = 84;
/// And stands no longer than seven seconds.
const CUE_LENGTH: Millis = Millis(7_000);

/// What `thinkaloud transcribe` can print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An utterance a line.
    Text,
    /// SubRip subtitles.
    Srt,
    /// WebVTT subtitles.
    Vtt,
    /// Everything that is known.
    Json,
    /// Start and end in milliseconds, speaker, text.
    Tsv,
}

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    tool: &'static str,
    duration: Millis,
    language: &'a str,
    model: &'a str,
    words: &'a [Word],
    utterances: Vec<Line>,
    dropped: &'a [Dropped],
}

#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    span: Span,
    /// With known mishearings repaired.
    text: String,
    /// As the recogniser wrote it.
    heard: String,
    speaker: Role,
}

/// The transcript in the form that is wanted; ends with a line break.
pub fn render(transcript: &Transcript, repairs: &Repairs, form: Form) -> String {
    let lines = || lines(&transcript.words, repairs);
    match form {
        Form::Text => text(&lines()),
        Form::Srt => srt(&cues(&transcript.words, repairs)),
        Form::Vtt => vtt(&cues(&transcript.words, repairs)),
        Form::Tsv => tsv(&lines()),
        Form::Json => {
            let document = Document {
                format: FORMAT,
                tool: TOOL,
                duration: transcript.duration,
                language: &transcript.language,
                model: &transcript.model,
                words: &transcript.words,
                utterances: lines(),
                dropped: &transcript.dropped,
            };
            // Strings, numbers and lists: nothing that cannot be written.
            serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
        }
    }
}

fn lines(words: &[Word], repairs: &Repairs) -> Vec<Line> {
    utterances::cut(words).into_iter().map(|said| line(said.span, said.text, said.speaker, repairs)).collect()
}

fn line(span: Span, heard: String, speaker: Role, repairs: &Repairs) -> Line {
    Line { span, text: repairs.apply(&heard).unwrap_or_else(|| heard.clone()), heard, speaker }
}

/// Utterances in pieces that fit a screen.
fn cues(words: &[Word], repairs: &Repairs) -> Vec<Line> {
    let mut cues = Vec::new();
    for said in utterances::cut(words) {
        let mut from = 0;
        let mut letters = 0;
        for index in 0..said.words.len() {
            letters += said.words[index].text.chars().count() + 1;
            let full = said.words.get(index + 1).is_none_or(|next| {
                letters + next.text.chars().count() > CUE_LETTERS
                    || next.span.end - said.words[from].span.start > CUE_LENGTH
            });
            if full {
                let piece = &said.words[from..=index];
                let heard = piece.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
                let span = Span::new(piece[0].span.start, piece[piece.len() - 1].span.end);
                cues.push(line(span, heard, said.speaker, repairs));
                (from, letters) = (index + 1, 0);
            }
        }
    }
    cues
}

fn are_two(lines: &[Line]) -> bool {
    lines.iter().any(|line| line.speaker != Role::Candidate)
}

fn title(speaker: Role) -> &'static str {
    match speaker {
        Role::Candidate => "Candidate",
        Role::Interviewer => "Interviewer",
    }
}

/// Who speaks, before what they say; nothing where there is one person.
fn lead(line: &Line, two: bool) -> String {
    if two { format!("{}: ", title(line.speaker)) } else { String::new() }
}

fn text(lines: &[Line]) -> String {
    let two = are_two(lines);
    let line = |line: &Line| format!("[{}] {}{}\n", line.span.start, lead(line, two), line.text);
    lines.iter().map(line).collect()
}

fn srt(cues: &[Line]) -> String {
    let two = are_two(cues);
    let cue = |(index, cue): (usize, &Line)| {
        let (start, end) = (stamp(cue.span.start, ','), stamp(cue.span.end, ','));
        format!("{}\n{start} --> {end}\n{}{}\n\n", index + 1, lead(cue, two), cue.text)
    };
    cues.iter().enumerate().map(cue).collect()
}

fn vtt(cues: &[Line]) -> String {
    let two = are_two(cues);
    let cue = |cue: &Line| {
        let speaker = if two { format!("<v {}>", title(cue.speaker)) } else { String::new() };
        let (start, end) = (stamp(cue.span.start, '.'), stamp(cue.span.end, '.'));
        // The characters that WebVTT gives a meaning to; an escaped ">" also hides "-->".
        let text = cue.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!("{start} --> {end}\n{speaker}{text}\n\n")
    };
    format!("WEBVTT\n\n{}", cues.iter().map(cue).collect::<String>())
}

fn tsv(lines: &[Line]) -> String {
    let line = |line: &Line| {
        let text: String = line.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("{}\t{}\t{}\t{text}\n", line.span.start.0, line.span.end.0, line.speaker.name())
    };
    format!("start\tend\tspeaker\ttext\n{}", lines.iter().map(line).collect::<String>())
}

fn stamp(at: Millis, mark: char) -> String {
    let ms = at.0.max(0);
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{mark}{:03}", ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript(two: bool) -> Transcript {
        let word = |index: usize, text: &str, speaker| Word {
            span: Span::from_seconds(index as f64 * 0.5, index as f64 * 0.5 + 0.4),
            text: text.into(),
            probability: 0.9,
            speaker,
            ends_utterance: false,
        };
        let said = "So it's all of n. a < b & c --> d";
        let mut words: Vec<Word> =
            said.split(' ').enumerate().map(|(at, text)| word(at, text, Role::Candidate)).collect();
        if two {
            words.push(word(40, "Why?", Role::Interviewer));
        }
        Transcript { duration: Millis(30_000), language: "en".into(), words, ..Transcript::default() }
    }

    fn rendered(form: Form, two: bool) -> String {
        let repairs = Repairs::parse(&crate::rubric::builtin::lexicon()).unwrap();
        render(&transcript(two), &repairs, form)
    }

    #[test]
    fn text_names_speakers_only_where_there_are_two() {
        assert_eq!(rendered(Form::Text, false), "[0:00] So it's O(n).\n[0:02] a < b & c --> d\n");
        assert!(rendered(Form::Text, true).ends_with("[0:20] Interviewer: Why?\n"));
    }

    #[test]
    fn subtitles_are_as_their_formats_have_them() {
        let srt = rendered(Form::Srt, false);
        assert!(srt.starts_with("1\n00:00:00,000 --> 00:00:02,400\nSo it's O(n).\n\n2\n"), "{srt}");
        let vtt = rendered(Form::Vtt, true);
        assert!(
            vtt.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:02.400\n<v Candidate>So it's O(n).\n\n"),
            "{vtt}"
        );
        assert!(vtt.contains("a &lt; b &amp; c --&gt; d"), "{vtt}");
    }

    #[test]
    fn a_long_utterance_becomes_several_subtitles_and_loses_no_word() {
        let mut long = transcript(false);
        long.words = (0..60)
            .map(|index| Word {
                span: Span::new(Millis(index * 300), Millis(index * 300 + 250)),
                text: format!("word{index}"),
                probability: 1.0,
                speaker: Role::Candidate,
                ends_utterance: false,
            })
            .collect();
        let cues = cues(&long.words, &Repairs::default());
        assert!(cues.iter().all(|cue| cue.text.len() <= CUE_LETTERS && cue.span.length() <= CUE_LENGTH));
        let words: usize = cues.iter().map(|cue| cue.text.split(' ').count()).sum();
        assert_eq!(words, 60);
    }

    #[test]
    fn tables_and_json_hold_what_was_heard() {
        let tsv = rendered(Form::Tsv, false);
        assert_eq!(tsv.lines().nth(1), Some("0\t2400\tcandidate\tSo it's O(n)."));
        let json: serde_json::Value = serde_json::from_str(&rendered(Form::Json, false)).unwrap();
        assert_eq!(json["utterances"][0]["heard"], "So it's all of n.");
        assert_eq!(json["utterances"][0]["text"], "So it's O(n).");
        assert_eq!(json["words"][1]["start"], 0.5);
        assert_eq!(json["dropped"].as_array().map(Vec::len), Some(0));
    }

    #[test]
    fn nothing_said_is_an_empty_transcript() {
        let empty = Transcript::default();
        let all = [Form::Text, Form::Srt, Form::Tsv, Form::Vtt];
        let lengths = all.map(|form| render(&empty, &Repairs::default(), form).lines().count());
        assert_eq!(lengths, [0, 0, 1, 2]);
    }
}
