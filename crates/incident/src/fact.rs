//! What an incident keeps of an alert: enough to tell the story, not the alert itself (that stands in the store).

use crate::act::{self, Act};
use crate::ordinary::{self, Judgement};
use crate::role;
use event::{
    Action, Alert, Column, HELD_BACK, Mode, OutcomeStatus, ProcessSnapshot, Severity, Tactic, Technique, Timestamp,
};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// One alert, and how many like it followed from the same process.
#[derive(Clone, Debug)]
pub struct Fact {
    pub alert: String,
    pub time: Timestamp,
    pub last: Timestamp,
    pub count: u64,
    pub host: String,
    pub severity: Severity,
    pub title: String,
    pub rule: String,
    pub act: Act,
    pub techniques: Vec<Technique>,
    pub tactics: Vec<Tactic>,
    /// What was done, and whether it succeeded.
    pub action: Action,
    pub outcome: OutcomeStatus,
    /// What enforcing would have done on a host that can; and how far the policy goes.
    pub wanted: Action,
    pub mode: Mode,
    pub event_action: String,
    /// The acting process first; entity ids.
    pub lineage: Vec<String>,
    /// Index in `lineage` of the first link out of the ordinary.
    pub entry: usize,
    pub file: Option<String>,
    pub remote: Option<(IpAddr, u16)>,
    /// Who connected to this host, or logged in, by address.
    pub source: Option<IpAddr>,
    /// Accounts that were tried, as a log has them.
    pub accounts: Vec<String>,
    /// Whether what a log tells of came to be, where it says so.
    pub succeeded: Option<bool>,
    pub target: Option<String>,
    pub target_executable: Option<String>,
}

impl Fact {
    /// A stop was asked for.
    pub fn asks_for_a_stop(&self) -> bool {
        self.wanted > Action::Alert
    }

    /// Done by somebody at an address, with no process of this host.
    pub fn is_from_outside(&self) -> bool {
        self.lineage.is_empty() && self.source.is_some() && is_of_outside(self.act)
    }
}

/// What is done to a host's log-ins and servers from elsewhere.
pub const fn is_of_outside(act: Act) -> bool {
    matches!(act, Act::Guess | Act::LogIn | Act::Exploit)
}

/// The fact of an alert together with the processes it names and the judgement of each.
pub struct Reading {
    pub fact: Fact,
    pub processes: Vec<ProcessSnapshot>,
    pub judgements: Vec<Judgement>,
}

/// Ancestors beyond this many are not looked at: a lineage comes from a host that may be hostile.
const DEEPEST: usize = 64;
/// Accounts kept of one alert.
const ACCOUNTS: usize = 32;

pub fn read(alert: &Alert) -> Reading {
    let text = |column| alert.event.text(column).map(|text| text.into_owned());
    let event_action = text(Column::Action).unwrap_or_default();
    let act = act::of(alert);
    // sshd wrote the line; who is at the address did it.
    let from_outside = is_of_outside(act) && is_of_a_log(&event_action);
    let depth = if from_outside { 0 } else { alert.lineage.len().min(DEEPEST) };
    let processes = alert.lineage[..depth].to_vec();
    let judgements = ordinary::judge(&processes);
    let ip = |column| text(column).and_then(|text| text.parse().ok());
    let port = text(Column::DestinationPort).and_then(|port| port.parse().ok()).unwrap_or(0);
    let ingress = text(Column::NetworkDirection).as_deref() == Some("ingress");
    let strongest = alert.findings.iter().max_by_key(|finding| finding.severity);
    let tactics: BTreeSet<Tactic> = alert.findings.iter().flat_map(|f| f.tactics.iter().copied()).collect();
    let fact = Fact {
        alert: alert.id.0.clone(),
        time: alert.time,
        last: alert.time,
        count: 1 + held_back(alert),
        host: alert.host.0.clone(),
        severity: alert.severity,
        title: alert.title.clone(),
        rule: strongest.map(|finding| finding.rule_id.0.clone()).unwrap_or_default(),
        act,
        techniques: alert.techniques(),
        tactics: tactics.into_iter().collect(),
        action: alert.outcome.action,
        outcome: alert.outcome.status,
        wanted: alert.decision.wanted,
        mode: alert.decision.mode,
        event_action,
        lineage: processes.iter().map(|p| p.entity_id.clone()).collect(),
        entry: ordinary::entry(&judgements),
        file: text(Column::FilePath),
        remote: if ingress { None } else { ip(Column::DestinationIp).map(|ip| (ip, port)) },
        // A share's client is who wrote, whatever process of ours did it for him. An address in a log's line is only who the
        // line says, unless the finding is about him.
        source: match ingress || from_outside {
            true => ip(Column::SourceIp),
            false => named(alert, "source_ip").find_map(|ip| ip.parse().ok()),
        },
        accounts: accounts(alert),
        succeeded: match text(Column::Outcome).as_deref() {
            Some("success") => Some(true),
            Some("failure") => Some(false),
            _ => None,
        },
        target: text(Column::TargetEntityId),
        target_executable: text(Column::TargetExecutable),
    };
    Reading { fact, processes, judgements }
}

