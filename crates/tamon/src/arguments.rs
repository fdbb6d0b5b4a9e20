//! The command line. Names, output keys and exit codes are interfaces that stay.

pub mod signatures;

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

#[derive(Args)]
pub struct Events {
    /// Go on printing as events come.
    #[arg(long, short)]
    pub follow: bool,
    /// How many of the newest.
    #[arg(long, short = 'n', default_value_t = 50)]
    pub limit: u32,
    /// Only of this host (name or id).
    #[arg(long)]
    pub host: Option<String>,
    /// Only this kind: an `event_action` such as process-exec.
    #[arg(long)]
    pub action: Option<String>,
}

#[derive(Args)]
pub struct Alerts {
    /// How many of the newest.
    #[arg(long, short = 'n', default_value_t = 50)]
    pub limit: u32,
    /// At least this severity.
    #[arg(long)]
    pub severity: Option<event::Severity>,
}

#[derive(Subcommand)]
pub enum Incidents {
    List {
        #[arg(long, short = 'n', default_value_t = 50)]
        limit: u32,
    },
    Show {
        id: String,
        /// en or ja.
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// Ask now what an analyst would ask next, of the stored events and of the hosts, and show what the answers mean.
    Investigate {
        id: String,
        /// en or ja.
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// Take a file of a host of the incident into the case: what can be said of it, and its first mebibyte if asked for.
    Collect {
        id: String,
        /// Host id.
        host: String,
        path: String,
        #[arg(long)]
        content: bool,
        #[arg(long)]
        reason: String,
    },
    /// Write the content of a file of the case to a new file, readable by its owner alone. It may be malware.
    Collected { id: String, number: u64, to: PathBuf },
    /// The incident for somebody else, with its investigation: a page to print (html, pdf), a STIX 2.1 bundle, an ATT&CK
    /// Navigator layer, or JSON.
    Export {
        id: String,
        #[arg(long, value_enum, default_value = "html")]
        format: ExportFormat,
        /// en or ja; of the page.
        #[arg(long, default_value = "en")]
        language: String,
        /// A new file, readable by its owner alone; standard output when not given.
        #[arg(long)]
        to: Option<PathBuf>,
    },
}

#[derive(Args)]
pub struct ApiCall {
    #[arg(value_enum, ignore_case = true, requires = "path")]
    pub method: Option<ApiMethod>,
    /// Below /api/v1, with its query.
    pub path: Option<String>,
    /// JSON of the request, or `-` to read it from standard input.
    #[arg(long, short)]
    pub body: Option<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum ApiMethod {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum ExportFormat {
    Html,
    Json,
    Navigator,
    Pdf,
    Stix,
}

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

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

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

#[derive(Subcommand)]
pub enum Policy {
    /// Read a policy and say what is wrong, with line and field.
    Check { file: PathBuf },
    /// Check a policy and put it in force on this host.
    Apply { file: PathBuf },
    /// The policy in force.
    Show,
    /// Say which keys speak about a path, and whether a locked host would let it run; or about an address and port.
    Explain {
        /// A path, or an address with its port: 192.0.2.1:443.
        what: PathBuf,
        /// Of this policy, instead of the one in force.
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// Program that acts on it.
        #[arg(long, value_name = "PATH")]
        process: Option<String>,
    },
    /// Propose a profile from what a service does: watch it for a while, and print the policy.
    Learn(PolicyLearn),
    /// Say what this policy would have refused: a lock of what ran, profiles of what was done. Exit status 1 if there is
    /// anything.
    Simulate {
        file: PathBuf,
        /// Days back, of what the node has stored; without a node what the agent still holds is taken.
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Of this host, by name; all that the node knows if not given.
        #[arg(long)]
        host: Option<String>,
    },
}

#[derive(Args)]
pub struct PolicyLearn {
    /// systemd unit.
    #[arg(required_unless_present_any = ["cgroup", "exe", "stop"])]
    pub unit: Option<String>,
    /// Path below the root of the control groups instead.
    #[arg(long, value_name = "PATH")]
    pub cgroup: Option<String>,
    /// Program instead.
    #[arg(long, value_name = "PATH")]
    pub exe: Option<String>,
    /// What it is called; made from the unit or program if not given.
    #[arg(long)]
    pub id: Option<String>,
    /// So long, live: 90s, 10m, 24h. 0s begins and comes back at once: give the same command again to end it.
    #[arg(long = "for", value_name = "TIME", default_value = "10m")]
    pub period: String,
    /// From what the node has stored of the last so many days, instead of live.
    #[arg(long, value_name = "DAYS", conflicts_with = "period")]
    pub days: Option<u32>,
    /// End what was begun under this name, and print what came of it.
    #[arg(long, value_name = "ID")]
    pub stop: Option<String>,
}

#[derive(Subcommand)]
pub enum Lockdown {
    /// Write down from now on what runs and is not trusted, and what lies below the paths at once.
    Learn { paths: Vec<PathBuf> },
    /// What is unknown: seen while learning, or since the host was locked. To be read before `lock`.
    Report,
    /// Trust what was learned, and lock. Refused where the host could not do without what it would refuse.
    Lock {
        /// How far: observe, alert or enforce; what the policy says if not given.
        #[arg(long, value_parser = mode)]
        mode: Option<event::Mode>,
        /// After so many days it only observes.
        #[arg(long)]
        days: Option<u32>,
    },
    Unlock {
        #[arg(long)]
        reason: String,
    },
    /// The lock, its figures, and what this host's tier cannot keep of it.
    Status,
    /// Let a content run: a SHA-256 anywhere, or a file as it is now, at its path.
    Trust {
        what: String,
        #[arg(long)]
        reason: String,
        #[arg(long)]
        days: Option<u32>,
    },
    /// Let it run no more, whoever vouches: a SHA-256 anywhere, or whatever lies at a path.
    Untrust {
        what: String,
        #[arg(long)]
        reason: String,
    },
    /// Let everything run for a while; each is told, and so is this.
    BreakGlass {
        #[arg(long, required_unless_present = "mend")]
        reason: Option<String>,
        #[arg(long, default_value_t = 30)]
        minutes: u32,
        /// End it before its time.
        #[arg(long, conflicts_with = "reason")]
        mend: bool,
    },
}

fn mode(text: &str) -> Result<event::Mode, String> {
    [event::Mode::Observe, event::Mode::Alert, event::Mode::Enforce]
        .into_iter()
        .find(|mode| mode.name() == text)
        .ok_or_else(|| "it is observe, alert or enforce".into())
}

#[derive(Subcommand)]
pub enum Quarantine {
    List,
    /// Move a file to the vault, encrypted; `restore` brings it back as it was.
    Add {
        path: PathBuf,
        #[arg(long, default_value = "by hand")]
        reason: String,
    },
    Restore {
        id: String,
    },
    /// Write an archive for whoever is to say that a detection was wrong: what was found and why, and the file, encrypted
    /// with the passphrase `infected`. The item stays in the vault.
    Bundle {
        id: String,
        /// Where to; must not be there yet.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

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
