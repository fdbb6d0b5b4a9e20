//! Root that came from nowhere: a process that ran as somebody else starts a program as root, though no set-uid program and
//! no call that changes users lies between. That is what an exploit of the kernel leaves behind.

use crate::bounded::Bounded;
use crate::tell::{Rule, who};
use event::{Engine, Event, EventKind, Finding, PrivilegeChange, Process, ProcessKey, Severity, Tactic, Technique};

pub(crate) const RULE: Rule = Rule {
    id: "behaviour.root-from-nowhere",
    engine: Engine::Behaviour,
    name: "Process became root by no known way",
    severity: Severity::High,
    techniques: &[Technique::new(1068)],
    tactics: &[Tactic::PrivilegeEscalation],
    asks: None,
};

#[derive(Debug)]
pub(crate) struct Raised {
    /// Effective user when it was last seen to start, fork or change; who never was anybody but root is not remembered.
    last: Bounded<ProcessKey, u32>,
}

impl Raised {
    pub fn new(capacity: usize) -> Self {
        Raised { last: Bounded::new(capacity) }
    }

    pub fn observe(&mut self, event: &Event, process: &Process) -> Option<Finding> {
        let now = process.user.credentials.euid;
        match &event.kind {
            EventKind::Fork(fork) => {
                self.remember(fork.child, now);
                None
            }
            EventKind::Privilege(PrivilegeChange::Identity { to, .. }) => {
                self.remember(process.key, to.euid);
                None
            }
            EventKind::Exec(exec) => {
                let before = self.last.get(&process.key).copied();
                self.remember(process.key, now);
                let before = before.filter(|before| *before != 0 && now == 0 && !exec.raised)?;
                let detail = format!(
                    "{} runs as root; before it started this program the process was user {before}, and neither a set-uid \
                     program nor a call that changes users lies between.",
                    who(process)
                );
                Some(RULE.finding(detail, vec![("user_id", before.to_string())]))
            }
            _ => None,
        }
    }

    fn remember(&mut self, process: ProcessKey, user: u32) {
        if user != 0 || self.last.get(&process).is_some() {
            self.last.insert(process, user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Credentials, Exec, Fork, Timestamp, User, Via};
    use std::sync::Arc;

    fn key(tgid: u32) -> ProcessKey {
        ProcessKey { tgid, ..ProcessKey::default() }
    }

    fn credentials(euid: u32) -> Credentials {
        Credentials { uid: euid, euid, ..Credentials::default() }
    }

    /// What each of the events of one process told.
    fn told(events: &[(u32, u32, EventKind)]) -> Vec<bool> {
        let mut raised = Raised::new(16);
        let mut each = |(tgid, euid, kind): &(u32, u32, EventKind)| {
            let user = User { credentials: credentials(*euid), name: None };
            let process = Process { key: key(*tgid), user, executable: "/usr/bin/x".into(), ..Process::default() };
            let event = Event {
                sequence: 0,
                time: Timestamp(1),
                via: Via::Syscall,
                process: Some(Arc::new(process.clone())),
                parent: None,
                kind: kind.clone(),
            };
            raised.observe(&event, &process).is_some()
        };
        events.iter().map(&mut each).collect()
    }

    #[test]
    fn root_needs_a_way() {
        let exec = || EventKind::Exec(Exec::default());
        let raised = || EventKind::Exec(Exec { raised: true, ..Exec::default() });
        let fork = |child| EventKind::Fork(Fork { child: key(child), namespace_flags: 0 });
        let became =
            |euid| EventKind::Privilege(PrivilegeChange::Identity { from: credentials(1000), to: credentials(euid) });
        // A shell's child is root at its next start.
        assert_eq!(told(&[(1, 1000, exec()), (1, 1000, fork(2)), (2, 0, exec())]), [false, false, true]);
        // A set-uid program, and what that starts.
        assert_eq!(told(&[(1, 1000, exec()), (1, 0, raised()), (1, 0, exec())]), [false, false, false]);
        // A call that changes users.
        assert_eq!(told(&[(1, 1000, exec()), (1, 0, became(0)), (1, 0, exec())]), [false, false, false]);
        // A daemon that was root all the time, and one that is seen for the first time.
        assert_eq!(told(&[(1, 0, exec()), (1, 0, fork(2)), (2, 0, exec())]), [false, false, false]);
        assert_eq!(told(&[(2, 0, exec())]), [false]);
    }
}
