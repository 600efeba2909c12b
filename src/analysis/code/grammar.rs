//! Reads a text by the grammar of its language. A text that changed a little is parsed anew only where it changed.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use tree_sitter::{InputEdit, Node, ParseOptions, ParseState, Parser, Point, Tree};

use super::kinds::{Role, roles};
use super::language::Language;
use super::mask::Paint;
use super::outline::{Definition, Kind};
use super::parsed::Parsed;

/// No person writes a longer file; what is, was made by a tool.
const LONGEST: usize = 512 * 1024;
/// Open brackets in one another. Some grammars take gigabytes for a hundred thousand of them.
const DEEPEST: usize = 256;

/// The parsers, and the last tree of every file.
#[derive(Default)]
pub(super) struct Parsers {
    parsers: HashMap<Language, (Parser, Vec<Role>)>,
    last: BTreeMap<String, Last>,
}

struct Last {
    language: Language,
    text: String,
    tree: Tree,
}

fn grammar(language: Language) -> Option<tree_sitter::Language> {
    Some(match language {
        Language::Python => tree_sitter_python::LANGUAGE.into(),
        Language::Rust => tree_sitter_rust::LANGUAGE.into(),
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Language::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        Language::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
        Language::Java => tree_sitter_java::LANGUAGE.into(),
        Language::Go => tree_sitter_go::LANGUAGE.into(),
        Language::Cpp => tree_sitter_cpp::LANGUAGE.into(),
        Language::Other => return None,
    })
}

impl Parsers {
    /// `None` where there is no grammar, and for a text that no person wrote.
    pub fn parse(&mut self, language: Language, path: &str, text: &str) -> Option<Parsed> {
        if text.len() > LONGEST || depth(text) > DEEPEST {
            return None;
        }
        let (parser, roles) = match self.parsers.entry(language) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let grammar = grammar(language)?;
                let mut parser = Parser::new();
                parser.set_language(&grammar).ok()?;
                place.insert((parser, roles(&grammar)))
            }
        };
        let old = self.last.remove(path).filter(|last| last.language == language).map(|mut last| {
            last.tree.edit(&change(&last.text, text));
            last.tree
        });
        let tree = parse(parser, text, old.as_ref())?;
        let parsed = read(&tree, text, roles);
        self.last.insert(path.to_owned(), Last { language, text: text.to_owned(), tree });
        Some(parsed)
    }
}

/// Steps are counted, not time: the same text gives the same tree on any machine.
fn parse(parser: &mut Parser, text: &str, old: Option<&Tree>) -> Option<Tree> {
    let mut left = 1_000 + text.len() / 8;
    let mut count = |_: &ParseState| {
        left = left.saturating_sub(1);
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let bytes = text.as_bytes();
    let mut rest = |from: usize, _: Point| bytes.get(from..).unwrap_or_default();
    let options = ParseOptions::new().progress_callback(&mut count);
    let tree = parser.parse_with_options(&mut rest, old, Some(options));
    if tree.is_none() {
        parser.reset();
    }
    tree
}

/// The most brackets that are open at once.
fn depth(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// What lies between the equal beginning and the equal end of both texts.
fn change(old: &str, new: &str) -> InputEdit {
    let mut start = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
        start -= 1;
    }
    let ends = old[start..].bytes().rev().zip(new[start..].bytes().rev());
    let mut same = ends.take_while(|(a, b)| a == b).count();
    while !old.is_char_boundary(old.len() - same) || !new.is_char_boundary(new.len() - same) {
        same -= 1;
    }
    let (old_end, new_end) = (old.len() - same, new.len() - same);
    InputEdit {
        start_byte: start,
        old_end_byte: old_end,
        new_end_byte: new_end,
        start_position: point(old, start),
        old_end_position: point(old, old_end),
        new_end_position: point(new, new_end),
    }
}

fn point(text: &str, at: usize) -> Point {
    let before = &text.as_bytes()[..at];
    let row = before.iter().filter(|byte| **byte == b'\n').count();
    Point { row, column: before.iter().rev().take_while(|byte| **byte != b'\n').count() }
}

/// Goes through the tree without recursion: code can be nested deeply.
fn read(tree: &Tree, text: &str, roles: &[Role]) -> Parsed {
    let mut parsed = Parsed { has_error: tree.root_node().has_error(), ..Parsed::default() };
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        match roles.get(node.kind_id() as usize).copied().unwrap_or_default() {
            Role::Nothing => {}
            Role::Hidden => parsed.paints.push(Paint::hidden(node.byte_range())),
            Role::Code => {
                // Without the marks around it.
                let range = node.byte_range();
                let marks = text[range.clone()].find('{').map_or(0, |at| at + 1);
                parsed.paints.push(Paint { range: range.start + marks..range.end, is_code: true });
            }
            role => {
                if let Some(definition) = definition(node, role, text) {
                    if node.has_error() {
                        parsed.broken.insert(definition.line);
                    }
                    parsed.definitions.push(definition);
                }
            }
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return parsed;
            }
        }
    }
}

