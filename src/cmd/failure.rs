//! Exit codes: 0 fine, 1 a check did not pass, 2 usage or input, 3 environment, 130 stopped with Ctrl-C.

use std::io;
use std::process::ExitCode;

use anyhow::Error;
use thiserror::Error as ThisError;

use super::output;
use crate::adapters::history::HistoryError;
use crate::adapters::models::ModelError;
use crate::adapters::transcriber::TranscribeError;

pub const NOT_PASSED: u8 = 1;
const INPUT: u8 = 2;
const ENVIRONMENT: u8 = 3;
/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Something that the machine lacks.
#[derive(Debug, ThisError)]
#[error("{0}")]
pub struct Missing(pub String);

/// Prints help where it was asked for, and a wrong command line as one line.
pub fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    let wanted = matches!(error.kind(), DisplayHelp | DisplayVersion);
    if wanted || error.kind() == DisplayHelpOnMissingArgumentOrSubcommand {
        // Nothing is left to do if even that cannot be printed.
        let _ = error.print();
        return if wanted { ExitCode::SUCCESS } else { ExitCode::from(INPUT) };
    }
    let text = error.to_string();
    let cause = text.split("\n\nUsage:").next().unwrap_or_default().trim_start_matches("error: ");
    let cause: Vec<&str> = cause.split_whitespace().collect();
    anstream::eprintln!("thinkaloud: {}; --help shows what there is", cause.join(" "));
    ExitCode::from(INPUT)
}

/// One line: what failed, and each cause that is not said already.
pub fn tell(error: &Error) {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    output::tell(&format!("thinkaloud: {text}"));
}

pub fn exit_code(error: &Error) -> u8 {
    if matches!(error.downcast_ref(), Some(TranscribeError::Stopped | TranscribeError::StoppedAndKept)) {
        return INTERRUPTED;
    }
    let environment = error.chain().any(|cause| {
        cause.is::<Missing>()
            || cause.downcast_ref::<HistoryError>().is_some_and(HistoryError::is_environment)
            || cause.downcast_ref::<ModelError>().is_some_and(lacks_model)
            || cause
                .downcast_ref::<TranscribeError>()
                .is_some_and(|error| !matches!(error, TranscribeError::Model { .. }))
            || cause.downcast_ref::<io::Error>().is_some_and(is_environment)
    });
    if environment { ENVIRONMENT } else { INPUT }
}

/// The model is not on this machine, or cannot get onto it; the others are about a wrong file or name.
fn lacks_model(error: &ModelError) -> bool {
    matches!(error, ModelError::NotInstalled { .. } | ModelError::NoSource { .. } | ModelError::Busy { .. })
}

fn is_environment(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(error.kind(), PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull)
}

pub fn is_broken_pipe(error: &Error) -> bool {
    let broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_machine_lacks_is_three_the_rest_two() {
        assert_eq!(exit_code(&Error::new(Missing("no model".into())).context("while")), 3);
        assert_eq!(exit_code(&Error::new(io::Error::from(io::ErrorKind::StorageFull))), 3);
        assert_eq!(exit_code(&Error::new(io::Error::from(io::ErrorKind::NotFound))), 2);
        assert_eq!(exit_code(&anyhow::anyhow!("a typing mistake")), 2);
        assert_eq!(exit_code(&Error::new(TranscribeError::StoppedAndKept)), 130);
        assert!(is_broken_pipe(&Error::new(io::Error::from(io::ErrorKind::BrokenPipe)).context("printing")));
    }
}
