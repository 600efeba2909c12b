//! Which names of a line are bound by it, told from the marks around them: this holds for half a statement too.

use super::identifiers::{Token, holds_fields};
use super::language::Language;
use super::outline::Kind;

/// Words after which a name is bound.
const BINDERS: [&str; 27] = [
    "def",
    "class",
    "struct",
    "enum",
    "union",
    "trait",
    "interface",
    "record",
    "fn",
    "func",
    "function",
    "fun",
    "let",
    "const",
    "var",
    "val",
    "mut",
    "static",
    "type",
    "mod",
    "namespace",
    "lambda",
    "for",
    "as",
    "ref",
    "using",
    "final",
];
/// Words before which no type can stand, so that what follows them is used.
const NO_TYPES: [&str; 18] = [
    "return",
    "new",
    "throw",
    "else",
    "case",
    "in",
    "instanceof",
    "delete",
    "goto",
    "import",
    "package",
    "extends",
    "implements",
    "throws",
    "await",
    "yield",
    "and",
    "not",
];

/// A line of more pieces was not written by hand: nothing is said of it.
const MOST: usize = 400;

/// What a bracket holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// Parameters of a function that is being defined.
    Parameters,
    /// Anything else.
    Others,
}

/// What is still open from the lines before.
pub(super) struct Reading {
    language: Language,
    open: Vec<Inside>,
}

impl Reading {
    pub fn new(language: Language) -> Self {
        Self { language, open: Vec::new() }
    }

    /// For each token of the next line whether it is a name that is bound there. `around` is the kind of the
    /// innermost definition that the line is in, not counting one that begins in it.
    pub fn defined(&mut self, tokens: &[Token], around: impl FnOnce() -> Option<Kind>) -> Vec<bool> {
        let mut defined = vec![false; tokens.len()];
        if tokens.len() > MOST {
            return defined;
        }
        let begins_in_brackets = self.open.last().copied();
        let mut after_definer = false;
        let mut assigned = false;
        for at in 0..tokens.len() {
            match tokens[at] {
                Token::Keyword("def" | "fn" | "func" | "function" | "fun") => after_definer = true,
                Token::Mark('(') => {
                    let parameters = after_definer || self.is_signature(tokens, at);
                    self.open.push(if parameters { Inside::Parameters } else { Inside::Others });
                    // `func (l *List) Add(x int)` has two lists.
                    after_definer &= at > 0 && matches!(tokens[at - 1], Token::Keyword("func"));
                }
                Token::Mark('[' | '{') => self.open.push(Inside::Others),
                Token::Mark(')' | ']' | '}') => {
                    self.open.pop();
                }
                Token::Mark('=') => assigned = true,
                Token::Mark(';') => assigned = false,
                Token::Double(['=', '>']) => arrow(tokens, at, &mut defined),
                Token::Mark('|') => closure(tokens, at, &mut defined),
                Token::Name(_) => {
                    let inside = self.open.last().copied();
                    defined[at] |= self.is_bound(tokens, at, inside, assigned);
                }
                _ => {}
            }
        }
        let first = tokens.iter().position(|token| !is_modifier(token));
        if let (Some(at), None | Some(Inside::Others)) = (first, begins_in_brackets) {
            defined[at] |= self.is_field(tokens, at, around);
        }
        defined
    }

