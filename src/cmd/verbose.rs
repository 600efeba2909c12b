//! What libraries say of themselves, on standard error, for who asked with `--verbose`.

use log::{LevelFilter, Log, Metadata, Record};

use super::output::tell;

struct Stderr;

impl Log for Stderr {
    fn enabled(&self, _: &Metadata) -> bool {
        true
    }

    fn log(&self, record: &Record) {
        tell(record.args().to_string().trim_end());
    }

    fn flush(&self) {}
}

/// Without this, they say nothing.
pub fn enable() {
    // Only a second logger is refused.
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}
