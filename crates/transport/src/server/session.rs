//! One agent's stream from Hello to its end. Each message is handled before the next is read, so a node that cannot keep up
//! slows its agents down instead of filling its memory.

use super::config::ServerConfig;
use super::connected::{Entry, Shared};
use super::listener::Caller;
use super::seams::{Admission, Peer, Uplink};
use super::streams::standing;
use crate::client::wall_clock as now;
use crate::tls::explain;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};
use tonic::{Status, Streaming};
use wire::{Batch, ClientMessage, Hello, Refusal, RefusalCode, ServerMessage, Welcome, v1};

/// Commands that wait to go out.
const COMMANDS: usize = 256;

pub(super) struct Session<A, U> {
    pub peer: Peer,
    pub incoming: Streaming<v1::ClientMessage>,
    pub out: Outgoing,
    pub admission: Arc<A>,
    pub uplink: Arc<U>,
    pub shared: Arc<Shared>,
    pub config: Arc<ServerConfig>,
}

impl<A: Admission, U: Uplink> Session<A, U> {
    pub async fn run(mut self) {
        let why = match self.hello().await {
            Ok(hello) => self.entered(hello).await,
            Err(refusal) => refusal,
        };
        tracing::info!(agent = %self.peer.agent, %why, "stream over");
        if why.code != RefusalCode::Unknown {
            self.shared.count_refusal(&format!("stream: {}", why.code));
        }
        self.out.refuse(why).await;
    }

    async fn hello(&mut self) -> Result<Hello, Refusal> {
        let first = timeout(self.config.hello_timeout, self.incoming.message()).await;
        let hello = match read(first.map_err(|_| Refusal::new(RefusalCode::Idle, "no hello in time"))?)? {
            Some(ClientMessage::Hello(hello)) => *hello,
            _ => return Err(Refusal::new(RefusalCode::BadMessage, "the first message is not a hello")),
        };
        if hello.protocol != wire::PROTOCOL {
            let text = format!("the agent speaks protocol {}, this node {}", hello.protocol, wire::PROTOCOL);
            return Err(Refusal::new(RefusalCode::Protocol, text));
        }
        Ok(hello)
    }

    async fn entered(&mut self, hello: Hello) -> Refusal {
        let (commands_in, commands) = mpsc::channel(COMMANDS);
        let (end_in, end) = watch::channel(None);
        let entry = Entry { peer: self.peer.clone(), since: now(), commands: commands_in, end: end_in };
        if let Err(refusal) = self.shared.enter(entry, self.config.max_agents) {
            return refusal;
        }
        let why = match self.welcome(&hello).await {
            Ok(()) => self.serve(commands, end).await.err().unwrap_or_else(|| gone("the agent ended the stream")),
            Err(refusal) => refusal,
        };
        if self.shared.leave(&self.peer) {
            self.uplink.disconnected(&self.peer, &why).await;
        }
        why
    }

    async fn welcome(&mut self, hello: &Hello) -> Result<(), Refusal> {
        let last = self.uplink.connected(&self.peer, hello).await?;
        let welcome = Welcome {
            protocol: wire::PROTOCOL,
            node_version: self.config.node_version.clone(),
            last,
            window: self.config.window,
            max_batch_bytes: self.config.max_batch_bytes,
            time: now(),
        };
        self.out.send(ServerMessage::Welcome(welcome)).await?;
        for command in self.uplink.pending(&self.peer).await {
            self.out.send(ServerMessage::Command(Box::new(command))).await?;
        }
        Ok(())
    }