    fn is_bound(&self, tokens: &[Token], at: usize, inside: Option<Inside>, assigned: bool) -> bool {
        let before = at.checked_sub(1).map(|before| tokens[before]);
        let after = tokens.get(at + 1).copied();
        if matches!(before, Some(Token::Double([':', ':']))) {
            return matches!(after, Some(Token::Mark('(')))
                && self.language == Language::Cpp
                && !assigned
                && inside.is_none();
        }
        let is_rest = at >= 2 && tokens[at - 2..at] == [Token::Mark('.'); 2];
        if let (Some(Token::Mark('.')), false) = (before, is_rest) {
            let of_itself = at >= 2 && matches!(tokens[at - 2], Token::Keyword("self" | "this"));
            return of_itself && matches!(after, Some(Token::Mark('=' | ':')));
        }
        if matches!(before, Some(Token::Keyword(word)) if BINDERS.contains(&word)) {
            // `mut` and `final` stand before types too.
            return !(self.language.types_come_first()
                && matches!(
                    after,
                    Some(Token::Name(_) | Token::Mark('<' | '*' | '&') | Token::Double([':', ':']))
                ));
        }
        if inside == Some(Inside::Parameters) {
            return if self.language.types_come_first() {
                matches!(after, None | Some(Token::Mark(',' | ')' | '=')))
                    && !matches!(before, None | Some(Token::Mark('(' | ',' | '<')))
            } else {
                is_rest
                    || matches!(before, None | Some(Token::Mark('(' | ',')))
                    || matches!(before, Some(Token::Mark('*'))) && begins_parameter(tokens, at - 1)
            };
        }
        if matches!(after, Some(Token::Double([':', '=']))) {
            return true;
        }
        if self.language.types_come_first() && is_typed(tokens, at, assigned) {
            return true;
        }
        // `a, b = b, a`, and `x: int = 0` of Python: not the keyword of a call.
        let in_brackets = inside.is_some() && self.language == Language::Python;
        !in_brackets && !assigned && gets_value(tokens, at) || in_let(tokens, at) || in_for(tokens, at)
    }

    /// Whether the bracket opens the parameters of a function that is defined without a word for it: `int f(`.
    fn is_signature(&self, tokens: &[Token], at: usize) -> bool {
        if !self.language.types_come_first() || at < 2 || self.open.last() == Some(&Inside::Parameters) {
            return false;
        }
        let named = matches!(tokens[at - 1], Token::Name(_));
        let ends = tokens.last() == Some(&Token::Mark(';'));
        named && !ends && is_type_end(tokens, at - 2) && !tokens[..at].contains(&Token::Mark('='))
    }

    fn is_field(&self, tokens: &[Token], at: usize, around: impl FnOnce() -> Option<Kind>) -> bool {
        if !matches!(tokens[at], Token::Name(_)) || self.language.types_come_first() {
            return false;
        }
        let looks_so = match self.language {
            Language::Go => matches!(
                tokens.get(at + 1),
                Some(Token::Name(_) | Token::Keyword(_) | Token::Mark('[' | '*'))
            ),
            _ => matches!(tokens.get(at + 1), Some(Token::Mark(':' | '?' | '!'))),
        };
        looks_so && around().is_some_and(holds_fields)
    }
}

fn is_modifier(token: &Token) -> bool {
    matches!(
        token,
        Token::Keyword("pub" | "public" | "private" | "protected" | "static" | "readonly" | "declare")
    )
}

/// `Type name` followed by what ends a declaration.
fn is_typed(tokens: &[Token], at: usize, assigned: bool) -> bool {
    let ends = matches!(tokens.get(at + 1), Some(Token::Mark('=' | ';' | ':' | ',' | '[' | '{' | '(' | ')')));
    // After the value has begun only a further declaration's list could follow; that is rare.
    ends && at >= 1 && !assigned && is_type_end(tokens, at - 1)
}

/// Whether a type can end with this token.
fn is_type_end(tokens: &[Token], at: usize) -> bool {
    match tokens[at] {
        // `a.b c` is one too, `obj.call` alone is not: a name follows directly.
        Token::Name(_) => true,
        Token::Keyword(word) => !NO_TYPES.contains(&word),
        Token::Mark('>') => tokens[..at].contains(&Token::Mark('<')),
        Token::Mark(']') => at >= 1 && tokens[at - 1] == Token::Mark('['),
        Token::Mark('*' | '&') | Token::Double(['&', '&']) => {
            at >= 1 && matches!(tokens[at - 1], Token::Name(_) | Token::Keyword(_) | Token::Mark('>' | '*'))
        }
        _ => false,
    }
}

