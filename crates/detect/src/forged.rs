//! A line in a log that says it is of sshd, sudo or their like, written by another program: somebody lays a false trail.

use crate::tell::{Rule, path, who};
use event::{Engine, Event, EventKind, Finding, LogSays, LogWriter, Process, Severity, Tactic, Technique};

pub(crate) const RULE: Rule = Rule {
    id: "behaviour.log-forged",
    engine: Engine::Behaviour,
    name: "A line of a log pretends to be of another program",
    severity: Severity::Medium,
    techniques: &[Technique::sub(1565, 1), Technique::new(1036)],
    tactics: &[Tactic::DefenseEvasion, Tactic::Impact],
    asks: None,
};

pub(crate) fn observe(event: &Event, process: &Process) -> Option<Finding> {
    let EventKind::Log(log) = &event.kind else { return None };
    let tells = matches!(log.says, LogSays::Login { .. } | LogSays::Session { .. } | LogSays::Elevation { .. });
    if log.writer != LogWriter::Other || !tells {
        return None;
    }
    let detail = format!("{} wrote as {}: {}", who(process), path(&log.program), path(&log.message));
    Some(RULE.finding(detail, vec![("message", log.message.to_string())]))
}
