//! `thinkaloud history rescore`

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser as _;

use super::super::analyze::{Ears, Tools, analyze};
use super::super::output::{print, tell};
use super::which;
use crate::adapters::history::Detail;
use crate::cli::{Analyze, Cli, Command, Which};
use crate::report::trends::counted;
use crate::session::history::SessionHead;

/// Whether all could be done. What cannot be scored again is told, and left as it is.
pub fn run(sessions: &[String], which: &Which, all: bool) -> Result<bool> {
    let tools = Tools::load(None)?;
    let history = super::open(&tools.folders)?;
    let mut heads: Vec<SessionHead> = history
        .sessions(&which::filter(which)?, Detail::Head)?
        .into_iter()
        .map(|record| record.head)
        .collect();
    if sessions.is_empty() {
        heads.retain(|head| all || head.scorecard.hash != tools.card.hash);
    } else {
        let ids: Vec<String> =
            sessions.iter().map(|session| which::resolve(&history, session)).collect::<Result<_>>()?;
        heads.retain(|head| ids.contains(&head.id));
        ensure!(!heads.is_empty(), "none of these sessions fits the other conditions");
    }
    drop(history);
    if heads.is_empty() {
        print("All sessions are scored by the present rules already\n")?;
        return Ok(true);
    }
    let mut left = 0;
    for head in &heads {
        let name = if head.title.is_empty() { &head.id } else { &head.title };
        match one(head, &tools) {
            Ok(total) => print(&format!("{name}: {} -> {}\n", score(head.total), score(total)))?,
            Err(error) => {
                left += 1;
                tell(&format!("{name}: left as it is: {error:#}"));
            }
        }
    }
    if left > 0 {
        tell(&format!("{} could not be scored again", counted(left, "session")));
    }
    Ok(left == 0)
}

fn score(total: Option<f64>) -> String {
    total.map_or("not scored".into(), |total| format!("{total:.0}"))
}

fn one(head: &SessionHead, tools: &Tools) -> Result<Option<f64>> {
    let arguments = arguments(head)?;
    let out = arguments.out.as_deref();
    let folder = arguments.session.as_deref().or(out).context("where it lies is not known")?;
    let keeps_hearing =
        [Some(folder), out].into_iter().flatten().any(|folder| folder.join("hearing.json").is_file());
    // Silence that was measured must not become silence that is read from the times of words.
    let has_audio = arguments.session.as_ref().is_some_and(|folder| folder.join("audio").is_dir());
    if head.heard && !keeps_hearing && !has_audio {
        bail!(
            "its silence was measured on audio that is gone, and there is no hearing.json of that in {}",
            folder.display()
        );
    }
    let (report, _) = analyze(&arguments, tools, Ears::Closed)?;
    ensure!(report.session.id.as_deref() == Some(&head.id), "what lies there now is another session");
    Ok(report.scores.total)
}

/// The command that analysed it, as far as it is known.
fn arguments(head: &SessionHead) -> Result<Analyze> {
    let material = &head.material;
    let mut words: Vec<String> = vec!["thinkaloud".into(), "analyze".into()];
    let report = material.report.as_deref();
    match (&material.session, &material.transcript, report) {
        (Some(session), transcript, _) => {
            ensure!(Path::new(session).is_dir(), "{session} is gone");
            if let Some(transcript) = transcript {
                ensure!(Path::new(transcript).is_file(), "{transcript} is gone");
                words.push(format!("--transcript={transcript}"));
            }
            words.extend(["--".into(), session.clone()]);
        }
        (None, transcript, Some(report)) => {
            let words_of_recogniser = || Path::new(report).join("transcript.json").display().to_string();
            let transcript = transcript.clone().unwrap_or_else(words_of_recogniser);
            ensure!(Path::new(&transcript).is_file(), "{transcript} is gone");
            words.extend([format!("--transcript={transcript}"), format!("--title={}", head.title)]);
            if let Some(edits) = &material.edits {
                ensure!(Path::new(edits).is_file(), "{edits} is gone");
                words.push(format!("--edits={edits}"));
            }
            if let Some(at) = head.started_at {
                words.push(format!("--started-at={}", at.to_rfc3339()));
            }
        }
        (None, _, None) => bail!("it came from elsewhere; where its words lie is not known"),
    }
    let place = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let mut put = |word: String| words.insert(place, word);
    report.iter().for_each(|report| put(format!("--out={report}")));
    head.profile.iter().for_each(|profile| put(format!("--profile={profile}")));
    head.tags.iter().for_each(|tag| put(format!("--tag={tag}")));
    match Cli::try_parse_from(&words)?.command {
        Command::Analyze(arguments) => Ok(arguments),
        _ => bail!("it is not known how it was analysed"),
    }
}
