//! The edit watcher against the ways in which editors and tools change files: each case of `edits.sh` is replayed
//! and what was seen is held against its TRUTH line.

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use thinkaloud::adapters::watch::{Baseline, Seen, Watch, WatchError, WatchSettings};
use thinkaloud::session::{Cause, CodeHistory, Edit, EditKind};

/// These take longest, so they come first.
const SLOW: [&str; 6] = ["checkout", "deep_tree", "rename_save", "notebook", "truncate_write", "flood"];
/// Prints only what to do by hand; `a_root_that_goes_takes_no_edits_with_it` does it.
const BY_HAND: &str = "watch_root_gone";
const THREADS: usize = 4;
const BASE: &str = "def f(a):\n    return a\n";

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

fn clock() -> i64 {
    START.elapsed().as_nanos().try_into().unwrap()
}

/// Most cases begin by making the file that they then change, and their truth is about the changes. So the file is
/// there before the watch begins, and the script's making it again, with the same text, is no edit. Cases that are
/// about a new file are not listed: there its creation counts.
fn set_up(case: &str, folder: &Path) {
    let long_line =
        || format!("a={}", (0..300_000).map(|n: u32| n.to_string()).collect::<Vec<_>>().join(","));
    let (name, bytes): (&str, Vec<u8>) = match case {
        "rename_save" => ("r.py", BASE.into()),
        "vim_backup" => ("v.py", BASE.into()),
        "swap_files" => ("s.py", BASE.into()),
        "truncate_write" => ("t.py", BASE.into()),
        "autosave_burst" => ("a.py", BASE.into()),
        "touch_only" => ("o.py", BASE.into()),
        "formatter" => ("g.py", "def  g( a,b ):\n  return   a+b\n".repeat(200).into()),
        "crlf_flip" => ("c.py", BASE.into()),
        "same_second" => ("m.py", BASE.into()),
        "mtime_back" => ("b.py", BASE.into()),
        "mtime_future" => ("u.py", BASE.into()),
        "rename_file" => ("n.py", BASE.into()),
        "case_rename" => ("K.py", BASE.into()),
        "delete_create" => ("d.py", BASE.into()),
        "symlinks" => ("real/l.py", BASE.into()),
        "replace_dir" => ("pkg/p.py", BASE.into()),
        "latin1" => ("e.py", b"# caf\xe9 \xfcber\nprint(1)\n".into()),
        "one_long_line" => ("min.js", long_line().into()),
        "notebook" => ("n.ipynb", br#"{"cells": [{"cell_type": "code", "source": ["x = 1\n"]}]}"#.into()),
        "readonly_then" => ("ro.py", BASE.into()),
        _ => return,
    };
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

struct Outcome {
    edits: Vec<Edit>,
    troubles: Vec<String>,
    baseline: Baseline,
    /// What a watch that begins at the end finds.
    end: Baseline,
    output: String,
}

impl Outcome {
    /// Made by hand, other than renames.
    fn by_hand(&self) -> Vec<&Edit> {
        let counts = |edit: &&Edit| edit.cause.is_by_hand() && edit.kind != EditKind::Rename;
        self.edits.iter().filter(counts).collect()
    }
}

/// Longer than it is by default: what the script does at once takes a while on a busy machine.
const QUIET: Duration = Duration::from_millis(600);

fn start(folder: &Path) -> (Watch, Baseline, Receiver<Seen>) {
    let (out, seen) = channel();
    let settings = WatchSettings { quiet: QUIET, ..WatchSettings::new(folder) };
    let (watch, baseline) = Watch::start(settings, clock, out).unwrap();
    (watch, baseline, seen)
}

fn split(seen: &Receiver<Seen>) -> (Vec<Edit>, Vec<String>) {
    let (mut edits, mut troubles) = (Vec::new(), Vec::new());
    for seen in seen.try_iter() {
        match seen {
            Seen::Edit(edit) => edits.push(edit),
            Seen::Trouble(trouble) => troubles.push(trouble),
        }
    }
    (edits, troubles)
}

fn watched(folder: &Path, act: impl FnOnce() -> String) -> Outcome {
    let (watch, baseline, seen) = start(folder);
    let output = act();
    watch.stop();
    let (edits, troubles) = split(&seen);
    let (watch, end, _) = start(folder);
    watch.stop();
    Outcome { edits, troubles, baseline, end, output }
}

fn script() -> Option<PathBuf> {
    let shared = std::env::var_os("THINKALOUD_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let script = shared.join("cases/edits/edits.sh");
    let there = script.is_file();
    if !there {
        println!("skipped: there is no {} (set THINKALOUD_SHARED)", script.display());
    }
    there.then_some(script)
}

/// Every case of the script: a new one is not to be forgotten.
fn cases(script: &Path) -> Vec<String> {
    let text = fs::read_to_string(script).unwrap();
    let names = text.lines().filter_map(|line| line.strip_prefix("if run ")?.split(';').next());
    let mut cases: Vec<String> = names.filter(|name| *name != BY_HAND).map(str::to_owned).collect();
    cases.sort_by_key(|case| !SLOW.contains(&case.as_str()));
    cases
}

fn replay(script: &Path, case: &str) -> (Outcome, Duration) {
    let folder = tempfile::tempdir().unwrap();
    set_up(case, folder.path());
    let begun = Instant::now();
    let outcome = watched(folder.path(), || {
        let output = Command::new("bash").arg(script).arg(folder.path()).arg(case).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    });
    check_replay(case, &outcome, folder.path());
    (outcome, begun.elapsed())
}

/// The texts at the start and the edits after them give the texts at the end; every hash on the way is right.
fn check_replay(case: &str, outcome: &Outcome, folder: &Path) {
    let history = CodeHistory { snapshots: outcome.baseline.files.clone(), edits: outcome.edits.clone() };
    let whole = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    history.walk(|edit, files| {
        if edit.kind != EditKind::Delete {
            let hash: String =
                Sha256::digest(whole(&files[&edit.path])).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(edit.hash, hash, "{case}: {}", edit.path);
        }
    });
    let files: BTreeMap<String, String> =
        history.after(usize::MAX).into_iter().map(|(path, lines)| (path, whole(&lines))).collect();
    let (replayed, there): (Vec<_>, Vec<_>) = (files.keys().collect(), outcome.end.files.keys().collect());
    assert_eq!(replayed, there, "{case}");
    for (path, text) in files {
        assert!(text == outcome.end.files[&path], "{case}: {path} is another text at the end");
        // What is not plain UTF-8 has no such simple truth.
        if let Ok(raw) = fs::read_to_string(folder.join(&path))
            && !path.ends_with(".ipynb")
        {
            assert!(raw.lines().eq(text.lines()), "{case}: {path} is not what is on the disk");
        }
    }
    let times: Vec<i64> = outcome.edits.iter().map(|edit| edit.monotonic_ns.unwrap()).collect();
    assert!(times.is_sorted(), "{case}: {times:?}");
}

/// `edits=3`, `edits=0/1`, `edits>=1`, `edits=0-or-capped`, `edits=0-by-hand`, `edits=?` with `path=a.py` or none.
fn truth(output: &str) -> (RangeInclusive<usize>, Option<&str>) {
    let line = output.lines().find(|line| line.starts_with("TRUTH")).unwrap_or_default();
    let path = line.split(' ').find_map(|word| word.strip_prefix("path="));
    let count = line.split(' ').find_map(|word| word.strip_prefix("edits")).expect(line);
    let (least, rest) = match count.strip_prefix(">=") {
        Some(least) => (least, None),
        None => {
            let count = count.strip_prefix('=').expect(line);
            count.split_at_checked(1).map(|(first, rest)| (first, Some(rest))).expect(line)
        }
    };
    let Ok(least) = least.parse() else { return (0..=usize::MAX, path) };
    let most = match rest {
        None => usize::MAX,
        Some("/1" | "-or-capped") => 1,
        Some("" | "-by-hand") => least,
        Some(_) => panic!("{line}"),
    };
    (least..=most, path)
}

#[test]
fn every_way_of_saving_is_counted_as_the_person_would() {
    let Some(script) = script() else { return };
    let cases = cases(&script);
    assert!(cases.len() >= 29, "{cases:?}");
    let cases = Mutex::new(cases.iter());
    let again = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let next = cases.lock().unwrap().next();
                    let Some(case) = next else { break };
                    if tried(&script, case).is_err() {
                        again.lock().unwrap().push(case);
                    }
                }
            });
        }
    });
    // Where a machine stalls for longer than the quiet time in the middle of an edit, it is seen as two. By itself
    // each case has to go well.
    let tried_alone = again.into_inner().unwrap().into_iter().map(|case| tried(&script, case));
    let failures: Vec<String> = tried_alone.filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn tried(script: &Path, case: &str) -> Result<(), String> {
    let (outcome, took) = replay(script, case);
    let told = judge(case, &outcome);
    println!("{case:16} {told:50?} {:.1} s", took.as_secs_f64());
    told.map(drop).map_err(|wrong| format!("{case}: {wrong}\n{:#?}", shortened(&outcome)))
}

