//! How far a definition goes, by brackets and indentation.

use super::language::Language;

/// Columns of a tab.
const TAB: usize = 4;
/// Lines of a signature in which its body must open.
pub(super) const SIGNATURE: usize = 12;

/// The lines of a file, as written and with comments and strings blanked.
pub(super) struct Extents<'a> {
    lines: &'a [&'a str],
    masked: &'a [&'a str],
    /// For each line, where the first curly bracket that it leaves open is closed.
    closed: Vec<Option<usize>>,
}

impl<'a> Extents<'a> {
    pub fn new(language: Language, lines: &'a [&'a str], masked: &'a [&'a str]) -> Self {
        // Curly brackets hold data there.
        let closed = if language == Language::Python { Vec::new() } else { closed(masked) };
        Self { lines, masked, closed }
    }

    /// The last line (0-based) of what begins at `first`: by the bracket of its body when that closes where it
    /// should, else what follows and is indented more, with closing brackets.
    pub fn end(&self, first: usize) -> usize {
        let Some(own) = self.masked.get(first).and_then(|line| indentation(line)) else { return first };
        self.by_bracket(first, own).unwrap_or_else(|| self.by_indentation(first, own))
    }

    fn by_bracket(&self, first: usize, own: usize) -> Option<usize> {
        for index in first..(first + SIGNATURE).min(self.closed.len()) {
            let line = self.masked[index].trim_end();
            if index > first && !closes(line) && indentation(line).is_some_and(|depth| depth <= own) {
                return None;
            }
            if let Some(last) = self.closed[index] {
                return (indentation(self.masked[last]) == Some(own)).then_some(last);
            }
            if line.ends_with([';', '}']) {
                return None;
            }
        }
        None
    }

    fn by_indentation(&self, first: usize, own: usize) -> usize {
        let mut last = first;
        for index in first + 1..self.masked.len() {
            match indentation(self.masked[index]) {
                Some(depth) if depth > own => last = index,
                Some(depth) if depth == own && closes(self.masked[index]) => last = index,
                Some(_) if is_label(self.masked[index]) => {}
                Some(_) => break,
                // A comment belongs where it is indented to; anywhere else it ends nothing.
                None if indentation(self.lines[index]).is_some_and(|depth| depth > own) => last = index,
                None => {}
            }
        }
        last
    }
}

fn closed(masked: &[&str]) -> Vec<Option<usize>> {
    let mut closed = vec![None; masked.len()];
    let mut open = Vec::new();
    for (index, line) in masked.iter().enumerate() {
        for byte in line.bytes() {
            match byte {
                b'{' => open.push(index),
                // Brackets are closed from inner to outer: the first of a line comes last, and stays.
                b'}' => {
                    if let Some(begin) = open.pop().filter(|begin| *begin != index) {
                        closed[begin] = Some(index);
                    }
                }
                _ => {}
            }
        }
    }
    closed
}

/// A line that goes on with what stands above at the same indentation.
pub(super) fn closes(line: &str) -> bool {
    line.trim_start().starts_with([')', ']', '}', '{'])
}

/// `public:` and `#endif` stand further left than what they are in.
pub(super) fn is_label(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('#') && !line.starts_with("#[") || ["public:", "private:", "protected:"].contains(&line)
}

/// Leading white space in columns; `None` for a blank line.
pub(super) fn indentation(line: &str) -> Option<usize> {
    let text = line.trim_start();
    (!text.is_empty())
        .then(|| line[..line.len() - text.len()].chars().map(|c| if c == '\t' { TAB } else { 1 }).sum())
}
