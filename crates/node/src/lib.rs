//! The node: takes in what agents send, makes incidents of it, and serves console and command line.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! let config = node::NodeConfig::load(None)?.with_state("/var/lib/tamon".as_ref(), None);
//! // Before any thread is started: it may have to turn from root into its own account.
//! node::run(config, async {
//!     let _ = tokio::signal::ctrl_c().await;
//! })
//! # }
//! ```
//!
//! - Agents come by mutual TLS (`transport`), through `ingest`, into [`sink`]: events to the event store, alerts to [`desk`].
//! - [`api`] answers the contract of `console-api`; [`guard`] holds every request to the contract's table of who may.
//! - The same API stands on `run/node.sock` for root and the node's own account, without a session.
//! - First start: makes the CA, the user `admin` without a password, and prints a one-time login.

mod admission;
mod api;
mod assets;
mod attack;
mod attempts;
mod backtest;
mod baselines;
mod buckets;
mod catalogue;
mod clock;
mod config;
mod desk;
mod figures;
mod fleet;
mod guard;
mod headers;
mod investigate;
mod live;
mod logins;
mod node;
mod orders;
mod password;
mod peer;
mod policies;
mod privileges;
mod problem;
mod quieting;
mod rollout;
mod run;
mod secret;
mod serve;
mod simulation;
mod sink;
mod stop;
mod tls;
mod told;
mod tuning;
mod views;
mod watch;

pub use config::{Agents, ConfigError, Console, DEFAULT_FILE, Hunt, Investigate, NodeConfig, Rules, Sessions, Store};
pub use node::Node;
pub use peer::Peer;
pub use run::{Prepared, Running, prepare, run};

/// The console's and command line's HTTP service, as it stands behind both listeners. A request without a [`Peer`] among its
/// extensions counts as coming from the network.
pub fn app(node: std::sync::Arc<Node>) -> axum::Router {
    api::router(node)
}
