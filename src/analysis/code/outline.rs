//! What a file of code defines, and where.

use std::sync::LazyLock;

use regex::Regex;

use super::extent::{Extents, indentation};
use super::language::Language;
use super::lines;
use super::parsed::Parsed;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Function,
    Method,
    Class,
    Struct,
    Enum,
    Trait,
    Interface,
    /// A type by another name.
    Type,
    /// A block of methods of a type that is defined elsewhere (Rust).
    Impl,
    /// A module or namespace inside of a file.
    Module,
    /// A function that tests, or a titled test.
    Test,
}

impl Kind {
    /// Whether functions in it are methods.
    pub fn holds_members(self) -> bool {
        matches!(self, Self::Class | Self::Struct | Self::Enum | Self::Trait | Self::Interface | Self::Impl)
    }

    pub fn is_function(self) -> bool {
        matches!(self, Self::Function | Self::Method | Self::Test)
    }

    /// By the word of the language.
    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "class" | "record" | "object" => Self::Class,
            "struct" | "union" => Self::Struct,
            "enum" => Self::Enum,
            "trait" => Self::Trait,
            "interface" | "@interface" | "protocol" => Self::Interface,
            "type" => Self::Type,
            "impl" => Self::Impl,
            "mod" | "module" | "namespace" => Self::Module,
            "test" | "it" | "describe" | "TEST" | "TEST_F" | "TEST_P" => Self::Test,
            _ => Self::Function,
        }
    }
}

/// One definition. Lines are 1-based and lie in the file; the last belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    pub name: String,
    pub kind: Kind,
    /// The type that a method written outside of it belongs to (Go, C++).
    pub owner: Option<String>,
    /// Where the name stands.
    pub line: usize,
    /// With decorators and attributes.
    pub first: usize,
    pub last: usize,
    /// Index of the definition around it.
    pub parent: Option<usize>,
}

impl Definition {
    pub fn contains(&self, line: usize) -> bool {
        (self.first..=self.last).contains(&line)
    }
}

/// The definitions of a file in order of their lines, outer before inner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    pub definitions: Vec<Definition>,
}

impl Outline {
    /// Joins what the grammar found with what lines look like, where the grammar was at a loss.
    pub(super) fn of(language: Language, lines: &[&str], masked: &[&str], parsed: Option<Parsed>) -> Self {
        let mut definitions = match parsed {
            None => lines::definitions(language, lines, masked),
            Some(parsed) => {
                let mut definitions = parsed.definitions;
                // Where it is at a loss the grammar takes `if (x) {` and `new A(x)` for functions.
                definitions.retain(|it| it.kind == Kind::Test || !is_mention(it, masked));
                let extents = Extents::new(language, lines, masked);
                for definition in &mut definitions {
                    let by_lines = extents.end(definition.line - 1) + 1;
                    if parsed.broken.contains(&definition.line) {
                        definition.last = by_lines;
                    } else if language == Language::Python {
                        // The grammar leaves a comment at the end of a function outside of it.
                        definition.last = definition.last.max(by_lines);
                    }
                }
                if parsed.has_error {
                    let seen: Vec<usize> = definitions.iter().map(|definition| definition.line).collect();
                    let more = lines::definitions(language, lines, masked);
                    definitions.extend(more.into_iter().filter(|more| !seen.contains(&more.line)));
                }
                definitions
            }
        };
        for definition in &mut definitions {
            settle(definition, lines, masked);
        }
        definitions.sort_by_key(|definition| (definition.first, std::cmp::Reverse(definition.last)));
        nest(&mut definitions);
        Self { definitions }
    }

    /// Names from outer to inner of what the line (1-based) is part of.
    pub fn enclosing(&self, line: usize) -> Vec<&str> {
        let mut path = Vec::new();
        for definition in self.around(line) {
            let owner = definition.owner.as_deref().filter(|owner| path.last() != Some(owner));
            path.extend(owner);
            path.push(definition.name.as_str());
        }
        path
    }

    /// The definitions that the line (1-based) is part of, outer first.
    pub fn around(&self, line: usize) -> impl Iterator<Item = &Definition> {
        self.definitions.iter().filter(move |definition| definition.contains(line))
    }

