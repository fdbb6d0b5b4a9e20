//! One connection from Hello to its end. Batches go out while the window has room and the spool has records; acks come back
//! and let the spool forget. Nothing is taken as delivered that was not acknowledged.

use super::dial::dial;
use super::{Host, Link, LinkState, Source, now};
use crate::tls::explain;
use crate::v1::stream_client::StreamClient;
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use wire::limits::{MAX_BATCH_RECORDS, MAX_MESSAGE};
use wire::{
    Batch, ClientMessage, CommandError, CommandResult, CommandStatus, Hello, Refusal, ServerMessage, Welcome, v1,
};

const WELCOME_TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    Stopped,
    Refused(Refusal),
    /// `useful`: it was welcomed.
    Broken {
        reason: String,
        useful: bool,
    },
}

impl End {
    pub fn broken(reason: impl Into<String>) -> End {
        End::Broken { reason: reason.into(), useful: false }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Stopped => f.write_str("stopped"),
            End::Refused(refusal) => write!(f, "the node refused: {refusal}"),
            End::Broken { reason, .. } => f.write_str(reason),
        }
    }
}

pub(super) struct Session<'a, S, H> {
    link: &'a mut Link<S, H>,
    out: mpsc::Sender<v1::ClientMessage>,
    incoming: Streaming<v1::ServerMessage>,
    epoch: u64,
    window: usize,
    batch_bytes: usize,
    /// The last number under way or done.
    chain: u64,
    /// Read from here; beyond `chain` when the node lacks what the spool has let go.
    cursor: u64,
    /// Last numbers of batches under way, and when they left.
    flight: VecDeque<(u64, Instant)>,
}

impl<'a, S: Source, H: Host> Session<'a, S, H> {
    pub async fn run(link: &'a mut Link<S, H>) -> End {
        match Self::open(link).await {
            Ok(mut session) => match session.serve().await {
                End::Broken { reason, .. } => End::Broken { reason, useful: true },
                end => end,
            },
            Err(end) => end,
        }
    }

    async fn open(link: &'a mut Link<S, H>) -> Result<Self, End> {
        let config = &link.config;
        let channel = dial(&config.address, link.tls.clone(), config.connect_timeout)
            .await
            .map_err(|e| End::broken(e.to_string()))?;
        let epoch = link.source.epoch();
        let (out, outgoing) = mpsc::channel(16);
        let hello = Hello {
            protocol: wire::PROTOCOL,
            host: link.host.facts(),
            epoch,
            policy_version: link.host.policy_version(),
        };
        let first = v1::ClientMessage::try_from(ClientMessage::Hello(Box::new(hello)))
            .map_err(|e| End::broken(e.to_string()))?;
        out.send(first).await.map_err(|_| End::broken("the stream ended"))?;
        let mut client =
            StreamClient::new(channel).max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(MAX_MESSAGE);
        let late = || End::broken(format!("no welcome within {} s", WELCOME_TIMEOUT.as_secs()));
        let mut incoming = timeout(WELCOME_TIMEOUT, client.open(ReceiverStream::new(outgoing)))
            .await
            .map_err(|_| late())?
            .map_err(|status| End::broken(explain(&status)))?
            .into_inner();
        let welcome = timeout(WELCOME_TIMEOUT, welcome(&mut incoming)).await.map_err(|_| late())??;
        Ok(Self::welcomed(link, out, incoming, epoch, welcome))
    }

    fn welcomed(
        link: &'a mut Link<S, H>,
        out: mpsc::Sender<v1::ClientMessage>,
        incoming: Streaming<v1::ServerMessage>,
        epoch: u64,
        welcome: Welcome,
    ) -> Self {
        tracing::info!(node = link.config.address, version = welcome.node_version, last = welcome.last, "connected");
        link.status.send_modify(|status| {
            status.state = LinkState::Connected;
            status.since = Some(now());
            status.error = None;
            status.refused = None;
            status.sessions += 1;
            status.node_version = welcome.node_version;
        });
        let window = (welcome.window as usize).clamp(1, 64);
        let batch_bytes = link.config.batch_bytes.min((welcome.max_batch_bytes as usize).max(4096));
        let cursor = welcome.last.max(link.source.acked());
        let (chain, flight) = (welcome.last, VecDeque::new());
        Session { link, out, incoming, epoch, window, batch_bytes, chain, cursor, flight }
    }

