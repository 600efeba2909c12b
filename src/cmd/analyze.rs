//! `thinkaloud analyze`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::audio::{self, Listened};
use super::failure::NOT_PASSED;
use super::output::{print, tell};
use super::speakers::Expected;
use super::{environment, recognise};
use crate::adapters::{files, store};
use crate::analyse;
use crate::analysis::{Material, narration};
use crate::cli::Analyze;
use crate::report::page::{AudioPart, Page};
use crate::report::{Report, SessionInfo, charts, html, markdown, text};
use crate::rubric::{Profile, scoring};
use crate::session::{Clock, CodeHistory, Event, Millis};

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

/// A session with everything that was found in it.
struct Assessed {
    source: Source,
    listened: Option<Listened>,
    groups: Vec<Vec<usize>>,
    titles: BTreeMap<String, String>,
    report: Report,
}

/// Analyses and writes the report.
pub fn run(arguments: Analyze) -> Result<ExitCode> {
    let source = source(&arguments)?;
    files::probe(&source.out)?;
    let assessed = assess(source, &arguments)?;
    write(&assessed)?;
    let report = &assessed.report;
    tell_problems(report);
    if arguments.json {
        print(&format!("{}\n", report.to_json()))?;
    } else {
        print(&text::render(report))?;
        print(&format!("\nReport: {}\n", assessed.source.out.join("report.html").display()))?;
    }
    Ok(passed(report, arguments.fail_under))
}

/// Analyses and prints the scores, without writing anything.
pub fn score(arguments: Analyze) -> Result<ExitCode> {
    let report = assess(source(&arguments)?, &arguments)?.report;
    tell_problems(&report);
    let text = if arguments.json { format!("{}\n", report.to_json()) } else { text::render(&report) };
    print(&text)?;
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

fn assess(mut source: Source, arguments: &Analyze) -> Result<Assessed> {
    let folders = environment::folders()?;
    let config = environment::config(&folders)?;
    let rules = environment::rules(&folders)?;
    let card =
        environment::scorecard(&folders, arguments.scorecard.as_deref().or(config.scorecard.as_deref()))?;
    let checklist = environment::checklist(&folders)?;
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
    let material = Material {
        duration: listened.as_ref().map_or(transcript.duration, Listened::duration),
        turns: listened.as_ref().map(|listened| listened.turns.clone()),
        words: transcript.words,
        code: source.code.clone(),
        events: source.events.clone(),
        plan: plan.as_ref().map(Profile::planned).unwrap_or_default(),
    };
    let mut analysis = analyse(material, &rules, &transcript.language);
    let counted = card.labels().map(|label| narration::count(&analysis.timeline, label));
    analysis.metrics.extend(counted.collect::<Vec<_>>());
    let judged = scoring::judge(&card, &analysis.metrics, &analysis.timeline.episodes);
    let report =
        Report::new(source.info.clone(), &analysis, transcript.dropped, &card, &judged, &checklist, plan);
    let groups = analysis.timeline.episodes.into_iter().map(|episode| episode.edits).collect();
    let titles = card.rules.iter().map(|rule| (rule.metric.clone(), rule.title.clone())).collect();
    Ok(Assessed { source, listened, groups, titles, report })
}

impl Source {
    /// Edits that were made after the recording had ended belong to nothing that was said.
    fn leave_out_later_edits(&mut self, end: Millis) {
        let kept = self.code.edits.partition_point(|edit| edit.at <= end + AFTER_END);
        let later = self.code.edits.split_off(kept).len();
        if later > 0 {
            self.info.problems.push(format!("{later} edits after the end of the recording were left out"));
        }
    }
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

/// Writes every form of the report.
fn write(assessed: &Assessed) -> Result<()> {
    let Assessed { source, listened, groups, titles, report } = assessed;
    let audio = listened.as_ref().map_or_else(Vec::new, |listened| parts(source, listened));
    let charts = charts::all(report);
    let page = Page::new(report, &charts, &source.code, groups, &audio, titles);
    let put = |name: &str, text: &str| files::write(&source.out.join(name), text.as_bytes());
    put("report.json", &report.to_json())?;
    put("report.md", &markdown::render(report))?;
    for chart in &charts {
        put(&format!("charts/{}.svg", chart.name), &chart.svg)?;
    }
    put("report.html", &html::render(&page).context("the page cannot be made")?)?;
    Ok(())
}

/// Addresses of the recordings, relative to the report where there is a way.
fn parts(source: &Source, listened: &Listened) -> Vec<AudioPart> {
    let from = std::path::absolute(&source.out).unwrap_or_else(|_| source.out.clone());
    let address = |path: &PathBuf| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let way = pathdiff::diff_paths(&path, &from).unwrap_or(path);
        let parts: Vec<String> = way
            .iter()
            .map(|part| percent_encoding::utf8_percent_encode(&part.to_string_lossy(), PART).to_string())
            .collect();
        parts.join("/")
    };
    source
        .audio
        .iter()
        .zip(&listened.starts)
        .map(|(path, &start)| AudioPart { src: address(path), start })
        .collect()
}

/// What has a meaning of its own in an address.
const PART: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b':');
