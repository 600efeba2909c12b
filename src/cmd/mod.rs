//! One file a subcommand: wires adapters to the core and prints.

mod analyze;
mod audio;
mod environment;
pub mod failure;
mod models;
mod progress;
mod recognise;
mod rubric;
mod silence;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::{Cli, Command};

pub fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Analyze(arguments) => analyze::run(arguments),
        Command::Models(command) => models::run(command),
        Command::Rubric(command) => rubric::run(command),
        Command::Silence(arguments) => silence::run(arguments),
    }
}
