//! `thinkaloud rubric test | explain | label`

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::environment;
use super::failure::NOT_PASSED;
use super::output::say;
use crate::adapters::files;
use crate::cli::{Rubric, Speaker};
use crate::rubric::normalise::normalise;
use crate::rubric::{Labeller, builtin, labeller, selftest};
use crate::session::{Role, jsonl};

pub fn run(command: Rubric) -> Result<ExitCode> {
    let labeller = environment::labeller()?;
    match command {
        Rubric::Test => test(&labeller),
        Rubric::Explain { text, speaker } => explain(&labeller, &text, speaker),
        Rubric::Label { file } => label(&labeller, &file),
    }
}

fn test(labeller: &Labeller) -> Result<ExitCode> {
    environment::scorecard()?;
    for file in builtin::files("profiles") {
        crate::rubric::Profile::parse(&file)?;
    }
    let (count, failures) = selftest::run(labeller);
    for failure in &failures {
        let (example, label) = (&failure.example, &failure.label);
        let wanted = if example.matches { "should be" } else { "should not be" };
        anstream::eprintln!(
            "{}:{}: {:?} {wanted} {label}: {}",
            example.file,
            example.line,
            example.text,
            example.because
        );
    }
    say!("{} of {count} examples hold, in {} labels", count - failures.len(), labeller.labels().len())?;
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NOT_PASSED) })
}

fn explain(labeller: &Labeller, text: &str, speaker: Speaker) -> Result<ExitCode> {
    let role = match speaker {
        Speaker::Candidate => Role::Candidate,
        Speaker::Interviewer => Role::Interviewer,
    };
    let normalised = normalise(text);
    let hits = labeller.label(role, text);
    say!("Patterns see: {normalised}")?;
    for label in labeller.labels().iter().filter(|label| label.speaker == role) {
        match hits.iter().find(|hit| hit.label == label.id) {
            Some(hit) => say!(
                "  {:<14} yes, {:.0} % sure: {} matches {:?}",
                label.id,
                hit.confidence * 100.0,
                hit.pattern,
                hit.words
            )?,
            None => say!("  {:<14} no: {}", label.id, why_not(label, &hits, &normalised))?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn why_not(label: &crate::rubric::label::Label, hits: &[crate::session::LabelHit], text: &str) -> String {
    if let Some(other) = label.yields_to.iter().find(|id| hits.iter().any(|hit| hit.label == **id)) {
        let matched = label.patterns.iter().any(|pattern| labeller::words(pattern, text).is_some());
        return if matched { format!("gives way to {other}") } else { "no pattern matches".into() };
    }
    let vetoed = label.patterns.iter().find(|pattern| pattern.matches.is_match(text));
    match vetoed {
        Some(pattern) => format!("{} matches, but an `unless` of it does too", pattern.name),
        None => "no pattern matches".into(),
    }
}

#[derive(Deserialize)]
struct Unit {
    id: String,
    #[serde(default)]
    speaker: Role,
    text: String,
}

#[derive(Serialize)]
struct Labelled<'a> {
    id: &'a str,
    labels: BTreeMap<String, f64>,
}

fn label(labeller: &Labeller, file: &Path) -> Result<ExitCode> {
    let (units, bad) = jsonl::parse::<Unit>(&files::read_text(file)?);
    if let Some(bad) = bad.first() {
        bail!("{}:{}: {}", file.display(), bad.line, bad.why);
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for unit in &units {
        let hits =
            labeller.label(unit.speaker, &unit.text).into_iter().map(|hit| (hit.label, hit.confidence));
        let line = Labelled { id: &unit.id, labels: hits.collect() };
        writeln!(out, "{}", serde_json::to_string(&line)?).context("the output cannot be printed")?;
    }
    out.flush().context("the output cannot be printed")?;
    Ok(ExitCode::SUCCESS)
}