    /// The definitions whose names stand in these lines (1-based).
    pub fn named_in(&self, lines: std::ops::RangeInclusive<usize>) -> impl Iterator<Item = &Definition> {
        self.definitions.iter().filter(move |definition| lines.contains(&definition.line))
    }
}

fn is_mention(definition: &Definition, masked: &[&str]) -> bool {
    if definition.kind == Kind::Impl {
        return false;
    }
    let before = masked.get(definition.line - 1).and_then(|line| line.split_once(&definition.name));
    let before = before.map_or("", |(before, _)| before.trim_end());
    lines::is_statement(&definition.name)
        || before.ends_with('.')
        || before.split_whitespace().next_back().is_some_and(lines::is_statement)
}

/// Takes in decorators above, and tells tests by their names and decorators.
fn settle(definition: &mut Definition, lines: &[&str], masked: &[&str]) {
    static TEST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(?:#\[(?:\w+::)*test\b|@(?:\w+\.)*(?:Test|ParameterizedTest|RepeatedTest)\b)")
            .unwrap_or_else(|error| unreachable!("a fixed pattern: {error}"))
    });
    let depth = masked.get(definition.line - 1).and_then(|line| indentation(line));
    let is_above = |line: &&&str| {
        indentation(line) == depth
            && (line.trim_start().starts_with('@') || line.trim_start().starts_with("#["))
    };
    let above = masked[..definition.first - 1].iter().rev().take_while(is_above).count();
    definition.first -= above;
    definition.last = definition.last.clamp(definition.line, lines.len().max(definition.line));
    if definition.kind.is_function() {
        let marked = masked[definition.first - 1..definition.line].iter().any(|line| TEST.is_match(line));
        if marked || is_test_name(&definition.name) {
            definition.kind = Kind::Test;
        }
    }
}

/// `test_evicts`, `testEvicts`, `TestEvicts`.
fn is_test_name(name: &str) -> bool {
    let rest = name.strip_prefix("test").or_else(|| name.strip_prefix("Test"));
    rest.and_then(|rest| rest.chars().next()).is_some_and(|c| c == '_' || c.is_uppercase())
}

