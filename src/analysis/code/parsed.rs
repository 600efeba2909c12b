//! Definitions, comments and strings by the grammar of the language.

use std::collections::HashSet;

#[cfg(not(feature = "grammars"))]
use super::language::Language;
use super::mask::Paint;
use super::outline::Definition;

/// What the grammar makes of a text. Lines are 1-based.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub definitions: Vec<Definition>,
    /// Comments and strings.
    pub paints: Vec<Paint>,
    /// Some part of the text made no sense.
    pub has_error: bool,
    /// Lines of definitions with such a part in them.
    pub broken: HashSet<usize>,
}

#[cfg(feature = "grammars")]
pub(super) use super::grammar::Parsers;

/// Without grammars nothing is parsed.
#[cfg(not(feature = "grammars"))]
#[derive(Default)]
pub(super) struct Parsers;

#[cfg(not(feature = "grammars"))]
impl Parsers {
    pub fn parse(&mut self, _: Language, _: &str, _: &str) -> Option<Parsed> {
        None
    }
}
