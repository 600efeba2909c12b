//! What is seen of an author's craft in a file of code.

use std::collections::{HashMap, HashSet};

use super::extent::indentation;
use super::identifiers::{self, Token, tokens};
use super::outline::{Definition, Kind};
use super::table::{Entry, FeatureKind, Guard, Table};
use super::{Code, words};

/// Longest text that is shown of a line, in characters.
const SHOWN: usize = 120;
/// Lines of a condition and its block in which the error must come.
const BLOCK: usize = 4;
/// Plain statements that may stand before or between checks of arguments.
const PLAIN: usize = 2;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    pub kind: FeatureKind,
    /// 1-based.
    pub line: usize,
    /// The name or words that tell it.
    pub what: String,
    /// The line as it was written, shortened.
    pub text: String,
}

/// The features of a file in order of line, each once a line. Tables of other languages are passed over.
pub fn find(code: &Code, tables: &[Table]) -> Vec<Feature> {
    let tables: Vec<&Table> =
        tables.iter().filter(|table| table.languages.contains(&code.language)).collect();
    let masked: Vec<&str> = code.masked_lines().collect();
    let names = Names::of(code, &masked, &tables);
    let mut seen: Vec<(FeatureKind, usize, String)> = Vec::new();
    let checked: Vec<usize> = tables
        .iter()
        .filter_map(|table| table.guard.as_ref())
        .flat_map(|guard| {
            code.outline.definitions.iter().flat_map(|function| checks(guard, function, &masked))
        })
        .collect();
    seen.extend(
        checked.iter().map(|&line| (FeatureKind::Validation, line, masked[line - 1].trim().to_owned())),
    );
    for definition in &code.outline.definitions {
        let spoken = words::split(&definition.name).join(" ");
        if definition.kind == Kind::Test {
            seen.push((FeatureKind::Test, definition.line, definition.name.clone()));
        }
        for entry in tables.iter().flat_map(|table| &table.entries) {
            if entry.defined.as_ref().is_some_and(|pattern| pattern.is_match(&spoken)) {
                seen.push((entry.kind, definition.line, definition.name.clone()));
            }
        }
    }
    for (index, line) in masked.iter().enumerate() {
        if line.trim().is_empty() || names.imports.contains(&index) {
            continue;
        }
        let tokens = tokens(code.language, line);
        for entry in tables.iter().flat_map(|table| &table.entries) {
            // An assertion that checks arguments is no test.
            if entry.kind == FeatureKind::Test && checked.contains(&(index + 1)) {
                continue;
            }
            let by_pattern = entry.pattern.iter().filter_map(|pattern| pattern.find(line));
            let told =
                by_pattern.map(|found| found.as_str().trim().to_owned()).chain(names.told(entry, &tokens));
            seen.extend(told.map(|what| (entry.kind, index + 1, what)));
        }
    }
    seen.sort_by(|a, b| (a.1, a.0, &a.2).cmp(&(b.1, b.0, &b.2)));
    seen.dedup();
    let texts: Vec<&str> = code.lines().collect();
    let feature = |(kind, line, what): (FeatureKind, usize, String)| {
        let shorten = |text: &str| text.trim().chars().take(SHOWN).collect();
        Feature { kind, line, what: shorten(&what), text: shorten(texts.get(line - 1).unwrap_or(&"")) }
    };
    seen.into_iter().map(feature).collect()
}

/// Where the names of a file come from.
struct Names {
    /// Lines (0-based) that bring names in.
    imports: HashSet<usize>,
    imported: HashSet<String>,
    /// The name behind another that was given on import.
    aliases: HashMap<String, String>,
    /// What the file defines itself.
    own: HashSet<String>,
    /// Modules of any entry.
    modules: HashSet<String>,
}

impl Names {
    fn of(code: &Code, masked: &[&str], tables: &[&Table]) -> Self {
        let imports = import_lines(masked, tables);
        let (mut imported, mut aliases) = (HashSet::new(), HashMap::new());
        for &index in &imports {
            let tokens = tokens(code.language, masked[index]);
            for (at, token) in tokens.iter().enumerate() {
                let Token::Name(name) = token else { continue };
                imported.insert((*name).to_owned());
                if let [Token::Keyword("as"), Token::Name(alias), ..] = tokens[at + 1..] {
                    aliases.insert(alias.to_owned(), (*name).to_owned());
                }
            }
        }
        let own = identifiers::in_lines(code, 1..=masked.len())
            .into_iter()
            .filter(|identifier| identifier.defined && !imports.contains(&(identifier.line - 1)))
            .map(|identifier| identifier.name)
            .collect();
        let entries = tables.iter().flat_map(|table| &table.entries);
        let modules = entries.flat_map(|entry| entry.modules.iter().cloned()).collect();
        Self { imports, imported, aliases, own, modules }
    }

