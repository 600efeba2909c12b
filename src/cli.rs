//! The command line. Structs and their help texts; no logic.

mod history;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use history::{ExportForm, Goal, History, HistoryCommand, Trends, Which};

use crate::session::Role;

/// Hear how you narrate a coding interview.
///
/// Thinkaloud works on your machine alone. The one command that uses the network is `models pull`.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// Show what the recogniser says about itself.
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Record the microphone and the code edits of a practice session.
    Record(Record),
    /// Transcribe, align and score a session, and write its report.
    Analyze(Analyze),
    /// Score a session by a scorecard, and write nothing.
    Score(Score),
    /// List the analysed sessions; show a measure over them, compare two, export, import, forget, score again.
    History(History),
    /// Show whether you are getting better: trends, personal bests, streaks, habits, and what to practise next.
    Trends(Trends),
    /// Set goals, such as no silence over 60 seconds.
    #[command(subcommand)]
    Goal(Goal),
    /// Show or re-make the report of an analysed session: no model is needed, and nothing is recognised again.
    Report(Report),
    /// Get, list and check speech models.
    #[command(subcommand)]
    Models(Models),
    /// Try out and test the rubric files.
    #[command(subcommand)]
    Rubric(Rubric),
    /// List microphones, with a short test of their level.
    Devices {
        /// Leave out the test.
        #[arg(long)]
        no_test: bool,
    },
    /// Check what recording and analysis need, and say how to mend what is missing.
    Doctor,
    /// Mend what a crash left of a recording.
    Recover {
        /// Default: every session in the data folder that needs it.
        session: Option<PathBuf>,
    },
    /// Add a note to the recording in progress.
    Note { text: String },
    /// Mark the beginning of a stage in the recording in progress.
    Stage { name: String },
    /// Run a command, such as your tests, and note how it ended in the recording in progress.
    Run {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "CMD")]
        command: Vec<String>,
    },
    /// Print where there is speech in a recording, and where there is none.
    Silence(Silence),
    /// Print what is said in a recording: as text, subtitles, a table or JSON.
    Transcribe(Transcribe),
}

