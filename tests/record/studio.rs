//! A sound server of the test's own with its player, and what a recording holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use thinkaloud::session::{Anchor, Clock, jsonl};

use crate::fixture::shared;
use crate::hearing;

/// One virtual microphone at a time: the machine is small.
static ALONE: Mutex<()> = Mutex::new(());

/// A sound server of the test's own, whose output is the microphone.
pub struct Studio {
    pub folder: TempDir,
    scripts: PathBuf,
    environment: Vec<(String, String)>,
    _alone: MutexGuard<'static, ()>,
}

impl Studio {
    pub fn open() -> Option<Self> {
        let scripts = shared("vmic")?;
        if Command::new("pulseaudio").arg("--version").output().is_err() {
            eprintln!("skipped: PulseAudio is not here");
            return None;
        }
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut studio =
            Self { folder: tempfile::tempdir().unwrap(), scripts, environment: Vec::new(), _alone: alone };
        studio.serve();
        Some(studio)
    }

    /// Starts the server, or starts it again.
    pub fn serve(&mut self) {
        let start = self.scripts.join("start.sh");
        let script = format!(
            ". '{}' '{}' >/dev/null 2>&1; printf '%s\\n' \"$PULSE_SERVER\" \"$ALSA_CONFIG_PATH\"",
            start.display(),
            self.server().display()
        );
        let output = Command::new("bash").arg("-c").arg(script).stderr(Stdio::null()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let names = ["PULSE_SERVER", "ALSA_CONFIG_PATH"].map(str::to_owned);
        self.environment = names.into_iter().zip(text.lines().map(str::to_owned)).collect();
        assert_eq!(self.environment.len(), 2, "{text}");
        self.realtime();
    }

    pub fn server(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    pub fn signal_server(&self, signal: &str) {
        let pid = fs::read_to_string(self.server().join("pa.pid")).unwrap();
        assert!(Command::new("kill").args([signal, pid.trim()]).status().unwrap().success());
    }

    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.envs(self.environment.iter().cloned());
        command.env("THINKALOUD_HOME", self.folder.path().join("home")).env("NO_COLOR", "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn thinkaloud(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_thinkaloud"))
    }

    /// Starts recording into `session`, and waits until sound is written.
    pub fn record(&self, session: &Path, more: &[&str]) -> Child {
        let child = self.thinkaloud().args(["record", "--out"]).arg(session).args(more).spawn().unwrap();
        let clock = session.join("clock.jsonl");
        wait_for("the first anchor", || fs::metadata(&clock).is_ok_and(|data| data.len() > 0));
        child
    }

    /// Lets the server deliver sound in the blocks that are asked for, as a real microphone does; for a player that
    /// wants 20 ms it delivers every few milliseconds, to everybody, and its client's share of the processor grows
    /// from 1 to 7 %.
    pub fn calm(&self) -> Child {
        let pid = fs::read_to_string(self.server().join("keep.pid")).unwrap();
        let _ = Command::new("kill").arg(pid.trim()).status();
        let format = ["--latency-msec=500", "--rate=48000", "--channels=1", "--format=s16le", "/dev/zero"];
        self.command("pacat").args(format).spawn().unwrap()
    }

    /// Gives the server the priority that it has on a desktop. Without it, a machine without a free core keeps it
    /// from its work for so long that it skips sound itself: what is recorded then jumps ahead in what was played.
    pub fn realtime(&self) -> bool {
        hurry(fs::read_to_string(self.server().join("pa.pid")).unwrap().trim())
    }

    pub fn play(&self, file: &Path) -> Child {
        let player = self.command("paplay").arg("--latency-msec=20").arg(file).spawn().unwrap();
        // A player that is late plays holes, and the recording is compared with what was to be played.
        hurry(&player.id().to_string());
        player
    }
}

/// Lets a process have the processor whenever it wants it; gives whether that is allowed.
fn hurry(pid: &str) -> bool {
    let set = Command::new("chrt").args(["--rr", "--all-tasks", "--pid", "5", pid]).output();
    set.is_ok_and(|output| output.status.success())
}

impl Drop for Studio {
    fn drop(&mut self) {
        let _ = Command::new("bash").arg(self.scripts.join("stop.sh")).arg(self.server()).status();
    }
}

pub fn wait_for(what: &str, done: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < until, "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn sleep(seconds: f64) {
    std::thread::sleep(Duration::from_secs_f64(seconds));
}

/// Ends a recording as Ctrl-C does; gives the exit code and what was said.
pub fn end(child: Child, signal: &str) -> (Option<i32>, String) {
    let _ = Command::new("kill").args([signal, &child.id().to_string()]).status();
    finished(child)
}

pub fn finished(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

pub fn lines<T: serde::de::DeserializeOwned>(path: &Path) -> Vec<T> {
    jsonl::parse(&fs::read_to_string(path).unwrap()).0
}

pub fn clock(session: &Path) -> Clock {
    Clock::new(&lines::<Anchor>(&session.join("clock.jsonl")))
}

/// A recording at 16 kHz.
pub fn samples(path: &Path) -> Vec<f32> {
    hearing::samples(path).unwrap()
}

pub fn seconds_recorded(session: &Path) -> f64 {
    hound::WavReader::open(session.join("audio/000.wav"))
        .map(|wav| f64::from(wav.duration()) / f64::from(wav.spec().sample_rate))
        .unwrap()
}

/// Where `original` lies in `recorded` (samples), and how well the two correlate there.
pub fn find(original: &[f32], recorded: &[f32]) -> (usize, f64) {
    let correlation = |at: usize, step: usize| {
        let pairs = original.iter().zip(&recorded[at..]).step_by(step);
        let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
        for (a, b) in pairs.map(|(a, b)| (f64::from(*a), f64::from(*b))) {
            (ab, aa, bb) = (ab + a * b, aa + a * a, bb + b * b);
        }
        ab / (aa * bb).sqrt().max(1e-12)
    };
    let last = recorded.len() - original.len();
    // Speech is smooth at this scale: a coarse search on every other sample with a stride finds the hill.
    let coarse =
        (0..last).step_by(4).max_by(|&a, &b| correlation(a, 97).total_cmp(&correlation(b, 97))).unwrap();
    let near = coarse.saturating_sub(8)..(coarse + 8).min(last);
    let best = near.max_by(|&a, &b| correlation(a, 1).total_cmp(&correlation(b, 1))).unwrap();
    (best, correlation(best, 1))
}
