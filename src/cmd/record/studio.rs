//! From the first sound to the last: opens, watches, shows, ends.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use uuid::Uuid;

use super::state::{LiveState, Wish};
use super::view::{self, View};
use super::writer::{Ended, Order, Writer};
use crate::adapters::clock::monotonic_ns;
use crate::adapters::microphone::cpal::Microphone;
use crate::adapters::microphone::keeper::{StreamKeeper, StreamNews};
use crate::adapters::microphone::{Intake, SourceError};
use crate::adapters::recorder::Recorder;
use crate::adapters::watch::{Baseline, Seen, Watch, WatchSettings};
use crate::adapters::{current, files};
use crate::cli::{Analyze, CandidateSide, Channels, Command, Recogniser, Record, Who};
use crate::cmd::environment;
use crate::cmd::failure::Missing;
use crate::cmd::output::{print, tell};
use crate::rubric::Profile;
use crate::session::{EventKind, FORMAT, Manifest, Role, SpeakerChannel, TOOL};

/// How long the first sound may take.
const FIRST_SOUND: Duration = Duration::from_secs(10);
/// A signal or a key is acted upon within this.
const GLANCE: Duration = Duration::from_millis(200);
/// How long the writer may take to end.
const LAST_WRITE: Duration = Duration::from_secs(10);

pub fn run(arguments: Record) -> Result<ExitCode> {
    let folders = environment::folders()?;
    let config = environment::config(&folders)?;
    let profile = match arguments.profile.as_deref().or(config.profile.as_deref()) {
        Some("none") | None => None,
        Some(name) => Some(environment::profile(name)?),
    };
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, stop.clone()).context("signals cannot be handled")?;
    }
    // What is recorded is not to be watched, should it lie in the same folder.
    let except: Vec<PathBuf> =
        [Some(folders.data.clone()), arguments.out.clone()].into_iter().flatten().collect();
    let watched = arguments.watch.as_deref().map(|root| watch(root, except)).transpose()?;
    let keeper = StreamKeeper::start(Box::new(Microphone::new(arguments.device.clone())));
    let (intake, device) = first_stream(&keeper, &stop)?;
    let session = Session::create(&arguments, &folders.data, profile.as_ref(), &intake)?;
    let held = current::hold(&folders.data, &session.folder)?;

    let begin = || Recorder::begin(&session.folder, intake.format, session.stereo, monotonic_ns());
    let recorder = begin().with_context(|| format!("{} cannot be written", session.folder.display()))?;
    let (watch, baseline, edits) = match watched {
        Some((watch, baseline, edits)) => (Some(watch), Some(baseline), Some(edits)),
        None => (None, None, None),
    };
    if let Some(baseline) = &baseline {
        session.snapshot(baseline)?;
    }
    let live = Arc::new(Mutex::new(LiveState {
        title: session.title.clone(),
        plan: profile
            .iter()
            .flat_map(|plan| &plan.stages)
            .map(|stage| (stage.stage.clone(), stage.minutes))
            .collect(),
        ..LiveState::default()
    }));
    let (orders, taken) = channel();
    let (out, ended) = channel();
    let writer = Writer {
        recorder,
        intake,
        keeper,
        edits,
        orders: taken,
        live: live.clone(),
        nudges: !arguments.quiet,
        manifest: session.manifest.clone(),
    };
    let thread = std::thread::Builder::new().name("writer".into()).spawn(move || writer.run(&out));
    thread.context("no thread can be started")?;
    if let Some(first) = profile.as_ref().and_then(|plan| plan.stages.first()) {
        let _ = orders.send(Order::Mark(EventKind::Stage { stage: first.stage.clone() }));
    }
    tell(&format!("Recording from {device} into {}", session.folder.display()));
    let limit = arguments.seconds.map(|seconds| Instant::now() + Duration::from_secs(u64::from(seconds)));
    let finished = watch_over(&session.title, &live, &orders, &ended, &stop, limit);
    // The watcher gives what it still holds before the writer is told to stop.
    if let Some(watch) = watch {
        watch.stop();
        std::thread::sleep(Duration::from_millis(100));
    }
    let _ = orders.send(Order::Stop);
    let ended = match finished {
        Some(ended) => ended,
        None => ended
            .recv_timeout(LAST_WRITE)
            .context("the recording could not be ended in time; run `thinkaloud recover`")?,
    };
    drop(held);
    close(&session.folder, ended, &arguments)
}

type Watched = (Watch, Baseline, Receiver<Seen>);

fn watch(root: &Path, except: Vec<PathBuf>) -> Result<Watched> {
    let (out, edits) = channel();
    let settings = WatchSettings { except, ..WatchSettings::new(root) };
    let (watch, baseline) = Watch::start(settings, monotonic_ns, out)?;
    Ok((watch, baseline, edits))
}