#[derive(Debug, Args)]
pub struct Record {
    /// Folder with the code; its edits are recorded.
    #[arg(long, value_name = "DIR")]
    pub watch: Option<PathBuf>,
    /// Name of the practice problem.
    #[arg(long, value_name = "ID")]
    pub problem: Option<String>,
    /// Stage plan: live-45, known-archetype, incremental, sprint-10, or none.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Microphone, by (part of) its name in `thinkaloud devices`. Default: the system's.
    #[arg(long, env = "THINKALOUD_DEVICE", value_name = "NAME")]
    pub device: Option<String>,
    #[arg(long)]
    pub title: Option<String>,
    /// Folder for the session. Default: a new one in the data folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Keep both channels, for two people on one device.
    #[arg(long, value_enum, default_value_t = Channels::Mono)]
    pub channels: Channels,
    /// Stop by itself after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u32>,
    /// Never show "keep talking".
    #[arg(long)]
    pub quiet: bool,
    /// Analyse at once when the recording ends.
    #[arg(long)]
    pub analyze: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Channels {
    Mono,
    Stereo,
}

#[derive(Debug, Args)]
pub struct Analyze {
    /// A session folder (docs/session-format.md).
    #[arg(required_unless_present_any = ["audio", "transcript"], conflicts_with_all = ["audio", "edits"])]
    pub session: Option<PathBuf>,
    /// A single recording instead of a session: WAV, FLAC, MP3, M4A, Ogg, Opus, WebM, AIFF, CAF, or a film.
    #[arg(long, value_name = "FILE")]
    pub audio: Option<PathBuf>,
    /// Audio track of the recording, from 1. Default: the one with the most speech.
    #[arg(long, value_name = "N", requires = "audio", value_parser = track)]
    pub track: Option<usize>,
    /// Edits that go with the recording, as in a session's edits.jsonl.
    #[arg(long, value_name = "FILE")]
    pub edits: Option<PathBuf>,
    /// Use these words instead of recognising: a JSON file with "words" or "utterances". Needs no model.
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<PathBuf>,
    /// Folder for the report. Default: SESSION/report, or NAME-report here for a single file.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Title of the report, for a single recording.
    #[arg(long, conflicts_with = "session")]
    pub title: Option<String>,
    /// Stage plan. Default: the session's own.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// What is good: a scorecard by name (senior-interview, silent-coder-check, or one of your own), or a file.
    #[arg(long, env = "THINKALOUD_SCORECARD", value_name = "NAME|FILE")]
    pub scorecard: Option<String>,
    #[command(flatten)]
    pub who: Who,
    #[command(flatten)]
    pub recogniser: Recogniser,
    /// When it was recorded, for a single recording. Default: the file's last change, which is a guess.
    #[arg(long, value_name = "WHEN", conflicts_with = "session")]
    pub started_at: Option<String>,
    /// A word to find the session by in the history; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub tag: Vec<String>,
    /// Leave the history alone.
    #[arg(long)]
    pub no_history: bool,
    #[command(flatten)]
    pub sound: Sound,
    /// Print report.json instead of the scorecard.
    #[arg(long)]
    pub json: bool,
    /// End with exit code 1 when the total is below this.
    #[arg(long, value_name = "SCORE", value_parser = score)]
    pub fail_under: Option<f64>,
}

#[derive(Debug, Args)]
pub struct Score {
    /// A session folder. What was recognised before is not recognised again.
    pub session: PathBuf,
    /// What is good: a scorecard by name (senior-interview, silent-coder-check, or one of your own), or a file.
    #[arg(long, env = "THINKALOUD_SCORECARD", value_name = "NAME|FILE")]
    pub scorecard: Option<String>,
    /// Stage plan. Default: the session's own.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Use these words instead of recognising: a JSON file with "words" or "utterances". Needs no model.
    #[arg(long, value_name = "FILE")]
    pub transcript: Option<PathBuf>,
    #[command(flatten)]
    pub who: Who,
    #[command(flatten)]
    pub recogniser: Recogniser,
    /// Print everything as JSON, as in report.json.
    #[arg(long)]
    pub json: bool,
    /// End with exit code 1 when the total is below this.
    #[arg(long, value_name = "SCORE", value_parser = score)]
    pub fail_under: Option<f64>,
}

impl From<Score> for Analyze {
    fn from(score: Score) -> Self {
        let Score { session, scorecard, profile, transcript, who, recogniser, json, fail_under } = score;
        Self {
            session: Some(session),
            audio: None,
            track: None,
            edits: None,
            transcript,
            out: None,
            title: None,
            profile,
            scorecard,
            started_at: None,
            tag: Vec::new(),
            no_history: true,
            sound: Sound { no_audio: true, audio_file: false },
            who,
            recogniser,
            json,
            fail_under,
        }
    }
}

#[derive(Debug, Args)]
pub struct Report {
    /// A session folder that was analysed, or the folder that holds its report.json.
    pub session: PathBuf,
    /// html writes the page anew and prints where it is; the others are printed.
    #[arg(long, value_enum, default_value_t = ReportForm::Html)]
    pub format: ReportForm,
    /// Show the page in the browser.
    #[arg(long)]
    pub open: bool,
    #[command(flatten)]
    pub sound: Sound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    Html,
    Json,
    Md,
    Text,
}

/// Where the sound of a report goes. Up to 90 minutes are put into the page, longer ones beside it.
#[derive(Clone, Copy, Debug, Args)]
pub struct Sound {
    /// Leave the sound out of the page.
    #[arg(long, conflicts_with = "audio_file")]
    pub no_audio: bool,
    /// Put the sound beside the page instead of into it.
    #[arg(long)]
    pub audio_file: bool,
}

/// Tracks are counted from 1.
fn track(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&track| track > 0).ok_or_else(|| "give the number of a track, from 1".into())
}

/// A number, and not one that nothing compares with.
fn score(text: &str) -> Result<f64, String> {
    let score: f64 = text.parse().map_err(|_| "give a number from 0 to 100".to_owned())?;
    if score.is_finite() { Ok(score) } else { Err("give a number from 0 to 100".into()) }
}