    async fn serve(&mut self) -> End {
        // The node has these already; an ack may have been lost with the session before.
        if let Err(end) = self.acked(self.chain.min(self.link.source.latest())) {
            return end;
        }
        for result in self.link.orders.unreceived() {
            if let Err(end) = self.send(ClientMessage::Result(result)).await {
                return end;
            }
        }
        match self.pump().await.err().unwrap_or(End::Stopped) {
            End::Broken { reason, useful } => self.last_words().await.unwrap_or(End::Broken { reason, useful }),
            end => end,
        }
    }

    /// When sending fails first, why the node ended the stream may still be on its way.
    async fn last_words(&mut self) -> Option<End> {
        let read = async {
            while let Ok(Some(message)) = self.incoming.message().await {
                if let Ok(Some(ServerMessage::Refused(refusal))) = ServerMessage::read(message) {
                    return Some(End::Refused(refusal));
                }
            }
            None
        };
        timeout(Duration::from_millis(500), read).await.ok().flatten()
    }

    async fn pump(&mut self) -> Result<(), End> {
        let mut status = interval(self.link.config.status_every);
        let mut poll = interval(self.link.config.poll);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        status.set_missed_tick_behavior(MissedTickBehavior::Delay);
        status.reset();
        let wake = self.link.wake.clone();
        loop {
            let more = self.send_batch().await?;
            tokio::select! {
                biased;
                message = self.incoming.message() => self.receive(message).await?,
                Some(result) = self.link.done.recv() => {
                    let result = self.link.orders.finish(result);
                    self.send(ClientMessage::Result(result)).await?;
                }
                _ = status.tick() => {
                    let facts = Box::new(self.link.host.facts());
                    self.send(ClientMessage::Status(facts)).await?;
                    self.check_acks()?;
                }
                () = wake.notified(), if !more => {}
                _ = poll.tick(), if !more => {}
                () = tokio::task::yield_now(), if more => {}
            }
        }
    }

    /// True when there is more to send and room for it.
    async fn send_batch(&mut self) -> Result<bool, End> {
        if self.flight.len() >= self.window || self.link.source.latest() <= self.cursor {
            return Ok(false);
        }
        let mut records =
            self.link.source.read_after(self.cursor, self.batch_bytes).map_err(|e| End::broken(e.to_string()))?;
        records.truncate(MAX_BATCH_RECORDS);
        let Some((last, _)) = records.last() else { return Ok(false) };
        let (last, count) = (*last, records.len() as u64);
        let batch = Batch { epoch: self.epoch, after: self.chain, records };
        let packed = batch.pack().map_err(|e| End::broken(format!("cannot pack a batch: {e}")))?;
        let bytes = packed.zstd.len() as u64;
        self.send_raw(v1::ClientMessage { body: Some(v1::client_message::Body::Batch(packed)) }).await?;
        self.flight.push_back((last, Instant::now()));
        (self.chain, self.cursor) = (last, last);
        self.link.status.send_modify(|status| {
            status.sent_batches += 1;
            status.sent_records += count;
            status.sent_bytes += bytes;
        });
        Ok(self.flight.len() < self.window)
    }

