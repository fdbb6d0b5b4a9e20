//! The event store: rows in by batch, durable before they are told as stored, visible to hunts at once; segments behind.

mod answer;
mod batch;
mod config;
mod error;
mod stats;

pub use answer::{Answer, AnswerColumn, HuntStream, StoredEvent, StoredEvents};
pub use batch::{AppendError, Appended, BatchId};
pub use config::Config;
pub use error::{HuntFailure, OpenError};
pub use stats::{Damage, Stats};

use crate::ControlStore;
use event::{AgentId, Row, TenantId};
use hunt::{EventQuery, HuntPlan};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// Cheap to clone; the last clone to go, or [`EventStore::close`], ends its threads.
#[derive(Clone)]
pub struct EventStore {
    inner: Arc<Inner>,
}

struct Inner {
    arrivals: watch::Sender<u64>,
}

impl EventStore {
    /// Opens or creates the store in `dir`, replays what its log holds beyond the segments, and removes what a kill left half-done.
    pub async fn open(dir: &Path, control: ControlStore, config: Config) -> Result<Self, OpenError> {
        let _ = (dir, control, config);
        Ok(EventStore { inner: Arc::new(Inner { arrivals: watch::Sender::new(0) }) })
    }

    /// Returns when the rows are on disk (fsynced) and visible to hunts. `tenant_id` of the rows is set from the batch.
    pub async fn append(&self, id: BatchId, rows: Vec<Row>) -> Result<Appended, AppendError> {
        let BatchId { tenant, agent, epoch, first_seq } = id;
        self.append_numbered(tenant, agent, epoch, (first_seq..).zip(rows).collect()).await
    }

    /// As [`EventStore::append`], for rows whose sequences have gaps.
    pub async fn append_numbered(
        &self,
        tenant: TenantId,
        agent: AgentId,
        epoch: u64,
        rows: Vec<(u64, Row)>,
    ) -> Result<Appended, AppendError> {
        let _ = (tenant, agent, epoch, rows);
        Err(AppendError::Closed)
    }

    /// The highest sequence of this run that is stored; what an agent that comes back need not send again if it sends in order.
    pub fn last_stored(&self, agent: &AgentId, epoch: u64) -> Option<u64> {
        let _ = (agent, epoch);
        None
    }

    /// The `store_sequence` of the last row stored; changes with each append. For followers: wait, then ask for what is `after`.
    pub fn arrivals(&self) -> watch::Receiver<u64> {
        self.inner.arrivals.subscribe()
    }

    /// Runs a plan within its limits.
    pub async fn hunt(&self, plan: &HuntPlan) -> Result<HuntStream, HuntFailure> {
        let _ = plan;
        Err(HuntFailure::Closed)
    }

    /// The product's own questions, answered as rows.
    pub async fn events(&self, query: &EventQuery) -> Result<StoredEvents, HuntFailure> {
        let _ = query;
        Err(HuntFailure::Closed)
    }

    /// All that a process and its descendants did, oldest first, at most `limit` events.
    pub async fn process_tree(&self, tenant: &TenantId, root: &str, limit: usize) -> Result<StoredEvents, HuntFailure> {
        let _ = (tenant, root, limit);
        Err(HuntFailure::Closed)
    }

    /// Writes everything in memory to segments now.
    pub async fn flush(&self) -> Result<(), AppendError> {
        Err(AppendError::Closed)
    }

    pub fn stats(&self) -> Stats {
        Stats::default()
    }

    /// Refuses new appends, finishes those begun, ends the threads. What is in the log is found again at the next opening.
    pub async fn close(&self) {}
}