#[derive(Debug, Args)]
pub struct Recogniser {
    /// Model by name (`thinkaloud models list`) or any ggml file by path.
    #[arg(long, env = "THINKALOUD_MODEL", value_name = "NAME|PATH")]
    pub model: Option<String>,
    /// The quickest model: less memory and time, hardly more mistakes.
    #[arg(long, conflicts_with_all = ["model", "accurate"])]
    pub fast: bool,
    /// The model with the fewest mistakes: two to three times as long. Knows many languages.
    #[arg(long, conflicts_with = "model")]
    pub accurate: bool,
    /// Two-letter code of the spoken language, for models that know several. Default: it is detected.
    #[arg(long, env = "THINKALOUD_LANGUAGE", value_name = "CODE")]
    pub language: Option<String>,
    /// Threads for recognition. Default: all cores, at most 8.
    #[arg(long, env = "THINKALOUD_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

/// Who is who.
#[derive(Clone, Copy, Debug, Args)]
pub struct Who {
    /// How many people speak on a single channel; from 2 on they are told apart (`thinkaloud models pull voices`).
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    pub speakers: u8,
    /// The candidate's channel, where a recording has one speaker a channel. Default: the session's own, else the
    /// side that talks more.
    #[arg(long, value_enum, value_name = "SIDE", default_value_t = CandidateSide::Auto)]
    pub candidate: CandidateSide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CandidateSide {
    Left,
    Right,
    Auto,
}

#[derive(Debug, Subcommand)]
pub enum Models {
    /// All models: which are here, which can be had.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Get a model. Default: the one that is used when none is named.
    Pull { name: Option<String> },
    /// Take a model that is on the disk already: a ggml file, or a folder in CTranslate2 form (faster-whisper).
    Import {
        path: PathBuf,
        /// Name to keep it under. Default: told from the file.
        #[arg(long)]
        name: Option<String>,
    },
    /// Make a smaller and faster model of one that is here, as good to the ear. Default: of the default one.
    Quantize {
        name: Option<String>,
        /// Name to keep it under. Default: NAME-q8_0.
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
    },
    /// Check models against the catalogue. Default: all that are here.
    Verify { name: Option<String> },
    /// Print where a model lies. Default: the one that is used when none is named.
    Path { name: Option<String> },
}

#[derive(Debug, Subcommand)]
pub enum Rubric {
    /// Run the examples of every label, or of one file; exit code 1 when one does not hold.
    Test {
        /// A label file, a scorecard, a stage plan or a lexicon.toml. Default: all that are in use.
        file: Option<PathBuf>,
    },
    /// Show which labels a text gets and from which words, and why it gets no others.
    Explain {
        text: String,
        #[arg(long, value_enum, default_value_t = Speaker::Candidate)]
        speaker: Speaker,
        /// What was said before, oldest first; may be given several times.
        #[arg(long, value_name = "SPEAKER: TEXT", value_parser = said)]
        after: Vec<(Role, String)>,
        /// Two-letter code of the language.
        #[arg(long, value_name = "CODE", default_value = "en")]
        language: String,
    },
    /// Label utterances: JSON Lines of {"id","session","speaker","text"} in, {"id","labels"} out.
    Label {
        file: PathBuf,
        /// Two-letter code of the language.
        #[arg(long, value_name = "CODE", default_value = "en")]
        language: String,
        /// By patterns alone, without the network.
        #[arg(long)]
        patterns: bool,
        /// The cues, too: {"cue","words","at"} with the number of the first word.
        #[arg(long)]
        cues: bool,
    },
    /// Compare labels that were given with the true ones.
    Score {
        /// What `rubric label` prints.
        predicted: PathBuf,
        /// The same utterances with their true labels: {"id","session","speaker","labels":[...]}.
        gold: PathBuf,
        #[arg(long)]
        json: bool,
    },
}

/// "candidate: what was said"
fn said(line: &str) -> Result<(Role, String), String> {
    Role::of_line(line).ok_or_else(|| "begin with \"candidate: \" or \"interviewer: \"".into())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Speaker {
    Candidate,
    Interviewer,
}

#[derive(Debug, Args)]
pub struct Silence {
    pub file: PathBuf,
    #[command(flatten)]
    pub who: Who,
    /// Audio track of the file, from 1. Default: the one with the most speech.
    #[arg(long, value_name = "N", value_parser = track)]
    pub track: Option<usize>,
    /// Shortest pause to list, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    pub min_gap: f64,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Transcribe {
    /// A recording; or a transcript as JSON, to have it in another form.
    pub file: PathBuf,
    #[arg(long, value_enum, default_value_t = TranscriptForm::Txt)]
    pub format: TranscriptForm,
    /// Audio track of the file, from 1. Default: the one with the most speech.
    #[arg(long, value_name = "N", value_parser = track)]
    pub track: Option<usize>,
    #[command(flatten)]
    pub who: Who,
    #[command(flatten)]
    pub recogniser: Recogniser,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TranscriptForm {
    /// An utterance a line.
    Txt,
    /// SubRip subtitles.
    Srt,
    /// WebVTT subtitles.
    Vtt,
    /// Everything that is known.
    Json,
    /// Start and end in milliseconds, speaker, text.
    Tsv,
}
