//! One file while it changes: the texts that it had on the way, as far as they count.

use std::sync::Arc;
use std::time::Duration;

use super::classify;
use super::diff;
use super::stamp::Stamp;

/// A text that a file had, and since when. `None`: there was no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Nanoseconds of the monotonic clock.
    pub at: i64,
    pub text: Option<Arc<str>>,
}

/// The changes of one file that follow one another closely.
#[derive(Debug, Default)]
pub struct Burst {
    states: Vec<State>,
    /// Empty or absent: most often a file that is just being written.
    passing: Option<State>,
    /// Whether the last of `states` is the work of a formatter.
    formatted: bool,
    /// Why the file, as it is now, cannot be followed.
    pub left_out: Option<String>,
    pub stamp: Option<Stamp>,
    /// When the first event came since the last look.
    pub touched: Option<i64>,
    pub last_touch: i64,
}

impl Burst {
    pub fn touch(&mut self, at: i64) {
        self.touched.get_or_insert(at);
        self.last_touch = at;
    }

    /// Takes in what the file holds. What continues the text before it takes its place, so that a hundred saves in
    /// a row are one edit; what a formatter makes of it, or what keeps nothing of it, is another one.
    pub fn see(&mut self, at: i64, text: Option<Arc<str>>) {
        self.left_out = None;
        let new = match text {
            Some(new) if !new.is_empty() => new,
            text => {
                let at = self.passing.take().map_or(at, |passing| passing.at);
                self.passing = Some(State { at, text });
                return;
            }
        };
        let at = self.passing.take().map_or(at, |passing| passing.at);
        match self.states.last_mut() {
            Some(State { text: Some(old), .. }) if *old == new => {}
            Some(last @ State { text: Some(_), .. }) => {
                let old = last.text.as_deref().unwrap_or_default();
                let formatted = is_formatted(old, &new);
                if formatted || self.formatted || classify::is_replaced(old, &new) {
                    self.states.push(State { at, text: Some(new) });
                } else {
                    last.text = Some(new);
                }
                self.formatted = formatted;
            }
            _ => self.states.push(State { at, text: Some(new) }),
        }
    }

    /// Whether the file is empty or absent now.
    pub fn is_passing(&self) -> bool {
        self.passing.is_some()
    }

    /// The text in the end.
    pub fn text(&self) -> Option<Arc<str>> {
        self.passing.as_ref().or(self.states.last()).and_then(|state| state.text.clone())
    }

    /// The texts that differ from the one before them, the first from `before`.
    pub fn states(mut self, before: Option<&Arc<str>>) -> Vec<State> {
        self.states.extend(self.passing.take());
        if before.is_none() && self.states.last().is_some_and(|state| state.text.is_none()) {
            // It came and went.
            return Vec::new();
        }
        let mut last = before.cloned();
        self.states.retain(|state| {
            let differs = state.text != last;
            last.clone_from(&state.text);
            differs
        });
        self.states
    }
}

fn is_formatted(old: &str, new: &str) -> bool {
    classify::is_same_but_for_layout(old, new)
        && classify::is_formatted(old, new, &diff::hunks(old, new), Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts as seen at 0, 1, 2, …; "-" is no file.
    fn states(before: Option<&str>, seen: &[&str]) -> Vec<(i64, Option<String>)> {
        let mut burst = Burst::default();
        for (at, text) in (0..).zip(seen) {
            burst.see(at, (*text != "-").then(|| Arc::from(*text)));
        }
        let states = burst.states(before.map(Arc::from).as_ref());
        states.into_iter().map(|state| (state.at, state.text.as_deref().map(str::to_owned))).collect()
    }

    fn text(at: i64, text: &str) -> (i64, Option<String>) {
        (at, Some(text.into()))
    }

    #[test]
    fn saves_that_go_on_from_one_another_are_one() {
        assert_eq!(states(Some("a\n"), &["a\nx\n", "a\nxx\n", "a\nxxx\n"]), [text(0, "a\nxxx\n")]);
        assert_eq!(states(None, &["x\n", "xy\n"]), [text(0, "xy\n")]);
    }

    #[test]
    fn an_empty_or_absent_file_on_the_way_is_nothing() {
        assert_eq!(states(Some("a\n"), &["", "a\nb\n"]), [text(0, "a\nb\n")]);
        assert_eq!(states(Some("a\n"), &["-", "-", "a\n"]), []);
        assert_eq!(states(None, &["t\n", "-"]), []);
        assert_eq!(states(None, &["-"]), []);
    }

    #[test]
    fn an_empty_or_absent_file_in_the_end_counts() {
        assert_eq!(states(Some("a\n"), &["b\n", "-"]), [text(0, "b\n"), (1, None)]);
        assert_eq!(states(Some("a\n"), &["", "-", ""]), [text(0, "")]);
    }

    #[test]
    fn nothing_kept_is_another_edit_even_over_an_empty_file() {
        let found = states(Some("def f():\n"), &["aaaa\n", "", "bbbb\n"]);
        assert_eq!(found, [text(0, "aaaa\n"), text(1, "bbbb\n")]);
    }

    #[test]
    fn what_a_formatter_does_to_a_save_is_apart() {
        let (typed, nice) = ("x=1\ny=2\nz\n", "x = 1\ny = 2\nz\n");
        assert_eq!(states(Some("z\n"), &[typed, nice]), [text(0, typed), text(1, nice)]);
        let more = format!("{nice}more\n");
        assert_eq!(states(Some("z\n"), &[typed, nice, &more]).len(), 3);
    }

    #[test]
    fn back_to_what_it_was_is_no_edit() {
        assert_eq!(states(Some("a\n"), &["a\nb\n", "a\n"]), []);
    }
}
