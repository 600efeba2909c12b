//! What features of code look like, as data: `rubrics/code` holds it.

use std::collections::HashSet;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::language::Language;

/// What a feature shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureKind {
    /// A part of the standard library that one has to know.
    StandardLibrary,
    TypeHint,
    /// A dataclass, record or struct.
    Record,
    /// A context manager, `defer`, a lock guard, try-with-resources.
    ResourceScope,
    Generator,
    /// An error type of one's own.
    ErrorType,
    ErrorRaised,
    ErrorCaught,
    /// Arguments checked at the start of a function.
    Validation,
    Logging,
    /// A lock or an atomic.
    Lock,
    /// Async code, threads and pools.
    Concurrency,
    /// An abstract class, protocol, interface or trait.
    Abstraction,
    /// A test or an assertion.
    Test,
    /// A structure that few problems of an interview need, by name.
    AdvancedStructure,
    /// Sharding, replication and the like, by name.
    Distribution,
}

impl FeatureKind {
    /// As it is written in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::StandardLibrary => "standard_library",
            Self::TypeHint => "type_hint",
            Self::Record => "record",
            Self::ResourceScope => "resource_scope",
            Self::Generator => "generator",
            Self::ErrorType => "error_type",
            Self::ErrorRaised => "error_raised",
            Self::ErrorCaught => "error_caught",
            Self::Validation => "validation",
            Self::Logging => "logging",
            Self::Lock => "lock",
            Self::Concurrency => "concurrency",
            Self::Abstraction => "abstraction",
            Self::Test => "test",
            Self::AdvancedStructure => "advanced_structure",
            Self::Distribution => "distribution",
        }
    }
}

/// What is known of some languages.
#[derive(Clone, Debug)]
pub struct Table {
    pub languages: Vec<Language>,
    /// Lines that bring names in: no use of them.
    pub imports: Option<Regex>,
    pub guard: Option<Guard>,
    pub entries: Vec<Entry>,
}

/// How arguments are checked at the start of a function.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The line that asks.
    pub condition: Regex,
    /// A condition that asks something else: whether a call before it failed.
    pub unless: Option<Regex>,
    /// A line of its block that raises or returns an error.
    pub fails: Regex,
    /// A line that does both.
    pub asserts: Option<Regex>,
}

/// Something that can be seen in code; any of its ways to be told is enough. Comments, strings and imports are left out.
#[derive(Clone, Debug)]
pub struct Entry {
    pub kind: FeatureKind,
    /// Names on their own, not after a dot, unless the file defines them itself.
    pub names: HashSet<String>,
    /// Names before a dot or `::`, unless the file defines them itself.
    pub modules: HashSet<String>,
    /// Names after a dot or `::`, before a bracket.
    pub methods: HashSet<String>,
    /// On a line.
    pub pattern: Option<Regex>,
    /// On the spoken words of what is defined ("segment tree").
    pub defined: Option<Regex>,
    /// On the spoken words of any name.
    pub named: Option<Regex>,
}