fn judge(case: &str, outcome: &Outcome) -> Result<String, String> {
    let by_hand = outcome.by_hand();
    let (mut wanted, path) = truth(&outcome.output);
    if case == "symlinks" {
        // The two appends are three milliseconds apart, much closer than those of `autosave_burst`, of which sixty
        // are one edit: so may these be. Both lines must be there, whichever name they were written by.
        wanted = 1..=2;
    }
    let found = by_hand.len();
    if !wanted.contains(&found) {
        return Err(format!("truth {wanted:?}, found {found}"));
    }
    if let Some(other) = by_hand.iter().find(|edit| path.is_some_and(|path| edit.path != path)) {
        return Err(format!("an edit of {}, not {path:?}", other.path));
    }
    if !outcome.troubles.is_empty() && case != "readonly_then" {
        return Err(format!("trouble: {:?}", outcome.troubles));
    }
    particulars(case, outcome)?;
    Ok(format!("truth {wanted:?}, found {found}"))
}

/// What the truth lines say in words.
fn particulars(case: &str, outcome: &Outcome) -> Result<(), String> {
    let edits = &outcome.edits;
    let holds = match case {
        "formatter" => {
            edits.len() == 1 && edits[0].cause == Cause::Formatter && edits[0].lines_added() == 400
        }
        "checkout" => edits.len() >= 800 && edits.iter().all(|edit| edit.cause == Cause::Checkout),
        "rename_file" => {
            edits[0].kind == EditKind::Rename && edits[0].hunks.is_empty() && edits[1].lines_added() == 1
        }
        "case_rename" => {
            edits.len() == 1 && edits[0].from.as_deref() == Some("K.py") && edits[0].path == "k.py"
        }
        "delete_create" => (edits[0].lines_added(), edits[0].lines_removed()) == (1, 0),
        "replace_dir" => (edits[0].lines_added(), edits[0].lines_removed()) == (1, 0),
        "symlinks" => outcome.by_hand().iter().map(|edit| edit.lines_added()).sum::<usize>() == 2,
        "autosave_burst" => edits[0].hunks[0].added == ["x".repeat(60)],
        "notebook" => edits[0].hunks[0].added == ["x = 2"],
        "huge" => !outcome.end.files.contains_key("huge.json") && outcome.end.left_out[0].0 == "huge.json",
        "odd_names" => edits.iter().all(|edit| edit.kind == EditKind::Create),
        "swap_files" | "touch_only" | "crlf_flip" | "deep_tree" | "fifo" | "nul" => edits.is_empty(),
        _ => true,
    };
    if holds { Ok(()) } else { Err("not as the truth line says".into()) }
}

