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
use crate::rubric::layers::Opinion;
use crate::rubric::normalise::normalise;
use crate::rubric::{Definition, Layers, Past, Unit, Verdict};
use crate::session::{Cue, Role, jsonl};

pub fn run(command: Rubric) -> Result<ExitCode> {
    if let Rubric::Score { predicted, gold, json } = &command {
        return agreement::run(predicted, gold, *json);
    }
    let folders = environment::folders()?;
    if let Rubric::Test { file } = &command {
        return selftest::run(file.as_deref(), &folders);
    }
    match command {
        Rubric::Explain { text, speaker, after, language } => {
            explain(&environment::labels(&folders)?, &text, speaker, &after, &language)
        }
        Rubric::Label { file, language, patterns, cues } => {
            let labels = match patterns {
                true => environment::patterns(&folders)?,
                false => environment::labels(&folders)?,
            };
            label(&labels, &file, &language, cues)
        }
        Rubric::Test { .. } | Rubric::Score { .. } => Ok(ExitCode::SUCCESS),
    }
}

fn explain(
    labels: &Layers,
    text: &str,
    speaker: Speaker,
    after: &[(Role, String)],
    language: &str,
) -> Result<ExitCode> {
    let speaker = match speaker {
        Speaker::Candidate => Role::Candidate,
        Speaker::Interviewer => Role::Interviewer,
    };
    warn_of_language(labels, language);
    let before = after.iter().map(|(speaker, text)| (*speaker, text.as_str()));
    let units: Vec<Unit> = before
        .chain([(speaker, text)])
        .map(|(speaker, text)| Unit { speaker, text, ..Unit::default() })
        .collect();
    let patterns = labels.patterns();
    let mut past = Past::default();
    for unit in &units[..after.len()] {
        past.push(unit.speaker, &patterns.label(language, unit, &past));
    }
    let unit = &units[after.len()];
    let normalised = normalise(text);
    let verdicts = patterns.verdicts(language, &normalised, unit, &past);
    let opinions = labels.opinions(language, &units);
    say!("Patterns see: {normalised}")?;
    for (label, verdict) in verdicts {
        for line in account(label, verdict, opinions.get(&label.id)) {
            say!("  {line}")?;
        }
    }
    let given = labels.label_session(language, &units);
    let Some(cues) = labels.cues(language) else { return Ok(ExitCode::SUCCESS) };
    let mut past = Past::default();
    units.iter().zip(&given).take(after.len()).for_each(|(unit, hits)| past.push(unit.speaker, hits));
    let found = cues.verdicts(language, &normalised, unit, &given[after.len()], &past);
    say!("Cues: {}", if found.is_empty() { "none" } else { "" })?;
    for place in found {
        let (words, but) = place.outcome.account();
        let answer = if but.is_none() { "yes" } else { "no" };
        let but = but.map_or(String::new(), |but| format!(", but {but}"));
        say!("  {:<16} {answer}, {} matches {words:?}{but}", place.cue.id, place.pattern.name)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a label was given and why: a line for the whole, then one each pattern that says something.
fn account(label: &Definition, verdict: Verdict, opinion: Option<&Opinion>) -> Vec<String> {
    let sure = |share: f64| format!("{:.0} %", share * 100.0);
    let pattern = verdict.hit().map_or(0.0, |hit| hit.confidence);
    let (given, both) =
        opinion.map_or((verdict.hit().is_some(), pattern), |opinion| (opinion.given, opinion.both));
    let answer = if given { "yes" } else { "no" };
    let mut head = format!("{:<16} {answer}, {} sure", label.id, sure(both));
    if let Some(opinion) = opinion {
        head += &format!(": the network {}", sure(opinion.network));
        if !opinion.words.is_empty() {
            head += &format!(" for {:?}", opinion.words.join(" … "));
        }
    }
    let reasons = match verdict {
        Verdict::Given(hit) => vec![format!("{} matches {:?}, {}", hit.pattern, hit.words, sure(pattern))],
        Verdict::GivesWay(other) => vec![format!("patterns give way to {other}")],
        Verdict::Withheld(patterns) => patterns
            .into_iter()
            .map(|(pattern, outcome)| {
                let (words, but) = outcome.account();
                format!("{} matches {words:?}, but {}", pattern.name, but.unwrap_or_default())
            })
            .collect(),
    };
    let reasons = if reasons.is_empty() { vec!["no pattern matches".into()] } else { reasons };
    [head].into_iter().chain(reasons.into_iter().map(|reason| format!("    {reason}"))).collect()
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
    #[serde(skip_serializing_if = "Option::is_none")]
    cues: Option<&'a [Cue]>,
}

/// The lines of one session, wherever they stand, are each other's context.
fn label(layers: &Layers, file: &Path, language: &str, with_cues: bool) -> Result<ExitCode> {
    let lines: Vec<Line> = read_lines(file)?.into_iter().map(|(_, line)| line).collect();
    warn_of_language(layers, language);
    let mut sessions: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        sessions.entry(&line.session).or_default().push(index);
    }
    let mut labels = vec![Vec::new(); lines.len()];
    let mut cues = vec![Vec::new(); lines.len()];
    for session in sessions.into_values() {
        let unit = |&index: &usize| {
            let Line { speaker, text, .. } = &lines[index];
            Unit { speaker: *speaker, text, ..Unit::default() }
        };
        let units: Vec<Unit> = session.iter().map(unit).collect();
        let hits = layers.label_session(language, &units);
        if let Some(finder) = layers.cues(language).filter(|_| with_cues) {
            for (index, found) in session.iter().zip(finder.of_session(language, &units, &hits)) {
                cues[*index] = found;
            }
        }
        for (index, hits) in session.into_iter().zip(hits) {
            labels[index] = hits;
        }
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for ((line, hits), cues) in lines.iter().zip(&labels).zip(&cues) {
        let labels = hits.iter().map(|hit| (hit.label.as_str(), hit.confidence)).collect();
        let labelled = Labelled { id: &line.id, labels, cues: with_cues.then_some(cues) };
        writeln!(out, "{}", serde_json::to_string(&labelled)?).context("the output cannot be printed")?;
    }
    out.flush().context("the output cannot be printed")?;
    Ok(ExitCode::SUCCESS)
}

fn warn_of_language(labels: &Layers, language: &str) {
    if !labels.knows(language) {
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
