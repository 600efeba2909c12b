//! The thread of the watch: gathers what happens into bursts and sends them as edits when they are over.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, io, mem};

use super::burst::Burst;
use super::content::{self, Content};
use super::git::Git;
use super::ignored::Ignored;
use super::known::{self, KnownFiles, NO_ROOM};
use super::settle::{self, Changed, shown};
use super::source::{LimitReached, Signal, Source};
use super::tree::{self, Tree};
use super::{Baseline, Seen, WatchSettings};

/// From an event to the look at the file. Not longer than it takes to save twice, so that no save goes unseen; not
/// shorter than it takes to write a file anew.
const LOOK_AFTER: Duration = Duration::from_millis(30);
/// How often the disk is looked at: to be safe, without events, and for a root that is gone.
const SCAN: Duration = Duration::from_secs(10);
const SCAN_WITHOUT_EVENTS: Duration = Duration::from_secs(2);
const SCAN_FOR_ROOT: Duration = Duration::from_secs(1);
/// A lock of git's that lasts longer was left behind.
const LONGEST_GIT: Duration = Duration::from_secs(30);
/// How long before the first file changes git's move of them may have been noted.
const BEFORE_BURST: Duration = Duration::from_secs(3);
/// Quiet times that a burst lasts at most.
const LONGEST_BURST: u32 = 5;

const LIMIT: &str = "edits are looked for every two seconds, because the system gives no further folder watches: \
    list large folders that are not your code in .thinkaloudignore, or raise fs.inotify.max_user_watches";

#[derive(Debug)]
pub struct Follower {
    settings: WatchSettings,
    clock: fn() -> i64,
    out: Sender<Seen>,
    inbox: Receiver<Signal>,
    ignored: Ignored,
    source: Source,
    git: Git,
    known: KnownFiles,
    /// By path relative to the root.
    bursts: BTreeMap<PathBuf, Burst>,
    /// Files to be looked at, in order of time.
    looks: VecDeque<(Instant, PathBuf)>,
    /// Of all bursts together.
    activity: Option<Activity>,
    last_edit: i64,
    next_scan: Instant,
    /// Whether folders may have lost their watch.
    events_are_lost: bool,
    root_is_gone: bool,
}

#[derive(Clone, Copy, Debug)]
struct Activity {
    began: Instant,
    last: Instant,
    /// It is not over before this: git is at work.
    held: Instant,
}

impl Activity {
    fn now() -> Self {
        let now = Instant::now();
        Self { began: now, last: now, held: now }
    }

    fn is_over_at(&self, quiet: Duration) -> Instant {
        (self.last + quiet).min(self.began + quiet * LONGEST_BURST).max(self.held)
    }
}

/// Whether folders that have a watch get it once more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watched {
    Keep,
    Again,
}

impl Follower {
    pub fn start(
        mut settings: WatchSettings,
        clock: fn() -> i64,
        out: Sender<Seen>,
        signals: Sender<Signal>,
        inbox: Receiver<Signal>,
    ) -> io::Result<(Self, Baseline)> {
        settings.root = fs::canonicalize(&settings.root)?;
        // Tells apart what cannot be listed at all from what is empty.
        fs::read_dir(&settings.root)?;
        let except = settings.except.iter().filter_map(|path| inside(&settings.root, path)).collect();
        let source = Source::start(settings.max_watches, clock, signals);
        let mut follower = Self {
            ignored: Ignored::new(&settings.root, except),
            settings,
            clock,
            out,
            inbox,
            source: Source::none(),
            git: Git::default(),
            known: KnownFiles::default(),
            bursts: BTreeMap::new(),
            looks: VecDeque::new(),
            activity: None,
            last_edit: clock(),
            next_scan: Instant::now() + SCAN,
            events_are_lost: false,
            root_is_gone: false,
        };
        match source {
            Ok(source) => follower.source = source,
            Err(LimitReached) => follower.say(LIMIT.into()),
        }
        let baseline = follower.baseline();
        Ok((follower, baseline))
    }

