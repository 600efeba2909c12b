//! What a command says.

use std::io::Write as _;

use anyhow::{Context as _, Result};

/// Prints text as it is; a closed or full output is an error like any other.
pub fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("the output cannot be printed")
}

/// A line for a person, on standard error. The terminal may be gone: that ends nothing.
pub fn tell(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// As `println!`, but gives an error instead of a panic.
macro_rules! say {
    ($($arguments:tt)*) => {
        $crate::cmd::output::print(&(format!($($arguments)*) + "\n"))
    };
}
pub(crate) use say;
