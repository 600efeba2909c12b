//! `thinkaloud rubric test`

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use super::environment;
use super::failure::NOT_PASSED;
use super::output::{say, tell};
use crate::adapters::files;
use crate::config::Folders;
use crate::rubric::code::{self, CodeExample};
use crate::rubric::selftest::{self, Failure};
use crate::rubric::{Labeller, Profile, RubricFile, Scorecard, builtin};

/// Checks all rubric files in use, or one file as if it were in use.
pub fn run(file: Option<&Path>, folders: &Folders) -> Result<ExitCode> {
    let Some(path) = file else { return all(folders) };
    let file = RubricFile::new(path.display().to_string(), files::read_text(path)?);
    let kind = path.parent().and_then(Path::file_name).unwrap_or_default();
    if kind == "scorecards" {
        Scorecard::parse(&file)?;
    } else if kind == "profiles" {
        Profile::parse(&file)?;
    } else if kind == "code" {
        let (count, failed) = code::check(&file)?;
        tell_code(&failed);
        return judge(count, &[], failed.len(), &format!("in {}", path.display()));
    } else {
        return labels(path, file, folders);
    }
    say!("{} is sound", path.display())?;
    Ok(ExitCode::SUCCESS)
}

fn all(folders: &Folders) -> Result<ExitCode> {
    let labeller = environment::labeller(folders)?;
    environment::scorecard()?;
    for file in builtin::files("profiles") {
        Profile::parse(&file)?;
    }
    let (mut count, failures) = selftest::run(&labeller);
    let tables = builtin::files("code");
    let mut failed = Vec::new();
    for table in &tables {
        let (more, failures) = code::check(table)?;
        count += more;
        failed.extend(failures);
    }
    tell_code(&failed);
    let of = format!("in {} labels and {} tables of code", labeller.labels().len(), tables.len());
    judge(count, &failures, failed.len(), &of)
}

fn tell_code(failed: &[CodeExample]) {
    for CodeExample { place, kind, text, matches } in failed {
        let wanted = if *matches { "should show" } else { "should not show" };
        tell(&format!("{}:{}: {text:?} {wanted} {}", place.file, place.line, kind.name()));
    }
}

/// The examples of one label file among the others in use; those of every label for a lexicon.
fn labels(path: &Path, file: RubricFile, folders: &Folders) -> Result<ExitCode> {
    let (mut lexicon, mut own) = environment::own_rubrics(folders)?;
    let is_same = |other: &RubricFile| same_file(Path::new(&other.name), path);
    if path.file_name().is_some_and(|name| name == "lexicon.toml") {
        // Any other than the user's own stands for the program's.
        let at = lexicon.iter().position(is_same).unwrap_or(0);
        lexicon[at] = file;
        let (count, failures) = selftest::run(&Labeller::load(&lexicon, &builtin::files("labels"), &own)?);
        return judge(count, &failures, 0, &format!("with {}", path.display()));
    }
    own.retain(|other| !is_same(other));
    let name = file.name.clone();
    own.push(file);
    let labeller = Labeller::load(&lexicon, &builtin::files("labels"), &own)?;
    let examples = labeller.labels().iter().flat_map(|label| &label.examples);
    let count = examples.filter(|example| example.place.file == name).count();
    let (_, mut failures) = selftest::run(&labeller);
    failures.retain(|failure| failure.example.place.file == name);
    judge(count, &failures, 0, &format!("in {name}"))
}

fn same_file(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| path.canonicalize();
    matches!((real(a), real(b)), (Ok(a), Ok(b)) if a == b)
}

/// `others`: failures that have been told already.
fn judge(count: usize, failures: &[Failure], others: usize, of: &str) -> Result<ExitCode> {
    for Failure { example, label } in failures {
        let wanted = if example.matches { "should be" } else { "should not be" };
        let (file, line) = (&example.place.file, example.place.line);
        tell(&format!("{file}:{line}: {:?} {wanted} {label}: {}", example.text, example.because));
    }
    let failed = failures.len() + others;
    say!("{} of {count} examples hold, {of}", count - failed)?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(NOT_PASSED) })
}
