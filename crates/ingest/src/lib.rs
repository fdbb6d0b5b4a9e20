//! From an agent's batches to the store, each record once: [`Ingest`] is the node's [`transport::Uplink`] over a [`Sink`].
//!
//! ```no_run
//! # async fn f(sink: impl ingest::Sink, admission: std::sync::Arc<impl transport::Admission>, ca: transport::CertificateAuthority) -> Result<(), Box<dyn std::error::Error>> {
//! let ingest = std::sync::Arc::new(ingest::Ingest::new(sink));
//! let server = transport::Server::start(transport::ServerConfig::default(), ca, admission, ingest.clone()).await?;
//! let stats = ingest.stats(); // received, stored, duplicates, refused and why
//! # Ok(()) }
//! ```
//!
//! - **Who** sent a record, the certificate says: host, tenant and agent of the payload are overwritten.
//! - **Once**: a record is known by (agent, epoch, sequence). What is at or below the last durable sequence is a duplicate; a
//!   batch that begins beyond it is refused, since something before it is missing, and the agent resumes.
//! - **In order**: events before an alert are stored before the alert, so the alert's own events can be looked up, and a kill
//!   between two steps leaves no hole: the sink's last sequence never runs ahead of an alert.
//! - **Time** is the agent's own. When its clock and the node's differ by more than five minutes, or an event lies that far in
//!   the future, the row bears the label `clock_skew_seconds`.
//! - **Never in silence**: each record received is counted as stored, duplicate or refused with its reason.
//!
//! It knows neither DataFusion nor SQLite ([`Sink`] is the node's to write), makes no incidents and takes no decision.

mod ingest;
mod origin;
mod sink;
mod stats;
mod uplink;

pub use ingest::Ingest;
pub use origin::Origin;
pub use sink::{Appended, Sink, SinkError};
pub use stats::Stats;
