//! Connections to what lets people log in, as the sensor saw them accepted. A line of a log names an address and a port; that
//! somebody was connected from there is known from elsewhere.

use enrich::Enricher;
use event::{Endpoint, Event, EventKind, NetworkOp, Process, ProcessKey};
use parking_lot::Mutex;
use std::collections::VecDeque;

/// Connections remembered: a line follows its connection by seconds. Who opens more to push one out has /proc to fool too.
const MOST: usize = 1_024;
/// Who accepts them: the daemons themselves, or who listens in their place.
const ACCEPTORS: [&str; 7] = ["sshd", "sshd-session", "dropbear", "in.telnetd", "systemd", "xinetd", "inetd"];

#[derive(Default)]
pub struct Peers {
    accepted: Mutex<VecDeque<(Endpoint, ProcessKey)>>,
}

impl Peers {
    /// Every event, in its order.
    pub fn note(&self, event: &Event) {
        let EventKind::Network(network) = &event.kind else { return };
        let (NetworkOp::Accept, 0, Some(peer), Some(process)) =
            (network.op, network.error, network.source, event.process.as_deref())
        else {
            return;
        };
        if ACCEPTORS.contains(&process.name()) {
            let mut accepted = self.accepted.lock();
            if accepted.len() >= MOST {
                accepted.pop_front();
            }
            accepted.push_back((peer, process.key));
        }
    }

    /// Whether the process serves a connection from there: one that an ancestor of it accepted, or one that it holds. The
    /// listener itself serves none: a line in its name would give its address to every later log-in.
    pub fn connected(&self, enricher: &Enricher, process: &Process, from: Endpoint) -> bool {
        let acceptors: Vec<ProcessKey> = {
            let accepted = self.accepted.lock();
            accepted.iter().filter(|(peer, _)| *peer == from).map(|(_, acceptor)| *acceptor).collect()
        };
        let above = enricher.processes(&process.key);
        above.iter().skip(1).any(|ancestor| acceptors.contains(&ancestor.key)) || holds(process, from)
    }
}

/// A sensor that sees no connections has the kernel's tables, for as long as the session lives.
fn holds(process: &Process, from: Endpoint) -> bool {
    let pid = process.key.tgid;
    respond::key_of(pid) == Some(process.key) && respond::peers_of(pid).contains(&from.ip)
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{NetworkEvent, Timestamp, Transport, Via};
    use std::sync::Arc;

    fn accepted(name: &str, tgid: u32, peer: &str, error: i32) -> Event {
        let process = Process {
            key: ProcessKey { tgid, start_ticks: 5, ..ProcessKey::default() },
            executable: format!("/usr/sbin/{name}").into(),
            ..Process::default()
        };
        let network = NetworkEvent {
            op: NetworkOp::Accept,
            transport: Transport::Tcp,
            source: Some(Endpoint { ip: peer.parse().unwrap(), port: 40_000 }),
            destination: None,
            error,
        };
        Event {
            sequence: 0,
            time: Timestamp(0),
            via: Via::Syscall,
            process: Some(Arc::new(process)),
            parent: None,
            kind: EventKind::Network(network),
        }
    }

    #[test]
    fn connections_of_log_in_daemons_are_remembered_and_bounded() {
        let peers = Peers::default();
        let held =
            |peers: &Peers| peers.accepted.lock().iter().map(|(peer, _)| peer.ip.to_string()).collect::<Vec<_>>();
        peers.note(&accepted("sshd", 7, "203.0.113.9", 0));
        peers.note(&accepted("nginx", 8, "203.0.113.10", 0));
        peers.note(&accepted("sshd", 7, "203.0.113.11", 11));
        assert_eq!(held(&peers), ["203.0.113.9"]);
        for _ in 0..MOST {
            peers.note(&accepted("sshd", 7, "203.0.113.12", 0));
        }
        assert_eq!(held(&peers).len(), MOST);
        assert!(!held(&peers).contains(&"203.0.113.9".to_owned()));
    }
}
