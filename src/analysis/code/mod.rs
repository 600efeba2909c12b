//! Reads code as a person reads it while it is being typed: what it defines, the names in it, and what it shows of
//! its author's craft. By the grammar of the language, and by the look of lines where there is none.

mod binding;
mod extent;
pub mod features;
#[cfg(feature = "grammars")]
mod grammar;
pub mod identifiers;
#[cfg(feature = "grammars")]
mod kinds;
pub mod language;
mod lines;
mod mask;
pub mod outline;
mod parsed;
pub mod table;
pub mod words;

pub use features::Feature;
pub use identifiers::{Identifier, introduced};
pub use language::Language;
pub use outline::{Definition, Kind, Outline};
pub use table::{FeatureKind, Table};

use parsed::Parsers;

/// Reads texts; keeps the parsers, and the last tree of every file, so that the next edit of it is read quickly.
#[derive(Default)]
pub struct Reader {
    parsers: Parsers,
}

/// A file of code that was read.
#[derive(Clone, Debug)]
pub struct Code {
    pub language: Language,
    pub outline: Outline,
    text: String,
    /// The text with comments and strings blanked, byte by byte.
    masked: String,
}

impl Reader {
    /// The language is told by the path.
    pub fn read(&mut self, path: &str, text: &str) -> Code {
        let language = Language::of_path(path);
        let parsed = self.parsers.parse(language, path, text);
        let masked = match &parsed {
            Some(parsed) if !parsed.has_error => mask::masked(text, &parsed.paints),
            _ => mask::masked(text, &mask::scan(language, text)),
        };
        let outline = {
            let [lines, masked]: [Vec<&str>; 2] = [text, &masked].map(|text| text.lines().collect());
            Outline::of(language, &lines, &masked, parsed)
        };
        Code { language, outline, text: text.to_owned(), masked }
    }
}

impl Code {
    /// The lines as they were written.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }

    /// The lines with comments and strings blanked.
    pub fn masked_lines(&self) -> impl Iterator<Item = &str> {
        self.masked.lines()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(language: Language) -> &'static str {
        match language {
            Language::Python => "a.py",
            Language::Rust => "a.rs",
            Language::TypeScript => "a.ts",
            Language::JavaScript => "a.js",
            Language::Tsx => "a.tsx",
            Language::Java => "A.java",
            Language::Go => "a.go",
            Language::Cpp => "a.cpp",
            Language::Other => "a.rb",
        }
    }

    /// What must hold of any text.
    fn check(code: &Code, text: &str) {
        let count = text.lines().count();
        assert_eq!(code.masked_lines().count(), count);
        assert_eq!(code.masked.len(), text.len());
        let definitions = &code.outline.definitions;
        for (index, definition) in definitions.iter().enumerate() {
            assert!(!definition.name.is_empty());
            assert!(1 <= definition.first && definition.first <= definition.line, "{definition:?}");
            assert!(definition.line <= definition.last && definition.last <= count, "{definition:?}");
            if let Some(parent) = definition.parent {
                assert!(parent < index);
                assert!(definition.last <= definitions[parent].last, "{definition:?}");
            }
        }
        for line in 0..=count + 1 {
            code.outline.enclosing(line);
        }
        for identifier in identifiers::in_lines(code, 1..=count) {
            assert!(text.contains(&identifier.name) && (1..=count).contains(&identifier.line));
        }
    }

    /// Pieces that code is made of, in any order.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "def ", "class ", "fn ", "func ", "impl ", "struct ", "if ", "for ", "return ", "A", "größe",
            "x1", "(", ")", "[", "]", "{", "}", "<", ">", ":", ";", ",", ".", "=", "=>", "->", "::", "|",
            "*", "&", "@", "#", "\"", "'", "`", "\"\"\"", "'''", "/*", "*/", "//", "${", "r#\"", "R\"x(",
            "\\", "\n", "\r\n", "\n    ", "\t", " ", "#[test]", "public:", "it('a'", "é", "😀",
        ]);
        prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in prop_oneof![any::<String>(), pieces()], more in pieces()) {
            for language in Language::ALL {
                let mut reader = Reader::default();
                for text in [&text, &format!("{text}{more}"), &format!("{more}{text}"), &text] {
                    check(&reader.read(path(language), text), text);
                }
            }
        }

        #[test]
        fn an_edited_text_reads_as_it_would_anew(parts in prop::collection::vec(pieces(), 1..6)) {
            for language in Language::ALL {
                let mut reader = Reader::default();
                let mut text = "class A {\n}\n".to_owned();
                for part in &parts {
                    let edited = reader.read(path(language), &text);
                    let anew = Reader::default().read(path(language), &text);
                    prop_assert_eq!(&edited.outline, &anew.outline);
                    prop_assert_eq!(&edited.masked, &anew.masked);
                    let middle = mask::floor(&text, text.len() / 2);
                    text.insert_str(middle, part);
                }
            }
        }
    }

    #[test]
    fn hostile_texts_are_read_in_time() {
        let texts = [
            "(".repeat(100_000),
            "{".repeat(100_000),
            "a(b[".repeat(25_000),
            "f(a, ".repeat(250),
            "/*".repeat(50_000),
            "\"\"\"\n".repeat(30_001),
            "x, ".repeat(300_000),
            "for a in b = c(d); ".repeat(50_000),
            "a = '/' / \"b\"; ".repeat(60_000),
            "def f(".repeat(20_000),
            "class A {\n".repeat(20_000),
            format!("s = \"{}\"", "é".repeat(500_000)),
        ];
        for text in &texts {
            for language in Language::ALL {
                check_quick(language, text);
            }
        }
    }

    fn check_quick(language: Language, text: &str) {
        let begin = std::time::Instant::now();
        let code = Reader::default().read(path(language), text);
        identifiers::in_lines(&code, 1..=text.lines().count());
        features::find(&code, &[]);
        let start: String = text.chars().take(20).collect();
        let took = begin.elapsed();
        assert!(took.as_secs() < 60, "{language:?} {start:?}: {took:?}");
    }
}
