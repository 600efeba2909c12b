//! What the nodes of all grammars mean to a reader. Grammars share their names.

use super::outline::Kind;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    Nothing,
    /// Comment or string.
    Hidden,
    /// An expression inside of a string.
    Code,
    Defines(Kind),
    /// Defines only where it has a body: elsewhere it is a mention (`struct Node *next`, `mod tests;`).
    WithBody(Kind),
    Implements,
    /// What kind it is, is said by the type.
    GoType,
    /// The name is inside of a declarator (C++).
    Declares,
    /// A name for a function without one: the fields of name and value.
    Binds(&'static str, &'static str),
    /// Perhaps `it("…", …)`.
    Calls,
}

/// The role of every kind of node, at its number.
pub(super) fn roles(grammar: &tree_sitter::Language) -> Vec<Role> {
    let kinds = 0..u16::try_from(grammar.node_kind_count()).unwrap_or(u16::MAX);
    let role_of = |id: u16| match grammar.node_kind_for_id(id) {
        // A keyword like `string` or `class` is not the node of that name.
        Some(name) if grammar.node_kind_is_named(id) => role(name),
        _ => Role::Nothing,
    };
    kinds.map(role_of).collect()
}

fn role(name: &str) -> Role {
    match name {
        "comment"
        | "line_comment"
        | "block_comment"
        | "string"
        | "string_literal"
        | "raw_string_literal"
        | "interpreted_string_literal"
        | "char_literal"
        | "character_literal"
        | "rune_literal"
        | "template_string"
        | "text_block"
        | "regex"
        | "jsx_text"
        | "format_specifier"
        | "html_comment" => Role::Hidden,
        "interpolation" | "template_substitution" | "string_interpolation" => Role::Code,
        "function_item"
        | "function_signature_item"
        | "function_signature"
        | "function_declaration"
        | "generator_function_declaration"
        | "macro_definition" => Role::Defines(Kind::Function),
        "method_definition"
        | "method_declaration"
        | "constructor_declaration"
        | "compact_constructor_declaration"
        | "abstract_method_signature"
        | "method_signature"
        | "method_elem" => Role::Defines(Kind::Method),
        "class_definition" | "class_declaration" | "abstract_class_declaration" | "record_declaration" => {
            Role::Defines(Kind::Class)
        }
        "class_specifier" => Role::WithBody(Kind::Class),
        "struct_item" | "union_item" => Role::Defines(Kind::Struct),
        "struct_specifier" | "union_specifier" => Role::WithBody(Kind::Struct),
        "enum_item" | "enum_declaration" => Role::Defines(Kind::Enum),
        "enum_specifier" => Role::WithBody(Kind::Enum),
        "trait_item" => Role::Defines(Kind::Trait),
        "interface_declaration" | "annotation_type_declaration" => Role::Defines(Kind::Interface),
        "type_item" | "type_alias_declaration" | "type_alias" | "alias_declaration" => {
            Role::Defines(Kind::Type)
        }
        "mod_item" | "namespace_definition" | "internal_module" => Role::WithBody(Kind::Module),
        "type_spec" => Role::GoType,
        "impl_item" => Role::Implements,
        "function_definition" => Role::Declares,
        "field_declaration" => Role::Declares,
        "variable_declarator" | "var_spec" => Role::Binds("name", "value"),
        "public_field_definition" => Role::Binds("name", "value"),
        "field_definition" => Role::Binds("property", "value"),
        "pair" => Role::Binds("key", "value"),
        "init_declarator" => Role::Binds("declarator", "value"),
        "let_declaration" => Role::Binds("pattern", "value"),
        "short_var_declaration" | "assignment_statement" | "assignment" | "assignment_expression" => {
            Role::Binds("left", "right")
        }
        "call_expression" => Role::Calls,
        _ => Role::Nothing,
    }
}
