//! Looking into files on demand.

use super::variable;
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct Scan {
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// File or folder of YARA rules, compiled rules, ClamAV databases, hash lists and models, besides what is built in and the
    /// set that `tamon signatures update` brought to this host. May be given again.
    #[arg(long)]
    pub signatures: Vec<PathBuf>,
    /// Only these, not what is built in nor this host's set.
    #[arg(long)]
    pub no_builtin: bool,
    /// External variable of YARA rules, NAME=VALUE. May be given again.
    #[arg(long = "define", short = 'd', value_name = "NAME=VALUE", value_parser = variable)]
    pub variables: Vec<(String, String)>,
    /// Also tell of potentially unwanted applications.
    #[arg(long)]
    pub pua: bool,
    /// Files looked at at the same time; as many as there are processors if not given.
    #[arg(long, short)]
    pub jobs: Option<usize>,
    /// Only while disk and processors have nothing else to do.
    #[arg(long)]
    pub idle: bool,
    /// Keep in FILE how far the scan came, and go on there if it was interrupted.
    #[arg(long, value_name = "FILE")]
    pub resume: Option<PathBuf>,
    /// Remember in FILE what was found clean, and do not look again until it or the signatures change.
    #[arg(long, value_name = "FILE")]
    pub cache: Option<PathBuf>,
    /// Do not look into archives; each is then incomplete.
    #[arg(long)]
    pub no_archives: bool,
    /// Say what each voice said, of clean files too.
    #[arg(long)]
    pub explain: bool,
    /// Below this nothing is looked at. May be given again.
    #[arg(long, value_name = "FOLDER")]
    pub exclude: Vec<PathBuf>,
    /// Print findings only, not clean files.
    #[arg(long)]
    pub quiet: bool,
}
