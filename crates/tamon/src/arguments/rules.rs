//! Detection rules, on disk and on the node, and what is silenced.

use super::variable;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Rules {
    /// Read all Sigma rules below a folder and say which cannot be used, and why. Exit status 1 if there is one.
    Check { folder: PathBuf },
    /// Hold rules against what the node has stored: what they would have told, how often and where, before they go live.
    Backtest {
        /// File or folder.
        rules: PathBuf,
        /// How far back.
        #[arg(long, default_value_t = 168)]
        hours: u32,
    },
    /// Put rules on the node: held to every event that arrives, from any host, and once to what is stored.
    Add {
        /// File or folder.
        rules: PathBuf,
        /// Do not search the stored history.
        #[arg(long)]
        only_new_events: bool,
        /// Why; it stands with the version and in the audit log.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Watch for an address, a name, a digest or a path, and search the stored history for it.
    Indicator {
        #[arg(value_enum)]
        kind: IndicatorKind,
        #[arg(required = true)]
        values: Vec<String>,
        /// Where it is from, what it belongs to.
        #[arg(long, default_value = "")]
        note: String,
        #[arg(long, default_value = "high")]
        severity: event::Severity,
        /// Do not search the stored history.
        #[arg(long)]
        only_new_events: bool,
    },
    /// Rules and indicators on the node, and what their search through history came to.
    List,
    /// What a rule on the node said before: who changed it, when and why. With a version, its text.
    Versions { name: String, version: Option<u64> },
    /// Take a rule or indicator off the node, by its name in `list`.
    Remove {
        name: String,
        /// Why; it stands with the version and in the audit log.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Silence alerts that are known to be harmless. They are kept and counted, and join no incident.
    Suppress {
        /// Rule id, as alerts show it; `*` for any run of characters.
        #[arg(long)]
        rule: Option<String>,
        /// Host id; every host when not given.
        #[arg(long)]
        host: Option<String>,
        /// Column of the event, `label.NAME` or `title`, and its value; `*` for any run of characters. May be given again.
        #[arg(long = "field", value_name = "NAME=VALUE", value_parser = variable)]
        fields: Vec<(String, String)>,
        #[arg(long)]
        reason: String,
        /// When it ends.
        #[arg(long, default_value_t = 30)]
        days: u32,
        /// Hosts do not end or take away what it covers either. That is told; the first time in a day aloud.
        #[arg(long)]
        stops: bool,
    },
    /// What is silenced, until when and why, how often; and what closed cases propose.
    Suppressions,
    /// Put a proposal of a closed case in force.
    Accept {
        id: String,
        #[arg(long)]
        reason: String,
        /// When it ends; as proposed when not given.
        #[arg(long)]
        days: Option<u32>,
    },
    /// End a suppression, or turn a proposal down.
    Unsuppress {
        id: String,
        #[arg(long)]
        reason: String,
    },
    /// What each rule told and how often people found it right; with a rule, its days and who changed what about it.
    History { rule: Option<String> },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum IndicatorKind {
    Ip,
    Domain,
    Sha256,
    Path,
}
