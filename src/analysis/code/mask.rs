//! Comments and strings told apart from code without a grammar, and blanked.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use super::language::Language;
use super::lines;

/// Marks a stretch of the text as no code, or as code again (an expression inside of a string). Later marks win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Paint {
    pub range: Range<usize>,
    pub is_code: bool,
}

impl Paint {
    pub fn hidden(range: Range<usize>) -> Self {
        Self { range, is_code: false }
    }
}

/// The text with everything hidden turned to spaces, byte by byte; line ends stay.
pub(super) fn masked(text: &str, paints: &[Paint]) -> String {
    let source = text.as_bytes();
    let mut bytes = source.to_vec();
    for Paint { range, is_code } in paints {
        for at in range.clone() {
            match source[at] {
                b'\n' | b'\r' => {}
                byte => bytes[at] = if *is_code { byte } else { b' ' },
            }
        }
    }
    // Whole characters are painted: what is left is text.
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Comments and strings as the language writes them.
///
/// An opening mark whose end is still to be typed hides its own line alone. Where it pairs with the opening of a
/// later string, everything after it would turn inside out: then the last mark is without an end, and the string
/// that swallows a definition is the one being typed.
pub(super) fn scan(language: Language, text: &str) -> Vec<Paint> {
    let mut being_typed = BTreeSet::new();
    loop {
        let mut scanner = Scanner::new(language, text, &being_typed);
        scanner.run();
        let Scanner { paints, long, open_ended, .. } = scanner;
        let swallows = |range: &&Range<usize>| {
            text[(*range).clone()].lines().skip(1).any(|line| lines::is_definition(language, line))
        };
        match long.iter().find(swallows) {
            // A file is left as it is when this does not mend it soon.
            Some(range) if open_ended && being_typed.len() < 3 => being_typed.insert(range.start),
            _ => return paints,
        };
    }
}

struct Quote {
    open: &'static str,
    close: &'static str,
    many_lines: bool,
    escapes: bool,
}

const fn quote(open: &'static str, many_lines: bool, escapes: bool) -> Quote {
    Quote { open, close: open, many_lines, escapes }
}

const BLOCK: Quote = Quote { open: "/*", close: "*/", many_lines: true, escapes: false };
const DOUBLE: Quote = quote("\"", false, true);
const SINGLE: Quote = quote("'", false, true);
const TEXT_BLOCK: Quote = quote("\"\"\"", true, true);

/// Longest opening first.
static PYTHON: [Quote; 4] = [TEXT_BLOCK, quote("'''", true, true), DOUBLE, SINGLE];
static RUST: [Quote; 2] = [BLOCK, quote("\"", true, true)];
static SCRIPT: [Quote; 4] = [BLOCK, DOUBLE, SINGLE, quote("`", true, true)];
static JAVA: [Quote; 4] = [BLOCK, TEXT_BLOCK, DOUBLE, SINGLE];
static GO: [Quote; 4] = [BLOCK, DOUBLE, SINGLE, quote("`", true, false)];
static CPP: [Quote; 3] = [BLOCK, DOUBLE, SINGLE];
static OTHER: [Quote; 4] = [BLOCK, DOUBLE, SINGLE, quote("`", false, true)];

fn quotes(language: Language) -> &'static [Quote] {
    match language {
        Language::Python => &PYTHON,
        Language::Rust => &RUST,
        Language::TypeScript | Language::JavaScript | Language::Tsx => &SCRIPT,
        Language::Java => &JAVA,
        Language::Go => &GO,
        Language::Cpp => &CPP,
        Language::Other => &OTHER,
    }
}

struct Scanner<'a> {
    language: Language,
    text: &'a str,
    being_typed: &'a BTreeSet<usize>,
    at: usize,
    paints: Vec<Paint>,
    /// What runs over several lines.
    long: Vec<Range<usize>>,
    /// Whether some mark over several lines has no end.
    open_ended: bool,
    /// Endings that do not come any more: looked for once.
    exhausted: HashSet<String>,
    /// Where the line ends that was asked for last.
    line_end: usize,
}

/// What stands further back (in bytes) says nothing of what may begin here.
const LOOK_BACK: usize = 200;

impl<'a> Scanner<'a> {
    fn new(language: Language, text: &'a str, being_typed: &'a BTreeSet<usize>) -> Self {
        let exhausted = HashSet::new();
        Self {
            language,
            text,
            being_typed,
            at: 0,
            paints: Vec::new(),
            long: Vec::new(),
            open_ended: false,
            exhausted,
            line_end: 0,
        }
    }