    /// The folders are watched before they are read: what changes meanwhile is seen later.
    fn baseline(&mut self) -> Baseline {
        self.settings.root.ancestors().for_each(|folder| self.git.add(folder));
        let tree = self.enter(Path::new(""), Watched::Again);
        tree.work_trees.iter().for_each(|folder| self.git.add(&self.settings.root.join(folder)));
        let mut baseline = Baseline::default();
        for (path, stamp) in tree.files {
            let content = match self.known.has_room() {
                true => content::read(&self.settings.root.join(&path), self.settings.max_file_bytes),
                false => (Content::LeftOut(NO_ROOM.into()), Some(stamp)),
            };
            match content {
                (Content::Text(text), stamp) => {
                    baseline.files.insert(shown(&path), text.to_string());
                    self.known.set(path, text, stamp, self.last_edit);
                }
                (Content::LeftOut(why), stamp) => {
                    baseline.left_out.push((shown(&path), why));
                    self.known.leave_out(path, stamp);
                }
                (Content::Gone, _) => {}
            }
        }
        baseline.left_out.extend(tree.closed.iter().map(|(path, why)| (shown(path), why.clone())));
        baseline.left_out.sort();
        baseline
    }

    pub fn run(mut self) {
        loop {
            match self.inbox.recv_timeout(self.next_wake().saturating_duration_since(Instant::now())) {
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(signal) => {
                    if self.take_all(signal) {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.act(Instant::now());
        }
        // What the system has not told yet is seen on the disk.
        self.scan();
        self.settle(true);
    }

    /// Takes in everything that waits; true when the watch is to end.
    fn take_all(&mut self, first: Signal) -> bool {
        let mut next = Some(first);
        while let Some(signal) = next {
            match signal {
                Signal::Touched(path, at) => self.touched(&path, at),
                Signal::Overflow => {
                    self.events_are_lost = true;
                    self.next_scan = self.next_scan.min(Instant::now() + self.settings.quiet);
                }
                Signal::Limit => self.do_without_events(),
                Signal::Stop => return true,
            }
            next = self.inbox.try_recv().ok();
        }
        false
    }

    fn next_wake(&self) -> Instant {
        let look = self.looks.front().map(|(at, _)| *at);
        let settle = self.activity.map(|activity| activity.is_over_at(self.settings.quiet));
        [look, settle].into_iter().flatten().fold(self.next_scan, Instant::min)
    }

    fn act(&mut self, now: Instant) {
        while self.looks.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, path)) = self.looks.pop_front() {
                self.look(&path);
            }
        }
        let quiet = self.settings.quiet;
        if let Some(activity) = self.activity.as_mut().filter(|activity| activity.is_over_at(quiet) <= now) {
            if self.git.is_at_work() && now < activity.began + LONGEST_GIT {
                activity.held = now + quiet;
            } else {
                let is_quiet = activity.last + quiet <= now;
                self.settle(is_quiet);
            }
        }
        if self.next_scan <= now {
            self.scan();
        }
    }

    fn touched(&mut self, path: &Path, at: i64) {
        let Ok(relative) = path.strip_prefix(&self.settings.root) else { return };
        let kind = fs::symlink_metadata(path).map(|data| data.file_type());
        if relative.file_name().is_some_and(|name| name == ".git") {
            path.parent().into_iter().for_each(|work_tree| self.git.add_new(work_tree));
            return;
        }
        match kind {
            Ok(kind) if kind.is_dir() => {
                if !self.ignored.is_ignored(relative, true) {
                    let tree = self.enter(relative, Watched::Again);
                    self.compare(relative, &tree, at);
                }
            }
            Ok(kind) if kind.is_file() => {
                if !self.ignored.is_ignored(relative, false) {
                    self.changed(relative.to_path_buf(), at);
                }
            }
            _ => {
                self.source.forget(path);
                let pending = known::below(&self.bursts, relative);
                let gone: Vec<PathBuf> = self.known.below(relative).chain(pending).cloned().collect();
                gone.into_iter().for_each(|path| self.changed(path, at));
            }
        }
    }

    /// Lists a folder and everything below it, and watches it from then on.
    fn enter(&mut self, start: &Path, watched: Watched) -> Tree {
        let Self { settings, ignored, source, .. } = self;
        let mut limit = false;
        let tree = tree::walk(&settings.root, start, ignored, |folder| {
            let folder = settings.root.join(folder);
            if !limit && (watched == Watched::Again || !source.watches(&folder)) {
                limit = source.watch(&folder).is_err();
            }
        });
        if limit {
            self.do_without_events();
        }
        tree
    }

    fn compare(&mut self, start: &Path, tree: &Tree, at: i64) {
        tree.work_trees.iter().for_each(|folder| self.git.add_new(&self.settings.root.join(folder)));
        self.known.differing(start, tree).into_iter().for_each(|path| self.changed(path, at));
    }

