//! What made a change of a text: a hand, the clipboard, a formatter or a generator.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use super::names;
use crate::session::{Cause, EditKind, Hunk};

/// Few type code faster than this for more than a moment; it is some 70 words a minute.
const CHARACTERS_PER_SECOND: f64 = 6.0;
/// A smaller insertion is not called a paste: completion of a word and snippets are typing.
const LEAST_PASTE: usize = 160;
/// A formatter that runs on save is done by then.
const AFTER_SAVE: Duration = Duration::from_secs(2);
/// Files that come at once; more than anyone makes by hand.
const MANY_FILES: usize = 20;

/// The time before a change.
#[derive(Clone, Copy, Debug)]
pub struct Since {
    /// The same file was saved.
    pub save: Duration,
    /// Any file was saved with a change: so long there was to type this one.
    pub edit: Duration,
}

/// The cause of a change from `old` to `new`.
pub fn cause(path: &Path, old: &str, new: &str, hunks: &[Hunk], since: Since) -> Cause {
    if is_generated(path, new) {
        Cause::Generated
    } else if is_formatted(old, new, hunks, since.save) {
        Cause::Formatter
    } else if hunks.iter().any(|hunk| is_pasted(hunk, since.edit)) {
        Cause::Paste
    } else {
        Cause::Typing
    }
}

/// The files that changed at once.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    pub changed: usize,
    pub created: usize,
    /// Git moved the files to another commit in the same moment.
    pub by_git: bool,
}

impl Crowd {
    /// The cause of an edit among so many, where `own` would be that of the edit by itself.
    pub fn cause(self, kind: EditKind, own: Cause) -> Cause {
        if self.by_git && self.changed >= 3 {
            Cause::Checkout
        } else if self.created >= MANY_FILES && kind == EditKind::Create {
            Cause::Generated
        } else if self.changed >= MANY_FILES && own.is_by_hand() {
            // A command or a refactoring of the person's, which wants a word; but nobody typed it.
            Cause::Unknown
        } else {
            own
        }
    }
}

/// Whether `new` is `old` in another layout, and so much of it as only a tool changes at once.
pub fn is_formatted(old: &str, new: &str, hunks: &[Hunk], since_save: Duration) -> bool {
    let changed: usize = hunks.iter().map(|hunk| hunk.removed.len().max(hunk.added.len())).sum();
    let is_most = changed * 2 >= old.lines().count();
    let is_wide = match since_save <= AFTER_SAVE {
        true => changed >= 2 && (hunks.len() >= 2 || is_most),
        false => changed >= 10 && is_most,
    };
    is_wide && is_same_but_for_layout(old, new)
}

/// Formatters move white space, put commas and semicolons at ends and choose one kind of quotes.
pub fn is_same_but_for_layout(old: &str, new: &str) -> bool {
    fn tokens(text: &str) -> impl Iterator<Item = char> {
        text.chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, ',' | ';'))
            .map(|c| if c == '\'' { '"' } else { c })
    }
    tokens(old).eq(tokens(new))
}

/// Whether nothing of `old` is left: no line of it, nor how it began or ended.
pub fn is_replaced(old: &str, new: &str) -> bool {
    let (old, new) = (old.trim(), new.trim());
    if old.is_empty() || new.is_empty() || common_ends(old, new) > 0 {
        return false;
    }
    let lines: HashSet<&str> = old.lines().filter(|line| !line.trim().is_empty()).collect();
    !new.lines().any(|line| lines.contains(line))
}

fn is_pasted(hunk: &Hunk, since: Duration) -> bool {
    let inserted = inserted(hunk);
    inserted >= LEAST_PASTE && inserted as f64 > CHARACTERS_PER_SECOND * since.as_secs_f64()
}

/// How many characters had to be put in to make the added lines of the removed ones. Lines that were there before,
/// if with another indent, are free.
fn inserted(hunk: &Hunk) -> usize {
    let mut gone: Vec<&str> = hunk.removed.iter().map(|line| line.trim()).collect();
    let mut fresh = Vec::new();
    for line in hunk.added.iter().map(|line| line.trim()) {
        match gone.iter().position(|old| *old == line) {
            Some(index) => drop(gone.remove(index)),
            None => fresh.push(line),
        }
    }
    let mut gone = gone.into_iter();
    fresh
        .into_iter()
        .map(|line| line.chars().count().saturating_sub(gone.next().map_or(0, |old| common_ends(old, line))))
        .sum()
}

/// Characters that both begin with and, of the rest, end with.
fn common_ends(one: &str, other: &str) -> usize {
    let most = one.chars().count().min(other.chars().count());
    let start = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let end =
        one.chars().rev().zip(other.chars().rev()).take(most - start).take_while(|(a, b)| a == b).count();
    start + end
}

