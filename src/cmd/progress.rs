//! Bars with the time left, on standard error; nothing where that is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::adapters::models::Step;

fn bar(template: &str, total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(total).with_style(style.progress_chars("━╸ "));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Counts milliseconds of audio.
#[cfg(any(feature = "whisper", feature = "opus", test))]
pub fn audio(what: &'static str, total_ms: u64) -> ProgressBar {
    bar("{msg:<14} {bar:32} {percent:>3} %  {eta} left", total_ms).with_message(what)
}

/// For work whose length is not known.
pub fn spinner(what: &'static str) -> ProgressBar {
    bar("{msg:<14} {spinner} {elapsed}", 0).with_message(what)
}

/// Shows the steps of getting a model.
pub fn model_steps() -> impl FnMut(Step) {
    let mut current: Option<(&'static str, ProgressBar)> = None;
    move |step| {
        let (what, done, total) = match step {
            Step::Trying(source) => {
                if let Some((_, bar)) = current.take() {
                    bar.finish_and_clear();
                }
                anstream::eprintln!("Trying {source}");
                return;
            }
            Step::Downloading { done, total } => ("Downloading", done, total),
            Step::Converting { done, total } => ("Converting", done, total),
            Step::Checking { done, total } => ("Checking", done, total),
        };
        if current.as_ref().is_none_or(|(shown, _)| *shown != what) {
            if let Some((_, bar)) = current.take() {
                bar.finish_and_clear();
            }
            let new =
                bar("{msg:<14} {bar:32} {bytes} of {total_bytes}  {eta} left", total).with_message(what);
            current = Some((what, new));
        }
        if let Some((_, bar)) = &current {
            bar.set_length(total);
            bar.set_position(done);
            if done >= total {
                bar.finish_and_clear();
            }
        }
    }
}
