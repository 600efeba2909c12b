//! Edits to episodes: bursts of edits that belong together.

use crate::analysis::code::Reader;
use crate::session::{Cause, CodeHistory, Edit, EditKind, Episode, Millis, Span};

/// Edits closer than this belong to one burst.
const GAP: Millis = Millis(10_000);
/// Endings of files in which people write words and data; code is everything else.
const NOT_CODE: [&str; 14] =
    ["md", "txt", "rst", "log", "json", "jsonl", "toml", "yaml", "yml", "csv", "lock", "xml", "ini", "cfg"];
/// A stay at another place is an episode of its own from so many changed lines on; less is a visit.
const OWN_LINES: usize = 3;

/// Groups the edits: a pause ends an episode, and so does moving on to another function or file. What a tool did
/// belongs to the hand that ran it.
pub fn group(history: &CodeHistory) -> Vec<Episode> {
    let edits = &history.edits;
    let names = symbols_by_edit(history);
    // A note that is taken meanwhile neither parts nor joins the work on code.
    let (code, other): (Vec<usize>, Vec<usize>) =
        (0..edits.len()).partition(|&index| is_code(&edits[index].path));
    let bursts = bursts(edits, &code).into_iter().chain(bursts(edits, &other));
    let parts = |burst: Vec<usize>| {
        let mut parts: Vec<Episode> =
            stays(edits, burst, &names).into_iter().map(|stay| episode(edits, stay, &names)).collect();
        let start = parts[0].span.start;
        parts.iter_mut().for_each(|part| part.burst = start);
        // An edit is seen when it is saved: its first key came right after the part before.
        for at in 1..parts.len() {
            parts[at].span.start = parts[at - 1].span.end;
        }
        parts
    };
    let mut episodes: Vec<Episode> = bursts.flat_map(parts).collect();
    episodes.sort_by_key(|episode| episode.edits[0]);
    episodes
}

/// Whether a file holds code, rather than words or data.
pub fn is_code(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_none_or(|(_, ending)| !NOT_CODE.contains(&ending.to_ascii_lowercase().as_str()))
}

fn bursts(edits: &[Edit], of: &[usize]) -> Vec<Vec<usize>> {
    of.chunk_by(|&one, &next| edits[next].at - edits[one].at < GAP).map(<[usize]>::to_vec).collect()
}

/// Edits of a burst in a row that were made at one place.
struct Stay<'a> {
    place: (&'a str, Option<&'a str>),
    lines: usize,
    edits: Vec<usize>,
}

impl Stay<'_> {
    /// The place is where most was done.
    fn join(&mut self, next: Self) {
        if next.lines > self.lines {
            self.place = next.place;
        }
        self.lines += next.lines;
        self.edits.extend(next.edits);
    }
}

/// Cuts a burst where the work moves on. Visits (an import, a forgotten argument) belong to the stay before them.
fn stays(edits: &[Edit], burst: Vec<usize>, names: &[Vec<String>]) -> Vec<Vec<usize>> {
    let mut stays: Vec<Stay> = Vec::new();
    for index in burst {
        let edit = &edits[index];
        let lines = if edit.cause.is_by_hand() { edit.lines_added() + edit.lines_removed() } else { 0 };
        let place = (edit.path.as_str(), names[index].first().map(String::as_str));
        let stay = Stay { place, lines, edits: vec![index] };
        match stays.last_mut() {
            Some(last) if lines == 0 || last.place == place => last.join(stay),
            _ => stays.push(stay),
        }
    }
    while stays.len() > 1 {
        let smallest = (0..stays.len()).min_by_key(|&at| stays[at].lines).unwrap_or_default();
        let same = stays.windows(2).position(|pair| pair[0].place == pair[1].place);
        let at = match same {
            Some(first) => first + 1,
            None if stays[smallest].lines < OWN_LINES => smallest.max(1),
            None => break,
        };
        let next = stays.remove(at);
        stays[at - 1].join(next);
    }
    stays.into_iter().map(|stay| stay.edits).collect()
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
    Episode { span, burst: span.start, edits: group, files, symbols, added, removed, cause, creates_only }
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
    fn moving_on_to_another_function_ends_an_episode_and_a_visit_does_not() {
        let typed = |at: f64, line: usize, added: &[&str]| edit(at, line, added, Cause::Typing);
        let history = CodeHistory {
            snapshots: Default::default(),
            edits: vec![
                typed(1.0, 1, &["class Limiter:"]),
                typed(2.0, 2, &["    def __init__(self):", "        self.tokens = 3"]),
                typed(3.0, 4, &["        self.at = time()"]),
                typed(5.0, 1, &["import time"]),
                typed(6.0, 6, &["        self.rate = 1"]),
                typed(9.0, 7, &["    def allow(self):", "        self.refill()"]),
                edit(9.5, 1, &["", ""], Cause::Formatter),
                typed(11.0, 9, &["        return True"]),
            ],
        };
        let episodes = group(&history);
        let read: Vec<(&[usize], f64)> =
            episodes.iter().map(|e| (e.edits.as_slice(), e.span.start.as_seconds())).collect();
        assert_eq!(read, [(&[0, 1, 2, 3, 4][..], 1.0), (&[5, 6, 7][..], 6.0)]);
        assert_eq!(episodes[1].symbols[0], "allow");
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
