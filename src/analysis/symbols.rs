//! Names of the functions and classes that an edit wrote or touched, from the text of the lines.

use std::sync::LazyLock;

use regex::Regex;

/// Definitions in the languages that interviews are held in: Python, Rust, Go, Java and its like, JavaScript, C++.
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) ^\s*
        (?:(?:pub(?:\([a-z]+\))?|export|default|public|private|protected|static|final|abstract|async|unsafe|override|virtual|inline)\s+)*
        (?: (?:def|class|struct|enum|trait|interface|fn|func|function|impl|type|record)\s+ (?:\([^)]*\)\s*)? (?P<named>[A-Za-z_]\w*)
          | (?:const|let|var)\s+(?P<arrow>[A-Za-z_]\w*)\s*=\s*(?:async\s*)?\(?[^=]*=>
        )",
    )
    .unwrap_or_else(|error| unreachable!("a fixed pattern: {error}"))
});

/// The name that this line defines, if it does.
pub fn defined(line: &str) -> Option<&str> {
    let found = DEFINITION.captures(line)?;
    found.name("named").or_else(|| found.name("arrow")).map(|name| name.as_str())
}

/// The definition around line `index` (0-based): the nearest one above that is indented less.
pub fn enclosing(lines: &[String], index: usize) -> Option<&str> {
    let mut limit = indentation(lines.get(index)?)?;
    for line in lines[..index].iter().rev() {
        let Some(depth) = indentation(line) else { continue };
        if depth < limit {
            if let Some(name) = defined(line) {
                return Some(name);
            }
            limit = depth;
        }
    }
    None
}

/// Leading white space in columns (a tab is 4); `None` for a blank line.
fn indentation(line: &str) -> Option<usize> {
    let text = line.trim_start();
    (!text.is_empty())
        .then(|| line[..line.len() - text.len()].chars().map(|c| if c == '\t' { 4 } else { 1 }).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_several_languages() {
        let cases = [
            ("    def allow(self, client_id):", Some("allow")),
            ("class RateLimiter:", Some("RateLimiter")),
            ("    pub(crate) async fn refill(&mut self) {", Some("refill")),
            ("func (l *Limiter) Allow(id string) bool {", Some("Allow")),
            ("export default function main() {", Some("main")),
            ("const add = (a, b) => a + b;", Some("add")),
            ("public static class Node {", Some("Node")),
            ("    defined = 3", None),
            ("    x = classify(y)", None),
        ];
        for (line, name) in cases {
            assert_eq!(defined(line), name, "{line}");
        }
    }

    #[test]
    fn the_enclosing_definition_is_indented_less() {
        let code =
            "class A:\n    def f(self):\n        pass\n\n    def g(self):\n        if x:\n            y()\n";
        let lines: Vec<String> = code.lines().map(str::to_owned).collect();
        assert_eq!(enclosing(&lines, 6), Some("g"));
        assert_eq!(enclosing(&lines, 4), Some("A"));
        assert_eq!(enclosing(&lines, 0), None);
        assert_eq!(enclosing(&lines, 99), None);
    }
}
