//! All labels, or all cues: those of the program, and the user's that extend, replace or add.

use std::collections::BTreeSet;

use super::definition::{Definition, Kind};
use super::lexicon::Lexicon;
use super::source::{RubricError, RubricFile};
use crate::session::Role;

/// The language of words that nobody named one for.
const DEFAULT_LANGUAGE: &str = "en";

/// In an order in which each comes after those that it yields to.
#[derive(Clone, Debug)]
pub struct Catalog {
    all: Vec<Definition>,
    /// Those that are the user's from the first pattern to the last.
    own: BTreeSet<String>,
}

impl Catalog {
    /// Reads one a file. `own` are the user's. Two of one id are an error; names are for [`Catalog::check`].
    pub fn load(
        kind: Kind,
        lexicon: &Lexicon,
        files: &[RubricFile],
        own: &[RubricFile],
    ) -> Result<Self, RubricError> {
        let mut all = read(kind, files, lexicon)?;
        let mut replaced = BTreeSet::new();
        for definition in read(kind, own, lexicon)? {
            match all.iter_mut().find(|other| other.id == definition.id) {
                Some(other) if definition.extends => other.extend(definition)?,
                Some(other) => {
                    replaced.insert(definition.id.clone());
                    *other = definition;
                }
                None => {
                    replaced.insert(definition.id.clone());
                    all.push(definition);
                }
            }
        }
        if let Some(Definition { id, place, .. }) = all.iter().find(|definition| definition.extends) {
            return Err(place.error(format!("there is no {kind} {id} to extend")));
        }
        Ok(Self { all: order(all)?, own: replaced })
    }

    /// # Errors
    /// A name for which there is nothing.
    pub fn check(&self, is_known: impl Fn(Kind, &str) -> bool) -> Result<(), RubricError> {
        let named = self.all.iter().flat_map(|definition| &definition.named);
        match named.into_iter().find(|named| !is_known(named.kind, &named.id)) {
            Some(named) => Err(named.place.error(format!("{} is no {}", named.id, named.kind))),
            None => Ok(()),
        }
    }

    pub fn all(&self) -> &[Definition] {
        &self.all
    }

    pub fn has(&self, id: &str) -> bool {
        self.all.iter().any(|definition| definition.id == id)
    }

    pub fn is_own(&self, id: &str) -> bool {
        self.own.contains(id)
    }

    /// Whether there are any for a language. One that is not said is taken for English.
    pub fn knows(&self, language: &str) -> bool {
        self.all.iter().any(|definition| definition.language == code(language))
    }

    /// Those that this speaker can have in this language.
    pub fn of(&self, language: &str, speaker: Role) -> impl Iterator<Item = &Definition> {
        let code = code(language);
        self.all.iter().filter(move |definition| definition.speaker == speaker && definition.language == code)
    }
}

/// Two letters of a language that comes as "en", "en-US" or "english".
pub(super) fn code(language: &str) -> String {
    let language = language.to_lowercase();
    match language.split(['-', '_']).next().unwrap_or_default() {
        "" => DEFAULT_LANGUAGE.into(),
        "english" => "en".into(),
        code => code.into(),
    }
}

fn read(kind: Kind, files: &[RubricFile], lexicon: &Lexicon) -> Result<Vec<Definition>, RubricError> {
    let mut all: Vec<Definition> = Vec::with_capacity(files.len());
    for file in files {
        let definition = Definition::parse(kind, file, lexicon)?;
        if all.iter().any(|other| other.id == definition.id) {
            return Err(definition.place.error(format!("the {kind} {} is defined twice", definition.id)));
        }
        all.push(definition);
    }
    Ok(all)
}

/// Puts each after those that it yields to; a circle is an error. What is nowhere defined is left to [`Catalog::check`].
fn order(mut rest: Vec<Definition>) -> Result<Vec<Definition>, RubricError> {
    let mut ordered: Vec<Definition> = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let waits = |id: &String| rest.iter().any(|other| other.id == *id);
        let Some(next) = rest.iter().position(|definition| !definition.yields_to.iter().any(waits)) else {
            let Definition { kind, id, place, .. } = &rest[0];
            return Err(place.error(format!("the {kind} {id} yields to itself in a circle")));
        };
        ordered.push(rest.remove(next));
    }
    Ok(ordered)
}
