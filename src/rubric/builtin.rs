//! The rubric files that come with the program.

use include_dir::{Dir, include_dir};

use super::source::RubricFile;

static RUBRICS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rubrics");

/// Every TOML file of one folder of `rubrics/`, in order of name.
pub fn files(folder: &str) -> Vec<RubricFile> {
    let mut files: Vec<RubricFile> =
        RUBRICS.get_dir(folder).into_iter().flat_map(Dir::files).filter_map(read).collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

pub fn lexicon() -> RubricFile {
    file("lexicon.toml")
}

/// The eight signals and the anti-patterns.
pub fn checklists() -> Vec<RubricFile> {
    vec![file("signals.toml"), file("antipatterns.toml")]
}

fn file(name: &str) -> RubricFile {
    let found = RUBRICS.get_file(name).and_then(read);
    found.unwrap_or_else(|| RubricFile::new(format!("rubrics/{name}"), ""))
}

fn read(file: &include_dir::File<'_>) -> Option<RubricFile> {
    let path = file.path();
    (path.extension()? == "toml")
        .then(|| Some(RubricFile::new(format!("rubrics/{}", path.display()), file.contents_utf8()?)))?
}
