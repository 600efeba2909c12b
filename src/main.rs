//! Parse, dispatch, exit code.

use std::process::ExitCode;

use clap::Parser;
use thinkaloud::cli::Cli;
use thinkaloud::cmd;

fn main() -> ExitCode {
    match cmd::run(Cli::parse()) {
        Ok(code) => code,
        // A reader that has seen enough (`thinkaloud … | head`) is no failure.
        Err(error) if cmd::failure::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("thinkaloud: {error:#}");
            ExitCode::from(cmd::failure::exit_code(&error))
        }
    }
}
