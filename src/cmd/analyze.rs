//! `thinkaloud analyze`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::audio::{self, Listened};
use super::failure::NOT_PASSED;
use super::output::{print, tell};
use super::speakers::Expected;
use super::{environment, publish, recognise, sound};
use crate::adapters::{files, store};
use crate::analyse;
use crate::analysis::Material;
use crate::cli::Analyze;
use crate::report::page::Sound;
use crate::report::{Report, SessionInfo, text};
use crate::rubric::repair::Repairs;
use crate::rubric::{Layers, Profile, Scorecard, builtin, scoring};
use crate::session::{Clock, CodeHistory, Event, Millis, Transcript};

/// An edit is seen a little after the keys, and a recorder stops a little before it is told to.
const AFTER_END: Millis = Millis(2_000);

/// What there is to analyse, and where things go.
struct Source {
    info: SessionInfo,
    audio: Vec<PathBuf>,
    code: CodeHistory,
    events: Vec<Event>,
    profile: Option<String>,
    expected: Expected,
    transcript: PathBuf,
    out: PathBuf,
}

pub fn run(arguments: Analyze) -> Result<ExitCode> {
    let folders = environment::folders()?;
    let config = environment::config(&folders)?;
    let (labels, card) = (environment::labels(&folders)?, environment::scorecard()?);
    let mut source = source(&arguments)?;
    files::probe(&source.out)?;
    let plan_name = arguments.profile.as_ref().or(source.profile.as_ref()).or(config.profile.as_ref());
    let plan = plan_name.map(|name| environment::profile(name)).transpose()?;

    let listen = || audio::listen_to(&source.audio, arguments.track, source.expected, &folders);
    let mut listened = if source.audio.is_empty() { None } else { Some(listen()?) };
    let transcript = match (&arguments.transcript, &mut listened) {
        (Some(path), Some(listened)) => recognise::given(recognise::read(path)?, listened),
        (Some(path), None) => recognise::read(path)?,
        (None, Some(listened)) => {
            let words = recognise::likely(source.info.problem.as_deref(), &source.code)?;
            let cache = &source.transcript;
            recognise::recognise(listened, cache, &words, &arguments.recogniser, &config, &folders)?
        }
        (None, None) => recognise::read(&source.transcript)?,
    };
    source.info.model = transcript.model.clone();
    source.info.language = transcript.language.clone();
    if let Some(listened) = &listened {
        source.info.problems.extend(listened.problems.iter().cloned());
    }
    if let Some(listened) = &listened {
        source.leave_out_later_edits(listened.duration());
    }
    let report = judge(&source, listened.as_ref(), transcript, &labels, &card, plan)?;
    // The sound takes longest: what it is about is kept before it.
    publish::texts(&report, &source.out)?;
    let sound = match &mut listened {
        Some(listened) => {
            let links = sound::links(&source.audio, &listened.starts, &source.out);
            sound::of(&mut listened.channels, links, arguments.sound, &source.out)?
        }
        None => Sound::None,
    };
    publish::page(&report, &source.code, &sound, &source.out)?;
    for problem in &report.session.problems {
        tell(problem);
    }
    if arguments.json {
        print(&format!("{}\n", report.to_json()))?;
    } else {
        print(&text::render(&report))?;
        print(&format!("\nReport: {}\n", source.out.join("report.html").display()))?;
    }
    let passed =
        arguments.fail_under.is_none_or(|limit| report.scores.total.is_some_and(|total| total >= limit));
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::from(NOT_PASSED) })
}

impl Source {
    fn leave_out_later_edits(&mut self, end: Millis) {
        let later = leave_out_later_edits(&mut self.code, end);
        if later > 0 {
            self.info.problems.push(format!("{later} edits after the end of the recording were left out"));
        }
    }
}

/// Edits that were made after the recording had ended belong to nothing that was said. Gives how many there were.
pub fn leave_out_later_edits(code: &mut CodeHistory, end: Millis) -> usize {
    let kept = code.edits.partition_point(|edit| edit.at <= end + AFTER_END);
    code.edits.split_off(kept).len()
}

fn source(arguments: &Analyze) -> Result<Source> {
    match &arguments.session {
        Some(folder) => from_session(folder, arguments),
        None => from_files(arguments),
    }
}

fn from_session(folder: &Path, arguments: &Analyze) -> Result<Source> {
    let stored = store::open(folder)?;
    let transcript = folder.join("transcript.json");
    let out = arguments.out.clone().unwrap_or_else(|| folder.join("report"));
    // A session that may not be written to keeps its words with the report.
    let kept = if transcript.exists() || files::probe(folder).is_ok() {
        transcript.clone()
    } else {
        out.join("transcript.json")
    };
    if stored.audio.is_empty() && arguments.transcript.is_none() && !transcript.is_file() {
        bail!("{}: there is neither audio nor a transcript in this session", folder.display());
    }
    let manifest = stored.manifest;
    let expected = Expected::new(arguments.who, Some(&manifest));
    let name = || folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(Source {
        info: SessionInfo {
            id: Some(manifest.id.to_string()),
            title: if manifest.title.trim().is_empty() { name() } else { manifest.title },
            started_at: manifest.started_at.map(|at| at.to_rfc3339()),
            problem: manifest.problem,
            problems: stored.problems,
            ..SessionInfo::default()
        },
        audio: stored.audio,
        code: stored.code,
        events: stored.events,
        profile: manifest.profile,
        expected,
        transcript: kept,
        out,
    })
}

fn from_files(arguments: &Analyze) -> Result<Source> {
    let mut problems = Vec::new();
    let edits = match &arguments.edits {
        Some(path) if !path.exists() => bail!("{}: there is no such file", path.display()),
        Some(path) => store::edits(path, &Clock::default(), &mut problems)?,
        None => Vec::new(),
    };
    let main = arguments.audio.as_ref().or(arguments.transcript.as_ref()).context("nothing to analyse")?;
    let stem =
        main.file_stem().map_or_else(|| "recording".into(), |stem| stem.to_string_lossy().into_owned());
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("{stem}-report")));
    let title = arguments.title.clone().unwrap_or(stem);
    Ok(Source {
        info: SessionInfo { title, problems, ..SessionInfo::default() },
        audio: arguments.audio.iter().cloned().collect(),
        code: CodeHistory { snapshots: Default::default(), edits },
        events: Vec::new(),
        profile: None,
        expected: Expected::new(arguments.who, None),
        transcript: out.join("transcript.json"),
        out,
    })
}

/// Everything that was measured and judged.
fn judge(
    source: &Source,
    listened: Option<&Listened>,
    transcript: Transcript,
    labels: &Layers,
    card: &Scorecard,
    plan: Option<Profile>,
) -> Result<Report> {
    let material = Material {
        duration: listened.map_or(transcript.duration, |listened| listened.duration()),
        turns: listened.map(|listened| listened.turns.clone()),
        words: transcript.words,
        code: source.code.clone(),
        events: source.events.clone(),
    };
    let repairs = Repairs::parse(&builtin::lexicon())?;
    let analysis = analyse(material, labels, &repairs, &transcript.language);
    let judged = scoring::judge(card, &analysis.metrics, &analysis.timeline.episodes);
    Ok(Report::new(source.info.clone(), &analysis, transcript.dropped, card, &judged, plan))
}
