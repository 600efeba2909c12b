//! Definitions told by the look of a line: where there is no grammar, and where code is half typed.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::extent::{Extents, SIGNATURE, closes, indentation, is_label};
use super::language::Language;
use super::mask::floor;
use super::outline::{Definition, Kind};

/// No signature is longer; what is, was made by a tool.
const LONGEST_LINE: usize = 2_000;

/// Definitions of a language: `kind` is the word that says what it is, `name` its name, `owner` the type that it
/// belongs to where it stands apart from it.
struct Patterns {
    anywhere: Vec<Regex>,
    /// A member of a class, which looks like a call elsewhere.
    member: Option<Regex>,
}

const PYTHON: &str = r"^\s*(?:async\s+)?(?P<kind>def|class)\s+(?P<name>\w+)\s*(?:[(:\[\\]|$)";
const RUST: &str = r#"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:default|async|const|unsafe|extern(?:\s+"[^"]*")?)\s+)*(?P<kind>fn|struct|enum|union|trait|type|macro_rules!)\s+(?P<name>\w+)"#;
const RUST_MOD: &str = r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?P<kind>mod)\s+(?P<name>\w+)\s*(?:\{|$)";
const RUST_IMPL: &str =
    r"^\s*(?:unsafe\s+)?(?P<kind>impl)\b(?:\s*<.*?>)?\s+(?:.*?\bfor\s+)?(?:&\s*)?(?:\w+::)*(?P<name>\w+)";
const GO_FUNC: &str =
    r"^\s*(?P<kind>func)\s+(?:\(\s*(?:\w+\s+)?\*?\s*(?P<owner>\w+)[^)]*\)\s*)?(?P<name>\w+)";
const GO_TYPE: &str = r"^\s*type\s+(?P<name>\w+)(?:\[[^\]]*\])?\s*=?\s*(?P<kind>struct|interface)?";
const GO_CLOSURE: &str = r"^\s*(?:var\s+)?(?P<name>\w+)\s*:?=\s*(?P<kind>func)\b";
const SCRIPT: &str = r"^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:const\s+)?(?:async\s+)?(?P<kind>function|class|interface|enum|namespace)\b\s*\*?\s*(?P<name>[\w$]+)";
const SCRIPT_TYPE: &str = r"^\s*(?:export\s+)?(?:declare\s+)?(?P<kind>type)\s+(?P<name>[\w$]+)\s*(?:[<=]|$)";
const SCRIPT_ARROW: &str = r"^\s*(?:export\s+)?(?:const|let|var)\s+(?P<name>[\w$]+)\b(?:\s*:[^=]*(?:=>[^=]*)?)?\s*=\s*(?:async\s*)?(?:(?P<kind>function)\b|(?:\([^()]*(?:\([^()]*\)[^()]*)*\)\s*(?::[^=]+)?|[\w$]+\s*)=>)";
const SCRIPT_FIELD: &str = r"^\s*(?:(?:public|private|protected|static|readonly)\s+)*#?(?P<name>[\w$]+)\s*=\s*(?:async\s*)?(?:(?P<kind>function)\b|(?:\([^()]*(?:\([^()]*\)[^()]*)*\)\s*(?::[^=]+)?|[\w$]+\s*)=>)";
const SCRIPT_MEMBER: &str = r"^\s*(?:(?:public|private|protected|static|async|readonly|override|abstract|get|set)\s+)*\*?#?(?P<name>[\w$]+)\s*(?:<[^(]*>)?\(";
const SCRIPT_TEST: &str = r"^\s*(?P<kind>(?P<name>test|it|describe))(?:\.\w+)*\(";
const MODIFIERS: &str = r"(?:(?:public|private|protected|internal|open|static|final|abstract|sealed|default|synchronized|native|override|virtual|inline|constexpr|explicit|extern|friend|async|partial|data|friend|strictfp|non-sealed)\s+)*";
const JAVA_TYPE: &str = r"(?P<kind>class|interface|@interface|enum|record)\s+(?P<name>\w+)";
const JAVA_METHOD: &str = r"(?:<[^(]*>\s+)?[A-Za-z_][\w.]*(?:<[^(]*>)?(?:\[\])*\s+(?P<name>\w+)\s*\([^;]*$";
const CPP_TYPE: &str = r"^\s*(?:template\s*<.*>\s*)?(?P<kind>class|struct|union|enum(?:\s+class|\s+struct)?|namespace)\s+(?P<name>\w+)[^;()*&=]*$";
const CPP_FUNCTION: &str = r"(?:const\s+)?(?:unsigned\s+)?[A-Za-z_][\w:]*(?:<[^(]*>)?(?:\s*[*&]+\s*|\s+)(?:(?P<owner>\w+)(?:<[^(]*>)?::)?(?P<name>~?\w+)\s*\([^;]*$";
const CPP_OUTSIDE: &str = r"^(?P<owner>\w+)(?:<[^(]*>)?::(?P<name>~?\w+)\s*\([^;]*$";
const CPP_CLOSURE: &str = r"^\s*[\w:<>(), &*]+\s+(?P<name>\w+)\s*=\s*\[[^\]]*\]\s*[({]";
const CPP_TEST: &str = r"^\s*(?P<kind>TEST(?:_F|_P)?)\s*\(\s*(?P<owner>\w+)\s*,\s*(?P<name>\w+)";
const MEMBER: &str = r"~?(?P<name>\w+)\s*\([^;]*$";
const OTHER: &str = r"(?P<kind>def|class|struct|enum|trait|interface|protocol|module|fn|func|fun|function|sub|proc|impl|type|record|object)\s+(?:self\.)?(?:\([^)]*\)\s*)?(?P<name>[\p{XID_Start}_]\w*)";

static PATTERNS: LazyLock<Vec<Patterns>> =
    LazyLock::new(|| Language::ALL.into_iter().map(patterns).collect());

fn patterns(language: Language) -> Patterns {
    let plain = |sources: &[&str]| {
        sources.iter().map(|source| Regex::new(source).unwrap_or_else(|e| unreachable!("{e}"))).collect()
    };
    let modified = |source: &str| format!(r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*{MODIFIERS}{source}");
    let (anywhere, member) = match language {
        Language::Python => (plain(&[PYTHON]), None),
        Language::Rust => (plain(&[RUST, RUST_MOD, RUST_IMPL]), None),
        Language::Go => (plain(&[GO_FUNC, GO_TYPE, GO_CLOSURE]), None),
        Language::TypeScript | Language::JavaScript | Language::Tsx => (
            plain(&[SCRIPT, SCRIPT_TYPE, SCRIPT_ARROW, SCRIPT_TEST]),
            Some(format!("{SCRIPT_FIELD}|{}", SCRIPT_MEMBER.replace("?P<name>", "?P<member>"))),
        ),
        Language::Java => (plain(&[&modified(JAVA_TYPE), &modified(JAVA_METHOD)]), Some(modified(MEMBER))),
        Language::Cpp => (
            plain(&[CPP_TYPE, CPP_TEST, &modified(CPP_FUNCTION), CPP_OUTSIDE, CPP_CLOSURE]),
            Some(modified(MEMBER)),
        ),
        Language::Other => (plain(&[&modified(OTHER), SCRIPT_ARROW]), None),
    };
    let member = member.map(|source| Regex::new(&source).unwrap_or_else(|e| unreachable!("{e}")));
    Patterns { anywhere, member }
}

/// Whether the line alone says that something is defined in it.
pub(super) fn is_definition(language: Language, line: &str) -> bool {
    let line = shortened(line);
    PATTERNS[language as usize].anywhere.iter().any(|pattern| found(pattern, line).is_some())
}

/// Definitions in a text whose comments and strings are `masked`, in order of line, without their parents.
pub(super) fn definitions(language: Language, lines: &[&str], masked: &[&str]) -> Vec<Definition> {
    let extents = Extents::new(language, lines, masked);
    let mut definitions: Vec<Definition> = Vec::new();
    // The definitions around the line: what they are indented by, and whether they hold members.
    let mut around: Vec<(usize, bool)> = Vec::new();
    for (index, line) in masked.iter().enumerate() {
        let Some(depth) = indentation(line).filter(|_| !is_label(line)) else { continue };
        while around.last().is_some_and(|(outer, _)| *outer >= depth && !closes(line)) {
            around.pop();
        }
        let line = shortened(line);
        let Patterns { anywhere, member } = &PATTERNS[language as usize];
        let holds_members = around.last().is_some_and(|(_, holds)| *holds);
        let members = member.iter().filter(|_| holds_members);
        let Some((name, owner, mut kind)) =
            anywhere.iter().chain(members).find_map(|pattern| found(pattern, line))
        else {
            continue;
        };
        let mut name = name.to_owned();
        if kind == Kind::Test && owner.is_none() {
            match quoted(lines[index]) {
                Some(title) => name = title,
                None => continue,
            }
        }
        if kind == Kind::Function && language.types_come_first() && is_declared_only(&masked[index..]) {
            continue;
        }
        if kind == Kind::Function && holds_members {
            kind = Kind::Method;
        }
        around.push((depth, kind.holds_members()));
        let last = extents.end(index);
        let owner = owner.map(str::to_owned);
        definitions.push(Definition {
            name,
            kind,
            owner,
            line: index + 1,
            first: index + 1,
            last: last + 1,
            parent: None,
        });
    }
    definitions
}

/// Whether a signature ends with a semicolon in place of a body.
fn is_declared_only(masked: &[&str]) -> bool {
    let mut open = 0;
    for line in masked.iter().take(SIGNATURE) {
        open += line.matches('(').count();
        open = open.saturating_sub(line.matches(')').count());
        if open == 0 {
            return line.trim_end().ends_with(';');
        }
    }
    false
}

type Found<'a> = (&'a str, Option<&'a str>, Kind);

fn found<'a>(pattern: &Regex, line: &'a str) -> Option<Found<'a>> {
    let captures: Captures<'a> = pattern.captures(line)?;
    let word = |group: &str| captures.name(group).map(|word| word.as_str());
    let name = word("name").or_else(|| word("member"))?;
    let before = &line[..captures.name("name").or_else(|| captures.name("member"))?.start()];
    let kind = word("kind").and_then(|word| word.split_whitespace().next());
    let stands_for_itself = matches!(kind, Some("test" | "it" | "describe"));
    let plain = name.trim_start_matches('~');
    if !stands_for_itself
        && (is_statement(plain)
            || plain.chars().next().is_none_or(char::is_numeric)
            || kind.is_none() && before.split_whitespace().any(is_statement))
    {
        return None;
    }
    Some((name, word("owner"), kind.map_or(plain_kind(pattern), Kind::of_word)))
}

/// Words that begin or join statements, and are nobody's name, whatever stands after them.
pub(super) fn is_statement(word: &str) -> bool {
    const WORDS: [&str; 21] = [
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "else",
        "return",
        "do",
        "try",
        "match",
        "new",
        "throw",
        "case",
        "await",
        "yield",
        "goto",
        "in",
        "co_return",
        "sizeof",
        "elif",
        "with",
    ];
    WORDS.contains(&word)
}

/// A type in Go need be neither struct nor interface; whatever else has no word for it is a function.
fn plain_kind(pattern: &Regex) -> Kind {
    if pattern.as_str() == GO_TYPE { Kind::Type } else { Kind::Function }
}

/// The title of a test: the first string of the line.
fn quoted(line: &str) -> Option<String> {
    let open = line.find(['"', '\'', '`'])?;
    let mark = line[open..].chars().next()?;
    let title = line[open + 1..].split(mark).next()?.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

fn shortened(line: &str) -> &str {
    &line[..floor(line, LONGEST_LINE)]
}
