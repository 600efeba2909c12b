//! The names in lines of code. Comments, strings, keywords and numbers are none.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use unicode_ident::{is_xid_continue, is_xid_start};

use super::language::Language;
use super::outline::Kind;
use super::{Code, binding};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    pub name: String,
    /// 1-based.
    pub line: usize,
    /// Whether it is bound there: a definition, a parameter, a variable that gets a value, a field.
    pub defined: bool,
}

/// A piece of a line of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Keyword(&'a str),
    /// A number.
    Number,
    Mark(char),
    /// A mark of two characters that means something else than its parts: `==`, `=>`, `:=`, `::`, `->`.
    Double([char; 2]),
}

/// The identifiers of these lines (1-based), in order.
pub fn in_lines(code: &Code, lines: RangeInclusive<usize>) -> Vec<Identifier> {
    let mut found = Vec::new();
    let mut reading = binding::Reading::new(code.language);
    let definitions: HashSet<(usize, &str)> = code
        .outline
        .definitions
        .iter()
        .map(|definition| (definition.line, definition.name.as_str()))
        .collect();
    for (index, line) in code.masked_lines().enumerate().take(*lines.end()) {
        let number = index + 1;
        // Lines before are read for what is open in them: a parameter list can go on for lines.
        let tokens = tokens(code.language, line);
        let defined = reading.defined(&tokens, || {
            code.outline
                .around(number)
                .last()
                .filter(|around| around.line != number)
                .map(|around| around.kind)
        });
        if lines.contains(&number) {
            for (token, defined) in tokens.iter().zip(defined) {
                if let Token::Name(name) = token {
                    let defined = defined || definitions.contains(&(number, *name));
                    found.push(Identifier { name: (*name).to_owned(), line: number, defined });
                }
            }
        }
    }
    found
}

/// What an edit introduced: the names in its added lines (1-based, of the file just after it) that no file held
/// before. Each name once, with its first line there; it is defined if any of its places is.
pub fn introduced<'a>(
    before: impl IntoIterator<Item = &'a Code>,
    after: &Code,
    added: &[RangeInclusive<usize>],
) -> Vec<Identifier> {
    let known: HashSet<&str> = before.into_iter().flat_map(names).collect();
    let mut new: Vec<Identifier> = Vec::new();
    for identifier in added.iter().flat_map(|lines| in_lines(after, lines.clone())) {
        if known.contains(identifier.name.as_str()) {
            continue;
        }
        match new.iter_mut().find(|seen| seen.name == identifier.name) {
            Some(seen) => seen.defined |= identifier.defined,
            None => new.push(identifier),
        }
    }
    new
}

/// Every name of the file.
pub fn names(code: &Code) -> HashSet<&str> {
    code.masked_lines()
        .flat_map(|line| tokens(code.language, line))
        .filter_map(|token| match token {
            Token::Name(name) => Some(name),
            _ => None,
        })
        .collect()
}

/// The pieces of a line whose comments and strings are blanked.
pub(super) fn tokens(language: Language, line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let starts_name = |c: char| is_xid_start(c) || c == '_' || c == '$' && language.has_dollar();
        let goes_on = |c: char| is_xid_continue(c) || c == '$' && language.has_dollar();
        let length = if starts_name(first) {
            let length = rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
            let word = &rest[..length];
            // `'a` is a lifetime, `#include` an instruction, `_` nobody's name.
            let is_lifetime = matches!(tokens.last(), Some(Token::Mark('\'')));
            let is_instruction = language == Language::Cpp && tokens == [Token::Mark('#')];
            let is_name = !is_lifetime && !is_instruction;
            tokens.push(match is_name && word != "_" && !language.is_keyword(word) {
                true => Token::Name(word),
                false => Token::Keyword(word),
            });
            length
        } else if first.is_numeric() {
            tokens.push(Token::Number);
            rest.find(|c: char| !is_xid_continue(c)).unwrap_or(rest.len())
        } else if let Some(double) = double(rest) {
            tokens.push(Token::Double(double));
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Mark(first));
            }
            first.len_utf8()
        };
        rest = &rest[length.max(first.len_utf8())..];
    }
    tokens
}

fn double(rest: &str) -> Option<[char; 2]> {
    const DOUBLES: [&str; 10] = ["==", "!=", "<=", ">=", "=>", "->", ":=", "::", "&&", "||"];
    let found = DOUBLES.iter().find(|double| rest.starts_with(**double))?;
    let mut chars = found.chars();
    Some([chars.next()?, chars.next()?])
}