/// A failure is to be read by people.
fn shortened(outcome: &Outcome) -> Vec<String> {
    let edit = |edit: &Edit| {
        let (added, removed) = (edit.lines_added(), edit.lines_removed());
        format!(
            "{:?} {:?} {:?} +{added} -{removed} at {:?}",
            edit.path, edit.kind, edit.cause, edit.monotonic_ns
        )
    };
    outcome.edits.iter().map(edit).chain(outcome.troubles.iter().cloned()).take(20).collect()
}

#[test]
fn truth_lines_are_understood() {
    assert_eq!(truth("noise\nTRUTH a edits=3 path=r.py (x)"), (3..=3, Some("r.py")));
    assert_eq!(truth("TRUTH a edits=0/1 path=n"), (0..=1, Some("n")));
    assert_eq!(truth("TRUTH a edits=0-or-capped path=n"), (0..=1, Some("n")));
    assert_eq!(truth("TRUTH a edits>=1"), (1..=usize::MAX, None));
    assert_eq!(truth("TRUTH a edits=?"), (0..=usize::MAX, None));
}

/// Waits for what is to come, however busy the machine is.
fn next(seen: &Receiver<Seen>) -> Seen {
    seen.recv_timeout(Duration::from_secs(30)).expect("something to be seen")
}

fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn an_edit_is_told_soon_and_at_the_time_when_it_was_made() {
    let folder = folder_with(&[("src/a.py", "a\n")]);
    let (_watch, _, seen) = start(folder.path());
    let before = clock();
    fs::write(folder.path().join("src/a.py"), "a\nb\n").unwrap();
    let after = clock();
    let Seen::Edit(edit) = next(&seen) else { panic!("no edit") };
    let at = edit.monotonic_ns.unwrap();
    // Generous, for a busy machine: still before the quiet time is over.
    assert!(before <= at && at < after + QUIET.as_nanos() as i64 / 2, "{before} {at} {after}");
    assert_eq!((edit.path.as_str(), edit.cause), ("src/a.py", Cause::Typing));
}

#[test]
fn with_too_many_folders_the_disk_is_looked_at_instead() {
    let folder = folder_with(&[("a/x.py", "1\n"), ("b/y.py", "1\n")]);
    let (out, seen) = channel();
    let settings = WatchSettings { max_watches: 2, ..WatchSettings::new(folder.path()) };
    let (watch, baseline) = Watch::start(settings, clock, out).unwrap();
    assert_eq!(baseline.files.len(), 2);
    let Seen::Trouble(limit) = next(&seen) else { panic!("no trouble") };
    assert!(limit.contains("every two seconds") && limit.contains(".thinkaloudignore"), "{limit}");
    for text in ["2\n", "3\n"] {
        fs::write(folder.path().join("b/y.py"), text).unwrap();
        let Seen::Edit(edit) = next(&seen) else { panic!("trouble is said once") };
        assert_eq!(edit.hunks[0].added, [text.trim()]);
    }
    watch.stop();
}

#[test]
fn a_root_that_goes_takes_no_edits_with_it() {
    let parent = folder_with(&[("root/a.py", "a\n"), ("root/sub/b.py", "b\n")]);
    let root = parent.path().join("root");
    let (watch, _, seen) = start(&root);
    fs::remove_dir_all(&root).unwrap();
    let Seen::Trouble(gone) = next(&seen) else { panic!("edits of a folder that is gone") };
    assert!(gone.contains("is gone"), "{gone}");
    fs::create_dir(&root).unwrap();
    fs::write(root.join("c.py"), "c\n").unwrap();
    let Seen::Trouble(back) = next(&seen) else { panic!("it must be told first") };
    assert!(back.contains("is back"), "{back}");
    watch.stop();
    let (edits, _) = split(&seen);
    assert!(edits.iter().any(|edit| edit.path == "c.py" && edit.kind == EditKind::Create), "{edits:?}");
}

#[test]
fn secrets_and_what_the_person_leaves_out_are_never_read() {
    let folder =
        folder_with(&[(".thinkaloudignore", "private/\n"), ("id_rsa", "k\n"), ("private/p.py", "p\n")]);
    let outcome = watched(folder.path(), || {
        for name in
            [".env", ".env.local", "server.pem", "private/p.py", "private/q.py", "id_rsa", "credentials.json"]
        {
            fs::write(folder.path().join(name), "secret\n").unwrap();
        }
        fs::write(folder.path().join("key.txt"), "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n").unwrap();
        fs::write(folder.path().join("open.py"), "x = 1\n").unwrap();
        String::new()
    });
    assert_eq!(outcome.baseline.files.keys().collect::<Vec<_>>(), [".thinkaloudignore"]);
    let paths: Vec<&str> = outcome.edits.iter().map(|edit| edit.path.as_str()).collect();
    assert_eq!(paths, ["open.py"]);
}

#[test]
fn a_root_that_is_no_folder_is_refused_by_name() {
    let folder = folder_with(&[("file", "")]);
    for name in ["missing", "file"] {
        let root = folder.path().join(name);
        let (out, _) = channel();
        let Err(error @ WatchError::Root { .. }) = Watch::start(WatchSettings::new(&root), clock, out) else {
            panic!("{name} was watched");
        };
        assert!(error.to_string().contains(name), "{error}");
    }
}