    async fn receive(&mut self, message: Result<Option<v1::ServerMessage>, tonic::Status>) -> Result<(), End> {
        let message = message.map_err(|status| End::broken(format!("the stream broke: {}", explain(&status))))?;
        let message = message.ok_or_else(|| End::broken("the node ended the stream"))?;
        match ServerMessage::read(message) {
            Ok(Some(ServerMessage::Ack { epoch, last })) if epoch == self.epoch => self.acked(last),
            Ok(Some(ServerMessage::Ack { .. })) => Err(End::broken("the node acknowledged another epoch")),
            Ok(Some(ServerMessage::Command(command))) => {
                self.link.status.send_modify(|status| status.commands += 1);
                match self.link.orders.take(*command) {
                    Some(result) => self.send(ClientMessage::Result(result)).await,
                    None => Ok(()),
                }
            }
            Ok(Some(ServerMessage::ResultReceived(id))) => {
                self.link.orders.received(&id);
                Ok(())
            }
            Ok(Some(ServerMessage::Refused(refusal))) => Err(End::Refused(refusal)),
            // A second welcome and what a newer node may add.
            Ok(Some(ServerMessage::Welcome(_)) | None) => Ok(()),
            Err(error) => self.refuse(error).await,
        }
    }

    /// A command that cannot be understood is answered, so that the node does not wait for it.
    async fn refuse(&mut self, error: CommandError) -> Result<(), End> {
        let (id, status) = match &error {
            CommandError::Unknown(id) => (id.clone(), CommandStatus::Unsupported),
            CommandError::TooLarge { id, .. } => (id.clone(), CommandStatus::Refused),
            CommandError::NoId => {
                tracing::warn!(%error, "the node sent a command that cannot be answered");
                return Ok(());
            }
        };
        let result = CommandResult { id, status, detail: error.to_string(), json: String::new(), time: now() };
        self.send(ClientMessage::Result(result)).await
    }

    fn acked(&mut self, last: u64) -> Result<(), End> {
        if last > self.chain {
            return Err(End::broken(format!("the node acknowledged {last}, which was never sent")));
        }
        while self.flight.front().is_some_and(|(sent, _)| *sent <= last) {
            self.flight.pop_front();
        }
        if last > self.link.source.acked() {
            self.link.source.ack(last).map_err(|e| End::broken(e.to_string()))?;
        }
        self.link.status.send_modify(|status| status.acked = last);
        Ok(())
    }

    fn check_acks(&self) -> Result<(), End> {
        let limit = self.link.config.ack_timeout;
        match self.flight.front() {
            Some((_, sent)) if sent.elapsed() > limit => {
                Err(End::broken(format!("the node acknowledged nothing for {} s", limit.as_secs())))
            }
            _ => Ok(()),
        }
    }

    async fn send(&self, message: ClientMessage) -> Result<(), End> {
        self.send_raw(message.try_into().map_err(|e: wire::MessageError| End::broken(e.to_string()))?).await
    }

    async fn send_raw(&self, message: v1::ClientMessage) -> Result<(), End> {
        // A node that reads nothing more is as dead as one that does not answer.
        match timeout(self.link.config.ack_timeout, self.out.send(message)).await {
            Ok(sent) => sent.map_err(|_| End::broken("the stream ended")),
            Err(_) => Err(End::broken("the node stopped reading")),
        }
    }
}

async fn welcome(incoming: &mut Streaming<v1::ServerMessage>) -> Result<Welcome, End> {
    let first = incoming.message().await.map_err(|status| End::broken(explain(&status)))?;
    let first = first.ok_or_else(|| End::broken("the node ended the stream before its welcome"))?;
    match ServerMessage::read(first) {
        Ok(Some(ServerMessage::Welcome(welcome))) if welcome.protocol == wire::PROTOCOL => Ok(welcome),
        Ok(Some(ServerMessage::Welcome(welcome))) => {
            Err(End::broken(format!("the node speaks protocol {}, this agent {}", welcome.protocol, wire::PROTOCOL)))
        }
        Ok(Some(ServerMessage::Refused(refusal))) => Err(End::Refused(refusal)),
        _ => Err(End::broken("the node did not begin with a welcome")),
    }
}
