//! `history`, `trends` and `goal`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct History {
    #[command(subcommand)]
    pub command: Option<HistoryCommand>,
    #[command(flatten)]
    pub which: Which,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// One measure over the sessions, such as silence.longest or score.total.
    Show {
        metric: String,
        #[command(flatten)]
        which: Which,
        #[arg(long)]
        json: bool,
    },
    /// What changed between two sessions, with moments of both.
    Compare {
        /// A session: its id, the beginning of it, `last`, or `last-1`, `last-2` …
        a: String,
        b: String,
        #[arg(long)]
        json: bool,
    },
    /// Print everything that is kept, replaced analyses too.
    Export {
        #[arg(value_enum)]
        form: ExportForm,
        #[command(flatten)]
        which: Which,
    },
    /// Take sessions in: an exported history (JSON, CSV), a report.json, or a list of sessions from elsewhere.
    Import { file: PathBuf },
    /// Remove all that is kept of a session. Its folder is left alone.
    Forget { session: String },
    /// Score sessions again by the present rules, from their transcripts, without the audio.
    Rescore {
        /// Default: all that were scored by other rules than the present ones.
        sessions: Vec<String>,
        #[command(flatten)]
        which: Which,
        /// Also those that were scored by the present rules.
        #[arg(long)]
        all: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    Csv,
    Json,
}

/// Which sessions.
#[derive(Clone, Debug, Default, Args)]
pub struct Which {
    /// Only those of this practice problem.
    #[arg(long, value_name = "ID")]
    pub problem: Option<String>,
    /// Only those with this stage plan.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Only those that were given this tag.
    #[arg(long, value_name = "NAME")]
    pub tag: Option<String>,
    /// Only those from this day on, such as 2026-01-31.
    #[arg(long, value_name = "DAY")]
    pub since: Option<String>,
    /// Only those up to this day, the day itself included.
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// Only the latest so many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
}

#[derive(Debug, Args)]
pub struct Trends {
    #[command(flatten)]
    pub which: Which,
    /// Write a page with charts instead, and print where it is.
    #[arg(long)]
    pub html: bool,
    /// The page's file. Default: trends.html in the data folder.
    #[arg(long, value_name = "FILE", requires = "html")]
    pub out: Option<PathBuf>,
    #[arg(long, conflicts_with = "html")]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Goal {
    /// Set what a measure should be, such as `goal set silence.gaps_over_60s 0`. Shares also as `70%`.
    Set {
        metric: String,
        #[arg(allow_negative_numbers = true)]
        value: String,
        /// The measure should be this or more. Default: told from the scorecard.
        #[arg(long, conflicts_with = "at_most")]
        at_least: bool,
        /// The measure should be this or less.
        #[arg(long)]
        at_most: bool,
    },
    /// Show the goals, and how far they are in the last session.
    List {
        #[arg(long)]
        json: bool,
    },
    /// Give a goal up.
    Clear { metric: String },
}
