//! A shell at the end of a connection, whatever words started it.
//!
//! Either an interactive shell itself connects out, or a bare shell (no script, no `-c`) starts below a program that
//! connected out moments before and whose work is to run what it is told. Waiting for a port with bash's `/dev/tcp` is not
//! that: it is not interactive. Nor is a terminal in an editor or a remote log-in: those do not run bare shells below an
//! interpreter that has just connected.

use crate::lineage::{Processes, outgoing, shown};
use crate::names::{is_interpreter_or_relay, is_shell};
use crate::tell::{Rule, span, who};
use event::{Action, Engine, Event, EventKind, Finding, Process, Severity, Tactic, Technique};

pub(crate) const RULE: Rule = Rule {
    id: "behaviour.reverse-shell",
    engine: Engine::Behaviour,
    name: "Reverse shell",
    severity: Severity::High,
    techniques: &[Technique::sub(1059, 4), Technique::new(1095)],
    tactics: &[Tactic::Execution, Tactic::CommandAndControl],
    asks: Some(Action::Kill),
};

/// A connection older than this has nothing to do with the shell.
const MOMENTS_NANOS: i64 = 30_000_000_000;

pub(crate) fn observe(event: &Event, process: &Process, processes: &Processes) -> Option<Finding> {
    match &event.kind {
        EventKind::Network(network) => {
            let to = outgoing(network)?;
            (is_shell(process.name()) && is_interactive(&process.command_line)).then(|| {
                let detail = format!("The interactive shell {} connected out to {}.", who(process), shown(&to));
                RULE.finding(detail, evidence(process, shown(&to)))
            })
        }
        EventKind::Exec(_) if is_shell(process.name()) && is_bare(&process.command_line) => {
            below_connection(event, process, processes)
        }
        _ => None,
    }
}

fn below_connection(event: &Event, process: &Process, processes: &Processes) -> Option<Finding> {
    let connected = processes.line(process.key).find_map(|(_, known)| {
        let connected = known.connected.as_ref()?;
        let runs_what_it_is_told = is_interpreter_or_relay(&connected.by) || is_shell(&connected.by);
        let fitting = runs_what_it_is_told || !connected.by_installed;
        let fresh = (0..MOMENTS_NANOS).contains(&event.time.since(connected.at));
        (fitting && fresh).then_some(connected)
    })?;
    let detail = format!(
        "The shell {} was started without a script {} after {} connected out to {}.",
        who(process),
        span(event.time.since(connected.at)),
        event::text::printable(&connected.by),
        shown(&connected.to)
    );
    Some(RULE.finding(detail, evidence(process, shown(&connected.to))))
}

fn evidence(process: &Process, to: String) -> Vec<(&'static str, String)> {
    vec![("process_command_line", process.command_line.to_string()), ("destination", to)]
}

/// A shell that reads its commands from its input: nothing but flags without `c` behind its name.
fn is_bare(command_line: &str) -> bool {
    let mut words = command_line.split(' ').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let mut rest = words.peekable();
    if first.rsplit('/').next() == Some("busybox") {
        rest.next_if(|word| is_shell(word));
    }
    rest.all(|word| {
        matches!(word, "--noprofile" | "--norc")
            || word.strip_prefix('-').is_some_and(|flags| !flags.is_empty() && flags.chars().all(|c| "ips".contains(c)))
    })
}

fn is_interactive(command_line: &str) -> bool {
    command_line
        .split(' ')
        .skip(1)
        .take_while(|word| word.starts_with('-'))
        .any(|word| !word.starts_with("--") && word.contains('i'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_and_interactive() {
        let check = |line: &str, bare: bool, interactive: bool| {
            assert_eq!((is_bare(line), is_interactive(line)), (bare, interactive), "{line}");
        };
        check("sh", true, false);
        check("/bin/bash -i", true, true);
        check("bash --norc -i", true, true);
        check("busybox sh", true, false);
        check("sh -c id", false, false);
        check("bash --login", false, false);
        check("sh build.sh -i", false, false);
        check("bash -ic id", false, true);
    }
}
