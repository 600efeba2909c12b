//! The thread of the watch: gathers what happens into bursts and sends them as edits when they are over.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant, SystemTime};
use std::{io, mem};

use super::activity::Activity;
use super::burst::Burst;
use super::bursts::Bursts;
use super::content::Content;
use super::disk::{Disk, Found, Watched};
use super::ignored::Ignored;
use super::known::{KnownFiles, NO_ROOM};
use super::settle::{self, Changed, shown};
use super::source::Signal;
use super::tree::Tree;
use super::{Baseline, Seen, WatchSettings};

/// How often the disk is looked at: to be safe, without events, and for a root that is gone.
const SCAN: Duration = Duration::from_secs(10);
const SCAN_UNHEARD: Duration = Duration::from_secs(2);
const SCAN_FOR_ROOT: Duration = Duration::from_secs(1);
/// A lock of git's that lasts longer was left behind.
const LONGEST_GIT: Duration = Duration::from_secs(30);
/// How long before the first file changes git's move of them may have been noted.
const BEFORE_BURST: Duration = Duration::from_secs(3);

const LIMIT: &str = "edits are looked for every two seconds, because the system gives no further folder watches: \
    list large folders that are not your code in .thinkaloudignore, or raise fs.inotify.max_user_watches";

#[derive(Debug)]
pub struct Follower {
    disk: Disk,
    quiet: Duration,
    clock: fn() -> i64,
    out: Sender<Seen>,
    inbox: Receiver<Signal>,
    known: KnownFiles,
    bursts: Bursts,
    activity: Option<Activity>,
    last_edit: i64,
    next_scan: Instant,
    limit_is_told: bool,
    /// Whether folders may have lost their watch.
    watches_are_lost: bool,
    root_is_gone: bool,
}

impl Follower {
    pub fn start(
        settings: &WatchSettings,
        clock: fn() -> i64,
        out: Sender<Seen>,
        signals: Sender<Signal>,
        inbox: Receiver<Signal>,
    ) -> io::Result<(Self, Baseline)> {
        let mut follower = Self {
            disk: Disk::open(settings, clock, signals)?,
            quiet: settings.quiet,
            clock,
            out,
            inbox,
            known: KnownFiles::default(),
            bursts: Bursts::default(),
            activity: None,
            last_edit: clock(),
            next_scan: Instant::now() + SCAN,
            limit_is_told: false,
            watches_are_lost: false,
            root_is_gone: false,
        };
        let baseline = follower.baseline();
        Ok((follower, baseline))
    }

