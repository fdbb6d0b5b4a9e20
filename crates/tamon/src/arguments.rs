//! The command line, a file a command. Names, output keys and exit codes are interfaces that stay.

mod api;
mod events;
mod incidents;
mod integrity;
mod lockdown;
mod policy;
mod quarantine;
mod rules;
mod scan;
mod sigma;
pub mod signatures;

pub use self::api::{ApiCall, ApiMethod};
pub use self::events::{Alerts, Events};
pub use self::incidents::{ExportFormat, Incidents};
pub use self::integrity::{Integrity, IntegrityBaseline, IntegrityPolicy, ReportFormat, ReportView};
pub use self::lockdown::Lockdown;
pub use self::policy::{Policy, PolicyLearn};
pub use self::quarantine::Quarantine;
pub use self::rules::{IndicatorKind, Rules};
pub use self::scan::Scan;
pub use self::sigma::{Sigma, SigmaRules, SigmaRun};

use crate::output::Output;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

#[derive(Parser)]
#[command(name = "tamon", version, about = "Protects Linux servers, and tells what happened on them")]
pub struct Arguments {
    /// Folder of state and run files, instead of /var/lib/tamon and /run/tamon.
    #[arg(long, global = true, env = "TAMON_STATE")]
    pub state: Option<PathBuf>,
    /// How to print.
    #[arg(long, short, global = true, value_enum, default_value_t)]
    pub output: Output,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// What protects this host now: tier, missing protections, events seen and lost.
    Status,
    /// Recorded events, newest last.
    Events(Events),
    /// What was told, newest last.
    Alerts(Alerts),
    /// Attacks as one story each.
    Incidents {
        #[command(subcommand)]
        command: Incidents,
    },
    /// The fleet.
    Hosts,
    /// SQL over the stored events, read-only.
    Hunt {
        sql: String,
        /// Rows at most.
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
    /// Scan files and folders; exit status 0 clean, 1 detection, 2 error.
    Scan(Scan),
    /// Detection rules.
    Rules {
        #[command(subcommand)]
        command: Rules,
    },
    /// Sigma rules over log files: Windows event logs, JSON, auditd, the journal, syslog.
    Sigma {
        #[command(subcommand)]
        command: Sigma,
    },
    /// Sets of malware signatures: compile, check, update, publish.
    Signatures {
        #[command(subcommand)]
        command: signatures::Signatures,
    },
    /// Policies.
    Policy {
        #[command(subcommand)]
        command: Policy,
    },
    /// Application allowlist: learn what runs here, lock the host, trust and distrust.
    Lockdown {
        #[command(subcommand)]
        command: Lockdown,
    },
    /// What this host has learned to be normal, with the counts behind it.
    Baselines {
        #[command(subcommand)]
        command: Baselines,
    },
    /// Files in the vault.
    Quarantine {
        #[command(subcommand)]
        command: Quarantine,
    },
    /// Undo what an attack did to guarded files.
    Rollback {
        /// `list`; or what is to be undone: the id of an alert, or the entity id of a process or family as alerts, incidents and `list`
        /// show it, several together; or `unblock ADDRESS`, to let a client of a share in again.
        #[arg(required = true)]
        incident: Vec<String>,
        /// Say what would be done, and touch nothing.
        #[arg(long)]
        preview: bool,
    },
    /// Watched files: what they were, what they are, who changed them.
    Integrity {
        #[command(subcommand)]
        command: Integrity,
    },
    /// Play harmless, labelled attack steps on this host and say what was seen, told and stopped.
    Selftest(SelfTest),
    /// Look for what keeps Tamon from working well here.
    Doctor,
    /// Configuration files.
    Config {
        #[command(subcommand)]
        command: Config,
    },
    /// Run the agent of this host.
    Agent(Daemon),
    /// Run a node: store, incidents and console.
    #[cfg(feature = "node")]
    Node(Daemon),
    /// Make this host's agent known to a node.
    Enrol {
        /// Address of the node's agent listener, HOST:PORT.
        #[arg(long)]
        node: String,
        /// The one-time token, or `-` to read it from standard input.
        #[arg(long)]
        token: String,
    },
    /// Issue a one-time enrolment token on this node.
    NodeToken {
        /// Minutes that it is good for.
        #[arg(long, default_value_t = 60)]
        minutes: u32,
    },
    /// Print an address that signs in to the console once.
    LoginLink {
        /// Of the console.
        #[arg(long, default_value = "admin")]
        user: String,
    },
    /// Ask the node's API anything that the console can: `tamon api get '/attack?hours=24'`. Without a path, what there is.
    Api(ApiCall),
    /// Completions for a shell.
    Completions { shell: clap_complete::Shell },
    /// Manual page, as roff.
    Man,
    /// One stand-in of the self-test; does nothing outside the folder it is given.
    #[command(hide = true)]
    SelftestStep { step: String, folder: PathBuf },
}

#[derive(Subcommand)]
pub enum Baselines {
    /// The busiest programs and users and what they do, the rarest things, rhythms, and what was told.
    Show {
        /// Only of one kind: programs, starts, user_starts, talks, names, logins, reaches, writes.
        #[arg(long)]
        relation: Option<String>,
        /// Only programs and users whose name holds this.
        #[arg(long)]
        name: Option<String>,
        /// How many of each.
        #[arg(long, short = 'n', default_value_t = 20)]
        limit: usize,
    },
    /// Everything that was learned, as one JSON document.
    Export,
    /// Forget what was learned, and learn anew.
    Reset,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[derive(Args)]
pub struct SelfTest {
    /// Only these steps, by name.
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// List the steps and what each does, and play none.
    #[arg(long)]
    pub list: bool,
    /// Seconds to wait for each step to be told.
    #[arg(long, default_value_t = 8)]
    pub wait: u64,
}

#[derive(Subcommand)]
pub enum Config {
    /// Read a configuration and say what is wrong; exit status 2 if anything is.
    Validate {
        /// agent or node.
        role: String,
        file: PathBuf,
    },
    /// The configuration in force, every default included.
    Explain {
        /// agent or node.
        role: String,
        file: Option<PathBuf>,
    },
}

#[derive(Args)]
pub struct Daemon {
    /// Configuration file, instead of /etc/tamon/{agent,node}.toml.
    #[arg(long)]
    pub config: Option<PathBuf>,
}
