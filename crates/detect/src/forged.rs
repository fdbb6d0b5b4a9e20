//! A line in a log that says it is of sshd, sudo or their like, written by another program: somebody lays a false trail.

use crate::tell::{Rule, path, who};
use event::{Engine, Event, EventKind, Finding, LogSays, LogWriter, Severity, Tactic, Technique};

pub(crate) const RULE: Rule = Rule {
    id: "behaviour.log-forged",
    engine: Engine::Behaviour,
    name: "A line of a log pretends to be of another program",
    severity: Severity::Medium,
    techniques: &[Technique::sub(1565, 1), Technique::new(1036)],
    tactics: &[Tactic::DefenseEvasion, Tactic::Impact],
    asks: None,
};

/// Whoever can write into a text log names any pid in it: only where the journal took the writer from the kernel is the
/// event's process the one that wrote.
pub(crate) fn observe(event: &Event) -> Option<Finding> {
    let EventKind::Log(log) = &event.kind else { return None };
    let tells = matches!(log.says, LogSays::Login { .. } | LogSays::Session { .. } | LogSays::Elevation { .. });
    if log.writer != LogWriter::Other || !tells {
        return None;
    }
    let (program, message) = (path(&log.program), path(&log.message));
    let detail = match event.process.as_deref() {
        Some(process) => format!("{} wrote as {program}: {message}", who(process)),
        None => format!(
            "A line says that it is of {program}, whose pid is another program's; who wrote it is not known: {message}"
        ),
    };
    Some(RULE.finding(detail, vec![("message", log.message.to_string())]))
}