/// Gives each its parent; nothing ends after what it is in.
fn nest(definitions: &mut [Definition]) {
    let mut open: Vec<usize> = Vec::new();
    for index in 0..definitions.len() {
        while open.last().is_some_and(|&outer| definitions[outer].last < definitions[index].line) {
            open.pop();
        }
        let parent = open.last().copied();
        definitions[index].parent = parent;
        let in_type = match parent {
            Some(parent) => {
                definitions[index].last = definitions[index].last.min(definitions[parent].last);
                definitions[parent].kind.holds_members()
            }
            None => false,
        };
        let definition = &mut definitions[index];
        if definition.kind == Kind::Function && (in_type || definition.owner.is_some()) {
            definition.kind = Kind::Method;
        }
        open.push(index);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Reader};
    use super::*;

    fn read(path: &str, text: &str) -> Code {
        Reader::default().read(path, text)
    }

    /// Every definition as `path.to.name kind first-last`.
    fn outline(path: &str, text: &str) -> Vec<String> {
        let outline = read(path, text).outline;
        let describe = |definition: &Definition| {
            let path = outline.enclosing(definition.line).join(".");
            format!("{path} {:?} {}-{}", definition.kind, definition.first, definition.last)
        };
        outline.definitions.iter().map(describe).collect()
    }

    /// Files in every language, with what they define.
    const WHOLE: [(&str, &str, &[&str]); 9] = [
        (
            "a.py",
            "import x\n\n@dataclass\nclass LRU(Base):\n    size: int = 0\n\n    @property\n    def full(\n        self,\n    ) -> bool:\n        def inner():\n            pass\n        return True\n        # at the end\n\nasync def main(): pass\n\ndef test_full():\n    assert LRU().full\n",
            &[
                "LRU Class 3-14",
                "LRU.full Method 7-14",
                "LRU.full.inner Function 11-12",
                "main Function 16-16",
                "test_full Test 18-19",
            ],
        ),
        (
            "a.rs",
            "#[derive(Debug)]\npub struct Lru<K> {\n    size: usize,\n}\n\nimpl<K: Ord> Cache for Lru<K> {\n    fn get(\n        &self,\n        key: &K,\n    ) -> Option<u8> {\n        None\n    }\n}\n\npub trait Cache {\n    fn get(&self);\n}\n\nenum State { On }\n\nmod tests {\n    #[test]\n    fn works() {}\n}\n",
            &[
                "Lru Struct 1-4",
                "Lru Impl 6-13",
                "Lru.get Method 7-12",
                "Cache Trait 15-17",
                "Cache.get Method 16-16",
                "State Enum 19-19",
                "tests Module 21-24",
                "tests.works Test 22-23",
            ],
        ),
        (
            "a.ts",
            "export class Lru<K> {\n  get(key: K): number {\n    return 1;\n  }\n  private drop = (key: K) => {\n    return;\n  };\n}\n\ninterface Cache {\n  size: number;\n}\n\nexport const add = (a: number) => a;\n\nexport async function main() {\n}\n\ntype Key = string;\n\ndescribe('Lru', () => {\n  it('evicts', () => {\n  });\n});\n",
            &[
                "Lru Class 1-8",
                "Lru.get Method 2-4",
                "Lru.drop Method 5-7",
                "Cache Interface 10-12",
                "add Function 14-14",
                "main Function 16-17",
                "Key Type 19-19",
                "Lru Test 21-24",
                "Lru.evicts Test 22-23",
            ],
        ),
        (
            "a.js",
            "function* walk() {\n}\nclass A extends B {\n  #size = 0;\n  constructor(x) {\n    super(x);\n  }\n  static of(x) {\n    return new A(x);\n  }\n}\n",
            &["walk Function 1-2", "A Class 3-11", "A.constructor Method 5-7", "A.of Method 8-10"],
        ),
        (
            "a.tsx",
            "export default function App() {\n  return <b>it('x') class B {1}</b>;\n}\n",
            &["App Function 1-3"],
        ),
        (
            "A.java",
            "public class Lru<K> extends Base {\n    public Lru(int size) {\n    }\n\n    @Override\n    public synchronized Map<K, V> get(\n            int key) {\n        return run(key);\n    }\n\n    @Test\n    void evicts() {\n    }\n\n    enum State { ON }\n\n    record Pair(int a, int b) {}\n}\n\ninterface Cache {\n}\n",
            &[
                "Lru Class 1-18",
                "Lru.Lru Method 2-3",
                "Lru.get Method 5-9",
                "Lru.evicts Test 11-13",
                "Lru.State Enum 15-15",
                "Lru.Pair Class 17-17",
                "Cache Interface 20-21",
            ],
        ),
        (
            "a.go",
            "package p\n\ntype Limiter struct {\n\tn int\n}\n\ntype Policy interface {\n}\n\ntype Heap []int\n\nfunc (l *Limiter) Allow(id string) bool {\n\treturn true\n}\n\nfunc main() {\n\tdfs := func(i int) {\n\t}\n\tdfs(1)\n}\n\nfunc TestAllow(t *testing.T) {\n}\n",
            &[
                "Limiter Struct 3-5",
                "Policy Interface 7-8",
                "Heap Type 10-10",
                "Limiter.Allow Method 12-14",
                "main Function 16-20",
                "main.dfs Function 17-18",
                "TestAllow Test 22-23",
            ],
        ),
        (
            "a.cpp",
            "#include <map>\nnamespace app {\ntemplate <typename T>\nclass Lru : public Base {\npublic:\n    Lru(int n) : n_(n) {}\n    int get(int key) {\n        return run(key);\n    }\nprivate:\n    int n_;\n};\n}\n\nstruct Node *head;\n\nint& Lru::put(int key) {\n    return key;\n}\n\nTEST(LruTest, Evicts) {\n}\n",
            &[
                "app Module 2-13",
                "app.Lru Class 4-12",
                "app.Lru.Lru Method 6-6",
                "app.Lru.get Method 7-9",
                "Lru.put Method 17-19",
                "LruTest.Evicts Test 21-22",
            ],
        ),
        (
            "a.kt",
            "data class Point(val x: Int)\n\nclass Lru {\n    fun get(key: Int): Int {\n        return 1\n    }\n}\n",
            &["Point Class 1-1", "Lru Class 3-7", "Lru.get Method 4-6"],
        ),
    ];

    #[test]
    fn whole_code_in_every_language() {
        for (path, text, wanted) in WHOLE {
            assert_eq!(outline(path, text), wanted, "{path}");
            let windows = text.replace('\n', "\r\n");
            assert_eq!(outline(path, &windows), wanted, "{path} with CRLF");
            let tabs = text.replace("    ", "\t");
            assert_eq!(outline(path, &tabs), wanted, "{path} with tabs");
        }
    }

    #[test]
    fn half_typed_code_gives_every_name() {
        let cases: [(&str, &str, &[&str]); 22] = [
            (
                "a.py",
                "class LRU:\n    def get(self, key):\n        return 1\n\n    def insert(self,",
                &["LRU", "get", "insert"],
            ),
            (
                "a.py",
                "class LRU:\n    def insert(self,\n\n    def get(self):\n        return 1\n\nclass B:\n    pass\n",
                &["LRU", "insert", "get", "B"],
            ),
            ("a.py", "def f():\n    x = (1 + [2,\n\ndef g():\n    pass\n", &["f", "g"]),
            ("a.py", "class A", &["A"]),
            ("a.py", "def f", &["f"]),
            ("a.py", "def ", &[]),
            (
                "a.py",
                "def f():\n    \"\"\"\n    return 1\n\ndef g():\n    \"\"\"About g.\"\"\"\n    return 2\n",
                &["f", "g"],
            ),
            ("a.py", "def f():\n    if x\n\n    def g(): pass\n", &["f", "g"]),
            (
                "a.rs",
                "impl Lru {\n    fn get(&self) -> u8 { 1 }\n\n    fn put(&mut self, key: ",
                &["Lru", "get", "put"],
            ),
            ("a.rs", "fn main() {\n    let x = vec![1, 2\n\nstruct A;\nfn g() {}\n", &["main", "A", "g"]),
            (
                "a.ts",
                "class Lru {\n  get(key: string) {\n    return this.m.get(\n\n  put(key: string,",
                &["Lru", "get", "put"],
            ),
            ("a.ts", "export const add = (a: number) => {\n", &["add"]),
            ("a.js", "function main() {\n  if (x {\n}\nfunction next() {", &["main", "next"]),
            ("a.tsx", "function App() {\n  return <div>\n}\nfunction B(", &["App", "B"]),
            (
                "A.java",
                "class Lru {\n    int get(int key) {\n        return map.get(\n    }\n\n    public void put(int key,",
                &["Lru", "get", "put"],
            ),
            ("A.java", "class Lru {\n    Lru(int n) {\n        this.n = n\n", &["Lru", "Lru"]),
            (
                "a.go",
                "package p\n\nfunc (l *Lru) Get(key int) int {\n\treturn l.m[\n}\n\nfunc New(",
                &["Get", "New"],
            ),
            ("a.go", "type Lru struct {\n\tm map[int]int", &["Lru"]),
            (
                "a.cpp",
                "class Lru {\npublic:\n    int get(int key) {\n        return m.at(\n    }\n    void put(int key,",
                &["Lru", "get", "put"],
            ),
            ("a.cpp", "int main() {\n    for (int i = 0; i < n\n\nvoid g() {\n}\n", &["main", "g"]),
            ("a.rb", "class Lru\n  def get(key)\n", &["Lru", "get"]),
            ("a.swift", "struct Lru {\n    func get(_ key: Int", &["Lru", "get"]),
        ];
        for (path, text, wanted) in cases {
            let code = read(path, text);
            let names: Vec<&str> = code.outline.definitions.iter().map(|it| it.name.as_str()).collect();
            assert_eq!(names, wanted, "{text}");
        }
    }

    /// Typed letter by letter, a name is there from the letter after its last on, and stays.
    #[test]
    fn every_name_is_known_as_soon_as_it_is_typed() {
        let mut missed = Vec::new();
        for (path, text, _) in WHOLE {
            let whole = read(path, text).outline;
            let starts: Vec<usize> =
                [0].into_iter().chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            let mut reader = Reader::default();
            for end in 0..=text.len() {
                let typed = &text[..end];
                let rest = text[end..].find('\n').map_or("", |at| &text[end + at..]);
                reader.read(path, &format!("{typed}{rest}"));
                let seen = reader.read(path, typed).outline;
                for definition in &whole.definitions {
                    let line = &text[starts[definition.line - 1]..];
                    let line = line.lines().next().unwrap();
                    let at = line.find(&definition.name).unwrap();
                    // What a function is given a name by, and a constructor or test, has to be typed first.
                    let told = line
                        .find("=>")
                        .or(line.find("func("))
                        .map_or(at + definition.name.len(), |at| at + 4);
                    let told = if definition.kind == Kind::Test { line.len() } else { told };
                    let known =
                        seen.named_in(definition.line..=definition.line).any(|it| it.name == definition.name);
                    if !known && end > starts[definition.line - 1] + told {
                        let line = typed.lines().last().unwrap_or_default();
                        missed.push(format!("{path}: {} at {line:?}", definition.name));
                    }
                }
            }
        }
        assert!(missed.is_empty(), "{}", missed.join("\n"));
    }

    #[test]
    fn what_looks_like_a_definition_and_is_none() {
        let cases = [
            ("a.py", "# def f():\n\"\"\"\ndef g():\n\"\"\"\nx = 'class A:'\ndefault = classify(x)\n"),
            ("a.rs", "// fn f() {}\n/* struct A; */\nlet s = \"fn g() {}\";\nmod other;\nself.fn_name(x);\n"),
            ("A.java", "// class A {}\nreturn foo(x);\nthrow new Bar(y);\nelse if (x) {\n}\nnew Thread(z)\n"),
            (
                "a.js",
                "// function f() {}\nif (x) {\n}\nfoo(a);\nwhile (y) {\n}\nconst total = (a + b) * 2;\n",
            ),
            (
                "a.cpp",
                "// int f() {}\nreturn foo(x);\nint x = foo(1);\nelse if (x) {\n}\nstruct Node *next;\nenum Color c;\n",
            ),
            ("a.go", "// func f() {}\nx := foo(1)\nreturn bar(y)\n"),
            ("a.txt", "# def f():\nThis is a class of its own, a type of thing.\n"),
        ];
        for (path, text) in cases {
            assert_eq!(outline(path, text), [""; 0], "{path}");
        }
    }

    #[test]
    fn a_line_is_part_of_what_it_stands_in() {
        let text = "class LRUCache:\n    def get(self):\n        # why\n        return 1\n\n    @timed\n    def evict(\n        self,\n    ):\n        for x in y:\n            z()\n";
        let outline = read("a.py", text).outline;
        assert_eq!(outline.enclosing(11), ["LRUCache", "evict"]);
        assert_eq!(outline.enclosing(6), ["LRUCache", "evict"]);
        assert_eq!(outline.enclosing(8), ["LRUCache", "evict"]);
        assert_eq!(outline.enclosing(3), ["LRUCache", "get"]);
        assert_eq!(outline.enclosing(5), ["LRUCache"]);
        assert_eq!(outline.enclosing(0), [""; 0]);
        assert_eq!(outline.enclosing(99), [""; 0]);
        assert_eq!(outline.named_in(2..=7).map(|it| it.name.as_str()).collect::<Vec<_>>(), ["get", "evict"]);
    }

    #[test]
    fn names_may_be_of_any_script() {
        assert_eq!(
            outline("a.py", "class Größe:\n    def číslo(self):\n        pass\n"),
            ["Größe Class 1-3", "Größe.číslo Method 2-3"]
        );
        assert_eq!(
            outline("a.java", "class 数 {\n    int 値(int x) {\n"),
            ["数 Class 1-2", "数.値 Method 2-2"]
        );
    }
}
