//! Clients of the shares that this host serves. A server's process works for whoever is at the other end of its connection:
//! what it destroys counts against that address, however often the client connects anew, and who has destroyed enough opens
//! nothing more here until its time is over.

use detect::{Ledger, LedgerConfig};
use parking_lot::Mutex;
use respond::{Member, nfs_clients_of, peers_of};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

const MAX_CLIENTS: usize = 1_024;
/// Whom a server's process works for is looked up no oftener.
const FRESH: Duration = Duration::from_millis(500);

#[derive(Default)]
pub struct Shares {
    blocked: Mutex<HashMap<IpAddr, Instant>>,
    ledgers: Mutex<HashMap<IpAddr, Ledger>>,
    peers: Mutex<HashMap<u32, (Instant, Vec<IpAddr>)>>,
}

/// A process of the server serves one client; threads of the kernel's serve all.
pub fn is_share_server(member: &Member) -> bool {
    member.executable.ends_with("/smbd") || is_nfs_server(member)
}

pub fn is_nfs_server(member: &Member) -> bool {
    member.kernel_thread && member.executable == "nfsd"
}

impl Shares {
    /// Whom it works for; for NFS who has this file open, and nobody where that cannot be had.
    pub fn clients(&self, member: &Member, file: (u64, u64)) -> Vec<IpAddr> {
        if is_nfs_server(member) {
            return nfs_clients_of(file.0, file.1);
        }
        let pid = member.key.tgid;
        let mut peers = self.peers.lock();
        if let Some((at, known)) = peers.get(&pid)
            && at.elapsed() < FRESH
        {
            return known.clone();
        }
        let found = peers_of(pid);
        if peers.len() >= MAX_CLIENTS {
            peers.clear();
        }
        peers.insert(pid, (Instant::now(), found.clone()));
        found
    }

    pub fn block(&self, client: IpAddr, time: Duration) {
        self.blocked.lock().insert(client, Instant::now() + time);
        self.ledgers.lock().remove(&client);
    }

    pub fn anyone_blocked(&self) -> bool {
        let mut blocked = self.blocked.lock();
        blocked.retain(|_, until| Instant::now() < *until);
        !blocked.is_empty()
    }

    pub fn is_blocked(&self, client: &IpAddr) -> bool {
        self.blocked.lock().get(client).is_some_and(|until| Instant::now() < *until)
    }

    /// False when it was not.
    pub fn unblock(&self, client: &IpAddr) -> bool {
        self.blocked.lock().remove(client).is_some()
    }

    /// What `act` makes of this client's ledger.
    pub fn ledger<T>(&self, client: IpAddr, config: LedgerConfig, act: impl FnOnce(&mut Ledger) -> T) -> T {
        let mut ledgers = self.ledgers.lock();
        if ledgers.len() >= MAX_CLIENTS && !ledgers.contains_key(&client) {
            ledgers.clear();
        }
        act(ledgers.entry(client).or_insert_with(|| Ledger::new(config)))
    }

    /// For `status`: addresses, and for how many seconds more.
    pub fn told(&self) -> Value {
        let now = Instant::now();
        let blocked = self.blocked.lock();
        let mut all: Vec<_> = blocked.iter().filter(|(_, until)| **until > now).collect();
        all.sort();
        all.iter()
            .map(|(ip, until)| json!({ "address": ip.to_string(), "seconds": (**until - now).as_secs() }))
            .collect()
    }
}