    fn changed(&mut self, path: PathBuf, at: i64) {
        let activity = self.activity.get_or_insert_with(Activity::now);
        let burst = self.bursts.entry(path.clone()).or_default();
        let is_new = burst.touched.is_none();
        burst.touch(at);
        // A database or a log that is written all the time is neither read each time nor waited for.
        if self.known.is_left_out(&path) {
            return;
        }
        activity.last = Instant::now();
        if is_new {
            self.looks.push_back((activity.last + LOOK_AFTER, path));
        }
    }

    fn look(&mut self, path: &Path) {
        let Some(burst) = self.bursts.get_mut(path) else { return };
        let Some(at) = burst.touched.take() else { return };
        let (content, stamp) = content::read(&self.settings.root.join(path), self.settings.max_file_bytes);
        burst.stamp = stamp;
        match content {
            Content::Text(text) => burst.see(at, Some(text)),
            Content::Gone => burst.see(at, None),
            Content::LeftOut(why) => burst.left_out = Some(why),
        }
    }

    /// Sends what has changed. A burst that is cut short for its length, not `quiet`, leaves out the files that are
    /// just being written.
    fn settle(&mut self, quiet: bool) {
        self.looks.clear();
        let touched = self.bursts.iter().filter(|(_, burst)| burst.touched.is_some());
        let unseen: Vec<PathBuf> = touched.map(|(path, _)| path.clone()).collect();
        unseen.iter().for_each(|path| self.look(path));
        let began = self.activity.take().map_or(Duration::ZERO, |activity| activity.began.elapsed());
        if !self.root_is_there() {
            self.bursts.clear();
            return;
        }
        let mut changed = Vec::new();
        for (path, burst) in mem::take(&mut self.bursts) {
            if !quiet && burst.is_passing() {
                self.activity.get_or_insert_with(Activity::now);
                self.bursts.insert(path, burst);
            } else {
                changed.extend(self.conclude(path, burst));
            }
        }
        let then = SystemTime::now() - began - BEFORE_BURST;
        let moved = !changed.is_empty() && self.git.has_moved_files_since(then);
        for edit in settle::edits(&changed, moved) {
            self.last_edit = edit.monotonic_ns.unwrap_or(self.last_edit);
            self.send(Seen::Edit(edit));
        }
        if changed.iter().any(|file| Ignored::is_rule_file(&file.path)) {
            self.learn();
        }
    }

    /// What came of a burst, if there is a change; from now on it is known.
    fn conclude(&mut self, path: PathBuf, burst: Burst) -> Option<Changed> {
        let (stamp, saved) = (burst.stamp, burst.last_touch);
        if let Some(why) = &burst.left_out {
            if self.known.leave_out(path.clone(), stamp) {
                self.say(format!("{} is not followed any more: {why}", shown(&path)));
            }
            return None;
        }
        let old = self.known.get(&path);
        let before = old.and_then(|file| file.text.clone());
        let last_saved = old.map_or(self.last_edit, |file| file.saved);
        let now = burst.text();
        if now.is_some() && old.is_none() && !self.known.has_room() {
            self.known.leave_out(path, stamp);
            return None;
        }
        let states = burst.states(before.as_ref());
        match now {
            Some(text) => self.known.set(path.clone(), text, stamp, saved),
            None => drop(self.known.remove(&path)),
        }
        (!states.is_empty()).then_some(Changed { path, before, states, saved: last_saved })
    }

    /// Follows the ignore files as they are now.
    fn learn(&mut self) {
        self.ignored.learn();
        let Self { known, ignored, .. } = self;
        known.retain(|path| !ignored.is_ignored(path, false));
        let tree = self.enter(Path::new(""), Watched::Keep);
        for (path, _) in tree.files {
            if self.known.get(&path).is_some() || self.bursts.contains_key(&path) || !self.known.has_room() {
                continue;
            }
            let (content, stamp) =
                content::read(&self.settings.root.join(&path), self.settings.max_file_bytes);
            if let Content::Text(text) = content {
                let at = (self.clock)();
                self.send(Seen::Edit(settle::adopted(&path, &text, at)));
                self.known.set(path, text, stamp, at);
            }
        }
    }

    /// Finds what no event told.
    fn scan(&mut self) {
        let began = Instant::now();
        let mut pause = if self.source.is_none() { SCAN_WITHOUT_EVENTS } else { SCAN };
        if self.root_is_there() {
            let watched = if mem::take(&mut self.events_are_lost) { Watched::Again } else { Watched::Keep };
            let tree = self.enter(Path::new(""), watched);
            self.compare(Path::new(""), &tree, (self.clock)());
        } else {
            pause = SCAN_FOR_ROOT;
        }
        // On a slow disk it must not become the only thing that is done.
        self.next_scan = Instant::now() + pause.max(began.elapsed() * 50);
    }

