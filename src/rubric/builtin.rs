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
    RUBRICS
        .get_file("lexicon.toml")
        .and_then(read)
        .unwrap_or_else(|| RubricFile::new("rubrics/lexicon.toml", ""))
}

fn read(file: &include_dir::File<'_>) -> Option<RubricFile> {
    let path = file.path();
    (path.extension()? == "toml")
        .then(|| Some(RubricFile::new(format!("rubrics/{}", path.display()), file.contents_utf8()?)))?
}