/// Told by the log of a server, of somebody elsewhere.
fn is_of_a_log(event_action: &str) -> bool {
    matches!(event_action, "user-login" | "web-request")
}

/// How many more of these the host counted and did not tell one by one.
fn held_back(alert: &Alert) -> u64 {
    named(alert, HELD_BACK).filter_map(|count| count.parse::<u32>().ok()).map(u64::from).max().unwrap_or(0)
}

/// What the findings matched under a name.
fn named<'a>(alert: &'a Alert, name: &'a str) -> impl Iterator<Item = &'a str> {
    let matched = alert.findings.iter().flat_map(|finding| &finding.matched);
    matched.filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
}

fn accounts(alert: &Alert) -> Vec<String> {
    let mut out: Vec<String> = named(alert, "users").flat_map(str::split_whitespace).map(str::to_owned).collect();
    if out.is_empty() {
        out.extend(alert.event.text(Column::UserName).filter(|user| !user.is_empty()).map(|user| user.into_owned()));
    }
    out.truncate(ACCOUNTS);
    out
}

impl Reading {
    /// The processes of the attack: the entry and all below it.
    pub fn odd(&self) -> &[ProcessSnapshot] {
        let end = (self.fact.entry + 1).min(self.processes.len());
        &self.processes[..end]
    }

    /// The ordinary ancestors, nearest first.
    pub fn context(&self) -> impl Iterator<Item = (&ProcessSnapshot, &Judgement)> {
        self.processes.iter().zip(&self.judgements).skip(self.fact.entry + 1)
    }

    /// The acting process where everything about it looks usual, hub or not.
    pub fn actor_is_hub(&self) -> bool {
        self.judgements.first().and_then(|j| j.role).is_some_and(|role| role.is_hub())
    }
}

/// Where packages put programs.
pub const SYSTEM_PLACES: [&str; 6] = ["/usr/", "/bin/", "/sbin/", "/lib", "/snap/", "/nix/"];

/// A digest by which two programs are known to be the same foreign thing: not a packaged program, nor one in a system folder.
pub fn foreign_digest(process: &ProcessSnapshot) -> Option<&str> {
    let foreign = process.fileless
        || (process.package.is_none() && !SYSTEM_PLACES.iter().any(|place| process.executable.starts_with(place)));
    foreign.then_some(process.sha256.as_deref()).flatten()
}

/// Absolute paths that a process runs: its program, and scripts among its arguments.
pub fn paths_run(process: &ProcessSnapshot) -> Vec<&str> {
    let mut out = vec![process.executable.as_str()];
    if role::is_shell(&process.name) || role::is_interpreter(&process.name) {
        let words = process.command_line.split([' ', ';', '\'', '"', '\n']);
        out.extend(words.filter(|word| word.len() > 4 && word.starts_with('/')).take(16));
    }
    out
}

/// The action leaves a file behind that could be run later.
pub fn writes(event_action: &str) -> bool {
    matches!(
        event_action,
        "file-create"
            | "file-open-write"
            | "file-write-close"
            | "file-rename"
            | "file-hard-link"
            | "file-change-mode"
            | "file-truncate"
            | "file-symbolic-link"
    )
}
