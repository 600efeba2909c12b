//! `thinkaloud record`

pub mod state;
#[cfg(feature = "microphone")]
mod studio;
pub mod view;
#[cfg(feature = "microphone")]
mod writer;

use std::process::ExitCode;

use anyhow::Result;

use super::failure::Missing;
use crate::cli::Record;

#[cfg(feature = "microphone")]
pub fn run(arguments: Record) -> Result<ExitCode> {
    studio::run(arguments)
}

#[cfg(not(feature = "microphone"))]
pub fn run(_: Record) -> Result<ExitCode> {
    Err(cannot_record().into())
}

/// What a build without the microphone says.
#[cfg_attr(feature = "microphone", allow(dead_code))]
pub fn cannot_record() -> Missing {
    Missing("this build cannot record; build it with `--features microphone`".into())
}
