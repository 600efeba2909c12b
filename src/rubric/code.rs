//! `rubrics/code/*.toml`: what features of code look like, with examples that are run as tests.

use regex::Regex;
use serde::Deserialize;

use super::source::{Place, RubricError, RubricFile};
use crate::analysis::code::table::{Entry, Guard};
use crate::analysis::code::{FeatureKind, Language, Reader, Table, features};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableText {
    languages: Vec<Language>,
    #[serde(default)]
    imports: Option<toml::Spanned<String>>,
    #[serde(default)]
    guard: Option<toml::Spanned<GuardText>>,
    seen: Vec<toml::Spanned<EntryText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardText {
    condition: toml::Spanned<String>,
    #[serde(default)]
    unless: Option<toml::Spanned<String>>,
    fails: toml::Spanned<String>,
    #[serde(default)]
    asserts: Option<toml::Spanned<String>>,
    matches: Vec<toml::Spanned<String>>,
    passes: Vec<toml::Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryText {
    kind: FeatureKind,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    modules: Vec<String>,
    #[serde(default)]
    methods: Vec<String>,
    #[serde(default)]
    pattern: Option<toml::Spanned<String>>,
    #[serde(default)]
    defined: Option<toml::Spanned<String>>,
    #[serde(default)]
    named: Option<toml::Spanned<String>>,
    matches: Vec<toml::Spanned<String>>,
    passes: Vec<toml::Spanned<String>>,
}

/// Code that must, or must not, have a feature.
#[derive(Clone, Debug)]
pub struct CodeExample {
    pub place: Place,
    pub kind: FeatureKind,
    pub text: String,
    pub matches: bool,
}

/// A file's table and its examples. Fails with the place where something is missing or no pattern.
pub fn parse(file: &RubricFile) -> Result<(Table, Vec<CodeExample>), RubricError> {
    let text: TableText = file.parse()?;
    if text.languages.is_empty() {
        return Err(file.error(0..0, "`languages` names no language"));
    }
    let regex = |source: &toml::Spanned<String>| {
        Regex::new(source.get_ref())
            .map_err(|error| file.error(source.span(), format!("not a pattern: {error}")))
    };
    let optional = |source: &Option<toml::Spanned<String>>| source.as_ref().map(regex).transpose();
    let mut examples = Vec::new();
    let mut keep = |kind, lists: [&[toml::Spanned<String>]; 2], at: std::ops::Range<usize>| {
        if lists.iter().any(|list| list.is_empty()) {
            return Err(file.error(at, "at least one example in `matches` and one in `passes`"));
        }
        for (list, matches) in lists.into_iter().zip([true, false]) {
            let example = |text: &toml::Spanned<String>| CodeExample {
                place: file.place(text.span()),
                kind,
                text: text.get_ref().clone(),
                matches,
            };
            examples.extend(list.iter().map(example));
        }
        Ok(())
    };
    let guard = match &text.guard {
        None => None,
        Some(spanned) => {
            let guard = spanned.get_ref();
            keep(FeatureKind::Validation, [&guard.matches, &guard.passes], spanned.span())?;
            let [condition, fails] = [regex(&guard.condition)?, regex(&guard.fails)?];
            let [unless, asserts] = [optional(&guard.unless)?, optional(&guard.asserts)?];
            Some(Guard { condition, unless, fails, asserts })
        }
    };
    let mut entries = Vec::with_capacity(text.seen.len());
    for spanned in text.seen {
        let at = spanned.span();
        let entry = spanned.into_inner();
        keep(entry.kind, [&entry.matches, &entry.passes], at.clone())?;
        let [pattern, defined, named] =
            [optional(&entry.pattern)?, optional(&entry.defined)?, optional(&entry.named)?];
        let has_names = [&entry.names, &entry.modules, &entry.methods].iter().any(|list| !list.is_empty());
        if !has_names && pattern.is_none() && defined.is_none() && named.is_none() {
            return Err(file.error(
                at,
                "names, modules, methods, pattern, defined or named must say what is looked for",
            ));
        }
        let [names, modules, methods] =
            [entry.names, entry.modules, entry.methods].map(|list| list.into_iter().collect());
        entries.push(Entry { kind: entry.kind, names, modules, methods, pattern, defined, named });
    }
    let imports = optional(&text.imports)?;
    Ok((Table { languages: text.languages, imports, guard, entries }, examples))
}

/// How many examples a file has, and those that do not hold.
pub fn check(file: &RubricFile) -> Result<(usize, Vec<CodeExample>), RubricError> {
    let (table, mut examples) = parse(file)?;
    let count = examples.len();
    examples.retain(|example| !holds(&table, example));
    Ok((count, examples))
}

/// Whether the example holds in the table's first language.
fn holds(table: &Table, example: &CodeExample) -> bool {
    let path = match table.languages.first() {
        Some(Language::Python) => "a.py",
        Some(Language::Rust) => "a.rs",
        Some(Language::TypeScript) => "a.ts",
        Some(Language::JavaScript) => "a.js",
        Some(Language::Tsx) => "a.tsx",
        Some(Language::Java) => "A.java",
        Some(Language::Go) => "a.go",
        Some(Language::Cpp) => "a.cpp",
        Some(Language::Other) | None => "a.txt",
    };
    let code = Reader::default().read(path, &example.text);
    let found = features::find(&code, std::slice::from_ref(table));
    found.iter().any(|feature| feature.kind == example.kind) == example.matches
}

#[cfg(test)]
mod tests {
    use super::super::builtin;
    use super::*;

    #[test]
    fn every_example_of_the_program_holds() {
        let mut failed = Vec::new();
        let mut count = 0;
        let mut languages = Vec::new();
        for file in builtin::files("code") {
            let (more, failures) = check(&file).unwrap();
            count += more;
            languages.extend(parse(&file).unwrap().0.languages);
            failed.extend(
                failures
                    .iter()
                    .map(|it| format!("{:?} {}:{}: {:?}", it.kind, it.place.file, it.place.line, it.text)),
            );
        }
        assert!(failed.is_empty(), "{}", failed.join("\n"));
        assert!(count > 150, "{count}");
        assert!(Language::ALL.iter().all(|language| languages.contains(language)));
    }

    #[test]
    fn what_is_wrong_with_a_table_is_named_with_its_place() {
        let error = |text: &str| parse(&RubricFile::new("x.toml", text)).unwrap_err().to_string();
        let head = "languages = ['python']\n";
        assert!(error("languages = ['basic']\nseen = []\n").starts_with("x.toml:1:14: unknown variant"));
        assert!(error("languages = []\nseen = []\n").contains("no language"));
        let unknown =
            error(&format!("{head}[[seen]]\nkind = 'lock'\nname = ['x']\nmatches = []\npasses = []\n"));
        assert!(unknown.starts_with("x.toml:4:1: unknown field `name`"), "{unknown}");
        let pattern = error(&format!(
            "{head}[[seen]]\nkind = 'lock'\npattern = '('\nmatches = ['a']\npasses = ['b']\n"
        ));
        assert!(pattern.starts_with("x.toml:4:11: not a pattern"), "{pattern}");
        let none =
            error(&format!("{head}[[seen]]\nkind = 'lock'\nnames = ['x']\nmatches = []\npasses = ['b']\n"));
        assert!(none.starts_with("x.toml:2:1: at least one example"), "{none}");
        let nothing = error(&format!("{head}[[seen]]\nkind = 'lock'\nmatches = ['a']\npasses = ['b']\n"));
        assert!(nothing.contains("what is looked for"), "{nothing}");
    }
}
