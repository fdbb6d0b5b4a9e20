//! What every handler shares. Built once at start; parts lock for themselves and never across each other.

use crate::attempts::Attempts;
use crate::baselines::Baselines;
use crate::config::NodeConfig;
use crate::desk::Desk;
use crate::figures::Figures;
use crate::fleet::Fleet;
use crate::investigate::Investigator;
use crate::live::Live;
use crate::logins::Logins;
use crate::orders::Orders;
use crate::policies::Policies;
use crate::quieting::Quieting;
use crate::tuning::Tuning;
use crate::watch::Watch;
use event::{Sha256, TenantId, Timestamp};
use std::sync::OnceLock;
use store::{ControlStore, EventStore};
use tokio::sync::watch;

pub struct Node {
    pub config: NodeConfig,
    pub(crate) control: ControlStore,
    pub(crate) events: EventStore,
    /// The one customer that this console serves.
    pub(crate) tenant: TenantId,
    pub(crate) desk: Desk,
    pub(crate) baselines: Baselines,
    pub(crate) fleet: Fleet,
    pub(crate) orders: Orders,
    pub(crate) investigator: Investigator,
    pub(crate) tuning: Tuning,
    pub(crate) quieting: Quieting,
    pub(crate) watch: Watch,
    pub(crate) policies: Policies,
    pub(crate) live: Live,
    pub(crate) logins: Logins,
    pub(crate) attempts: Attempts,
    pub(crate) figures: Figures,
    pub(crate) started: Timestamp,
    /// Where the console really listens.
    pub(crate) console_address: std::net::SocketAddr,
    pub(crate) agent_address: OnceLock<String>,
    /// Of the CA, carried by enrolment tokens.
    pub(crate) ca: Sha256,
    /// One writer of the saved queries at a time.
    pub(crate) saved_queries: tokio::sync::Mutex<()>,
    /// Connected agents; set when their listener stands.
    pub(crate) agents: OnceLock<transport::ServerHandle>,
    pub(crate) ingest: OnceLock<Box<dyn Fn() -> ingest::Stats + Send + Sync>>,
    /// Turns true at shutdown.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl Node {
    /// Where agents connect, as `tamon enrol --node` wants it.
    pub fn agent_address(&self) -> String {
        self.agent_address.get().cloned().unwrap_or_default()
    }

    pub(crate) fn ingest_stats(&self) -> ingest::Stats {
        self.ingest.get().map(|stats| stats()).unwrap_or_default()
    }

    /// How people reach the console.
    pub fn url(&self) -> String {
        let scheme = if self.config.console.tls_key.is_some() { "https" } else { "http" };
        self.config.console.url.clone().unwrap_or_else(|| format!("{scheme}://{}", self.console_address))
    }
}
