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
use super::known::{KnownFiles, NO_ROOM};
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
    root_is_gone: bool,
}

#[derive(Clone, Copy, Debug)]
struct Activity {
    began: Instant,
    last: Instant,
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
        self.scan(Watched::Keep);
        self.settle(true);
    }

    /// Takes in everything that waits; true when the watch is to end.
    fn take_all(&mut self, first: Signal) -> bool {
        let mut next = Some(first);
        while let Some(signal) = next {
            match signal {
                Signal::Touched(path, at) => self.touched(&path, at),
                Signal::Overflow => self.next_scan = self.next_scan.min(Instant::now() + self.settings.quiet),
                Signal::Limit => self.do_without_events(),
                Signal::Stop => return true,
            }
            next = self.inbox.try_recv().ok();
        }
        false
    }

    fn next_wake(&self) -> Instant {
        let look = self.looks.front().map(|(at, _)| *at);
        let settle = self.activity.map(|activity| self.settles_at(activity));
        [look, settle].into_iter().flatten().fold(self.next_scan, Instant::min)
    }

    fn settles_at(&self, activity: Activity) -> Instant {
        (activity.last + self.settings.quiet).min(activity.began + self.settings.quiet * LONGEST_BURST)
    }

    fn act(&mut self, now: Instant) {
        while self.looks.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((_, path)) = self.looks.pop_front() {
                self.look(&path);
            }
        }
        if let Some(activity) = self.activity.filter(|activity| self.settles_at(*activity) <= now) {
            if self.git.is_at_work() && now < activity.began + LONGEST_GIT {
                self.activity = Some(Activity { last: now, ..activity });
            } else {
                self.settle(now >= activity.last + self.settings.quiet);
            }
        }
        if self.next_scan <= now {
            self.scan(Watched::Again);
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
                let pending = self.bursts.keys().filter(|file| file.starts_with(relative));
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
        let now = Instant::now();
        let burst = self.bursts.entry(path.clone()).or_default();
        if burst.touched.is_none() {
            self.looks.push_back((now + LOOK_AFTER, path));
        }
        burst.touch(at);
        self.activity.get_or_insert(Activity { began: now, last: now }).last = now;
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
        mem::take(&mut self.looks).iter().for_each(|(_, path)| self.look(path));
        let began = self.activity.take().map_or(Duration::ZERO, |activity| activity.began.elapsed());
        if !self.root_is_there() {
            self.bursts.clear();
            return;
        }
        let mut changed = Vec::new();
        for (path, burst) in mem::take(&mut self.bursts) {
            if !quiet && burst.is_passing() {
                let now = Instant::now();
                self.activity.get_or_insert(Activity { began: now, last: now });
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
        if old.is_none() && !self.known.has_room() {
            self.known.leave_out(path, stamp);
            return None;
        }
        let now = burst.text();
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
    fn scan(&mut self, watched: Watched) {
        let began = Instant::now();
        let mut pause = if self.source.is_none() { SCAN_WITHOUT_EVENTS } else { SCAN };
        if self.root_is_there() {
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
