//! How a node listens. The defaults are for one node with a few thousand agents.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    /// Names and addresses to put into the server certificate beside the fixed one, for people's tools; agents do not need them.
    pub names: Vec<String>,
    pub node_version: String,
    /// Streams at the same time.
    pub max_agents: usize,
    /// Connections at the same time, enrolled or not.
    pub max_connections: usize,
    pub handshake_timeout: Duration,
    /// A connection must begin a request within this; a stream its Hello.
    pub hello_timeout: Duration,
    /// A stream on which nothing comes for so long is ended.
    pub idle_timeout: Duration,
    /// How often each stream's standing is asked for again.
    pub recheck: Duration,
    /// Batches that an agent may have under way.
    pub window: u32,
    /// Of one batch before compression.
    pub max_batch_bytes: u32,
    pub agent_certificate_days: i64,
    /// Folder whose files admitted agents may fetch; None: nothing is published.
    pub publication: Option<PathBuf>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        ServerConfig {
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8443)),
            names: Vec::new(),
            node_version: env!("CARGO_PKG_VERSION").into(),
            max_agents: 4096,
            max_connections: 8192,
            handshake_timeout: Duration::from_secs(10),
            hello_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            recheck: Duration::from_secs(5),
            window: 8,
            max_batch_bytes: 1024 * 1024,
            agent_certificate_days: 397,
            publication: None,
        }
    }
}