    fn run(&mut self) {
        while let Some(c) = self.text[self.at..].chars().next() {
            let opens_nothing = c.is_whitespace() || c.is_alphanumeric() && !matches!(c, 'r' | 'R');
            if opens_nothing
                || !(self.comment()
                    || self.raw_string()
                    || self.regex()
                    || self.lone_quote()
                    || self.string())
            {
                self.at += c.len_utf8();
            }
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn before(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    /// Asked for places that only go on: each line is searched once.
    fn line_end(&mut self, from: usize) -> usize {
        if from > self.line_end || self.line_end == 0 {
            self.line_end = self.text[from..].find('\n').map_or(self.text.len(), |end| from + end);
        }
        self.line_end
    }

    /// The line up to here, or the end of it where it is long.
    fn line_start(&self) -> &'a str {
        let before = &self.text[floor(self.text, self.at.saturating_sub(LOOK_BACK))..self.at];
        &before[before.rfind('\n').map_or(0, |at| at + 1)..]
    }

    fn comment(&mut self) -> bool {
        let rest = self.rest();
        let apart = || self.before().is_none_or(char::is_whitespace);
        let is_comment = match self.language {
            Language::Python => rest.starts_with('#'),
            Language::Other => {
                rest.starts_with("//")
                    || rest.starts_with('#') && apart()
                    || rest.starts_with("-- ") && self.line_start().trim().is_empty()
            }
            _ => rest.starts_with("//"),
        };
        if is_comment {
            let end = self.line_end(self.at);
            self.hide(end);
        }
        is_comment
    }

    /// `r#"…"#` of Rust and `R"x(…)x"` of C++.
    fn raw_string(&mut self) -> bool {
        let rest = self.rest();
        let (open, close) = match self.language {
            Language::Rust if rest.starts_with("r\"") || rest.starts_with("r#") => {
                let marks = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
                if !rest[1 + marks..].starts_with('"') {
                    return false;
                }
                (marks + 2, format!("\"{}", "#".repeat(marks)))
            }
            Language::Cpp if rest.starts_with("R\"") => {
                // The standard allows a delimiter of 16 characters.
                let delimiter: String = rest[2..].chars().take_while(|c| *c != '(').take(17).collect();
                if delimiter.contains(['"', '\n']) || !rest[2 + delimiter.len()..].starts_with('(') {
                    return false;
                }
                (3 + delimiter.len(), format!("){delimiter}\""))
            }
            _ => return false,
        };
        if self.before().is_some_and(|c| c.is_alphanumeric() && c != 'b' || c == '_') {
            return false;
        }
        self.until(open, &close, true, false);
        true
    }

    /// `/…/` of JavaScript, where a value may begin.
    fn regex(&mut self) -> bool {
        if !matches!(self.language, Language::JavaScript | Language::TypeScript | Language::Tsx) {
            return false;
        }
        let mut chars = self.rest().char_indices();
        if chars.next().is_none_or(|(_, c)| c != '/') {
            return false;
        }
        let before = self.line_start().trim_end();
        let may_begin =
            before.is_empty() || before.ends_with(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', ';']);
        if !may_begin && !before.ends_with("return") {
            return false;
        }
        let (mut escaped, mut in_class) = (false, false);
        for (offset, c) in chars {
            match c {
                '\n' => return false,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => {
                    self.hide(self.at + offset + 1);
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// An apostrophe that opens no string: a lifetime of Rust, a digit separator of C++, a word's in other files.
    fn lone_quote(&mut self) -> bool {
        if !self.rest().starts_with('\'') {
            return false;
        }
        let alone = match self.language {
            Language::Rust => {
                let mut next = self.rest().chars().skip(1);
                let is_char = match next.next() {
                    Some('\\') => true,
                    Some(_) => next.next() == Some('\''),
                    None => false,
                };
                if is_char {
                    let escape = usize::from(self.rest()[1..].starts_with('\\'));
                    let body = self.rest()[1 + escape..].chars().next().map_or(0, char::len_utf8);
                    let from = 1 + escape + body;
                    let end =
                        self.rest()[from..].find(['\'', '\n']).map_or(self.rest().len(), |end| from + end);
                    let line_end = self.line_end(self.at);
                    self.hide((self.at + end + 1).min(line_end));
                    return true;
                }
                true
            }
            Language::Cpp => self.before().is_some_and(|c| c.is_ascii_hexdigit()),
            Language::Other => self.before().is_some_and(char::is_alphanumeric),
            _ => false,
        };
        if alone {
            self.at += 1;
        }
        alone
    }

    fn string(&mut self) -> bool {
        let Some(quote) = quotes(self.language).iter().find(|quote| self.rest().starts_with(quote.open))
        else {
            return false;
        };
        self.until(quote.open.len(), quote.close, quote.many_lines, quote.escapes);
        true
    }

    /// Hides from here to the end mark, from `open` bytes on.
    fn until(&mut self, open: usize, close: &str, many_lines: bool, escapes: bool) {
        let start = self.at - self.prefix();
        let from = self.at + open;
        let line_end = self.line_end(from.min(self.text.len()));
        let limit = if many_lines { self.text.len() } else { line_end };
        let end = match self.exhausted.contains(close) || self.being_typed.contains(&start) {
            true => None,
            false => find_end(&self.text[from..limit], close, escapes).map(|end| from + end),
        };
        if end.is_none() && many_lines && !self.being_typed.contains(&start) {
            self.open_ended = true;
            self.exhausted.insert(close.to_owned());
        }
        self.at = start;
        self.hide(end.unwrap_or(line_end));
        if self.text[start..self.at].contains('\n') {
            self.long.push(start..self.at);
        }
        if close == "`" || close.starts_with(['"', '\'']) && self.text[start..].starts_with(['f', 'F']) {
            self.show_expressions(start..self.at);
        }
    }

    /// Length of the letters before a quote that belong to it: `rb"`, `L"`.
    fn prefix(&self) -> usize {
        if self.rest().starts_with("/*") {
            return 0;
        }
        let letters = match self.language {
            Language::Python => "rRbBfFuU",
            Language::Cpp => "LuU8",
            Language::Rust => "bc",
            _ => return 0,
        };
        let word: String = self.text[..self.at]
            .chars()
            .rev()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .take(3)
            .collect();
        if word.len() < 3 && word.chars().all(|c| letters.contains(c)) { word.len() } else { 0 }
    }

    /// Expressions in a template are code: `${…}` of JavaScript, `{…}` of Python.
    fn show_expressions(&mut self, string: Range<usize>) {
        let open = match self.language {
            Language::Python => "{",
            Language::JavaScript | Language::TypeScript | Language::Tsx => "${",
            _ => return,
        };
        let mut from = string.start;
        while let Some(found) = self.text[from..string.end].find(open) {
            let begin = from + found + open.len();
            let Some(length) = self.text[begin..string.end].find(['}', '{', '"', '\n', ':']) else { return };
            from = begin + length;
            // Whatever holds more than a plain expression is left hidden.
            if !self.text[from..].starts_with(['{', '"', '\n']) {
                self.paints.push(Paint { range: begin..from, is_code: true });
            } else {
                from += 1;
            }
        }
    }

    fn hide(&mut self, end: usize) {
        self.paints.push(Paint::hidden(self.at..end));
        self.at = end;
    }
}

/// The last border of characters at or before a place.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Just after the end mark.
fn find_end(text: &str, close: &str, escapes: bool) -> Option<usize> {
    if !escapes {
        return text.find(close).map(|at| at + close.len());
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            _ if bytes[at..].starts_with(close.as_bytes()) => return Some(at + close.len()),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(language: Language, text: &str) -> String {
        let masked = masked(text, &scan(language, text));
        masked.lines().map(str::trim_end).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn comments_and_strings_are_blank() {
        let cases = [
            (Language::Python, "x = 'a # b' # c", "x ="),
            (Language::Python, "x = rb\"\\\"\" + y", "x =        + y"),
            (Language::Python, "\"\"\"a\nb\n\"\"\"\nc", "|||c"),
            (Language::Python, "f\"{name!r} a {x:.2f}\" b", "   name!r     x       b"),
            (Language::Python, "x = 'ab", "x ="),
            (Language::Rust, "fn f<'a>(x: &'a str) { '\\'' 'x' b }", "fn f<'a>(x: &'a str) {          b }"),
            (Language::Rust, "r#\"a\"b\"# c /* d */ e", "         c         e"),
            (Language::Rust, "x = \"a\nb\" + y", "x =|   + y"),
            (Language::JavaScript, "a = /[/'\"]/.test(b) // c", "a =        .test(b)"),
            (Language::JavaScript, "a / b / c", "a / b / c"),
            (Language::TypeScript, "`a ${b.c} d` + e", "     b.c     + e"),
            (Language::Java, "\"\"\"\n a \"b\"\n \"\"\" c", "||     c"),
            (Language::Go, "`a\\` b // c", "     b"),
            (Language::Cpp, "R\"x(a)\")x\" b 1'000 'c' d", "           b 1'000     d"),
            (Language::Other, "don't # \"a\nb // c", "don't|b"),
        ];
        for (language, text, left) in cases {
            assert_eq!(code(language, text), left, "{text}");
        }
    }

    #[test]
    fn a_string_that_is_being_typed_hides_its_line_alone() {
        assert_eq!(code(Language::Python, "def f():\n    \"\"\"Adds\n    x = 1\n"), "def f():||    x = 1");
        assert_eq!(code(Language::Java, "/* why\nint x;"), "|int x;");
        let turned =
            "def f():\n    \"\"\"\n    return 1\n\ndef g():\n    \"\"\"About g.\"\"\"\n    return 2\n";
        assert_eq!(code(Language::Python, turned), "def f():||    return 1||def g():||    return 2");
    }
}
