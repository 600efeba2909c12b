//! `thinkaloud silence`

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::speakers::Expected;
use super::{audio, environment};
use crate::analysis::flow::LONG_SILENCE;
use crate::cli::Silence;
use crate::report::document::SpeakerEntry;
use crate::session::time::{complement, total};
use crate::session::{FORMAT, Millis, Role, Span, TOOL, Turn, turn};

#[derive(Serialize)]
struct Document {
    format: u32,
    tool: &'static str,
    duration: Millis,
    speech: Vec<Span>,
    gaps: Vec<Gap>,
    /// Who speaks when, where it is more than one person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    speakers: Vec<SpeakerEntry>,
}

/// Nobody where one person is alone: all speech is theirs.
fn speakers(turns: &[Turn]) -> Vec<SpeakerEntry> {
    let people = turn::speakers(turns);
    let one = |&role: &Role| {
        let own: Vec<Turn> = turns.iter().copied().filter(|turn| turn.speaker == role).collect();
        SpeakerEntry { speaker: role, confidence: turn::confidence(&own), speech: turn::of(&own, role) }
    };
    if people.len() < 2 { Vec::new() } else { people.iter().map(one).collect() }
}

#[derive(Serialize)]
struct Gap {
    #[serde(flatten)]
    span: Span,
    seconds: Millis,
}

pub fn run(arguments: Silence) -> Result<ExitCode> {
    ensure!(arguments.min_gap.is_finite() && arguments.min_gap >= 0.0, "--min-gap is a number of seconds");
    let expected = Expected::new(arguments.who, None);
    let parts = std::slice::from_ref(&arguments.file);
    let listened = audio::listen_to(parts, arguments.track, expected, &environment::folders()?)?;
    for problem in &listened.problems {
        anstream::eprintln!("{problem}");
    }
    let duration = listened.duration();
    let speech = listened.speech();
    let least = Millis::from_seconds(arguments.min_gap);
    let gaps = complement(&speech, Span::new(Millis::ZERO, duration))
        .into_iter()
        .filter(|gap| gap.length() >= least)
        .map(|span| Gap { span, seconds: span.length() })
        .collect();
    let document =
        Document { format: FORMAT, tool: TOOL, duration, speech, gaps, speakers: speakers(&listened.turns) };
    let mut out = anstream::stdout().lock();
    let printed = if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&document)?)
    } else {
        lines(&document).into_iter().try_for_each(|line| writeln!(out, "{line}"))
    };
    printed.context("the output cannot be printed")?;
    Ok(ExitCode::SUCCESS)
}

fn lines(document: &Document) -> Vec<String> {
    let speech = total(document.speech.iter().copied());
    let mut lines = vec![format!(
        "{} long, {:.1} s of speech in {} stretches",
        document.duration,
        speech.as_seconds(),
        document.speech.len()
    )];
    for one in &document.speakers {
        let seconds = total(one.speech.iter().copied()).as_seconds();
        lines.push(format!("{seconds:9.2} s of it by the {}", one.speaker.name()));
    }
    for gap in &document.gaps {
        let long = if gap.seconds > LONG_SILENCE { "  over 60 s" } else { "" };
        let (start, end) = (gap.span.start.as_seconds(), gap.span.end.as_seconds());
        lines.push(format!("{start:9.2} to {end:9.2}  {:7.2} s of silence{long}", gap.seconds.as_seconds()));
    }
    lines
}
