//! Watched files.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Integrity {
    /// Take the watched files as they are now for good: the baseline that everything after is compared with.
    Baseline(IntegrityBaseline),
    /// Compare the watched files with what was approved; exit status 0 nothing differs, 1 something does, 2 error.
    Check {
        /// Read every content, also where size and times are as they were.
        #[arg(long)]
        full: bool,
        #[command(flatten)]
        policy: IntegrityPolicy,
    },
    /// What was told of changes, newest last.
    Changes {
        /// Of the last so many days.
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// How many of the newest.
        #[arg(long, short = 'n', default_value_t = 200)]
        limit: usize,
        /// Expected ones of packages too.
        #[arg(long)]
        expected: bool,
        /// Only of files at or below this.
        #[arg(long)]
        path: Option<PathBuf>,
        /// Show the diffs.
        #[arg(long)]
        diff: bool,
    },
    /// Approve changes: they are no longer told by `check` and the reports.
    Accept {
        /// Files, or folders with all below.
        #[arg(required_unless_present = "all")]
        paths: Vec<PathBuf>,
        #[arg(long)]
        all: bool,
    },
    /// Compare, and report the changes of a period.
    Report {
        #[arg(long, default_value_t = 7)]
        days: u32,
        #[arg(long, value_enum, default_value_t)]
        view: ReportView,
        /// With --to; text when not given.
        #[arg(long, value_enum, default_value_t)]
        format: ReportFormat,
        /// Write to a file; CSV, HTML and PDF come only so.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Do not look at the disk: only what was told.
        #[arg(long)]
        no_check: bool,
        #[command(flatten)]
        policy: IntegrityPolicy,
    },
}

#[derive(Args)]
pub struct IntegrityBaseline {
    /// These trees instead of the policy's; with --to only, so that no host watches less by accident. May be given again.
    #[arg(long, requires = "to", value_name = "PATH")]
    pub tree: Vec<PathBuf>,
    /// Keep it in this folder, not the agent's.
    #[arg(long, value_name = "FOLDER")]
    pub to: Option<PathBuf>,
    /// Files read at the same time; as many as there are processors if not given.
    #[arg(long, short, default_value_t = 0)]
    pub jobs: usize,
    #[command(flatten)]
    pub policy: IntegrityPolicy,
}

#[derive(Args)]
pub struct IntegrityPolicy {
    /// Which files are watched, if not as the policy in force says.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportView {
    #[default]
    All,
    Pci,
    Cis,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    #[default]
    Text,
    Csv,
    Html,
    Pdf,
}
