//! What the node gives the transport: who may come in ([`Admission`]) and where what they send goes ([`Uplink`]).

use crate::certificate::CertificateFacts;
use event::{AgentId, HostFacts, HostId, Sha256, TenantId};
use std::future::Future;
use std::net::SocketAddr;
use wire::{Batch, Command, CommandResult, Hello, Refusal};

/// A host that asks to be let in, with the certificate it gets if it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    /// Of the token's secret.
    pub token_hash: Sha256,
    pub agent: AgentId,
    pub certificate: CertificateFacts,
    pub host: HostId,
    pub host_name: String,
    pub agent_version: String,
    pub address: SocketAddr,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
    /// Told to the host as it is: the token is unknown, was used before, has expired.
    #[error("{0}")]
    Refused(String),
    /// Nothing was decided; it may try again. The detail stays in the node's log.
    #[error("cannot decide at the moment: {0}")]
    Unavailable(String),
}

/// How the node stands to an agent whose certificate TLS has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Admitted { tenant: TenantId, host: HostId },
    Revoked { reason: String },
    Unknown,
}

/// Keeps agents and tokens.
pub trait Admission: Send + Sync + 'static {
    /// Uses the token up and records the agent with its certificate; the host gets the certificate only when this is Ok.
    /// Of two calls with one token at the same moment one must fail.
    fn admit(&self, applicant: &Applicant) -> impl Future<Output = Result<TenantId, AdmissionError>> + Send;

    /// Asked at each connection and every few seconds during it.
    fn standing(
        &self,
        agent: &AgentId,
        certificate: &CertificateFacts,
    ) -> impl Future<Output = Result<Standing, AdmissionError>> + Send;

    /// Records an agent's new certificate. The old one stays good until its end, in case the new one never arrives.
    fn renewed(
        &self,
        peer: &Peer,
        certificate: &CertificateFacts,
    ) -> impl Future<Output = Result<(), AdmissionError>> + Send;
}

/// One agent on its stream, as its certificate and the node's own records name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub agent: AgentId,
    pub tenant: TenantId,
    pub host: HostId,
    pub certificate: CertificateFacts,
    pub address: SocketAddr,
    /// Tells two streams of one agent apart.
    pub session: u64,
}

/// Takes what agents send. Calls for one stream come one after another; two streams of one agent can overlap for a moment,
/// when a new one takes over.
pub trait Uplink: Send + Sync + 'static {
    /// The agent said hello; returns the last number of its epoch that is durable, 0 for none.
    fn connected(&self, peer: &Peer, hello: &Hello) -> impl Future<Output = Result<u64, Refusal>> + Send;

    /// Commands to send right after the welcome: those whose results have not come.
    fn pending(&self, peer: &Peer) -> impl Future<Output = Vec<Command>> + Send;

    /// Returns when all of the batch is durable, with the number to acknowledge. A refusal ends the stream; the agent comes
    /// back and resumes.
    fn batch(&self, peer: &Peer, batch: Batch) -> impl Future<Output = Result<u64, Refusal>> + Send;

    fn status(&self, peer: &Peer, facts: HostFacts) -> impl Future<Output = ()> + Send;

    /// Returns when the result is durable; the agent sends it again until then.
    fn result(&self, peer: &Peer, result: CommandResult) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// The stream is over. Not called for a stream that another of the same agent replaced.
    fn disconnected(&self, peer: &Peer, why: &Refusal) -> impl Future<Output = ()> + Send;
}