    /// Ends with Ok when the agent closes the stream in order.
    async fn serve(
        &mut self,
        mut commands: mpsc::Receiver<wire::Command>,
        mut end: watch::Receiver<Option<Refusal>>,
    ) -> Result<(), Refusal> {
        let mut recheck = interval_at(Instant::now() + self.config.recheck, self.config.recheck);
        recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let idle = self.config.idle_timeout;
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                biased;
                why = ended(&mut end) => return Err(why),
                _ = recheck.tick() => self.recheck().await?,
                Some(command) = commands.recv() => self.out.send(ServerMessage::Command(Box::new(command))).await?,
                message = self.incoming.message() => {
                    match read(message)? {
                        Some(message) => self.handle(message).await?,
                        None => return Ok(()),
                    }
                    heard = Instant::now();
                }
                () = sleep(idle.saturating_sub(heard.elapsed())) => {
                    return Err(Refusal::new(RefusalCode::Idle, format!("nothing came for {} s", idle.as_secs())));
                }
            }
        }
    }

    async fn handle(&mut self, message: ClientMessage) -> Result<(), Refusal> {
        match message {
            ClientMessage::Batch(batch) => self.batch(batch).await,
            ClientMessage::Status(facts) => {
                self.uplink.status(&self.peer, *facts).await;
                Ok(())
            }
            ClientMessage::Result(result) => {
                let id = result.id.clone();
                self.uplink.result(&self.peer, result).await?;
                self.out.send(ServerMessage::ResultReceived(id)).await
            }
            ClientMessage::Hello(_) => Err(Refusal::new(RefusalCode::BadMessage, "a second hello")),
        }
    }

    async fn batch(&mut self, batch: Batch) -> Result<(), Refusal> {
        let (epoch, count) = (batch.epoch, batch.records.len() as u64);
        let last = self.uplink.batch(&self.peer, batch).await?;
        {
            let mut stats = self.shared.stats.lock();
            stats.batches += 1;
            stats.records += count;
        }
        self.out.send(ServerMessage::Ack { epoch, last }).await
    }

    async fn recheck(&mut self) -> Result<(), Refusal> {
        let caller = Caller { address: self.peer.address, certificate: None };
        match standing(&*self.admission, &self.peer.certificate, &caller, self.peer.session).await {
            Ok(peer) if peer == self.peer => Ok(()),
            Ok(_) => Err(Refusal::new(RefusalCode::Replaced, "the agent's tenant or host has changed: connect again")),
            // The store being away for a moment is no reason to lose every agent.
            Err(refusal) if refusal.code == RefusalCode::Unavailable => Ok(()),
            Err(refusal) => Err(refusal),
        }
    }
}

/// None when the stream is over or a newer agent sends something unknown at its end.
fn read(message: Result<Option<v1::ClientMessage>, Status>) -> Result<Option<ClientMessage>, Refusal> {
    let Some(message) = message.map_err(|status| gone(&explain(&status)))? else { return Ok(None) };
    match ClientMessage::read(message) {
        Ok(Some(message)) => Ok(Some(message)),
        Ok(None) => Err(Refusal::new(RefusalCode::BadMessage, "a message of an unknown kind")),
        Err(error) => Err(Refusal::new(RefusalCode::BadMessage, error.to_string())),
    }
}

/// Returns when the stream is to end, with why.
async fn ended(end: &mut watch::Receiver<Option<Refusal>>) -> Refusal {
    match end.wait_for(Option::is_some).await {
        Ok(why) => why.clone().unwrap_or_else(|| gone("the server has ended")),
        Err(_) => gone("the server has ended"),
    }
}

/// Not the node's doing.
fn gone(why: &str) -> Refusal {
    Refusal::new(RefusalCode::Unknown, why)
}

/// The way back to the agent; one that does not read is given up.
pub(super) struct Outgoing {
    out: mpsc::Sender<Result<v1::ServerMessage, Status>>,
    patience: Duration,
}

impl Outgoing {
    pub fn new(out: mpsc::Sender<Result<v1::ServerMessage, Status>>, patience: Duration) -> Self {
        Outgoing { out, patience }
    }

    pub async fn send(&self, message: ServerMessage) -> Result<(), Refusal> {
        match timeout(self.patience, self.out.send(Ok(message.into()))).await {
            Ok(sent) => sent.map_err(|_| gone("the agent is gone")),
            Err(_) => Err(Refusal::new(RefusalCode::Idle, "the agent does not read")),
        }
    }

    pub async fn refuse(&self, why: Refusal) {
        let _ = timeout(Duration::from_secs(1), self.out.send(Ok(ServerMessage::Refused(why).into()))).await;
    }
}
