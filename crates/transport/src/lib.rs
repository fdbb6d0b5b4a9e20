//! Between agent and node: enrolment with a one-time token, then one long-lived stream over mutual TLS 1.3.
//!
//! The node:
//! ```no_run
//! # async fn f(admission: std::sync::Arc<impl transport::Admission>, uplink: std::sync::Arc<impl transport::Uplink>) -> Result<(), Box<dyn std::error::Error>> {
//! use transport::{CertificateAuthority, EnrolmentToken, Server, ServerConfig};
//! let ca = CertificateAuthority::open("/var/lib/tamon/node/ca".as_ref())?;
//! let token = EnrolmentToken::draw(ca.fingerprint()); // shown once; only token.hash() is kept
//! let server = Server::start(ServerConfig::default(), ca, admission, uplink).await?;
//! let handle = server.handle(); // send commands, list who is connected, drop a revoked agent
//! # Ok(()) }
//! ```
//! The agent:
//! ```no_run
//! # fn f(spool: std::sync::Arc<spool::Spool>, host: impl transport::Host, applicant: transport::NewHost) -> Result<(), Box<dyn std::error::Error>> {
//! use transport::{Client, ClientConfig, Identity};
//! # let token = transport::EnrolmentToken::draw(event::Sha256([0; 32]));
//! let identity = transport::enrol("node.example:8443", &token, &applicant)?; // once; blocks
//! identity.save("/var/lib/tamon/agent/identity.pem".as_ref())?;
//! let client = Client::start(ClientConfig::new("node.example:8443"), identity, spool, host)?; // a thread of its own
//! let link = client.status(); // connected, refused and why, acked
//! # Ok(()) }
//! ```
//!
//! Who an agent is, its certificate says and nothing else does. At least once on the wire: a batch is acknowledged after
//! [`Uplink::batch`] came back, an agent resumes after the number that [`Uplink::resume`] names. Exactly once is `ingest`'s.
//! Every refusal (other CA, expired, revoked, replayed token, unknown agent) is told to both sides in words and counted.
//!
//! It does not decode what records mean, does not keep agents or tokens (that is [`Admission`]), does not obey commands
//! (that is [`Host`]).

mod ca;
mod certificate;
mod client;
mod enrol;
mod files;
mod identity;
mod server;
mod tls;
mod token;
#[rustfmt::skip]
#[allow(clippy::all)]
mod v1;

pub use ca::{CaError, CertificateAuthority};
pub use certificate::{CertificateError, CertificateFacts};
pub use client::{
    Client, ClientConfig, Host, LinkState, LinkStatus, Publication, PublicationError, Source, SourceError, StartError,
};
pub use enrol::{EnrolError, NewHost, enrol, renew};
pub use identity::{Identity, IdentityError};
pub use server::{
    Admission, AdmissionError, Applicant, ConnectedAgent, NotSent, Peer, Server, ServerConfig, ServerError,
    ServerHandle, ServerStats, Standing, Uplink,
};
pub use token::{EnrolmentToken, ParseTokenError};
pub use wire::{Refusal, RefusalCode};
