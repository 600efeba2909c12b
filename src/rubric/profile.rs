//! `rubrics/profiles/*.toml`: how long each stage should take.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::source::{RubricError, RubricFile};
use crate::analysis::Planned;

/// A stage plan. Loading checks that it has stages and that each takes some time.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Profile {
    pub id: String,
    pub title: String,
    pub stages: Vec<PlannedStage>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedStage {
    pub stage: String,
    pub minutes: f64,
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileText {
    id: Spanned<String>,
    title: String,
    #[serde(rename = "source")]
    _source: String,
    stages: Vec<PlannedStage>,
}

impl Profile {
    /// Its stages as the analysis knows them.
    pub fn planned(&self) -> Vec<Planned> {
        let planned = |stage: &PlannedStage| Planned { stage: stage.stage.clone(), minutes: stage.minutes };
        self.stages.iter().map(planned).collect()
    }

    pub fn parse(file: &RubricFile) -> Result<Self, RubricError> {
        let text: ProfileText = file.parse()?;
        if text.stages.is_empty()
            || text.stages.iter().any(|stage| !(stage.minutes > 0.0 && stage.minutes < 1e4))
        {
            return Err(file.error(text.id.span(), "a profile needs stages, each with minutes above 0"));
        }
        Ok(Self { id: text.id.into_inner(), title: text.title, stages: text.stages })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_that_come_with_the_program() {
        let profiles: Vec<Profile> = super::super::builtin::files("profiles")
            .iter()
            .map(|file| Profile::parse(file).unwrap())
            .collect();
        let minutes = |id: &str| -> Vec<f64> {
            profiles.iter().find(|p| p.id == id).unwrap().stages.iter().map(|stage| stage.minutes).collect()
        };
        assert_eq!(minutes("live-45"), [5.0, 20.0, 10.0, 5.0]);
        assert_eq!(minutes("sprint-10").iter().sum::<f64>(), 10.0);
    }

    #[test]
    fn a_stage_without_time_is_refused() {
        let file = RubricFile::new(
            "p.toml",
            "id = 'p'\ntitle = 't'\nsource = 's'\n[[stages]]\nstage = 'a'\nminutes = nan\nwhat = 'w'\n",
        );
        assert_eq!(Profile::parse(&file).unwrap_err().line, 1);
    }
}
