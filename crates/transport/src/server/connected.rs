//! Who is connected, and the ways to reach them: send a command, drop an agent at once.

use super::seams::Peer;
use event::{AgentId, Timestamp};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, watch};
use wire::{Command, Refusal, RefusalCode};

/// Kinds of refusal that are told apart in the statistics.
const MAX_REASONS: usize = 64;

/// Cheap to clone; outlives the server, whose agents are then gone.
#[derive(Clone)]
pub struct ServerHandle {
    pub(super) shared: Arc<Shared>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedAgent {
    pub peer: Peer,
    pub since: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerStats {
    pub enrolled: u64,
    pub sessions: u64,
    pub batches: u64,
    pub records: u64,
    /// Handshakes, enrolments and streams that were refused, by reason.
    pub refused: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    #[error("agent {0} is not connected")]
    NotConnected(AgentId),
    #[error("agent {0} has too many commands under way")]
    Busy(AgentId),
}

#[derive(Default)]
pub(super) struct Shared {
    pub sessions: Mutex<BTreeMap<AgentId, Entry>>,
    pub stats: Mutex<ServerStats>,
    next_session: AtomicU64,
}

pub(super) struct Entry {
    pub peer: Peer,
    pub since: Timestamp,
    pub commands: mpsc::Sender<Command>,
    /// Set once: the session says why and ends.
    pub end: watch::Sender<Option<Refusal>>,
}

impl ServerHandle {
    /// Queues the command for sending. That it was obeyed, [`super::Uplink::result`] says.
    pub fn send(&self, agent: &AgentId, command: Command) -> Result<(), NotSent> {
        let sessions = self.shared.sessions.lock();
        let entry = sessions.get(agent).ok_or_else(|| NotSent::NotConnected(agent.clone()))?;
        entry.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotSent::Busy(agent.clone()),
            mpsc::error::TrySendError::Closed(_) => NotSent::NotConnected(agent.clone()),
        })
    }

    pub fn connected(&self) -> Vec<ConnectedAgent> {
        let sessions = self.shared.sessions.lock();
        sessions.values().map(|entry| ConnectedAgent { peer: entry.peer.clone(), since: entry.since }).collect()
    }

    /// Ends the agent's stream at once. True when it was connected. That it may not come back is [`super::Admission`]'s to say.
    pub fn drop_agent(&self, agent: &AgentId, why: Refusal) -> bool {
        let sessions = self.shared.sessions.lock();
        sessions.get(agent).is_some_and(|entry| entry.end.send(Some(why)).is_ok())
    }

    pub fn stats(&self) -> ServerStats {
        self.shared.stats.lock().clone()
    }

    pub(super) fn drop_all(&self, why: &Refusal) {
        self.shared.sessions.lock().values().for_each(|entry| drop(entry.end.send(Some(why.clone()))));
    }
}

impl Shared {
    pub fn draw_session(&self) -> u64 {
        self.next_session.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A stream of the same agent that was there gives way.
    pub fn enter(&self, entry: Entry, max_agents: usize) -> Result<(), Refusal> {
        let mut sessions = self.sessions.lock();
        if sessions.len() >= max_agents && !sessions.contains_key(&entry.peer.agent) {
            return Err(Refusal::new(RefusalCode::Full, format!("this node takes {max_agents} agents")));
        }
        if let Some(before) = sessions.insert(entry.peer.agent.clone(), entry) {
            let text = "another connection with this agent's certificate took over";
            let _ = before.end.send(Some(Refusal::new(RefusalCode::Replaced, text)));
        }
        self.stats.lock().sessions += 1;
        Ok(())
    }

    /// False when another stream had taken its place.
    pub fn leave(&self, peer: &Peer) -> bool {
        let mut sessions = self.sessions.lock();
        let own = sessions.get(&peer.agent).is_some_and(|entry| entry.peer.session == peer.session);
        own && sessions.remove(&peer.agent).is_some()
    }

    pub fn refused(&self, address: SocketAddr, why: &str) {
        tracing::warn!(%address, why, "refused");
        self.count_refusal(why);
    }

    pub fn count_refusal(&self, why: &str) {
        let mut stats = self.stats.lock();
        let known = stats.refused.contains_key(why) || stats.refused.len() < MAX_REASONS;
        *stats.refused.entry(if known { why.to_owned() } else { "other".to_owned() }).or_default() += 1;
    }
}
