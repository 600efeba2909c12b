//! Parse, dispatch, exit code.

use std::process::ExitCode;

use clap::Parser;
use thinkaloud::cli::Cli;
use thinkaloud::cmd;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return cmd::failure::usage(&error),
    };
    match cmd::run(cli) {
        Ok(code) => code,
        // A reader that has seen enough (`thinkaloud … | head`) is no failure.
        Err(error) if cmd::failure::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            cmd::failure::tell(&error);
            ExitCode::from(cmd::failure::exit_code(&error))
        }
    }
}