fn first_stream(keeper: &StreamKeeper, stop: &AtomicBool) -> Result<(Intake, String)> {
    let until = Instant::now() + FIRST_SOUND;
    let missing = |text: String| Missing(text);
    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
        match keeper.news.recv_timeout(GLANCE) {
            Ok(StreamNews::Opened { intake, name }) => return Ok((intake, name)),
            // No wait brings a device that was named wrongly, or a right that was refused.
            Ok(StreamNews::Failed(
                error @ (SourceError::Unknown(_) | SourceError::NotAllowed | SourceError::NoDevice),
            )) => {
                return Err(missing(error.to_string()).into());
            }
            Ok(StreamNews::Failed(_)) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    Err(missing("the microphone gave no sound within 10 s; see `thinkaloud doctor`".into()).into())
}

/// The folder of a session that begins.
struct Session {
    folder: PathBuf,
    title: String,
    stereo: bool,
    /// The text of session.json.
    manifest: String,
}

impl Session {
    fn create(arguments: &Record, data: &Path, profile: Option<&Profile>, intake: &Intake) -> Result<Self> {
        let id = Uuid::now_v7();
        let now = chrono::Local::now();
        let title = arguments.title.clone().unwrap_or_else(|| {
            let what = arguments.problem.clone().unwrap_or_else(|| "Practice".into());
            format!("{what}, {}", now.format("%Y-%m-%d %H:%M"))
        });
        let folder = arguments.out.clone().unwrap_or_else(|| {
            let tail: String = id.simple().to_string().chars().rev().take(4).collect();
            data.join("sessions").join(format!("{}-{tail}", now.format("%Y-%m-%d-%H%M%S")))
        });
        if folder.join("session.json").exists() {
            bail!("{} holds a session already; choose another folder", folder.display());
        }
        let stereo = arguments.channels == Channels::Stereo;
        if stereo && intake.format.channels < 2 {
            bail!("this microphone has one channel; leave out --channels stereo");
        }
        let role = |channel| SpeakerChannel {
            channel,
            role: if channel == 0 { Role::Candidate } else { Role::Interviewer },
        };
        let root =
            arguments.watch.as_ref().map(|root| std::path::absolute(root).unwrap_or_else(|_| root.clone()));
        let manifest = Manifest {
            format: FORMAT,
            tool: TOOL.into(),
            id,
            title: title.clone(),
            started_at: Some(now.fixed_offset()),
            profile: profile.map(|profile| profile.id.clone()),
            problem: arguments.problem.clone(),
            code_root: root.map(|root| root.display().to_string()),
            speakers: if stereo { vec![role(0), role(1)] } else { Vec::new() },
        };
        let manifest = serde_json::to_string_pretty(&manifest)?;
        files::write(&folder.join("session.json"), manifest.as_bytes())?;
        Ok(Self { folder, title, stereo, manifest })
    }

    /// The code as it was at the start.
    fn snapshot(&self, baseline: &Baseline) -> Result<()> {
        for (path, text) in &baseline.files {
            files::write(&self.folder.join("snapshots").join(path), text.as_bytes())?;
        }
        Ok(())
    }
}

/// Shows, and passes on what keys ask for, until the end. Gives how it ended, if the writer ended by itself.
fn watch_over(
    title: &str,
    live: &Mutex<LiveState>,
    orders: &Sender<Order>,
    ended: &Receiver<Ended>,
    stop: &AtomicBool,
    limit: Option<Instant>,
) -> Option<Ended> {
    let mut view: Box<dyn View> = view::open(title).unwrap_or_else(|_| view::plain(title));
    let mut thinking = None;
    loop {
        if stop.load(Ordering::Relaxed) || limit.is_some_and(|limit| Instant::now() >= limit) {
            return None;
        }
        if let Ok(ended) = ended.try_recv() {
            return Some(ended);
        }
        let mut state = live.lock().map(|live| live.clone()).unwrap_or_default();
        // Speaking again ends what the key announced.
        state.thinking = thinking.is_some_and(|since| state.elapsed - since < state.since_speech + GLANCE_MS);
        let wishes = view.show(&state).and_then(|()| view.wishes(GLANCE)).unwrap_or_else(|_| {
            // The terminal is gone: the recording goes on without it.
            view = view::plain(title);
            Vec::new()
        });
        for wish in wishes {
            let order = match wish {
                Wish::Stop => return None,
                Wish::HoldOrGoOn => Order::Hold(!state.held),
                Wish::Note(text) => Order::Mark(EventKind::Note { text }),
                Wish::Thinking => {
                    thinking = Some(state.elapsed);
                    Order::Mark(EventKind::Thinking)
                }
                Wish::NextStage => match next_stage(&state) {
                    Some(stage) => Order::Mark(EventKind::Stage { stage }),
                    None => continue,
                },
            };
            let _ = orders.send(order);
        }
    }
}

const GLANCE_MS: crate::session::Millis = crate::session::Millis(400);

/// The stage after the current one in the plan; the first one when none was marked.
fn next_stage(state: &LiveState) -> Option<String> {
    let current =
        state.stage.as_ref().and_then(|(name, _)| state.plan.iter().position(|(stage, _)| stage == name));
    let next = current.map_or(0, |current| current + 1);
    state.plan.get(next).map(|(stage, _)| stage.clone())
}

/// Says how it went, and goes on to the analysis when that is wished.
fn close(folder: &Path, ended: Ended, arguments: &Record) -> Result<ExitCode> {
    tell(&format!("Recorded {} and {} edits: {}", ended.length, ended.edits, folder.display()));
    if let Some(error) = ended.error {
        let text = format!("the recording ended early ({error}); what was recorded until then is safe");
        return Err(Missing(text).into());
    }
    if arguments.analyze || asked() {
        let recogniser = Recogniser { model: None, language: None, threads: None };
        let analyze = Analyze {
            session: Some(folder.to_path_buf()),
            audio: None,
            edits: None,
            transcript: None,
            out: None,
            title: None,
            profile: None,
            who: Who { candidate: CandidateSide::Auto },
            recogniser,
            json: false,
            fail_under: None,
        };
        return crate::cmd::run(crate::cli::Cli { command: Command::Analyze(analyze) });
    }
    tell(&format!("Analyse it with: thinkaloud analyze {}", folder.display()));
    if !std::io::stdout().is_terminal() {
        // For a script that goes on with it.
        print(&format!("{}\n", folder.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Offers the analysis where there is somebody to answer.
fn asked() -> bool {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return false;
    }
    anstream::eprint!("Analyse it now? [Y/n] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "" | "y" | "Y" | "yes")
}