/// `a = `, `a: T = `, and `a` in `a, b = `.
fn gets_value(tokens: &[Token], at: usize) -> bool {
    let mut next = at + 1;
    let before = at.checked_sub(1).map(|before| tokens[before]);
    if !matches!(
        before,
        None | Some(Token::Mark(',' | '(' | '*' | ';' | '{' | '}')) | Some(Token::Keyword(_))
    ) {
        return false;
    }
    loop {
        match tokens.get(next) {
            Some(Token::Mark('=')) | Some(Token::Double([':', '='])) => return true,
            Some(Token::Mark(',' | '(' | ')' | '*') | Token::Name(_))
                if tokens[at + 1..=next].contains(&Token::Mark(',')) =>
            {
                next += 1;
            }
            Some(Token::Mark(':')) => {
                // A type stands between.
                let more = &tokens[next..];
                let value = more.iter().position(|token| *token == Token::Mark('='));
                return at == 0 && more.len() > 1 && value.is_none_or(|value| value > 1);
            }
            _ => return false,
        }
    }
}

/// A name between `let` and `=`, alone or in a pattern.
fn in_let(tokens: &[Token], at: usize) -> bool {
    let binds = |token: &Token| matches!(token, Token::Keyword("let" | "const" | "var"));
    let Some(begin) = tokens[..at].iter().rposition(binds) else { return false };
    // Two names in a row: the second is a type.
    let is_type = matches!(tokens[at - 1], Token::Name(_));
    let takes_apart =
        is_type || matches!(tokens.get(at + 1), Some(Token::Mark('(' | '{') | Token::Double([':', ':'])));
    !takes_apart
        && !tokens[begin..at]
            .iter()
            .any(|token| matches!(token, Token::Mark('=' | ':') | Token::Keyword("of" | "in")))
}

/// A name between `for` and `in` (or `:=`, `of`).
fn in_for(tokens: &[Token], at: usize) -> bool {
    let Some(begin) = tokens[..at].iter().rposition(|token| matches!(token, Token::Keyword("for"))) else {
        return false;
    };
    let ends = |token: &Token| {
        matches!(token, Token::Keyword("in" | "of" | "range") | Token::Mark('=' | ';') | Token::Double(_))
    };
    !tokens[begin..at].iter().any(ends)
        && tokens[at..].iter().any(|token| matches!(token, Token::Keyword("in") | Token::Double([':', '='])))
}

/// Whether the stars up to here begin a parameter (`*rest`) rather than multiply or point.
fn begins_parameter(tokens: &[Token], star: usize) -> bool {
    let before = tokens[..star].iter().rev().find(|token| **token != Token::Mark('*'));
    matches!(before, None | Some(Token::Mark('(' | ',')))
}

/// The parameters before `=>`.
fn arrow(tokens: &[Token], arrow: usize, defined: &mut [bool]) {
    let Some(mut at) = arrow.checked_sub(1) else { return };
    if matches!(tokens[at], Token::Name(_)) && !(at >= 1 && matches!(tokens[at - 1], Token::Mark(':'))) {
        defined[at] = true;
        return;
    }
    let mut depth = 0_usize;
    loop {
        match tokens[at] {
            Token::Mark(')') => depth += 1,
            Token::Mark('(') => depth = depth.saturating_sub(1),
            Token::Name(_) if depth == 1 => {
                let starts = at >= 1 && matches!(tokens[at - 1], Token::Mark('(' | ',' | '{' | '['));
                defined[at] |= starts;
            }
            _ => {}
        }
        if depth == 0 || at == 0 {
            return;
        }
        at -= 1;
    }
}

/// The parameters of `|a, b|` where a value may begin.
fn closure(tokens: &[Token], open: usize, defined: &mut [bool]) {
    let begins = match open.checked_sub(1).map(|before| tokens[before]) {
        None => true,
        Some(before) => matches!(before, Token::Mark('(' | ',' | '=') | Token::Keyword("move")),
    };
    let Some(length) = tokens[open + 1..].iter().position(|token| *token == Token::Mark('|')) else { return };
    if begins {
        for at in open + 1..open + 1 + length {
            let starts = matches!(tokens[at - 1], Token::Mark('|' | ',' | '(' | '&') | Token::Keyword("mut"));
            defined[at] |= starts && matches!(tokens[at], Token::Name(_));
        }
    }
}
