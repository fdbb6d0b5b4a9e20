//! Whose deed it is: the process tree that an act belongs to, whatever it forked and became, and who else answers for it.
//!
//! A tree begins below what starts work for others (init, sshd, cron, a container's run time), and with the first process
//! of a process namespace. So a log-in, a job, a service and a container are a tree each, and attack steps that are
//! siblings below one shell are one.

use crate::bounded::Bounded;
use event::{Event, EventKind, LogSays, LogWriter, Process, ProcessKey};
use std::sync::Arc;

/// Who answers for an act.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    Tree(ProcessKey),
    /// Audit session of a log-in.
    Session(u32),
    /// Uid of the log-in.
    User(u32),
    /// Full id.
    Container(Arc<str>),
    Host,
}

impl Entity {
    /// As a sentence names it.
    pub fn words(&self) -> String {
        match self {
            Entity::Tree(key) => format!("the process tree of pid {}", key.tgid),
            Entity::Session(session) => format!("log-in session {session}"),
            Entity::User(uid) => format!("the user with uid {uid}"),
            Entity::Container(id) => format!("container {}", event::text::printable(event::text::clip(id, 12))),
            Entity::Host => "this host".to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Node {
    tree: ProcessKey,
    /// It starts work for others: each child begins a tree.
    starter: bool,
}

#[derive(Debug)]
pub(crate) struct Trees {
    nodes: Bounded<ProcessKey, Node>,
}

impl Trees {
    pub fn new(capacity: usize) -> Trees {
        Trees { nodes: Bounded::new(capacity) }
    }

    pub fn learn(&mut self, event: &Event, process: &Process) {
        match &event.kind {
            EventKind::Fork(fork) => {
                let parent = self.node(process, event.parent.as_deref());
                let tree = if parent.starter { fork.child } else { parent.tree };
                self.nodes.insert(fork.child, Node { tree, starter: parent.starter });
            }
            EventKind::Exec(_) => {
                let first = event.parent.as_deref().is_some_and(|parent| {
                    parent.pid_namespace != process.pid_namespace
                        && parent.pid_namespace != 0
                        && process.pid_namespace != 0
                });
                let tree = if first { process.key } else { self.node(process, event.parent.as_deref()).tree };
                self.nodes.insert(process.key, Node { tree, starter: is_starter(process.name()) });
            }
            EventKind::Exit(_) => self.nodes.over(&process.key),
            // Who was let in begins a tree, and what serves them is part of it.
            EventKind::Log(log) if log.writer == LogWriter::Confirmed => {
                if let LogSays::Login { ok: true, .. } = log.says {
                    self.nodes.insert(process.key, Node { tree: process.key, starter: false });
                }
            }
            _ => {}
        }
    }

    /// The tree of the process that acted.
    pub fn of(&mut self, event: &Event, process: &Process) -> ProcessKey {
        self.node(process, event.parent.as_deref()).tree
    }

    /// Everybody who answers for the act of `process`, the nearest first.
    pub fn entities(&mut self, event: &Event, process: &Process) -> Vec<Entity> {
        let mut entities = vec![Entity::Tree(self.of(event, process))];
        if let Some(container) = &process.container {
            entities.push(Entity::Container(Arc::clone(&container.id)));
        }
        if let Some(login) = &process.login {
            entities.push(Entity::Session(login.session));
            entities.push(Entity::User(login.uid));
        }
        entities.push(Entity::Host);
        entities
    }

    /// A process that began before anybody looked belongs where its parent does.
    fn node(&mut self, process: &Process, parent: Option<&Process>) -> Node {
        if let Some(node) = self.nodes.get(&process.key) {
            return *node;
        }
        let tree = match process.parent.filter(|parent| parent.tgid > 2) {
            Some(above) => {
                let starter = parent.is_some_and(|parent| parent.key == above && is_starter(parent.name()));
                let above = *self.nodes.entry(&above, || Node { tree: above, starter });
                if above.starter { process.key } else { above.tree }
            }
            None => process.key,
        };
        let node = Node { tree, starter: is_starter(process.name()) };
        self.nodes.insert(process.key, node);
        node
    }
}

fn is_starter(name: &str) -> bool {
    const EXACT: [&str; 22] = [
        "systemd",
        "init",
        "sshd",
        "sshd-session",
        "cron",
        "crond",
        "anacron",
        "atd",
        "dockerd",
        "containerd",
        "conmon",
        "runc",
        "crun",
        "kubelet",
        "supervisord",
        "runsvdir",
        "inetd",
        "xinetd",
        "login",
        "lightdm",
        "gdm3",
        "dropbear",
    ];
    EXACT.contains(&name) || name.starts_with("containerd-shim")
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Exec, Exit, Fork, Timestamp, Via};

    fn key(tgid: u32) -> ProcessKey {
        ProcessKey { tgid, ..ProcessKey::default() }
    }

    fn process(tgid: u32, parent: u32, executable: &str, namespace: u32) -> Process {
        let parent = Some(key(parent));
        let executable = executable.into();
        Process { key: key(tgid), parent, executable, pid_namespace: namespace, ..Process::default() }
    }

    fn event(process: &Process, parent: Option<&Process>, kind: EventKind) -> Event {
        let [process, parent] = [Some(process), parent].map(|p| p.map(|p| Arc::new(p.clone())));
        Event { sequence: 0, time: Timestamp(0), via: Via::Syscall, process, parent, kind }
    }

    #[test]
    fn a_tree_begins_below_a_starter_and_with_a_namespace() {
        let mut trees = Trees::new(64);
        let mut exec = |of: Process, below: Option<&Process>, expected: u32| {
            let event = event(&of, below, EventKind::Exec(Exec::default()));
            trees.learn(&event, &of);
            assert_eq!(trees.of(&event, &of), key(expected), "{of:?}");
        };
        exec(process(10, 1, "/usr/sbin/sshd", 1), None, 10);
        exec(process(11, 10, "/usr/bin/bash", 1), None, 11);
        exec(process(12, 11, "/usr/bin/python3", 1), None, 11);
        let shell = process(12, 11, "/usr/bin/python3", 1);
        exec(process(13, 12, "/usr/bin/id", 1), Some(&shell), 11);
        exec(process(14, 12, "/usr/bin/sh", 2), Some(&shell), 14);
        exec(process(15, 14, "/usr/bin/id", 2), None, 14);
        // Nobody saw their parents begin.
        exec(process(30, 29, "/usr/bin/id", 1), None, 29);
        exec(process(29, 28, "/usr/bin/bash", 1), None, 29);
        let login = process(40, 1, "/usr/sbin/sshd", 1);
        exec(process(41, 40, "/usr/bin/bash", 1), Some(&login), 41);
    }

    #[test]
    fn a_fork_goes_with_its_parent() {
        let mut trees = Trees::new(64);
        let cron = process(20, 1, "/usr/sbin/cron", 1);
        trees.learn(&event(&cron, None, EventKind::Exec(Exec::default())), &cron);
        trees.learn(&event(&cron, None, EventKind::Fork(Fork { child: key(21), namespace_flags: 0 })), &cron);
        let mut of = |process: Process| trees.of(&event(&process, None, EventKind::Exec(Exec::default())), &process);
        assert_eq!(of(process(21, 20, "/usr/sbin/cron", 1)), key(21));
        assert_eq!(of(process(22, 21, "/usr/bin/dash", 1)), key(22), "a job is a tree of its own");
    }

    /// Somebody starts programs without end, so that what they did before belongs to nobody.
    #[test]
    fn a_flood_of_processes_that_end_forgets_no_tree() {
        let mut trees = Trees::new(64);
        let exec = |trees: &mut Trees, of: &Process, below: Option<&Process>| {
            let event = event(of, below, EventKind::Exec(Exec::default()));
            trees.learn(&event, of);
            trees.of(&event, of)
        };
        let sshd = process(10, 1, "/usr/sbin/sshd", 1);
        let shell = process(11, 10, "/usr/bin/bash", 1);
        let script = process(12, 11, "/usr/bin/python3", 1);
        exec(&mut trees, &sshd, None);
        exec(&mut trees, &shell, Some(&sshd));
        assert_eq!(exec(&mut trees, &script, Some(&shell)), key(11));
        for pid in 100..5_000 {
            let short = process(pid, 12, "/usr/bin/true", 1);
            exec(&mut trees, &short, Some(&script));
            let ended = event(&short, Some(&script), EventKind::Exit(Exit::default()));
            trees.learn(&ended, &short);
        }
        assert_eq!(exec(&mut trees, &process(9_000, 12, "/usr/bin/id", 1), Some(&script)), key(11));
        assert!(trees.nodes.len() <= 64);
    }
}
