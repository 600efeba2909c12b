//! Edits to episodes: bursts of edits that belong together.

use crate::analysis::code::Reader;
use crate::session::{Cause, CodeHistory, Edit, EditKind, Episode, Millis, Span};

/// Edits closer than this belong to one burst.
const GAP: Millis = Millis(10_000);

/// Groups the edits by time. A last edit that a tool made ends the burst of the hand that ran it.
pub fn group(history: &CodeHistory) -> Vec<Episode> {
    let edits = &history.edits;
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for index in 0..edits.len() {
        match groups.last_mut() {
            Some(group) if edits[index].at - edits[group[group.len() - 1]].at < GAP => group.push(index),
            _ => groups.push(vec![index]),
        }
    }
    let names = symbols_by_edit(history);
    groups.into_iter().map(|group| episode(edits, group, &names)).collect()
}

fn episode(edits: &[Edit], group: Vec<usize>, names: &[Vec<String>]) -> Episode {
    let mut files = Vec::new();
    let mut symbols = Vec::new();
    let (mut added, mut removed) = (0, 0);
    let mut lines_by_cause: Vec<(Cause, usize)> = Vec::new();
    for &index in &group {
        let edit = &edits[index];
        push_new(&mut files, &edit.path);
        let lines = edit.lines_added() + edit.lines_removed();
        match lines_by_cause.iter_mut().find(|(cause, _)| *cause == edit.cause) {
            Some((_, sum)) => *sum += lines,
            None => lines_by_cause.push((edit.cause, lines)),
        }
        if edit.cause.is_by_hand() {
            added += edit.lines_added();
            removed += edit.lines_removed();
            names[index].iter().for_each(|name| push_new(&mut symbols, name));
        }
    }
    let cause = lines_by_cause
        .iter()
        .max_by_key(|&&(cause, lines)| (cause.is_by_hand(), lines))
        .map_or(Cause::Unknown, |&(cause, _)| cause);
    // What a tool did just before or after is not when the person began or ended.
    let by_hand: Vec<usize> =
        group.iter().copied().filter(|&index| edits[index].cause.is_by_hand()).collect();
    let own = if by_hand.is_empty() { &group } else { &by_hand };
    let span = Span::new(edits[own[0]].at, edits[own[own.len() - 1]].at);
    let creates_only = own.iter().all(|&index| edits[index].kind == EditKind::Create);
    Episode { span, edits: group, files, symbols, added, removed, cause, creates_only }
}

fn push_new(list: &mut Vec<String>, item: &String) {
    if !list.contains(item) {
        list.push(item.clone());
    }
}

/// For each edit by hand the definitions in its added lines, else the one around its first changed line.
fn symbols_by_edit(history: &CodeHistory) -> Vec<Vec<String>> {
    let mut names = Vec::with_capacity(history.edits.len());
    let mut reader = Reader::default();
    history.walk(|edit, files| {
        let lines = files.get(&edit.path).filter(|_| edit.cause.is_by_hand());
        names.push(lines.map_or_else(Vec::new, |lines| {
            let outline = reader.read(&edit.path, &lines.join("\n")).outline;
            let added = edit.added_lines();
            let defined: Vec<String> = added
                .iter()
                .flat_map(|lines| outline.named_in(lines.clone()))
                .map(|definition| definition.name.clone())
                .collect();
            let first = edit.hunks.first().map_or(1, |hunk| hunk.line);
            let around = || outline.enclosing(first).last().map(|name| (*name).to_owned());
            if defined.is_empty() { around().into_iter().collect() } else { defined }
        }));
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Hunk;

    fn edit(at: f64, line: usize, added: &[&str], cause: Cause) -> Edit {
        Edit {
            at: Millis::from_seconds(at),
            monotonic_ns: None,
            path: "a.py".into(),
            kind: EditKind::Modify,
            from: None,
            cause,
            hunks: vec![Hunk { line, removed: vec![], added: added.iter().map(|l| l.to_string()).collect() }],
            hash: String::new(),
        }
    }

    #[test]
    fn bursts_are_split_by_ten_seconds_and_named_by_symbol() {
        let history = CodeHistory {
            snapshots: Default::default(),
            edits: vec![
                edit(1.0, 1, &["class Limiter:"], Cause::Typing),
                edit(10.9, 2, &["    def allow(self):"], Cause::Typing),
                edit(20.9, 3, &["        return True"], Cause::Typing),
                edit(22.0, 1, &["", ""], Cause::Formatter),
                edit(60.0, 1, &[""], Cause::Formatter),
            ],
        };
        let episodes = group(&history);
        assert_eq!(episodes.len(), 3);
        assert_eq!((episodes[2].lines(), episodes[2].cause), (0, Cause::Formatter));
        assert_eq!(episodes[1].span, Span::from_seconds(20.9, 20.9));
        assert_eq!(episodes[0].symbols, ["Limiter", "allow"]);
        assert_eq!(episodes[0].span, Span::from_seconds(1.0, 10.9));
        assert_eq!(episodes[1].symbols, ["allow"]);
        assert_eq!((episodes[1].added, episodes[1].cause), (1, Cause::Typing));
    }
}
