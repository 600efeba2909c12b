//! `thinkaloud rubric test`

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use super::environment::{self, Own};
use super::failure::NOT_PASSED;
use super::output::{say, tell};
use crate::adapters::files;
use crate::config::Folders;
use crate::rubric::code::{self, CodeExample};
use crate::rubric::selftest::{self, Failure};
use crate::rubric::{Checklist, Definition, Profile, RubricFile, Scorecard, builtin};

/// Checks all rubric files in use, or one file as if it were in use.
pub fn run(file: Option<&Path>, folders: &Folders) -> Result<ExitCode> {
    let Some(path) = file else { return all(folders) };
    let file = RubricFile::new(path.display().to_string(), files::read_text(path)?);
    let kind = path.parent().and_then(Path::file_name).unwrap_or_default();
    if kind == "scorecards" {
        Scorecard::parse(&file)?;
    } else if path.file_name().is_some_and(|name| name == "signals.toml" || name == "antipatterns.toml") {
        Checklist::load(&[file])?;
    } else if kind == "profiles" {
        Profile::parse(&file)?;
    } else if kind == "code" {
        let (count, failed) = code::check(&file)?;
        tell_code(&failed);
        return judge(count, &[], failed.len(), &format!("in {}", path.display()));
    } else {
        return examples(path, file, folders);
    }
    say!("{} is sound", path.display())?;
    Ok(ExitCode::SUCCESS)
}

fn all(folders: &Folders) -> Result<ExitCode> {
    environment::scorecard(folders, None)?;
    environment::checklist(folders)?;
    for file in builtin::files("profiles") {
        Profile::parse(&file)?;
    }
    let own = Own::read(folders)?;
    let labels = own.labeller()?;
    let cues = own.finder(&labels)?;
    let (mut count, failures) = selftest::run(&labels, &cues);
    let tables = builtin::files("code");
    let mut failed = Vec::new();
    for table in &tables {
        let (more, failures) = code::check(table)?;
        count += more;
        failed.extend(failures);
    }
    tell_code(&failed);
    let (labels, cues, tables) = (labels.labels().len(), cues.all().len(), tables.len());
    judge(
        count,
        &failures,
        failed.len(),
        &format!("in {labels} labels, {cues} cues and {tables} tables of code"),
    )
}

fn tell_code(failed: &[CodeExample]) {
    for CodeExample { place, kind, text, matches } in failed {
        let wanted = if *matches { "should show" } else { "should not show" };
        tell(&format!("{}:{}: {text:?} {wanted} {}", place.file, place.line, kind.name()));
    }
}

/// The examples of one label or cue file among the others in use; those of all for a lexicon.
fn examples(path: &Path, file: RubricFile, folders: &Folders) -> Result<ExitCode> {
    let mut own = Own::read(folders)?;
    let is_same = |other: &RubricFile| same_file(Path::new(&other.name), path);
    let name = file.name.clone();
    let is_lexicon = path.file_name().is_some_and(|name| name == "lexicon.toml");
    if is_lexicon {
        // Any other than the user's own stands for the program's.
        let at = own.lexicon.iter().position(is_same).unwrap_or(0);
        own.lexicon[at] = file;
    } else {
        let is_cue = path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "cues");
        let files = if is_cue { &mut own.cues } else { &mut own.labels };
        files.retain(|other| !is_same(other));
        files.push(file);
    }
    let labels = own.labeller()?;
    let cues = own.finder(&labels)?;
    let (count, mut failures) = selftest::run(&labels, &cues);
    if is_lexicon {
        return judge(count, &failures, 0, &format!("with {}", path.display()));
    }
    let own = |definition: &Definition| {
        definition.examples.iter().filter(|example| example.place.file == name).count()
    };
    let count = labels.labels().iter().chain(cues.all()).map(own).sum();
    failures.retain(|failure| failure.example.place.file == name);
    judge(count, &failures, 0, &format!("in {name}"))
}

fn same_file(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| path.canonicalize();
    matches!((real(a), real(b)), (Ok(a), Ok(b)) if a == b)
}

/// `others`: failures that have been told already.
fn judge(count: usize, failures: &[Failure], others: usize, of: &str) -> Result<ExitCode> {
    for Failure { example, id, found } in failures {
        let wanted = if example.matches { "should be" } else { "should not be" };
        let (file, line) = (&example.place.file, example.place.line);
        let mut words = String::new();
        if !example.words.is_empty() {
            words = format!(" in the words {:?}", example.words);
        }
        if !found.is_empty() {
            words += &format!(", not in {found:?}");
        }
        tell(&format!("{file}:{line}: {:?} {wanted} {id}{words}: {}", example.text, example.because));
    }
    let failed = failures.len() + others;
    say!("{} of {count} examples hold, {of}", count - failed)?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(NOT_PASSED) })
}
