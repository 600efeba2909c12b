//! `thinkaloud rubric test | explain | label | score`

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::output::{say, tell};
use super::{agreement, environment, selftest};
use crate::adapters::files;
use crate::cli::{Rubric, Speaker};
use crate::rubric::label::Label;
use crate::rubric::normalise::normalise;
use crate::rubric::{Labeller, Outcome, Past, Unit, Verdict};
use crate::session::{Role, jsonl};

pub fn run(command: Rubric) -> Result<ExitCode> {
    if let Rubric::Score { predicted, gold, json } = &command {
        return agreement::run(predicted, gold, *json);
    }
    let folders = environment::folders()?;
    if let Rubric::Test { file } = &command {
        return selftest::run(file.as_deref(), &folders);
    }
    let labeller = environment::labeller(&folders)?;
    match command {
        Rubric::Explain { text, speaker, after, language } => {
            explain(&labeller, &text, speaker, &after, &language)
        }
        Rubric::Label { file, language } => label(&labeller, &file, &language),
        Rubric::Test { .. } | Rubric::Score { .. } => Ok(ExitCode::SUCCESS),
    }
}

fn explain(
    labeller: &Labeller,
    text: &str,
    speaker: Speaker,
    after: &[(Role, String)],
    language: &str,
) -> Result<ExitCode> {
    let speaker = match speaker {
        Speaker::Candidate => Role::Candidate,
        Speaker::Interviewer => Role::Interviewer,
    };
    warn_of_language(labeller, language);
    let mut past = Past::default();
    for (speaker, text) in after {
        let unit = Unit { speaker: *speaker, text, ..Unit::default() };
        past.push(*speaker, &labeller.label(language, &unit, &past));
    }
    let normalised = normalise(text);
    let unit = Unit { speaker, text, ..Unit::default() };
    say!("Patterns see: {normalised}")?;
    for (label, verdict) in labeller.verdicts(language, &normalised, &unit, &past) {
        for line in account(label, verdict) {
            say!("  {line}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Why a label was or was not given: a line each pattern that says something.
fn account(label: &Label, verdict: Verdict) -> Vec<String> {
    let id = &label.id;
    match verdict {
        Verdict::Given(hit) => {
            let sure = hit.confidence * 100.0;
            vec![format!("{id:<16} yes, {sure:.0} % sure: {} matches {:?}", hit.pattern, hit.words)]
        }
        Verdict::GivesWay(other) => vec![format!("{id:<16} no: gives way to {other}")],
        Verdict::Withheld(patterns) if patterns.is_empty() => {
            vec![format!("{id:<16} no: no pattern matches")]
        }
        Verdict::Withheld(patterns) => patterns
            .into_iter()
            .map(|(pattern, outcome)| {
                let (words, but) = match outcome {
                    Outcome::Vetoed(words, veto) => (words, format!("its `unless` matches {veto:?}")),
                    Outcome::Denied(words) => (words, "a negation stands right before".into()),
                    Outcome::OutOfContext(words) => (words, "its `when` does not hold".into()),
                    Outcome::Beside(words, other) => (words, format!("it counts for nothing beside {other}")),
                    Outcome::Hit(words) => (words, String::new()),
                    Outcome::NoMatch => ("", String::new()),
                };
                format!("{id:<16} no: {} matches {words:?}, but {but}", pattern.name)
            })
            .collect(),
    }
}

#[derive(Deserialize)]
struct Line {
    id: String,
    #[serde(default)]
    session: String,
    #[serde(default)]
    speaker: Role,
    text: String,
}

#[derive(Serialize)]
struct Labelled<'a> {
    id: &'a str,
    labels: BTreeMap<&'a str, f64>,
}

/// The lines of one session, wherever they stand, are each other's context.
fn label(labeller: &Labeller, file: &Path, language: &str) -> Result<ExitCode> {
    let lines: Vec<Line> = read_lines(file)?.into_iter().map(|(_, line)| line).collect();
    warn_of_language(labeller, language);
    let mut sessions: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        sessions.entry(&line.session).or_default().push(index);
    }
    let mut labels = vec![Vec::new(); lines.len()];
    for session in sessions.into_values() {
        let unit = |&index: &usize| {
            let Line { speaker, text, .. } = &lines[index];
            Unit { speaker: *speaker, text, ..Unit::default() }
        };
        let units: Vec<Unit> = session.iter().map(unit).collect();
        for (index, hits) in session.into_iter().zip(labeller.label_session(language, &units)) {
            labels[index] = hits;
        }
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (line, hits) in lines.iter().zip(&labels) {
        let labels = hits.iter().map(|hit| (hit.label.as_str(), hit.confidence)).collect();
        let labelled = Labelled { id: &line.id, labels };
        writeln!(out, "{}", serde_json::to_string(&labelled)?).context("the output cannot be printed")?;
    }
    out.flush().context("the output cannot be printed")?;
    Ok(ExitCode::SUCCESS)
}

fn warn_of_language(labeller: &Labeller, language: &str) {
    if !labeller.knows(language) {
        tell(&format!("There are no label files for the language {language}: nothing gets a label."));
    }
}

/// The lines of a JSON Lines file with their numbers; one that cannot be read is refused.
pub(super) fn read_lines<T: DeserializeOwned>(file: &Path) -> Result<Vec<(usize, T)>> {
    let (lines, bad) = jsonl::numbered::<T>(&files::read_text(file)?);
    if let Some(bad) = bad.first() {
        bail!("{}:{}: {}", file.display(), bad.line, bad.why);
    }
    Ok(lines)
}
