//! The agent's side of the stream: a thread of its own that connects, resumes, sends what the spool has and takes commands,
//! for as long as it lives. It never makes the agent's other threads wait.

mod backoff;
pub(crate) mod dial;
mod orders;
mod publication;
mod session;
mod source;
mod status;

use crate::identity::Identity;
use crate::tls;
use backoff::Backoff;
use event::HostFacts;
use orders::{Orders, now};
use session::{End, Session};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use wire::{Command, CommandResult, RefusalCode};

pub(crate) use orders::now as wall_clock;
pub use publication::{Publication, PublicationError};
pub use source::{Source, SourceError};
pub use status::{LinkState, LinkStatus};

/// What the client asks of the agent. Called from the client's threads; must not wait for the network.
pub trait Host: Send + Sync + 'static {
    /// Sent at connection and every [`ClientConfig::status_every`].
    fn facts(&self) -> HostFacts;
    /// Of the policy in force; 0 for the built-in one.
    fn policy_version(&self) -> u64;
    /// Called once for each command, one at a time, on a thread that may block.
    fn obey(&self, command: Command) -> CommandResult;
}

#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// `host:port` of the node.
    pub address: String,
    pub status_every: Duration,
    /// How often an idle client looks for new records; [`Client::wake`] is sooner.
    pub poll: Duration,
    /// Of one batch before compression.
    pub batch_bytes: usize,
    pub connect_timeout: Duration,
    /// A node that does not acknowledge for so long has hung.
    pub ack_timeout: Duration,
    pub backoff_least: Duration,
    pub backoff_most: Duration,
}

impl ClientConfig {
    pub fn new(address: impl Into<String>) -> Self {
        ClientConfig {
            address: address.into(),
            status_every: Duration::from_secs(5),
            poll: Duration::from_millis(50),
            batch_bytes: 512 * 1024,
            connect_timeout: Duration::from_secs(10),
            ack_timeout: Duration::from_secs(60),
            backoff_least: Duration::from_millis(500),
            backoff_most: Duration::from_secs(60),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the agent's certificate cannot be used: {0}")]
    Identity(#[from] rustls::Error),
    #[error("cannot start the transport's thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// Ends its thread when dropped.
pub struct Client {
    status: watch::Receiver<LinkStatus>,
    wake: Arc<Notify>,
    stop: Option<watch::Sender<bool>>,
    thread: Option<JoinHandle<()>>,
}

impl Client {
    pub fn start(
        config: ClientConfig,
        identity: Identity,
        source: impl Source,
        host: impl Host,
    ) -> Result<Client, StartError> {
        let tls = tls::agent(&identity)?;
        let (status_in, status) = watch::channel(LinkStatus::default());
        let (stop_in, stop) = watch::channel(false);
        let wake = Arc::new(Notify::new());
        let host = Arc::new(host);
        let (done_in, done) = mpsc::unbounded_channel();
        let orders = Orders::start(host.clone(), done_in)?;
        let link = Link { config, tls, source, host, orders, done, status: status_in, wake: wake.clone(), stop };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let run = move || runtime.block_on(link.run(identity));
        let thread = std::thread::Builder::new().name("transport".into()).spawn(run)?;
        Ok(Client { status, wake, stop: Some(stop_in), thread: Some(thread) })
    }

    pub fn status(&self) -> LinkStatus {
        self.status.borrow().clone()
    }

    /// There is something new in the source. Cheap; without it the client looks every [`ClientConfig::poll`].
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Ends the session and waits for the thread.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.end();
    }
}

/// All that outlives one session.
struct Link<S, H> {
    config: ClientConfig,
    tls: Arc<rustls::ClientConfig>,
    source: S,
    host: Arc<H>,
    orders: Orders,
    done: mpsc::UnboundedReceiver<CommandResult>,
    status: watch::Sender<LinkStatus>,
    wake: Arc<Notify>,
    /// Closed when the client is to end.
    stop: watch::Receiver<bool>,
}

impl<S: Source, H: Host> Link<S, H> {
    async fn run(mut self, identity: Identity) {
        let mut backoff = Backoff::new(self.config.backoff_least, self.config.backoff_most);
        loop {
            self.status.send_modify(|status| status.state = LinkState::Connecting);
            let end = self.attempt(&identity).await;
            if end == End::Stopped {
                break self.status.send_modify(|status| status.state = LinkState::Stopped);
            }
            tracing::warn!(node = self.config.address, reason = %end, "the link to the node ended");
            self.record(&end);
            match &end {
                End::Refused(refusal) if wants_a_person(refusal.code) => backoff.give_time(),
                End::Broken { useful: true, .. } | End::Refused(_) => backoff.reset(),
                _ => {}
            }
            tokio::select! {
                () = tokio::time::sleep(backoff.wait()) => {}
                _ = self.stop.changed() => {}
            }
        }
    }

    async fn attempt(&mut self, identity: &Identity) -> End {
        let mut stop = self.stop.clone();
        if stop.has_changed().is_err() {
            return End::Stopped;
        }
        if identity.certificate().not_after < now() {
            let text =
                format!("this agent's certificate expired on {}; enrol it again", identity.certificate().not_after);
            return End::broken(text);
        }
        tokio::select! {
            end = Session::run(self) => end,
            _ = stop.changed() => End::Stopped,
        }
    }

    fn record(&self, end: &End) {
        self.status.send_modify(|status| {
            status.state = LinkState::Waiting;
            status.failures += 1;
            status.error = Some(end.to_string());
            status.refused = match end {
                End::Refused(refusal) => Some(refusal.code),
                _ => None,
            };
        });
    }
}

/// Asking again at once will not help.
fn wants_a_person(code: RefusalCode) -> bool {
    use RefusalCode::*;
    matches!(code, Revoked | UnknownAgent | Protocol | Expired | BadMessage)
}
