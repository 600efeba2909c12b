//! `thinkaloud analyze`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chrono::Local;

use super::audio::{self, Listened};
use super::failure::NOT_PASSED;
use super::history::append::{self, Past};
use super::output::{print, tell};
use super::speakers::Expected;
use super::{environment, publish, recognise, sound};
use crate::adapters::{files, store};
use crate::analysis::{Material, narration};
use crate::cli::Analyze;
use crate::config::{ConfigFile, Folders};
use crate::report::page::Sound;
use crate::report::{Report, SessionInfo, goals, text};
use crate::rubric::{Checklist, Profile, Scorecard, scoring};
use crate::session::hash::sha256;
use crate::session::history::moment;
use crate::session::{Clock, CodeHistory, Event, Hearing, Millis, Transcript};
use crate::{Rules, analyse};

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

/// What every analysis needs.
pub struct Tools {
    pub folders: Folders,
    config: ConfigFile,
    rules: Rules,
    pub card: Scorecard,
    checklist: Checklist,
}

impl Tools {
    /// `scorecard`: its name or file; else the one in use.
    pub fn load(scorecard: Option<&str>) -> Result<Self> {
        let folders = environment::folders()?;
        let config = environment::config(&folders)?;
        let rules = environment::rules(&folders)?;
        let card = environment::scorecard(&folders, scorecard)?;
        let checklist = environment::checklist(&folders)?;
        Ok(Self { folders, config, rules, card, checklist })
    }
}

/// Whether the audio is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ears {
    Open,
    /// What was heard before is used, where it was kept.
    Closed,
}

/// A session with everything that was found in it.
struct Assessed {
    source: Source,
    hearing: Option<Hearing>,
    /// The sound, where it was heard just now.
    listened: Option<Listened>,
    report: Report,
}

pub fn run(arguments: Analyze) -> Result<ExitCode> {
    let tools = Tools::load(arguments.scorecard.as_deref())?;
    let (report, out) = analyze(&arguments, &tools, Ears::Open)?;
    tell_problems(&report);
    if arguments.json {
        print(&format!("{}\n", report.to_json()))?;
    } else {
        print(&text::render(&report))?;
        print(&format!("\nReport: {}\n", out.join("report.html").display()))?;
    }
    Ok(passed(&report, arguments.fail_under))
}

/// Prints the scores by any scorecard, and writes nothing. What was heard and recognised before is used.
pub fn score(arguments: Analyze) -> Result<ExitCode> {
    let tools = Tools::load(arguments.scorecard.as_deref())?;
    let source = source(&arguments)?;
    let ears = if source.transcript.is_file() { Ears::Closed } else { Ears::Open };
    let report = assess(source, &arguments, &tools, ears)?.report;
    tell_problems(&report);
    print(&if arguments.json { format!("{}\n", report.to_json()) } else { text::render(&report) })?;
    Ok(passed(&report, arguments.fail_under))
}

fn tell_problems(report: &Report) {
    for problem in &report.session.problems {
        tell(problem);
    }
}

fn passed(report: &Report, limit: Option<f64>) -> ExitCode {
    let passed = limit.is_none_or(|limit| report.scores.total.is_some_and(|total| total >= limit));
    if passed { ExitCode::SUCCESS } else { ExitCode::from(NOT_PASSED) }
}

/// Analyses, writes the report and appends to the history. Gives the report and its folder.
pub fn analyze(arguments: &Analyze, tools: &Tools, ears: Ears) -> Result<(Report, PathBuf)> {
    let source = source(arguments)?;
    files::probe(&source.out)?;
    let assessed = assess(source, arguments, tools, ears)?;
    let Assessed { source, hearing, mut listened, report } = assessed;
    if let (Some(hearing), true) = (&hearing, listened.is_some()) {
        let path = hearing_path(&source);
        if let Err(error) = files::write(&path, hearing.to_json().as_bytes()) {
            tell(&format!("What was heard is not kept for the next time: {error}"));
        }
    }
    // The sound takes longest: what it is about is kept before it.
    publish::texts(&report, &source.out)?;
    let links =
        hearing.map_or_else(Vec::new, |hearing| sound::links(&source.audio, &hearing.starts, &source.out));
    let sound = match &mut listened {
        Some(listened) => sound::of(&mut listened.channels, links, arguments.sound, &source.out)?,
        None if links.is_empty() || arguments.sound.no_audio => Sound::None,
        None => Sound::Linked(links),
    };
    publish::page(&report, &source.code, &sound, &source.out)?;
    if !arguments.no_history {
        append::append(&report, arguments, &source.out, &tools.folders);
    }
    Ok((report, source.out))
}

