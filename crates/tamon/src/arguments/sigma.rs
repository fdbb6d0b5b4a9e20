//! Sigma rules over log files.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Sigma {
    /// Match log files against Sigma rules: .evtx, JSON, auditd's log, the journal's export, syslog. One line a hit.
    /// Exit status 1 if a part of a log could not be read.
    Run(SigmaRun),
    /// Say which of the rules can be used over log files, and why the rest cannot. Exit status 1 if there is one.
    Check(SigmaRules),
    /// Show each rule as the pipelines leave it: log source, conditions, detection.
    Convert(SigmaRules),
    /// List the pipelines that are built in, or show one.
    Pipelines { name: Option<String> },
}

#[derive(Args)]
pub struct SigmaRules {
    /// Rule file, or folder of rules. May be given again.
    #[arg(long, required = true, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// A pipeline in pySigma's form, or the name of one that is built in. May be given again. Named built-in ones are used
    /// alone; without a name all are. Files are applied first.
    #[arg(long, value_name = "NAME|FILE")]
    pub pipeline: Vec<String>,
}

#[derive(Args)]
pub struct SigmaRun {
    #[command(flatten)]
    pub rules: SigmaRules,
    /// Logs, or folders of logs.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// What the logs are, where their first bytes do not say: evtx, json, auditd, journal, syslog.
    #[arg(long)]
    pub format: Option<logs::Format>,
    /// Where the logs are from, as rules ask for it: product=aws,service=cloudtrail.
    #[arg(long, value_name = "KEY=VALUE,…")]
    pub source: Option<String>,
    /// Only rules of this level and above.
    #[arg(long)]
    pub level: Option<event::Severity>,
    /// Threads; by default as many as there are cores.
    #[arg(long)]
    pub threads: Option<usize>,
}
