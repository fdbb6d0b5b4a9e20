//! What runs below a web server and looks around: several discovery tools within a minute, or a look at credentials.

use crate::bounded::Bounded;
use crate::lineage::Processes;
use crate::tell::{Rule, path, who};
use event::{
    Action, Engine, Event, EventKind, FileOp, Finding, Process, ProcessKey, Severity, Tactic, Technique, Timestamp,
};

pub(crate) const DISCOVERY: Rule = Rule {
    id: "behaviour.web-discovery",
    engine: Engine::Behaviour,
    name: "Discovery below a web server",
    severity: Severity::High,
    techniques: &[Technique::sub(1505, 3), Technique::new(1033), Technique::new(1082)],
    tactics: &[Tactic::Persistence, Tactic::Discovery],
    asks: Some(Action::Kill),
};

pub(crate) const CREDENTIALS: Rule = Rule {
    id: "behaviour.web-credentials",
    engine: Engine::Behaviour,
    name: "Credentials are read below a web server",
    severity: Severity::High,
    techniques: &[Technique::sub(1505, 3), Technique::sub(1552, 1)],
    tactics: &[Tactic::Persistence, Tactic::CredentialAccess],
    asks: Some(Action::Kill),
};

const WINDOW_NANOS: i64 = 60_000_000_000;
const DIFFERENT_TOOLS: usize = 3;

#[derive(Debug)]
pub(crate) struct Web {
    /// By the process right below the web server, or the nearest known.
    seen: Bounded<ProcessKey, Vec<(Timestamp, String)>>,
}

impl Web {
    pub fn new(capacity: usize) -> Self {
        Web { seen: Bounded::new(capacity) }
    }

    pub fn observe(&mut self, event: &Event, process: &Process, processes: &Processes) -> Option<Finding> {
        if !processes.get(&process.key).is_some_and(|known| known.below_web_server) {
            return None;
        }
        match &event.kind {
            EventKind::Exec(_) if is_discovery(process.name()) => self.discovery(event.time, process, processes),
            EventKind::File(file) if file.op == FileOp::OpenRead => {
                let detail = format!(
                    "{}, which a web server started, opened {}, which is watched for its credentials.",
                    who(process),
                    path(&file.file.path)
                );
                Some(CREDENTIALS.finding(detail, vec![("file_path", file.file.path.to_string())]))
            }
            _ => None,
        }
    }

    fn discovery(&mut self, at: Timestamp, process: &Process, processes: &Processes) -> Option<Finding> {
        let top = processes.line(process.key).take_while(|(_, known)| known.below_web_server).last()?.0;
        let tools = self.seen.entry(&top, Vec::new);
        tools.retain(|(when, _)| (0..WINDOW_NANOS).contains(&at.since(*when)));
        if !tools.iter().any(|(_, name)| name == process.name()) {
            tools.push((at, process.name().to_owned()));
        }
        if tools.len() < DIFFERENT_TOOLS {
            return None;
        }
        let names: Vec<&str> = tools.iter().map(|(_, name)| name.as_str()).collect();
        let names = names.join(", ");
        let detail = format!("Below a web server, {names} ran within a minute; the last was {}.", who(process));
        Some(
            DISCOVERY
                .finding(detail, vec![("process_command_line", process.command_line.to_string()), ("tools", names)]),
        )
    }
}

fn is_discovery(name: &str) -> bool {
    const TOOLS: [&str; 30] = [
        "id",
        "whoami",
        "uname",
        "hostname",
        "ifconfig",
        "ip",
        "netstat",
        "ss",
        "ps",
        "w",
        "who",
        "last",
        "lsblk",
        "df",
        "mount",
        "env",
        "printenv",
        "getent",
        "groups",
        "arp",
        "route",
        "lscpu",
        "dmidecode",
        "lsmod",
        "sudo",
        "find",
        "locate",
        "crontab",
        "ls",
        "cat",
    ];
    TOOLS.contains(&name)
}
