//! Which sessions somebody means.

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Days, FixedOffset, Local, NaiveDate, NaiveTime};

use crate::adapters::history::History;
use crate::cli::Which;
use crate::session::history::{Filter, moment};

pub fn filter(which: &Which) -> Result<Filter> {
    let since = which.since.as_ref().map(|text| day(text, "--since")).transpose()?;
    let until = which.until.as_ref().map(|text| day(text, "--until")).transpose()?;
    let begin =
        |day: NaiveDate| -> DateTime<FixedOffset> { moment::local(day.and_time(NaiveTime::MIN), &Local) };
    Ok(Filter {
        problem: which.problem.clone(),
        profile: which.profile.clone(),
        tag: which.tag.clone(),
        since: since.map(begin),
        until: until.and_then(|day| day.checked_add_days(Days::new(1))).map(begin),
        limit: which.limit.map(|limit| limit as usize),
    })
}

fn day(text: &str, flag: &str) -> Result<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .with_context(|| format!("{flag} {text}: write a day as 2026-01-31"))
}

/// The id of the session that is meant by an id, the beginning of one, `last`, or `last-N`.
pub fn resolve(history: &History, text: &str) -> Result<String> {
    let back = if text == "last" {
        Some(0)
    } else {
        text.strip_prefix("last-").and_then(|count| count.parse().ok())
    };
    if let Some(back) = back {
        let found = history.ids("", back + 1)?;
        ensure!(found.len() > back, "there are only {} sessions in the history", found.len());
        return Ok(found[0].clone());
    }
    ensure!(!text.is_empty(), "name a session by its id");
    let mut found = history.ids(text, 3)?;
    if let Some(exact) = found.iter().position(|id| id == text) {
        return Ok(found.swap_remove(exact));
    }
    match &found[..] {
        [one] => Ok(one.clone()),
        // What begins so may be known only by what replaced it.
        [] if !history.analyses(text)?.is_empty() => Ok(text.to_owned()),
        [] => bail!("no session in the history begins with {text}; `thinkaloud history` lists them"),
        _ => bail!("several sessions begin with {text}: {}", found.join(", ")),
    }
}