    /// The folders are watched before they are read: what changes meanwhile is seen later.
    fn baseline(&mut self) -> Baseline {
        let tree = self.enter(Path::new(""), Watched::Again);
        tree.work_trees.iter().for_each(|folder| self.disk.git.add(&self.disk.absolute(folder)));
        let mut baseline = Baseline::default();
        for (path, stamp) in tree.files {
            let content = match self.known.has_room() {
                true => self.disk.read(&path),
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
                    self.watches_are_lost = true;
                    self.next_scan = self.next_scan.min(Instant::now() + self.quiet);
                }
                Signal::Limit => {
                    self.disk.mute();
                    self.tell_limit();
                }
                Signal::Stop => return true,
            }
            next = self.inbox.try_recv().ok();
        }
        false
    }

    fn next_wake(&self) -> Instant {
        let over = self.activity.map(|activity| activity.is_over_at(self.quiet));
        [self.bursts.next_look(), over].into_iter().flatten().fold(self.next_scan, Instant::min)
    }

    fn act(&mut self, now: Instant) {
        while let Some(path) = self.bursts.pop_due(now) {
            self.look(&path);
        }
        if let Some(activity) =
            self.activity.as_mut().filter(|activity| activity.is_over_at(self.quiet) <= now)
        {
            if self.disk.git.is_at_work() && activity.lasts(now) < LONGEST_GIT {
                activity.hold(now + self.quiet);
            } else {
                let is_quiet = activity.is_quiet(now, self.quiet);
                self.settle(is_quiet);
            }
        }
        if self.next_scan <= now {
            self.scan();
        }
    }

    fn touched(&mut self, path: &Path, at: i64) {
        let Some(relative) = self.disk.relative(path) else { return };
        match self.disk.find(relative) {
            Found::File => self.changed(relative.to_path_buf(), at),
            Found::Folder => {
                let tree = self.enter(relative, Watched::Again);
                self.compare(relative, &tree, at);
            }
            Found::Nothing => {
                let gone = self.known.below(relative).chain(self.bursts.below(relative));
                let gone: Vec<PathBuf> = gone.cloned().collect();
                gone.into_iter().for_each(|path| self.changed(path, at));
            }
            Found::Repository => path.parent().into_iter().for_each(|folder| self.disk.git.add_new(folder)),
            Found::Ignored => {}
        }
    }

    fn enter(&mut self, start: &Path, watched: Watched) -> Tree {
        let tree = self.disk.enter(start, watched);
        self.tell_limit();
        tree
    }

    fn compare(&mut self, start: &Path, tree: &Tree, at: i64) {
        tree.work_trees.iter().for_each(|folder| self.disk.git.add_new(&self.disk.absolute(folder)));
        self.known.differing(start, tree).into_iter().for_each(|path| self.changed(path, at));
    }

    fn changed(&mut self, path: PathBuf, at: i64) {
        let now = Instant::now();
        let activity = self.activity.get_or_insert(Activity::begin(now));
        // A database or a log that is written all the time is neither read each time nor waited for.
        let soon = (!self.known.is_left_out(&path)).then_some(now);
        soon.into_iter().for_each(|now| activity.go_on(now));
        self.bursts.touch(path, at, soon);
    }

    fn look(&mut self, path: &Path) {
        let Some(burst) = self.bursts.get_mut(path) else { return };
        let Some(at) = burst.touched.take() else { return };
        let (content, stamp) = self.disk.read(path);
        burst.stamp = stamp;
        match content {
            Content::Text(text) => burst.see(at, Some(text)),
            Content::Gone => burst.see(at, None),
            Content::LeftOut(why) => burst.left_out = Some(why),
        }
    }

    /// Sends what has changed. When the burst is cut short for its length it is not `quiet`.
    fn settle(&mut self, quiet: bool) {
        self.bursts.pop_all().iter().for_each(|path| self.look(path));
        let now = Instant::now();
        let lasted = self.activity.take().map_or(Duration::ZERO, |activity| activity.lasts(now));
        if !self.root_is_there() {
            self.bursts.take(true);
            return;
        }
        let over = self.bursts.take(quiet);
        let changed: Vec<Changed> =
            over.into_iter().filter_map(|(path, burst)| self.conclude(path, burst)).collect();
        if !self.bursts.is_empty() {
            self.activity = Some(Activity::begin(now));
        }
        if changed.is_empty() {
            return;
        }
        let then = SystemTime::now().checked_sub(lasted + BEFORE_BURST).unwrap_or(SystemTime::UNIX_EPOCH);
        let by_git = self.disk.git.has_moved_files_since(then);
        for edit in settle::edits(&changed, by_git) {
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
        let (last_edit, last_saved) = (self.last_edit, old.map_or(self.last_edit, |file| file.saved));
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
        (!states.is_empty()).then_some(Changed { path, before, states, saved: last_saved, last_edit })
    }

    /// Follows the ignore files as they are now.
    fn learn(&mut self) {
        self.disk.ignored.learn();
        self.known.retain(|path| !self.disk.ignored.is_ignored(path, false));
        let tree = self.enter(Path::new(""), Watched::Keep);
        for (path, _) in tree.files {
            if self.known.get(&path).is_some() || self.bursts.contains(&path) || !self.known.has_room() {
                continue;
            }
            if let (Content::Text(text), stamp) = self.disk.read(&path) {
                let at = (self.clock)();
                self.send(Seen::Edit(settle::adopted(&path, &text, at)));
                self.known.set(path, text, stamp, at);
            }
        }
    }

    /// Finds what no event told.
    fn scan(&mut self) {
        let began = Instant::now();
        let mut pause = SCAN_FOR_ROOT;
        if self.root_is_there() {
            let watched = if mem::take(&mut self.watches_are_lost) { Watched::Again } else { Watched::Keep };
            let tree = self.enter(Path::new(""), watched);
            self.compare(Path::new(""), &tree, (self.clock)());
            pause = if self.disk.is_heard() { SCAN } else { SCAN_UNHEARD };
        }
        // On a slow disk it must not become the only thing that is done.
        self.next_scan = Instant::now() + pause.max(began.elapsed() * 50);
    }

    /// Says when it goes and when it comes back. That all files are gone with it is nobody's edit.
    fn root_is_there(&mut self) -> bool {
        let is_gone = !self.disk.root().is_dir();
        if is_gone != mem::replace(&mut self.root_is_gone, is_gone) {
            let root = self.disk.root().display();
            self.say(match is_gone {
                true => format!("{root} is gone: no edits are seen until it is back"),
                false => format!("{root} is back: edits are seen again"),
            });
            self.watches_are_lost = true;
            self.next_scan = Instant::now() + SCAN_FOR_ROOT;
        }
        !is_gone
    }

    /// Says once that changes are not heard of but looked for.
    fn tell_limit(&mut self) {
        if !self.disk.is_heard() && !mem::replace(&mut self.limit_is_told, true) {
            self.next_scan = self.next_scan.min(Instant::now() + SCAN_UNHEARD);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::watch::bursts::LOOK_AFTER;
    use crate::session::{Cause, Edit, EditKind};
    use std::fs;
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
        let (follower, baseline) = Follower::start(&wanted, || 7, out, signals, inbox).unwrap();
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
        followed.follower.disk.mute();
        followed.write("a.py", "b\n");
        followed.write("new.py", "n\n");
        fs::remove_file(followed.root.path().join("gone.py")).unwrap();
        followed.follower.take_all(Signal::Overflow);
        followed.follower.act(Instant::now());
        followed.follower.settle(true);
        let mut kinds: Vec<_> = followed.edits().into_iter().map(|edit| (edit.path, edit.kind)).collect();
        // They come in the order of their times, which differ with how busy the machine is.
        kinds.sort_by(|a, b| a.0.cmp(&b.0));
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