    /// The names of a line by which the entry is told.
    fn told(&self, entry: &Entry, tokens: &[Token]) -> Vec<String> {
        let mut told = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let Token::Name(written) = *token else { continue };
            let before = at.checked_sub(1).map(|before| tokens[before]);
            let after = tokens.get(at + 1).copied();
            let dotted =
                |mark: Option<Token>| matches!(mark, Some(Token::Mark('.') | Token::Double([':', ':'])));
            if entry.named.as_ref().is_some_and(|pattern| pattern.is_match(&words::split(written).join(" ")))
            {
                told.push(written.to_owned());
            }
            if dotted(before)
                && matches!(after, Some(Token::Mark('(' | '<') | Token::Double([':', ':'])))
                && entry.methods.contains(written)
            {
                told.push(written.to_owned());
            }
            let name = self.aliases.get(written).map_or(written, String::as_str);
            if self.own.contains(written) && !self.imported.contains(written) {
                continue;
            }
            let of_another = matches!(before, Some(Token::Mark('.')))
                && !matches!(at.checked_sub(2).map(|at| tokens[at]), Some(Token::Name(module)) if self.is_module(module));
            if entry.names.contains(name) && !of_another {
                told.push(name.to_owned());
            }
            if entry.modules.contains(name) && dotted(after) && !matches!(before, Some(Token::Mark('.'))) {
                let member = match tokens.get(at + 2) {
                    Some(Token::Name(member) | Token::Keyword(member)) => member,
                    _ => "",
                };
                told.push(format!("{name}.{member}"));
            }
        }
        told
    }

    fn is_module(&self, name: &str) -> bool {
        self.imported.contains(name) || self.modules.contains(name)
    }
}

/// The lines of imports, with those that a bracket goes on for.
fn import_lines(masked: &[&str], tables: &[&Table]) -> HashSet<usize> {
    let mut lines = HashSet::new();
    let mut open = 0_isize;
    for (index, line) in masked.iter().enumerate() {
        let begins =
            || tables.iter().filter_map(|table| table.imports.as_ref()).any(|imports| imports.is_match(line));
        if open > 0 || begins() {
            lines.insert(index);
            open += balance(line);
            // A bracket that is still to be closed must not swallow the file.
            if line.trim().is_empty() && open > 0 && !line_goes_on(masked, index) {
                open = 0;
            }
            open = open.max(0);
        }
    }
    lines
}

/// Whether the next line that is not blank is indented or closes, as the rest of a list is.
fn line_goes_on(masked: &[&str], index: usize) -> bool {
    let next = masked[index + 1..].iter().find(|line| !line.trim().is_empty());
    next.is_some_and(|line| line.starts_with([' ', '\t', ')', '}', ']']))
}

fn balance(line: &str) -> isize {
    line.chars()
        .map(|c| match c {
            '(' | '{' | '[' => 1,
            ')' | '}' | ']' => -1,
            _ => 0,
        })
        .sum()
}

/// The lines (1-based) that check arguments at the start of a function.
fn checks(guard: &Guard, function: &Definition, masked: &[&str]) -> Vec<usize> {
    let mut found = Vec::new();
    if !matches!(function.kind, Kind::Function | Kind::Method) {
        return found;
    }
    let last = function.last.min(masked.len());
    // Who gets no arguments has none to check; a method has its object.
    if function.kind == Kind::Function && has_no_parameters(masked, function.line - 1) {
        return found;
    }
    let mut index = body(function, masked);
    let mut plain = 0;
    while index < last && plain <= PLAIN {
        let line = masked[index];
        if line.trim().is_empty() || line.trim().chars().all(|c| "{}();".contains(c)) {
            index += 1;
        } else if guard.asserts.as_ref().is_some_and(|asserts| asserts.is_match(line)) {
            found.push(index + 1);
            index += 1;
        } else if guard.condition.is_match(line) && !guard.unless.as_ref().is_some_and(|it| it.is_match(line))
        {
            let Some(fails) = failing(guard, masked, index, last) else { break };
            found.push(index + 1);
            index = fails + 1;
        } else {
            plain += 1;
            index += 1;
        }
    }
    found
}

/// The line (0-based) in the block of a condition that raises.
fn failing(guard: &Guard, masked: &[&str], condition: usize, last: usize) -> Option<usize> {
    let depth = indentation(masked[condition])?;
    for (index, line) in masked.iter().enumerate().take(last).skip(condition).take(BLOCK) {
        let leaves = indentation(line).is_some_and(|own| own <= depth)
            && !line.trim_start().starts_with([')', '{', '}']);
        if index > condition && leaves {
            return None;
        }
        if guard.fails.is_match(line) {
            return Some(index);
        }
    }
    None
}

fn has_no_parameters(masked: &[&str], line: usize) -> bool {
    let signature = masked.get(line).and_then(|line| line.split_once('('));
    signature.is_some_and(|(_, parameters)| parameters.trim_start().starts_with(')'))
}

/// The first line (0-based) after a signature.
fn body(function: &Definition, masked: &[&str]) -> usize {
    let mut open = 0;
    for (index, line) in masked.iter().enumerate().take(function.last).skip(function.line - 1) {
        for c in line.chars() {
            match c {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
        }
        if open <= 0 {
            return index + 1;
        }
    }
    function.last
}