    /// Says when it goes and when it comes back. That all files are gone with it is nobody's edit.
    fn root_is_there(&mut self) -> bool {
        let is_gone = !self.settings.root.is_dir();
        if is_gone != mem::replace(&mut self.root_is_gone, is_gone) {
            let root = self.settings.root.display();
            self.say(match is_gone {
                true => format!("{root} is gone: no edits are seen until it is back"),
                false => format!("{root} is back: edits are seen again"),
            });
            self.events_are_lost = true;
            self.next_scan = Instant::now() + SCAN_FOR_ROOT;
        }
        !is_gone
    }

    fn do_without_events(&mut self) {
        if !self.source.is_none() {
            // This gives back all watches: other programs need them too.
            self.source = Source::none();
            self.next_scan = self.next_scan.min(Instant::now() + SCAN_WITHOUT_EVENTS);
            self.say(LIMIT.into());
        }
    }

    fn say(&self, trouble: String) {
        self.send(Seen::Trouble(trouble));
    }

    fn send(&self, seen: Seen) {
        // Nobody listens any more when the session ends before the watch does.
        let _ = self.out.send(seen);
    }
}

/// `path` relative to `root`, if it lies below; it need not exist.
fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| root.join(path));
    real.strip_prefix(root).ok().filter(|path| !path.as_os_str().is_empty()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Cause, Edit, EditKind};
    use std::sync::mpsc::channel;

    /// A follower that no thread runs: each test does what the thread would.
    struct Followed {
        root: tempfile::TempDir,
        follower: Follower,
        baseline: Baseline,
        seen: Receiver<Seen>,
    }

    fn follow(files: &[(&str, &str)], settings: impl Fn(&mut WatchSettings)) -> Followed {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut wanted = WatchSettings { quiet: Duration::ZERO, ..WatchSettings::new(root.path()) };
        settings(&mut wanted);
        let (signals, inbox) = channel();
        let (out, seen) = channel();
        let (follower, baseline) = Follower::start(wanted, || 7, out, signals, inbox).unwrap();
        Followed { root, follower, baseline, seen }
    }

    impl Followed {
        fn write(&self, name: &str, text: &str) {
            fs::write(self.root.path().join(name), text).unwrap();
        }

        fn edits(&mut self) -> Vec<Edit> {
            let edit = |seen| if let Seen::Edit(edit) = seen { Some(edit) } else { None };
            self.seen.try_iter().filter_map(edit).collect()
        }

        fn troubles(&mut self) -> Vec<String> {
            let trouble = |seen| if let Seen::Trouble(trouble) = seen { Some(trouble) } else { None };
            self.seen.try_iter().filter_map(trouble).collect()
        }
    }

    #[test]
    fn an_overflow_is_made_up_for_by_a_scan() {
        let mut followed = follow(&[("a.py", "a\n"), ("gone.py", "g\n")], |_| {});
        followed.follower.source = Source::none();
        followed.write("a.py", "b\n");
        followed.write("new.py", "n\n");
        fs::remove_file(followed.root.path().join("gone.py")).unwrap();
        followed.follower.take_all(Signal::Overflow);
        followed.follower.act(Instant::now());
        followed.follower.settle(true);
        let kinds: Vec<_> = followed.edits().into_iter().map(|edit| (edit.path, edit.kind)).collect();
        let expected =
            [("a.py", EditKind::Modify), ("gone.py", EditKind::Delete), ("new.py", EditKind::Create)];
        assert_eq!(kinds, expected.map(|(path, kind)| (path.to_owned(), kind)));
        followed.follower.scan();
        followed.follower.settle(true);
        assert!(followed.edits().is_empty(), "nothing is told twice");
    }

    #[test]
    fn nothing_is_settled_while_git_is_at_work() {
        let mut followed =
            follow(&[(".git/HEAD", "ref: x"), ("a.py", "1"), ("b.py", "1"), ("c.py", "1")], |_| {});
        followed.write(".git/index.lock", "");
        for name in ["a.py", "b.py", "c.py"] {
            followed.write(name, "2\n");
            followed.follower.changed(name.into(), 9);
        }
        followed.follower.act(Instant::now() + LOOK_AFTER);
        assert!(followed.edits().is_empty());
        followed.write(".git/HEAD", "ref: y");
        fs::remove_file(followed.root.path().join(".git/index.lock")).unwrap();
        followed.follower.act(Instant::now() + LOOK_AFTER);
        let edits = followed.edits();
        assert_eq!(edits.len(), 3);
        assert!(
            edits.iter().all(|edit| edit.cause == Cause::Checkout && edit.monotonic_ns == Some(9)),
            "{edits:?}"
        );
    }

    #[test]
    fn a_burst_cut_short_leaves_out_what_is_being_written() {
        let mut followed = follow(&[("a.py", "a\n"), ("b.py", "b\n")], |_| {});
        followed.write("a.py", "");
        followed.write("b.py", "");
        followed.follower.changed("a.py".into(), 9);
        followed.follower.settle(false);
        assert!(followed.edits().is_empty());
        followed.write("a.py", "a\nx\n");
        followed.follower.changed("a.py".into(), 10);
        followed.follower.changed("b.py".into(), 11);
        followed.follower.settle(true);
        let found: Vec<_> = followed.edits().into_iter().map(|edit| (edit.path, edit.monotonic_ns)).collect();
        assert_eq!(found, [("a.py".into(), Some(9)), ("b.py".into(), Some(11))]);
    }

    #[test]
    fn a_file_that_can_no_longer_be_followed_is_told_once_and_taken_up_again() {
        let mut followed =
            follow(&[("a.py", "a\n"), ("big", "123456789\n")], |wanted| wanted.max_file_bytes = 8);
        assert_eq!(followed.baseline.left_out, [("big".to_owned(), "it is larger than 0.0 MB".to_owned())]);
        for text in ["a\0", "-----BEGIN PRIVATE KEY-----"] {
            followed.write("a.py", text);
            followed.follower.changed("a.py".into(), 9);
            followed.follower.settle(true);
        }
        assert_eq!(followed.troubles(), ["a.py is not followed any more: it is no text"]);
        followed.write("a.py", "b\n");
        followed.follower.changed("a.py".into(), 10);
        followed.follower.settle(true);
        assert_eq!(followed.edits()[0].hunks[0].removed, ["a"]);
    }

    #[test]
    fn ignore_files_are_learnt_and_what_they_bring_is_no_hand_work() {
        let mut followed = follow(&[(".gitignore", "*.csv\n"), ("a.csv", "1\n"), ("b.py", "1\n")], |_| {});
        assert_eq!(followed.baseline.files.keys().collect::<Vec<_>>(), [".gitignore", "b.py"]);
        followed.write(".gitignore", "b.py\n");
        followed.follower.changed(".gitignore".into(), 9);
        followed.follower.settle(true);
        let found: Vec<_> = followed.edits().into_iter().map(|edit| (edit.path, edit.cause)).collect();
        assert_eq!(found, [(".gitignore".into(), Cause::Typing), ("a.csv".into(), Cause::Generated)]);
        followed.write("b.py", "2\n");
        followed.follower.scan();
        followed.follower.settle(true);
        assert!(followed.edits().is_empty());
    }

    #[test]
    fn the_root_may_go_and_come_back() {
        let mut followed = follow(&[("sub/a.py", "a\n")], |_| {});
        let root = followed.root.path().to_path_buf();
        let away = root.with_extension("away");
        fs::rename(&root, &away).unwrap();
        followed.follower.touched(&root, 9);
        followed.follower.settle(true);
        followed.follower.scan();
        fs::rename(&away, &root).unwrap();
        followed.write("sub/a.py", "b\n");
        followed.follower.scan();
        followed.follower.settle(true);
        let seen: Vec<Seen> = followed.seen.try_iter().collect();
        let [Seen::Trouble(gone), Seen::Trouble(back), Seen::Edit(edit)] = &seen[..] else {
            panic!("{seen:?}")
        };
        assert!(gone.contains("is gone") && back.contains("is back"));
        assert_eq!((edit.path.as_str(), edit.kind), ("sub/a.py", EditKind::Modify));
    }

    #[test]
    fn what_is_to_be_left_alone_is() {
        let followed = follow(&[("sessions/now/edits.jsonl", "{}\n"), ("a.py", "")], |wanted| {
            wanted.except = vec![wanted.root.join("sessions/now"), "/elsewhere".into(), wanted.root.clone()];
        });
        assert_eq!(followed.baseline.files.keys().collect::<Vec<_>>(), ["a.py"]);
    }
}
