//! Which of the files that came are files that went.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A file with its text.
pub type Named<'a> = (&'a Path, &'a str);

/// More pairs than this are not compared line by line.
const MOST_PAIRS: usize = 400;

/// The old path of each file in `came` that is one of `gone`: with the same text, or with most of its lines.
pub fn pairs(gone: &[Named], came: &[Named]) -> HashMap<PathBuf, PathBuf> {
    let mut by_text: HashMap<&str, Vec<&Path>> = HashMap::new();
    for (path, text) in gone {
        by_text.entry(text).or_default().push(path);
    }
    let mut pairs = HashMap::new();
    let mut other = Vec::new();
    for &(to, text) in came {
        let same = by_text.get_mut(text).and_then(|paths| {
            let named_alike = paths.iter().position(|from| from.file_name() == to.file_name());
            // Empty files are all alike.
            let index = named_alike.or((!text.is_empty() && !paths.is_empty()).then_some(0))?;
            Some(paths.swap_remove(index))
        });
        match same {
            Some(from) => drop(pairs.insert(to.to_path_buf(), from.to_path_buf())),
            None => other.push((to, text)),
        }
    }
    let mut left: Vec<Named> = by_text
        .into_iter()
        .flat_map(|(text, paths)| paths.into_iter().map(move |path| (path, text)))
        .collect();
    left.sort_unstable();
    if left.len() * other.len() > MOST_PAIRS {
        return pairs;
    }
    for (to, text) in other {
        let likeness = left.iter().map(|(_, old)| likeness(old, text)).enumerate();
        if let Some((index, _)) = likeness.filter(|(_, like)| *like >= 0.6).max_by(|a, b| a.1.total_cmp(&b.1))
        {
            pairs.insert(to.to_path_buf(), left.swap_remove(index).0.to_path_buf());
        }
    }
    pairs
}

/// The share of lines that both have, of those of the longer one.
fn likeness(one: &str, other: &str) -> f64 {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for line in one.lines() {
        *counts.entry(line).or_default() += 1;
    }
    let common = other
        .lines()
        .filter(|line| counts.get_mut(line).filter(|count| **count > 0).map(|count| *count -= 1).is_some())
        .count();
    common as f64 / one.lines().count().max(other.lines().count()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(gone: &[(&str, &str)], came: &[(&str, &str)]) -> Vec<(String, String)> {
        let named = |files: &[(&'static str, &'static str)]| -> Vec<Named<'static>> {
            files.iter().map(|(path, text)| (Path::new(*path), *text)).collect()
        };
        let leak = |files: &[(&str, &str)]| -> Vec<(&'static str, &'static str)> {
            files.iter().map(|(a, b)| (&*a.to_string().leak(), &*b.to_string().leak())).collect()
        };
        let mut pairs: Vec<(String, String)> = pairs(&named(&leak(gone)), &named(&leak(came)))
            .into_iter()
            .map(|(to, from)| (from.display().to_string(), to.display().to_string()))
            .collect();
        pairs.sort();
        pairs
    }

    fn pair(from: &str, to: &str) -> (String, String) {
        (from.into(), to.into())
    }

    #[test]
    fn the_same_text_is_the_same_file() {
        assert_eq!(found(&[("a", "x\n")], &[("b", "x\n")]), [pair("a", "b")]);
        assert_eq!(found(&[("a", "x\n")], &[("b", "y\n")]), []);
        assert_eq!(found(&[("a", "x\n")], &[("b", "x\n"), ("c", "x\n")]), [pair("a", "b")], "a copy is new");
    }

    #[test]
    fn of_equal_texts_the_name_decides() {
        let gone = [("p/a", "x\n"), ("p/b", "x\n"), ("p/__init__", "")];
        let came = [("q/b", "x\n"), ("q/a", "x\n"), ("q/__init__", ""), ("q/empty", "")];
        assert_eq!(
            found(&gone, &came),
            [pair("p/__init__", "q/__init__"), pair("p/a", "q/a"), pair("p/b", "q/b")]
        );
    }

    #[test]
    fn a_rename_with_a_change_is_a_rename() {
        let gone = [("a", "1\n2\n3\n4\n5\n"), ("z", "q\n")];
        assert_eq!(found(&gone, &[("b", "1\n2\n3\n4\nfive\n")]), [pair("a", "b")]);
        assert_eq!(found(&gone, &[("b", "1\n2\nx\ny\nz\n")]), []);
        assert_eq!(found(&[], &[("b", "")]), []);
    }
}
