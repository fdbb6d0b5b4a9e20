//! What an incident keeps of an alert: enough to tell the story, not the alert itself (that stands in the store).

use crate::act::{self, Act};
use crate::ordinary::{self, Judgement};
use crate::role;
use event::{Action, Alert, Column, OutcomeStatus, ProcessSnapshot, Severity, Tactic, Technique, Timestamp};
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
    pub event_action: String,
    /// The acting process first; entity ids.
    pub lineage: Vec<String>,
    /// Index in `lineage` of the first link out of the ordinary.
    pub entry: usize,
    pub file: Option<String>,
    pub remote: Option<(IpAddr, u16)>,
    pub source: Option<IpAddr>,
    pub target: Option<String>,
    pub target_executable: Option<String>,
}

/// The fact of an alert together with the processes it names and the judgement of each.
pub struct Reading {
    pub fact: Fact,
    pub processes: Vec<ProcessSnapshot>,
    pub judgements: Vec<Judgement>,
}

/// Ancestors beyond this many are not looked at: a lineage comes from a host that may be hostile.
const DEEPEST: usize = 64;

pub fn read(alert: &Alert) -> Reading {
    let depth = alert.lineage.len().min(DEEPEST);
    let processes = alert.lineage[..depth].to_vec();
    let judgements = ordinary::judge(&processes);
    let text = |column| alert.event.text(column).map(|text| text.into_owned());
    let ip = |column| text(column).and_then(|text| text.parse().ok());
    let port = text(Column::DestinationPort).and_then(|port| port.parse().ok()).unwrap_or(0);
    let ingress = text(Column::NetworkDirection).as_deref() == Some("ingress");
    let strongest = alert.findings.iter().max_by_key(|finding| finding.severity);
    let tactics: BTreeSet<Tactic> = alert.findings.iter().flat_map(|f| f.tactics.iter().copied()).collect();
    let fact = Fact {
        alert: alert.id.0.clone(),
        time: alert.time,
        last: alert.time,
        count: 1,
        host: alert.host.0.clone(),
        severity: alert.severity,
        title: alert.title.clone(),
        rule: strongest.map(|finding| finding.rule_id.0.clone()).unwrap_or_default(),
        act: act::of(alert),
        techniques: alert.techniques(),
        tactics: tactics.into_iter().collect(),
        action: alert.outcome.action,
        outcome: alert.outcome.status,
        event_action: text(Column::Action).unwrap_or_default(),
        lineage: processes.iter().map(|p| p.entity_id.clone()).collect(),
        entry: ordinary::entry(&judgements),
        file: text(Column::FilePath),
        remote: if ingress { None } else { ip(Column::DestinationIp).map(|ip| (ip, port)) },
        source: if ingress { ip(Column::SourceIp) } else { None },
        target: text(Column::TargetEntityId),
        target_executable: text(Column::TargetExecutable),
    };
    Reading { fact, processes, judgements }
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
