//! A rubric file and the place in it where something is wrong.

use std::ops::Range;

use serde::de::DeserializeOwned;
use thiserror::Error;

/// A file's name, as shown to people, and its text.
#[derive(Clone, Debug)]
pub struct RubricFile {
    pub name: String,
    pub text: String,
}

/// What is wrong with a rubric file; line and column are 1-based, the column in characters.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct RubricError {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub message: String,
}

/// Where something stands; line and column as in [`RubricError`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
}

impl Place {
    pub fn error(&self, message: impl Into<String>) -> RubricError {
        RubricError { file: self.file.clone(), line: self.line, column: self.column, message: message.into() }
    }
}

impl RubricFile {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// An error at a byte range of the text.
    pub fn error(&self, at: Range<usize>, message: impl Into<String>) -> RubricError {
        self.place(at).error(message)
    }

    /// The place of a byte range of the text.
    pub fn place(&self, at: Range<usize>) -> Place {
        let mut end = at.start.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |index| index + 1);
        Place {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// Reads the TOML; an unknown or missing key is an error with its place.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, RubricError> {
        toml::from_str(&self.text).map_err(|error| {
            let at = error.span().unwrap_or(0..0);
            self.error(at, error.message().trim())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[allow(dead_code)]
        id: String,
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place() {
        let file = RubricFile::new("x.toml", "# é\nid = \"a\"\nweigth = 3\n");
        let error = file.parse::<Sample>().unwrap_err();
        assert_eq!((error.line, error.column), (3, 1));
        assert!(error.message.contains("weigth"), "{error}");
        assert!(error.to_string().starts_with("x.toml:3:1: "));
    }

    #[test]
    fn columns_count_characters() {
        let file = RubricFile::new("x.toml", "é = 1\n");
        assert_eq!(file.error(3..4, "m").column, 3);
        assert_eq!(file.error(999..1000, "m").line, 2);
    }
}
