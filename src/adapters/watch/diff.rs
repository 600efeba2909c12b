//! What changed between two texts, line by line.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};

use crate::session::Hunk;

/// After this the hunks get coarser, but stay right.
const PATIENCE: Duration = Duration::from_millis(500);

/// In order, and all in terms of `old`.
pub fn hunks(old: &str, new: &str) -> Vec<Hunk> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let deadline = Instant::now().checked_add(PATIENCE);
    capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline)
        .into_iter()
        .filter(|change| change.tag() != DiffTag::Equal)
        .map(|change| Hunk {
            line: change.old_range().start + 1,
            removed: own(&old[change.old_range()]),
            added: own(&new[change.new_range()]),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, CodeHistory, Edit, EditKind, Millis};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn replayed(old: &str, new: &str) -> Vec<String> {
        let edit = Edit {
            at: Millis::ZERO,
            monotonic_ns: None,
            path: "a".into(),
            kind: EditKind::Modify,
            from: None,
            cause: Cause::Typing,
            hunks: hunks(old, new),
            hash: String::new(),
        };
        let snapshots = BTreeMap::from([("a".into(), old.into())]);
        CodeHistory { snapshots, edits: vec![edit] }.after(1).remove("a").unwrap()
    }

    proptest! {
        #[test]
        fn hunks_lead_from_the_old_text_to_the_new(old in "([abc\n]{0,3}\n){0,9}", new in "([abc\n]{0,3}\n){0,9}") {
            prop_assert_eq!(replayed(&old, &new), new.lines().collect::<Vec<_>>());
            prop_assert!(hunks(&old, &old).is_empty());
        }
    }

    #[test]
    fn a_pure_insertion_names_the_line_before_which_it_goes() {
        let hunk = hunks("a\nb\n", "a\nx\nb\n").remove(0);
        assert_eq!((hunk.line, hunk.removed.len(), hunk.added), (2, 0, vec!["x".to_owned()]));
    }

    #[test]
    fn texts_without_a_common_line_are_compared_in_time() {
        let text = |salt: usize| (0..60_000).map(|line| format!("{}\n", line * 2 + salt)).collect::<String>();
        let (old, new) = (text(0), text(1));
        let begun = Instant::now();
        let lines = replayed(&old, &new);
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        assert_eq!(lines.len(), 60_000);
    }

    #[test]
    fn the_hash_is_the_one_of_the_format() {
        assert_eq!(crate::session::hash::sha256("")[..8], *"e3b0c442");
    }
}
