//! `thinkaloud rubric score`

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde::Deserialize;

use super::output::{print, say, tell};
use super::rubric::read_lines;
use crate::rubric::agreement::{self, Agreement, Counts, Pair};
use crate::session::Role;

#[derive(Deserialize)]
struct Given {
    id: String,
    labels: Labels,
}

#[derive(Deserialize)]
struct True {
    id: String,
    #[serde(default)]
    session: String,
    speaker: Role,
    labels: Labels,
}

/// Names alone, or with a confidence each.
#[derive(Deserialize)]
#[serde(untagged, expecting = "labels: a list of names, or an object of names with confidences")]
enum Labels {
    Names(BTreeSet<String>),
    Sure(BTreeMap<String, f64>),
}

impl Labels {
    fn names(self) -> BTreeSet<String> {
        match self {
            Self::Names(names) => names,
            Self::Sure(labels) => labels.into_keys().collect(),
        }
    }
}

pub fn run(predicted: &Path, gold: &Path, json: bool) -> Result<ExitCode> {
    let mut given: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (line, unit) in read_lines::<Given>(predicted)? {
        if given.insert(unit.id.clone(), unit.labels.names()).is_some() {
            bail!("{}:{line}: there is a second line for {}", predicted.display(), unit.id);
        }
    }
    let mut pairs = Vec::new();
    for (line, unit) in read_lines::<True>(gold)? {
        let Some(given) = given.remove(&unit.id) else {
            let (gold, predicted) = (gold.display(), predicted.display());
            bail!("{gold}:{line}: {} has no line in {predicted}, or a second one here", unit.id);
        };
        pairs.push(Pair { session: unit.session, speaker: unit.speaker, truth: unit.labels.names(), given });
    }
    if !given.is_empty() {
        tell(&format!("{} lines of {} are not in {}", given.len(), predicted.display(), gold.display()));
    }
    let measured = agreement::measure(&pairs);
    if json {
        print(&format!("{}\n", serde_json::to_string_pretty(&measured)?))?;
    } else {
        show(&measured)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(measured: &Agreement) -> Result<()> {
    say!(
        "{:<18}{:>10}{:>8}{:>6}{:>8}{:>8}{:>8}",
        "label",
        "precision",
        "recall",
        "F1",
        "right",
        "wrong",
        "missed"
    )?;
    let labels = measured.labels.iter().map(|(label, counts)| (label.as_str(), counts));
    for (label, counts) in labels.chain([("all", &measured.all)]) {
        let Counts { right, wrong, missed } = counts;
        let [precision, recall, f1] = [counts.precision(), counts.recall(), counts.f1()].map(number);
        say!("{label:<18}{precision:>10}{recall:>8}{f1:>6}{right:>8}{wrong:>8}{missed:>8}")?;
    }
    let (labelled, unlabelled) = (measured.unlabelled_given, measured.unlabelled);
    let share = labelled as f64 / unlabelled.max(1) as f64 * 100.0;
    say!("\n{labelled} of {unlabelled} utterances without a true label got one ({share:.0} %)")?;
    say!(
        "\n{:<18}{:>14}{:>12}{:>12}{:>12}{:>12}",
        "given/true",
        "intent share",
        "tradeoff",
        "clarifying",
        "complexity",
        "testing"
    )?;
    for session in &measured.sessions {
        let share = session.intent_share;
        let mut line = format!(
            "{:<18}{:>14}",
            session.session,
            format!("{}/{}", number(share.given), number(share.truth))
        );
        for label in ["tradeoff", "clarifying", "complexity", "testing"] {
            let counts = session.counts[label];
            line += &format!("{:>12}", format!("{}/{}", counts.given, counts.truth));
        }
        say!("{line}")?;
    }
    Ok(())
}

fn number(share: Option<f64>) -> String {
    share.map_or_else(|| "-".into(), |share| format!("{share:.2}"))
}