/// Whether a name that begins a line right inside of this kind is a field.
pub(super) fn holds_fields(kind: Kind) -> bool {
    matches!(kind, Kind::Class | Kind::Struct | Kind::Enum | Kind::Interface | Kind::Type)
}

#[cfg(test)]
mod tests {
    use super::super::Reader;
    use super::*;

    fn read(path: &str, text: &str) -> Code {
        Reader::default().read(path, text)
    }

    /// The names of the text; those that are bound with a star.
    fn names(path: &str, text: &str) -> String {
        let code = read(path, text);
        let found = in_lines(&code, 1..=text.lines().count());
        let star = |it: Identifier| if it.defined { format!("*{}", it.name) } else { it.name };
        found.into_iter().map(star).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_that_are_bound_and_names_that_are_used() {
        let cases = [
            (
                "a.py",
                "def put(self, key: int, size=LIMIT, *rest):  # note",
                "*put *key int *size LIMIT *rest",
            ),
            ("a.py", "left, right = lo, len(xs) - 1", "*left *right lo len xs"),
            ("a.py", "for i, (a, b) in enumerate(pairs):", "*i *a *b enumerate pairs"),
            ("a.py", "self.cache = Cache(size=3, kind='x')", "*cache Cache size kind"),
            ("a.py", "node.next = head", "node next head"),
            ("a.py", "with open(path) as file:", "open path *file"),
            ("a.py", "if (n := read()) == 1e5 or n == 0xFF:", "*n read n"),
            (
                "a.py",
                "total: int = 0\nfrom collections import deque as dq",
                "*total int collections deque *dq",
            ),
            ("a.py", "f = lambda x: x + 1", "*f *x x"),
            ("a.py", "def insert(\n    self,\n    key,", "*insert *key"),
            ("a.py", "counts[key] = counts[key] + 1", "counts key counts key"),
            ("a.rs", "fn get<'a>(&'a self, key: &K) -> Option<&'a V> {", "*get *key K Option V"),
            ("a.rs", "let (mut lo, hi) = (0usize, xs.len());", "*lo *hi xs len"),
            ("a.rs", "xs.iter().map(|(a, b)| a + b).sum()", "xs iter map *a *b a b sum"),
            ("a.rs", "struct Lru {\n    size: usize,\n}\n", "*Lru *size"),
            ("a.ts", "const add = (a: number, b = 2) => a + b;", "*add *a *b a b"),
            ("a.ts", "class A {\n  private items: Map<string, number>;\n}", "*A *items Map"),
            ("a.js", "for (const x of xs) { $el.push(`a ${x} b`); }", "*x xs $el push x"),
            ("a.js", "xs.filter(x => x > 1)", "xs filter *x x"),
            (
                "A.java",
                "Map<String, Integer> counts = new HashMap<>();",
                "Map String Integer *counts HashMap",
            ),
            ("A.java", "public int get(int key, List<Integer> rest) {", "*get *key List Integer *rest"),
            ("A.java", "return foo(a, b);", "foo a b"),
            ("A.java", "for (int i = 0; i < n; i++) {", "*i i n i"),
            ("a.go", "i, err := strconv.Atoi(s)", "*i *err strconv Atoi s"),
            ("a.go", "func (l *List) Add(x int) {", "*l List *Add *x"),
            ("a.go", "type Lru struct {\n\tsize int\n}", "*Lru *size"),
            ("a.cpp", "std::vector<int> dp(n + 1, 0);", "std vector *dp n"),
            ("a.cpp", "const Node* next = head->next;", "Node *next head next"),
            ("a.cpp", "#include <map>\n#define LIMIT 3", "map LIMIT"),
            ("a.py", "größe = 数 + 1", "*größe 数"),
            ("a.rb", "total = count + 1 # sum", "*total count"),
        ];
        for (path, text, wanted) in cases {
            assert_eq!(names(path, text), wanted, "{text}");
        }
    }

    #[test]
    fn introduced_are_names_that_no_file_held() {
        let before = read("a.py", "def get(self, key):\n    return cache[key]  # window\n");
        let other = read("b.py", "LIMIT = 3\n");
        let after = read(
            "a.py",
            "def get(self, key):\n    window = deque()\n    window.append(LIMIT)\n    return cache[key]\n",
        );
        let new = introduced([&before, &other], &after, &[2..=3]);
        let new: Vec<(&str, usize, bool)> =
            new.iter().map(|it| (it.name.as_str(), it.line, it.defined)).collect();
        assert_eq!(new, [("window", 2, true), ("deque", 2, false), ("append", 3, false)]);
        assert_eq!(introduced([&after], &after, &[1..=4]), []);
        assert_eq!(introduced([], &after, &[90..=99]), []);
    }
}
