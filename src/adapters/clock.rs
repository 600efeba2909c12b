//! The monotonic clock that audio, edits and marks share, also between processes.

/// Nanoseconds since some fixed moment. It stands still while the machine sleeps, and no setting of the wall clock
/// moves it.
pub fn monotonic_ns() -> i64 {
    // CLOCK_MONOTONIC of macOS goes on in sleep; this one does not, as Linux's does not.
    #[cfg(target_vendor = "apple")]
    const ID: libc::clockid_t = libc::CLOCK_UPTIME_RAW;
    #[cfg(not(target_vendor = "apple"))]
    const ID: libc::clockid_t = libc::CLOCK_MONOTONIC;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a timespec of our own; the call writes it and nothing else.
    unsafe { libc::clock_gettime(ID, &mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

#[cfg(test)]
mod tests {
    use super::monotonic_ns;

    #[test]
    fn it_runs_forward_at_the_pace_of_time() {
        let from = monotonic_ns();
        std::thread::sleep(std::time::Duration::from_millis(20));
        let passed = monotonic_ns() - from;
        assert!((20_000_000..2_000_000_000).contains(&passed), "{passed}");
    }
}
