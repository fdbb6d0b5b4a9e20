//! Voices from the network: what is spoken, whose name is asked for, which port.

use super::evidence::{Evidence, Sort};
use super::pools::Pools;
use crate::lineage::{outgoing, shown};
use crate::names::is_browser;
use event::text::{clip, printable};
use event::{Flow, FlowProtocol, NetworkEvent, Process};

/// Ports on which public pools listen and little else does; of Stratum 2, whose words are encrypted, too.
const POOL_PORTS: [u16; 24] = [
    3333, 3334, 3335, 3336, 3357, 4444, 4445, 5555, 5556, 7777, 8899, 10128, 10300, 13333, 13531, 14433, 14444, 20128,
    20535, 34254, 34255, 45560, 45700, 45791,
];

pub(super) fn of_flow(flow: &Flow, pools: &Pools, process: &Process, evidence: &mut Evidence) {
    let to = flow.destination.as_ref().map(shown).unwrap_or_default();
    let method = flow.method.as_deref().unwrap_or_default();
    match flow.protocol {
        FlowProtocol::Stratum => {
            let account =
                flow.account.as_deref().map(|a| format!(" as “{}”", printable(clip(a, 120)))).unwrap_or_default();
            evidence.hear(Sort::Spoken, 6, || format!("it speaks Stratum ({method}) to {to}{account}"));
        }
        FlowProtocol::GetWork => {
            evidence.hear(Sort::Spoken, 3, || format!("it asks {to} for work on a coin ({method})"));
        }
        FlowProtocol::Tls => named(flow, pools, process, "the TLS server name", evidence),
        FlowProtocol::HttpConnect | FlowProtocol::Socks => {
            named(flow, pools, process, "of a proxy the host", evidence);
            let port = flow.server.as_deref().and_then(|target| target.rsplit(':').next()?.parse().ok());
            if let Some(port) = port.filter(|port| POOL_PORTS.contains(port)) {
                evidence.hear(Sort::Port, 2, || format!("through a proxy to port {port}, which mining pools use"));
            }
        }
    }
    if !evidence.is_empty() {
        evidence.destination = flow.destination;
        evidence.account = flow.account.clone();
    }
}

fn named(flow: &Flow, pools: &Pools, process: &Process, what: &str, evidence: &mut Evidence) {
    let Some(server) = flow.server.as_deref() else { return };
    let host = server.rsplit_once(':').map_or(server, |(host, _)| host);
    if pools.serve(host) && !is_browser(process.name()) {
        evidence.hear(Sort::Pool, 4, || format!("it asks for {what} {}, a mining pool", printable(clip(host, 120))));
    }
}

/// A look-up is a little less than a connection.
pub(super) fn of_name(name: &str, pools: &Pools, process: &Process, evidence: &mut Evidence) {
    if pools.serve(name) && !is_browser(process.name()) {
        evidence.hear(Sort::Pool, 3, || format!("it looks up {}, a mining pool", printable(clip(name, 120))));
    }
}

pub(super) fn of_connection(network: &NetworkEvent, evidence: &mut Evidence) {
    let Some(to) = outgoing(network) else { return };
    if POOL_PORTS.contains(&to.port) {
        evidence.hear(Sort::Port, 2, || format!("it connects to {}, a port that mining pools use", shown(&to)));
    } else {
        evidence.hear(Sort::Port, 1, || format!("it connects to {}", shown(&to)));
    }
    evidence.destination = Some(to);
}
