//! Everybody's speech to words, each from their own channel.

use std::sync::atomic::AtomicBool;

use anyhow::Result;

use super::audio::Listened;
use super::output::tell;
use super::progress;
use crate::adapters::journal::Journal;
use crate::adapters::transcriber::{Around, Heard, Transcriber};
use crate::session::time::total;
use crate::session::{FORMAT, Millis, Role, Span, TOOL, Transcript, Turn, Word};

/// One person on one channel, and where they speak.
pub struct Voice {
    pub speaker: Role,
    pub channel: usize,
    pub speech: Vec<Span>,
}

pub fn voices(turns: &[Turn]) -> Vec<Voice> {
    let mut voices: Vec<Voice> = Vec::new();
    for turn in turns {
        let own = |voice: &&mut Voice| voice.speaker == turn.speaker && voice.channel == turn.channel;
        match voices.iter_mut().find(own) {
            Some(voice) => voice.speech.push(turn.span),
            None => {
                voices.push(Voice { speaker: turn.speaker, channel: turn.channel, speech: vec![turn.span] });
            }
        }
    }
    voices
}

/// The words of what was listened to, everybody's from their own channel. What `journal` knows is not heard again; with
/// `stop` set, the error is [`crate::adapters::transcriber::TranscribeError::Stopped`].
pub fn hear(
    transcriber: &mut dyn Transcriber,
    listened: &mut Listened,
    journal: &mut Journal,
    stop: &AtomicBool,
) -> Result<Transcript> {
    let bar = progress::audio("Transcribing", 0);
    let voices = voices(&listened.turns);
    let length = |voice: &Voice| total(voice.speech.iter().copied()).0 as u64;
    bar.set_length(voices.iter().map(length).sum());
    // The language is that of whoever speaks most; people who talk to each other share it.
    let most = voices.iter().max_by_key(|voice| length(voice));
    if let Some((voice, pcm)) =
        most.and_then(|voice| Some((voice, listened.channels.get_mut(voice.channel)?)))
        && let Some(detected) = transcriber.detect(pcm, &voice.speech)?
    {
        let sure = (detected.confidence * 100.0).round();
        bar.suspend(|| tell(&format!("Language: {} ({sure} % sure; --language sets it)", detected.language)));
    }
    let (mut all, mut before) = (Heard::default(), 0);
    for (number, voice) in voices.iter().enumerate() {
        let Some(pcm) = listened.channels.get_mut(voice.channel) else { continue };
        let own = length(voice);
        journal.turn_to(number);
        let progress = &mut |done: Millis, total: Millis| {
            bar.set_position(before + own * done.0 as u64 / total.0.max(1) as u64);
        };
        let heard = transcriber.transcribe(pcm, &voice.speech, Around { progress, journal, stop });
        let heard = heard.inspect_err(|_| bar.finish_and_clear())?;
        before += own;
        all.words.extend(heard.words.into_iter().map(|word| Word { speaker: voice.speaker, ..word }));
        all.dropped.extend(heard.dropped);
    }
    all.words.sort_by_key(|word| word.span.start);
    all.dropped.sort_by_key(|dropped| dropped.span.start);
    bar.finish_and_clear();
    Ok(Transcript {
        format: FORMAT,
        tool: TOOL.into(),
        duration: listened.duration(),
        language: transcriber.language().into(),
        model: transcriber.model().into(),
        key: String::new(),
        words: all.words,
        dropped: all.dropped,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::pcm::{Pcm, PcmWriter};
    use crate::adapters::transcriber::{Detected, TranscribeError};

    /// Hears a word in each stretch: how loud it is.
    struct Meter;

    impl Transcriber for Meter {
        fn model(&self) -> &str {
            "meter"
        }

        fn language(&self) -> &str {
            "en"
        }

        fn detect(&mut self, _: &mut Pcm, _: &[Span]) -> Result<Option<Detected>, TranscribeError> {
            Ok(None)
        }

        fn transcribe(
            &mut self,
            audio: &mut Pcm,
            speech: &[Span],
            around: Around,
        ) -> Result<Heard, TranscribeError> {
            let mut words = Vec::new();
            for &span in speech {
                let peak = audio.read(span)?.into_iter().fold(0.0, f32::max);
                words.push(Word {
                    span,
                    text: format!("{peak:.1}"),
                    probability: 1.0,
                    speaker: Role::Candidate,
                    ends_utterance: false,
                });
                (around.progress)(span.end, span.end);
            }
            Ok(Heard { words, dropped: Vec::new() })
        }
    }

    #[test]
    fn everybody_is_heard_on_their_own_channel_and_named() {
        let channel = |level: f32| {
            let mut writer = PcmWriter::create().unwrap();
            writer.push(&vec![level; 160_000]).unwrap();
            writer.finish().unwrap()
        };
        let turn = |start: f64, speaker, channel| Turn {
            span: Span::from_seconds(start, start + 1.0),
            speaker,
            confidence: 1.0,
            channel,
        };
        let turns = vec![
            turn(0.0, Role::Interviewer, 0),
            turn(0.5, Role::Candidate, 1),
            turn(4.0, Role::Interviewer, 0),
        ];
        let mut listened = Listened {
            channels: vec![channel(0.3), channel(0.6)],
            turns,
            starts: Vec::new(),
            problems: Vec::new(),
        };
        let words =
            hear(&mut Meter, &mut listened, &mut Journal::default(), &AtomicBool::new(false)).unwrap().words;
        let read: Vec<_> = words.iter().map(|word| (word.text.as_str(), word.speaker)).collect();
        let interviewer = ("0.3", Role::Interviewer);
        assert_eq!(read, [interviewer, ("0.6", Role::Candidate), interviewer]);
    }
}
