//! One file a subcommand: wires adapters to the core and prints.

mod agreement;
mod analyze;
pub mod audio;
mod devices;
mod doctor;
mod environment;
pub mod failure;
mod goal;
#[cfg(any(feature = "whisper", test))]
mod hear;
mod history;
mod marks;
mod models;
mod output;
mod progress;
mod publish;
mod recognise;
pub mod record;
mod recover;
mod report;
mod rubric;
mod selftest;
mod silence;
mod sound;
mod speakers;
mod transcribe;
mod trends;
mod verbose;
pub mod voices;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::{Cli, Command};

pub fn run(cli: Cli) -> Result<ExitCode> {
    if cli.verbose {
        verbose::enable();
    }
    match cli.command {
        Command::Record(arguments) => record::run(arguments),
        Command::Analyze(arguments) => analyze::run(arguments),
        Command::Score(arguments) => analyze::score(arguments.into()),
        Command::History(arguments) => history::run(arguments),
        Command::Trends(arguments) => trends::run(&arguments),
        Command::Goal(command) => goal::run(command),
        Command::Report(arguments) => report::run(arguments),
        Command::Models(command) => models::run(command),
        Command::Rubric(command) => rubric::run(command),
        Command::Devices { no_test } => devices::run(!no_test),
        Command::Doctor => doctor::run(),
        Command::Recover { session } => recover::run(session),
        Command::Note { text } => marks::note(text),
        Command::Stage { name } => marks::stage(name),
        Command::Run { command } => marks::run(command),
        Command::Silence(arguments) => silence::run(arguments),
        Command::Transcribe(arguments) => transcribe::run(arguments),
    }
}