fn definition(node: Node, role: Role, text: &str) -> Option<Definition> {
    let field = |name: &str| node.child_by_field_name(name);
    let words = |node: Node| text.get(node.byte_range()).unwrap_or_default();
    let (name, kind) = match role {
        Role::Defines(kind) => (field("name")?, kind),
        Role::WithBody(kind) => {
            field("body")?;
            (field("name")?, kind)
        }
        Role::Implements => (field("type")?, Kind::Impl),
        Role::GoType => {
            let kind = match field("type")?.kind() {
                "struct_type" => Kind::Struct,
                "interface_type" => Kind::Interface,
                _ => Kind::Type,
            };
            (field("name")?, kind)
        }
        Role::Declares => {
            // Python's functions are of the same name, without declarators.
            let plain = if node.kind() == "function_definition" { field("name") } else { None };
            (plain.or_else(|| function_declarator(node))?, Kind::Function)
        }
        Role::Binds(name, value) => {
            let value = first_of_list(field(value)?);
            let kind = closure_kind(value.kind())?;
            (first_of_list(declared(field(name)?)), kind)
        }
        Role::Calls => {
            let called = words(field("function")?).split('.').next()?;
            if !["test", "it", "describe"].contains(&called) {
                return None;
            }
            (field("arguments")?.named_child(0).filter(|title| title.kind().contains("string"))?, Kind::Test)
        }
        Role::Nothing | Role::Hidden | Role::Code => return None,
    };
    let mut owner = field("receiver").and_then(|receiver| last_type(words(receiver)));
    let written = words(name);
    let name_text = match role {
        Role::Calls => written.trim_matches(['"', '\'', '`']).trim().to_owned(),
        Role::Implements => last_type(written)?,
        Role::Declares => {
            let (scope, last) = scoped(written);
            owner = scope.and_then(last_type);
            last.to_owned()
        }
        Role::Binds(..) => written.rsplit('.').next()?.to_owned(),
        _ => written.to_owned(),
    };
    let (kind, name_text) = match (kind, name_text.as_str()) {
        (Kind::Function, "TEST" | "TEST_F" | "TEST_P") => {
            let parameters = name.next_sibling()?;
            owner = Some(words(parameters.named_child(0)?).to_owned());
            (Kind::Test, words(parameters.named_child(1)?).to_owned())
        }
        _ => (kind, name_text),
    };
    let first = match node.parent().filter(|parent| parent.kind() == "decorated_definition") {
        Some(decorated) => decorated.start_position().row,
        None => node.start_position().row,
    };
    let end = node.end_position();
    // A node that ends with a line end ends in the line before.
    let last = if end.column == 0 && end.row > first { end.row - 1 } else { end.row };
    let is_name = kind == Kind::Test || !name_text.contains(|c: char| "\"'`.,(){}[]".contains(c));
    (is_name && !name_text.is_empty()).then(|| Definition {
        name: name_text,
        kind,
        owner,
        line: name.start_position().row + 1,
        first: first + 1,
        last: last + 1,
        parent: None,
    })
}

/// The name in C's declarators, which wrap it: `int *f(int)`. Only of functions.
fn function_declarator(node: Node<'_>) -> Option<Node<'_>> {
    let mut is_function = false;
    let mut at = node.child_by_field_name("declarator")?;
    loop {
        is_function |= at.kind() == "function_declarator";
        let inner = at.child_by_field_name("declarator");
        // A reference has no name for its inside.
        let inner = inner.or_else(|| at.named_child(0).filter(|_| at.kind() == "reference_declarator"));
        match inner {
            Some(inner) => at = inner,
            None => return is_function.then_some(at),
        }
    }
}

/// The name that a pattern or declarator binds.
fn declared(node: Node<'_>) -> Node<'_> {
    let mut at = node;
    while let Some(inner) = at.child_by_field_name("declarator").or_else(|| at.child_by_field_name("pattern"))
    {
        at = inner;
    }
    at
}

fn first_of_list(node: Node<'_>) -> Node<'_> {
    match node.kind() {
        "expression_list" => node.named_child(0).unwrap_or(node),
        _ => node,
    }
}

fn closure_kind(value: &str) -> Option<Kind> {
    match value {
        "arrow_function"
        | "function_expression"
        | "generator_function"
        | "func_literal"
        | "lambda"
        | "lambda_expression"
        | "closure_expression" => Some(Kind::Function),
        "class" => Some(Kind::Class),
        _ => None,
    }
}

/// `A<T>::put` as its scope and its name.
fn scoped(written: &str) -> (Option<&str>, &str) {
    match written.rfind("::") {
        Some(at) => (Some(&written[..at]), written[at + 2..].trim()),
        None => (None, written),
    }
}

/// The plain name of a type: `(l *Limiter[T])`, `a::List<T>`.
fn last_type(written: &str) -> Option<String> {
    let plain = written.split(['<', '[']).next().unwrap_or_default();
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    plain.rsplit(|c| !is_name(c)).find(|word| !word.is_empty()).map(str::to_owned)
}