fn assess(mut source: Source, arguments: &Analyze, tools: &Tools, ears: Ears) -> Result<Assessed> {
    let Tools { folders, config, .. } = tools;
    let plan_name = arguments.profile.as_ref().or(source.profile.as_ref()).or(config.profile.as_ref());
    let plan = plan_name.map(|name| environment::profile(name)).transpose()?;

    let kept = kept_hearing(&source, arguments, ears)?;
    let listen = || audio::listen_to(&source.audio, arguments.track, source.expected, folders);
    let mut listened = if source.audio.is_empty() || kept.is_some() { None } else { Some(listen()?) };
    let from_before = kept.is_some();
    let hearing = listened.as_ref().map(Listened::hearing).or(kept);
    let transcript = match (&arguments.transcript, &mut listened) {
        (None, Some(listened)) => {
            let words = recognise::likely(source.info.problem.as_deref(), &source.code)?;
            recognise::recognise(
                listened,
                &source.transcript,
                &words,
                &arguments.recogniser,
                config,
                folders,
            )?
        }
        (path, _) => {
            let read = recognise::read(path.as_ref().unwrap_or(&source.transcript))?;
            match &hearing {
                Some(hearing) => recognise::given(read, hearing),
                None => read,
            }
        }
    };
    source.info.model = transcript.model.clone();
    source.info.language = transcript.language.clone();
    if source.info.id.is_none() {
        source.info.id = Some(content_id(hearing.as_ref(), &transcript));
    }
    if from_before && source.audio.is_empty() && arguments.session.is_some() {
        source.info.problems.push("the audio is gone: silence is as it was measured before".into());
    }
    if let Some(hearing) = &hearing {
        source.info.problems.extend(hearing.problems.iter().cloned());
        source.leave_out_later_edits(hearing.duration);
    }
    let Tools { rules, card, checklist, .. } = tools;
    let past = Past::of(&source.info, arguments, tools);
    let material = Material {
        duration: hearing.as_ref().map_or(transcript.duration, |hearing| hearing.duration),
        turns: hearing.as_ref().map(|hearing| hearing.turns.clone()),
        words: transcript.words,
        code: source.code.clone(),
        events: source.events.clone(),
        plan: plan.as_ref().map(Profile::planned).unwrap_or_default(),
    };
    let mut analysis = analyse(material, rules, &transcript.language);
    let counted = card.labels().map(|label| narration::count(&analysis.timeline, label));
    analysis.metrics.extend(counted.collect::<Vec<_>>());
    let judged = scoring::judge(card, &analysis.metrics, &analysis.timeline.episodes, &past.focus);
    let info = source.info.clone();
    let mut report = Report::new(info, &analysis, transcript.dropped, card, &judged, checklist, plan);
    report.goals = goals::states(&past.goals, &report);
    Ok(Assessed { source, hearing, listened, report })
}

/// Beside the words, which depend on it.
fn hearing_path(source: &Source) -> PathBuf {
    source.transcript.with_file_name("hearing.json")
}

/// What was heard of audio that is gone, or that is not to be listened to.
fn kept_hearing(source: &Source, arguments: &Analyze, ears: Ears) -> Result<Option<Hearing>> {
    let path = hearing_path(source);
    // A transcript that is named alone has nothing to do with what was heard of some recording.
    let wanted = ears == Ears::Closed || (source.audio.is_empty() && arguments.session.is_some());
    if !wanted || !path.is_file() {
        return Ok(None);
    }
    let hearing = Hearing::read(&files::read_text(&path)?);
    Ok(Some(hearing.map_err(|why| anyhow::anyhow!("{}: {why}", path.display()))?))
}

/// A name for a session that has none: equal sound, or equal words, have an equal one.
fn content_id(hearing: Option<&Hearing>, transcript: &Transcript) -> String {
    match hearing {
        Some(hearing) => format!("audio-{}", &sha256(&hearing.audio)[..16]),
        None => {
            let words: Vec<_> = transcript
                .words
                .iter()
                .map(|word| (word.span.start.0, word.span.end.0, &word.text))
                .collect();
            format!("words-{}", &sha256(format!("{words:?}"))[..16])
        }
    }
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
            tags: arguments.tag.clone(),
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
    let started_at = arguments.started_at.as_ref().map(|text| moment::read(text, &Local)).transpose();
    let started_at = started_at.map_err(|why| anyhow::anyhow!("--started-at: {why}"))?;
    Ok(Source {
        info: SessionInfo {
            title,
            problems,
            started_at: started_at.map(|at| at.to_rfc3339()),
            tags: arguments.tag.clone(),
            ..SessionInfo::default()
        },
        audio: arguments.audio.iter().cloned().collect(),
        code: CodeHistory { snapshots: Default::default(), edits },
        events: Vec::new(),
        profile: None,
        expected: Expected::new(arguments.who, None),
        transcript: out.join("transcript.json"),
        out,
    })
}