/// By name, or by what generators write at the top.
fn is_generated(path: &Path, text: &str) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    name.is_some_and(|name| names::is_generated_file(&name))
        || text.lines().take(5).any(|line| {
            let line: String = line.chars().take(200).collect();
            line.contains("@generated") || (line.contains("generated") && line.contains("DO NOT EDIT"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::watch::diff::hunks;

    const SOON: Duration = Duration::from_secs(1);
    const LATER: Duration = Duration::from_secs(30);

    fn of(old: &str, new: &str, since: Duration) -> Cause {
        cause(Path::new("a.py"), old, new, &hunks(old, new), Since { save: since, edit: since })
    }

    fn code(lines: usize) -> String {
        (0..lines).map(|line| format!("value_{line} = compute_something({line}, 'x')\n")).collect()
    }

    #[test]
    fn a_hand_types_little_at_once() {
        assert_eq!(of("a\n", "a\nb = 1\n", SOON), Cause::Typing);
        assert_eq!(of("", "", SOON), Cause::Typing);
        assert_eq!(of(&code(3), &code(12), LATER * 10), Cause::Typing, "370 characters in five minutes");
        let long = "x,".repeat(100_000);
        assert_eq!(of(&long, &format!("{long}5"), SOON), Cause::Typing, "one character in a long line");
    }

    #[test]
    fn a_paste_is_more_than_could_be_typed_since_the_save() {
        assert_eq!(of(&code(1), &code(9), SOON), Cause::Paste);
        assert_eq!(of("", &code(9), SOON), Cause::Paste);
        assert_eq!(of(&code(9), &code(9).to_uppercase(), SOON), Cause::Paste, "over a selection");
    }

    #[test]
    fn a_block_that_moves_to_the_right_is_no_paste() {
        let inner: String = code(9).lines().map(|line| format!("    {line}\n")).collect();
        let old = format!("{}{}", code(40), code(9));
        assert_eq!(of(&old, &format!("{}if x:\n{inner}", code(40)), SOON), Cause::Typing);
    }

    #[test]
    fn a_formatter_changes_layout_in_many_places_right_after_a_save() {
        let old = "def  g( a,b ):\n  return   a+b\n".repeat(200);
        let new = "def g(a, b):\n    return a + b\n".repeat(200);
        assert_eq!(of(&old, &new, SOON), Cause::Formatter);
        assert_eq!(of(&old, &new, LATER), Cause::Formatter, "the whole file: run by hand");
        assert_eq!(
            of("f(a, 'b')\nx=1\ny\n", "f(\n    a,\n    \"b\",\n)\nx = 1\ny\n", SOON),
            Cause::Formatter
        );
    }

    #[test]
    fn white_space_by_hand_is_typing() {
        assert_eq!(of(&code(9), &format!("\n{}", code(9)), SOON), Cause::Typing);
        let lines = code(9);
        assert_eq!(of(&lines, &lines.replacen("value_3 =", "value_3=", 1), SOON), Cause::Typing);
        assert_eq!(of(&lines, &lines.replace(" = ", "="), SOON), Cause::Formatter);
        assert_eq!(of(&lines, &lines.replace(" = ", " == "), SOON), Cause::Typing, "not layout alone");
    }

    #[test]
    fn generated_files_say_so() {
        let named = |name: &str| cause(Path::new(name), "", "x\n", &[], Since { save: SOON, edit: SOON });
        assert_eq!(named("web/app.min.js"), Cause::Generated);
        assert_eq!(named("Cargo.lock"), Cause::Generated);
        assert_eq!(named("min.js"), Cause::Typing);
        assert_eq!(of("", "// Code generated by protoc. DO NOT EDIT.\nx\n", SOON), Cause::Generated);
    }

    #[test]
    fn many_files_at_once_are_not_typed() {
        let cause = |changed, created, by_git, kind, own| Crowd { changed, created, by_git }.cause(kind, own);
        assert_eq!(cause(400, 0, true, EditKind::Modify, Cause::Paste), Cause::Checkout);
        assert_eq!(cause(2, 0, true, EditKind::Modify, Cause::Typing), Cause::Typing);
        assert_eq!(cause(40, 40, false, EditKind::Create, Cause::Typing), Cause::Generated);
        assert_eq!(cause(40, 8, false, EditKind::Create, Cause::Typing), Cause::Unknown);
        assert_eq!(cause(40, 8, false, EditKind::Modify, Cause::Formatter), Cause::Formatter);
    }

    #[test]
    fn replaced_means_that_nothing_is_left() {
        assert!(is_replaced("aaaa\n", "bbbb\n"));
        assert!(!is_replaced("aaaa\n", "aaab\n"));
        assert!(!is_replaced("x\ny\nz\n", "1\ny\n2\n"));
        assert!(!is_replaced("", ""));
    }
}
