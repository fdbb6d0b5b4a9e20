//! What is remembered of a process: whose child it is, whom it talked to, whether a web server stands above it.

use crate::bounded::Bounded;
use event::{Endpoint, Event, EventKind, NetworkEvent, NetworkOp, Process, ProcessKey, Timestamp, Transport};
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub parent: Option<ProcessKey>,
    /// The last connection it opened, to anything but a name server, or got from the process that forked it.
    pub connected: Option<Arc<Connected>>,
    pub below_web_server: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Connected {
    pub at: Timestamp,
    pub to: Endpoint,
    /// The program that opened it, and whether it is installed software: the process may be another one by now.
    pub by: Arc<str>,
    pub by_installed: bool,
}

#[derive(Debug)]
pub(crate) struct Processes {
    known: Bounded<ProcessKey, Known>,
}

/// Ancestors further up are not asked.
const MAX_GENERATIONS: usize = 4;

impl Processes {
    pub fn new(capacity: usize) -> Self {
        Processes { known: Bounded::new(capacity) }
    }

    pub fn get(&self, key: &ProcessKey) -> Option<&Known> {
        self.known.get(key)
    }

    /// The process, then its ancestors.
    pub fn line(&self, key: ProcessKey) -> impl Iterator<Item = (ProcessKey, &Known)> {
        let mut next = Some(key);
        std::iter::from_fn(move || {
            let key = next?;
            let known = self.known.get(&key)?;
            next = known.parent.filter(|parent| *parent != key);
            Some((key, known))
        })
        .take(MAX_GENERATIONS)
    }

    pub fn learn(&mut self, event: &Event, process: &Process) {
        match &event.kind {
            EventKind::Exec(_) => self.exec(event, process),
            EventKind::Fork(fork) => {
                // Sockets go with a fork, so what they are connected to does too.
                let child = Known { parent: Some(process.key), ..self.entry(process).clone() };
                self.known.insert(fork.child, child);
            }
            EventKind::Network(network) => {
                if let Some(to) = outgoing(network) {
                    let by_installed = crate::names::is_installed(&process.executable);
                    let by = process.name().into();
                    self.entry(process).connected = Some(Arc::new(Connected { at: event.time, to, by, by_installed }));
                }
            }
            _ => {}
        }
    }

    fn exec(&mut self, event: &Event, process: &Process) {
        let parent_below =
            process.parent.and_then(|parent| self.known.get(&parent)).is_some_and(|p| p.below_web_server);
        let parent_serves = event.parent.as_deref().is_some_and(crate::names::is_web_server);
        let known = self.entry(process);
        known.parent = process.parent.or(known.parent);
        known.below_web_server |= parent_below || parent_serves;
    }

    fn entry(&mut self, process: &Process) -> &mut Known {
        self.known.entry(&process.key, || Known { parent: process.parent, ..Known::default() })
    }
}

/// Where a connection that got through (or is under way) goes, name servers left out: everything asks them.
pub(crate) fn outgoing(network: &NetworkEvent) -> Option<Endpoint> {
    const EINPROGRESS: i32 = 115;
    let got_through = matches!(network.error, 0 | EINPROGRESS);
    let carries = matches!(network.transport, Transport::Tcp | Transport::Udp);
    let to = network.destination.filter(|to| !matches!(to.port, 0 | 53 | 123 | 853))?;
    (network.op == NetworkOp::Connect && got_through && carries).then_some(to)
}

pub(crate) fn shown(to: &Endpoint) -> String {
    if to.ip.is_ipv6() { format!("[{}]:{}", to.ip, to.port) } else { format!("{}:{}", to.ip, to.port) }
}
