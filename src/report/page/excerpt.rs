//! The code of a moment, short enough to be read at a glance.

use std::collections::BTreeMap;

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::report::document::Report;
use crate::report::focus::Focus;
use crate::session::CodeHistory;

/// Unchanged lines shown around a change.
const CONTEXT: usize = 2;
/// Lines shown at most.
const LINES: usize = 12;
/// Letters of a line that are shown.
const LETTERS: usize = 120;

#[derive(Debug, PartialEq, Serialize)]
pub struct Excerpt {
    path: String,
    /// It was written before the moment, not in it.
    before: bool,
    lines: Vec<Line>,
    /// Changed lines that are not shown.
    more: usize,
}

#[derive(Debug, PartialEq, Serialize)]
struct Line {
    /// In the new text, from 1; none for a line that went.
    number: Option<usize>,
    /// `+`, `-` or a space.
    mark: char,
    text: String,
}

/// What the edits of the moment did to the file that they changed most; where nothing was edited, those before it.
pub fn of(focus: &Focus, report: &Report, code: &CodeHistory, groups: &[Vec<usize>]) -> Option<Excerpt> {
    let end = focus.span?.end;
    let earlier = || report.episodes.iter().rposition(|episode| episode.span.start <= end);
    let (episode, before) = match focus.episode {
        Some(episode) => (episode, false),
        None => (earlier()?, true),
    };
    let group = groups.get(episode)?;
    let (first, last) = (*group.first()?, *group.last()?);
    let (old, new) = (code.after(first), code.after(last + 1));
    let touched = group.iter().filter_map(|&edit| code.edits.get(edit)).map(|edit| edit.path.as_str());
    let mut changed: BTreeMap<&str, usize> = BTreeMap::new();
    touched.for_each(|path| *changed.entry(path).or_default() += 1);
    let excerpts = changed.keys().map(|path| {
        let lines = |files: &BTreeMap<String, Vec<String>>| files.get(*path).cloned().unwrap_or_default();
        difference(path, &lines(&old), &lines(&new), before)
    });
    let by_change =
        |excerpt: &Excerpt| excerpt.more + excerpt.lines.iter().filter(|line| line.mark != ' ').count();
    excerpts.max_by_key(by_change).filter(|excerpt| !excerpt.lines.is_empty())
}

fn difference(path: &str, old: &[String], new: &[String], before: bool) -> Excerpt {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    let diff = TextDiff::from_slices(&old, &new);
    let groups = diff.grouped_ops(CONTEXT);
    let mut lines: Vec<Line> = groups
        .iter()
        .flatten()
        .flat_map(|op| diff.iter_changes(op))
        .map(|change| Line {
            number: change.new_index().map(|index| index + 1),
            mark: match change.tag() {
                ChangeTag::Insert => '+',
                ChangeTag::Delete => '-',
                ChangeTag::Equal => ' ',
            },
            text: change.value().chars().take(LETTERS).collect(),
        })
        .collect();
    let rest = lines.split_off(lines.len().min(LINES));
    let more = rest.iter().filter(|line| line.mark != ' ').count();
    Excerpt { path: path.to_owned(), before, lines, more }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_change_is_cut_and_the_rest_counted() {
        let new: Vec<String> = (0..30).map(|line| format!("line {line}")).collect();
        let excerpt = difference("a.py", &[], &new, false);
        assert_eq!((excerpt.lines.len(), excerpt.more), (LINES, 30 - LINES));
        assert_eq!((excerpt.lines[0].number, excerpt.lines[0].mark), (Some(1), '+'));
        let mut changed = new.clone();
        changed[10] = "other".into();
        let excerpt = difference("a.py", &new, &changed, false);
        let marks: String = excerpt.lines.iter().map(|line| line.mark).collect();
        assert_eq!(marks, "  -+  ");
    }
}
