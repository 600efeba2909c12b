//! `report.json`: everything that was measured and judged. Fields: DESIGN's "What scripts may rely on".

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use super::finds::{AntiPattern, Moment, Signal};
use super::finds::{antipatterns, signals};
use super::focus::{self, Focus};
use super::goals::GoalState;
use crate::analysis::alignment::Link;
use crate::analysis::flow::LONG_SILENCE;
use crate::analysis::{Analysis, Evidence, Reading};
pub use crate::rubric::detection::Found;
use crate::rubric::scorecard::{Band, Rule};
use crate::rubric::scoring::{Finding, Judgement, Score};
use crate::rubric::{Checklist, Profile, Scorecard};
use crate::session::{Cause, Dropped, FORMAT, Millis, Role, Run, Span, Stage, TOOL, Timeline, Word};

/// Pauses of this length and more are listed.
const LISTED_GAP: Millis = Millis(2_000);

/// What the report says of where it came from.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct SessionInfo {
    pub id: Option<String>,
    pub title: String,
    pub started_at: Option<String>,
    pub problem: Option<String>,
    /// Words that the person finds it by.
    #[serde(default)]
    pub tags: Vec<String>,
    pub model: String,
    pub language: String,
    /// What could not be read or was mended, in words.
    pub problems: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Report {
    pub format: u32,
    pub tool: Cow<'static, str>,
    pub session: SessionInfo,
    pub duration: Millis,
    pub active: Span,
    /// Whether speech was measured on audio.
    pub heard: bool,
    pub plan: Option<Profile>,
    pub stages: Vec<Stage>,
    /// Speech of anyone.
    pub speech: Vec<Span>,
    /// Who speaks when; nobody where the candidate is alone.
    pub speakers: Vec<SpeakerEntry>,
    pub utterances: Vec<SaidEntry>,
    pub dropped: Vec<Dropped>,
    pub episodes: Vec<EpisodeEntry>,
    pub runs: Vec<Run>,
    pub notes: Vec<NoteEntry>,
    pub gaps: Vec<GapEntry>,
    pub metrics: Vec<MetricEntry>,
    pub scorecard: CardEntry,
    pub scores: Scores,
    pub findings: Vec<Finding>,
    pub strengths: Vec<Strength>,
    /// What shows a senior engineer.
    #[serde(default)]
    pub signals: Vec<Signal>,
    #[serde(default)]
    pub antipatterns: Vec<AntiPattern>,
    /// The at most three things to change.
    pub focus: Vec<Focus>,
    /// What the person wanted to reach, and whether it was.
    #[serde(default)]
    pub goals: Vec<GoalState>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SaidEntry {
    #[serde(flatten)]
    pub span: Span,
    pub speaker: Role,
    /// With known mishearings put right.
    pub text: String,
    /// As the recogniser wrote it, where that is something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<String>,
    pub labels: BTreeMap<String, f64>,
    /// As the recogniser wrote them.
    #[serde(default)]
    pub words: Vec<WordEntry>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct WordEntry {
    #[serde(flatten)]
    pub span: Span,
    pub text: String,
    /// The recogniser's own, 0 to 1.
    pub probability: f32,
}

/// One of several people.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SpeakerEntry {
    pub speaker: Role,
    /// How sure it is that this is the one, 0 to 1.
    pub confidence: f64,
    pub speech: Vec<Span>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct EpisodeEntry {
    #[serde(flatten)]
    pub span: Span,
    pub files: Vec<String>,
    pub symbols: Vec<String>,
    pub added: usize,
    pub removed: usize,
    pub cause: Cause,
    pub explained: bool,
    /// Utterances that name what was written, and by which words.
    #[serde(default)]
    pub links: Vec<Link>,
    pub explained_before: bool,
    pub silent: bool,
    /// Position of the utterance that explains it.
    pub explained_by: Option<usize>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct NoteEntry {
    pub at: Millis,
    pub text: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct GapEntry {
    #[serde(flatten)]
    pub span: Span,
    pub seconds: Millis,
    /// Over 60 s.
    pub long: bool,
    pub announced: bool,
    pub edited: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct MetricEntry {
    pub id: String,
    /// `null` where the session holds too little to judge; the note says of what.
    pub value: Option<f64>,
    pub unit: Cow<'static, str>,
    /// What the scorecard asks of it, if it does.
    #[serde(default)]
    pub rule: Option<RuleEntry>,
    pub band: Option<Band>,
    /// 0 to 100.
    pub score: Option<f64>,
    pub confidence: f64,
    pub note: String,
    pub evidence: Vec<Evidence>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RuleEntry {
    pub id: String,
    pub title: String,
    pub category: String,
    pub weight: f64,
    pub what: String,
    pub why: String,
    /// Where the band comes from.
    pub source: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CardEntry {
    pub id: String,
    pub version: u32,
    pub hash: String,
    pub title: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Scores {
    pub total: Option<f64>,
    pub categories: BTreeMap<String, Option<f64>>,
    /// Categories in the scorecard's order, with their titles.
    pub ordered: Vec<CategoryScore>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CategoryScore {
    pub id: String,
    pub title: String,
    /// Against the other categories.
    #[serde(default)]
    pub weight: f64,
    pub score: Option<f64>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Strength {
    pub rule: String,
    pub text: String,
}

impl Report {
    pub fn new(
        session: SessionInfo,
        analysis: &Analysis,
        dropped: Vec<Dropped>,
        card: &Scorecard,
        judged: &Judgement,
        checklist: &Checklist,
        plan: Option<Profile>,
    ) -> Self {
        let timeline = &analysis.timeline;
        Self {
            format: FORMAT,
            tool: TOOL.into(),
            session,
            duration: timeline.duration,
            active: timeline.active,
            heard: timeline.heard,
            plan,
            stages: timeline.stages.clone(),
            speech: timeline.speech.clone(),
            speakers: speakers(timeline),
            utterances: timeline.utterances.iter().map(said).collect(),
            dropped,
            episodes: episodes(analysis),
            runs: timeline.runs.clone(),
            notes: timeline
                .notes
                .iter()
                .map(|(at, text)| NoteEntry { at: *at, text: text.clone() })
                .collect(),
            gaps: gaps(analysis),
            metrics: metrics(analysis, judged),
            scorecard: CardEntry {
                id: card.id.clone(),
                version: card.version,
                hash: card.hash.clone(),
                title: card.title.clone(),
            },
            scores: scores(card, judged),
            findings: judged.findings.clone(),
            strengths: strengths(judged),
            signals: signals(checklist, analysis),
            antipatterns: antipatterns(checklist, analysis),
            focus: judged.focus.iter().map(|&index| focus::of(&judged.rules[index], analysis)).collect(),
            goals: Vec::new(),
        }
    }

    /// Reads what [`Report::to_json`] wrote. The error says in words what is wrong.
    pub fn read(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let version: Version =
            serde_json::from_str(text).map_err(|error| format!("this is no report: {error}"))?;
        if version.format > FORMAT {
            return Err(format!("it has format {}; this program knows up to {FORMAT}", version.format));
        }
        let reader = &mut serde_json::Deserializer::from_str(text);
        serde_path_to_error::deserialize(reader).map_err(|error| error.to_string())
    }

    /// Words that were said, by anyone.
    pub fn word_count(&self) -> usize {
        self.utterances.iter().map(|said| said.text.split_whitespace().count()).sum()
    }

    /// The document as text, for a file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self)
            .unwrap_or_else(|error| unreachable!("every key is a string: {error}"))
    }
}

fn said(said: &crate::session::Utterance) -> SaidEntry {
    SaidEntry {
        span: said.span,
        speaker: said.speaker,
        text: said.text.clone(),
        heard: said.heard.clone(),
        labels: said.labels.iter().map(|hit| (hit.label.clone(), hit.confidence)).collect(),
        words: said.words.iter().map(word).collect(),
    }
}

fn word(word: &Word) -> WordEntry {
    WordEntry { span: word.span, text: word.text.clone(), probability: word.probability }
}

fn speakers(timeline: &Timeline) -> Vec<SpeakerEntry> {
    if timeline.interviewer_speech.is_empty() {
        return Vec::new();
    }
    // A transcript that names the speakers is believed.
    let confidence = timeline.told_apart.unwrap_or(1.0);
    let entry =
        |role: Role, speech: &[Span]| SpeakerEntry { speaker: role, confidence, speech: speech.to_vec() };
    vec![
        entry(Role::Candidate, &timeline.candidate_speech),
        entry(Role::Interviewer, &timeline.interviewer_speech),
    ]
}

fn episodes(analysis: &Analysis) -> Vec<EpisodeEntry> {
    let pairs = analysis.timeline.episodes.iter().zip(&analysis.alignments);
    pairs
        .map(|(episode, alignment)| EpisodeEntry {
            span: episode.span,
            files: episode.files.clone(),
            symbols: episode.symbols.clone(),
            added: episode.added,
            removed: episode.removed,
            cause: episode.cause,
            explained: alignment.explained_by.is_some(),
            links: alignment.links.clone(),
            explained_before: alignment.explained_before,
            silent: alignment.silent,
            explained_by: alignment.explained_by,
        })
        .collect()
}

fn gaps(analysis: &Analysis) -> Vec<GapEntry> {
    let listed = analysis.timeline.pauses.iter().filter(|pause| pause.span.length() >= LISTED_GAP);
    listed
        .map(|pause| GapEntry {
            span: pause.span,
            seconds: pause.span.length(),
            long: pause.span.length() > LONG_SILENCE,
            announced: pause.announced,
            edited: pause.edited.clone(),
        })
        .collect()
}

fn metrics(analysis: &Analysis, judged: &Judgement) -> Vec<MetricEntry> {
    let entry = |metric: &crate::analysis::Metric| {
        let scored = judged.rules.iter().find(|scored| scored.rule.metric == metric.id);
        MetricEntry {
            id: metric.id.clone(),
            value: metric.value(),
            unit: metric.unit.into(),
            rule: scored.map(|scored| rule(scored.rule)),
            band: scored.map(|scored| scored.rule.band),
            score: scored.and_then(|scored| scored.score.value()),
            confidence: metric.confidence,
            note: match &metric.reading {
                Reading::Value(_) => metric.note.clone(),
                Reading::TooLittleData(reason) => reason.clone(),
            },
            evidence: metric.evidence.clone(),
        }
    };
    analysis.metrics.iter().map(entry).collect()
}

fn rule(rule: &Rule) -> RuleEntry {
    RuleEntry {
        id: rule.id.clone(),
        title: rule.title.clone(),
        category: rule.category.clone(),
        weight: rule.weight,
        what: rule.what.clone(),
        why: rule.why.clone(),
        source: rule.source.clone(),
    }
}

fn scores(card: &Scorecard, judged: &Judgement) -> Scores {
    let value = |score: &Score| score.value();
    Scores {
        total: judged.total.value(),
        categories: judged.categories.iter().map(|(id, score)| (id.clone(), value(score))).collect(),
        ordered: card
            .categories
            .iter()
            .zip(&judged.categories)
            .map(|(category, (id, score))| CategoryScore {
                id: id.clone(),
                title: category.title.clone(),
                weight: category.weight,
                score: value(score),
            })
            .collect(),
    }
}

fn strengths(judged: &Judgement) -> Vec<Strength> {
    let of = |&index: &usize| {
        let rule = judged.rules[index].rule;
        Strength { rule: rule.id.clone(), text: rule.strength.clone() }
    };
    judged.strengths.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_is_written_is_read_back() {
        let mut report = sample::regular(600.0);
        report.gaps = vec![sample::silence(100.0, 170.0, true)];
        report.focus = vec![Focus {
            rule: "r".into(),
            title: "t".into(),
            span: None,
            quote: String::new(),
            episode: None,
            missing: String::new(),
            what: String::new(),
            why: String::new(),
            advice: "a".into(),
            say: String::new(),
            points: 2.5,
        }];
        let text = report.to_json();
        assert_eq!(Report::read(&text).unwrap().to_json(), text);
    }

    #[test]
    fn older_documents_are_read_and_newer_ones_refused() {
        let mut old: serde_json::Value = serde_json::from_str(&sample::single().to_json()).unwrap();
        for name in ["signals", "antipatterns"] {
            old.as_object_mut().unwrap().remove(name);
        }
        old["utterances"][0].as_object_mut().unwrap().remove("words");
        assert!(Report::read(&old.to_string()).unwrap().utterances[0].words.is_empty());
        old["format"] = 99.into();
        assert!(Report::read(&old.to_string()).unwrap_err().contains("format 99"));
        assert!(Report::read("{}").unwrap_err().contains("no report"));
        old["format"] = 1.into();
        old["gaps"][0]["seconds"] = "x".into();
        assert!(Report::read(&old.to_string()).unwrap_err().contains("gaps[0]"));
    }
}
