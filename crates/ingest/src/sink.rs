//! Where ingest puts things. The methods fit `store`: [`Sink::append`] is `EventStore::append_numbered`, [`Sink::last_stored`]
//! its `last_stored`, [`Sink::alert`] is `ControlStore::record_alert` with the incident that the alert makes.

use crate::Origin;
use event::{AgentId, Alert, HostFacts, Row};
use std::future::Future;
use wire::{Command, CommandResult};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    pub stored: usize,
    /// Rows that the sink had already.
    pub duplicates: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// The same call may succeed later: the agent keeps its records and comes back.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// Fewer rows at once may go.
    #[error("too big at once: {0}")]
    TooBig(String),
    /// It never will. The record is counted as refused, so that one bad record does not hold up all that come after it.
    #[error("the store refuses: {0}")]
    Refused(String),
}

pub trait Sink: Send + Sync + 'static {
    /// The highest sequence of this agent's epoch that is durable.
    fn last_stored(&self, agent: &AgentId, epoch: u64) -> impl Future<Output = Result<Option<u64>, SinkError>> + Send;

    /// Returns when the rows are durable. Sequences rise; those that are stored already must not be stored again.
    fn append(
        &self,
        origin: &Origin,
        epoch: u64,
        rows: Vec<(u64, Row)>,
    ) -> impl Future<Output = Result<Appended, SinkError>> + Send;

    /// Returns when the alert is durable; false when it was before (it is known by its id).
    fn alert(&self, origin: &Origin, alert: Alert) -> impl Future<Output = Result<bool, SinkError>> + Send;

    /// What the host says of itself: at connection, then every few seconds.
    fn host(&self, origin: &Origin, facts: HostFacts) -> impl Future<Output = ()> + Send;

    /// The agent has no stream any more.
    fn gone(&self, origin: &Origin, why: &str) -> impl Future<Output = ()> + Send;

    /// Commands without a result; sent at each connection until one comes.
    fn pending(&self, origin: &Origin) -> impl Future<Output = Vec<Command>> + Send;

    /// Returns when the result is durable; the same result may come again.
    fn result(&self, origin: &Origin, result: CommandResult) -> impl Future<Output = Result<(), SinkError>> + Send;
}
