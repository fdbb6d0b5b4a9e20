//! The event store: rows in by batch, durable before they are told as stored, visible to hunts at once; segments behind.

mod alerts_table;
mod answer;
mod batch;
mod cells;
mod codec;
mod columns;
mod compactor;
mod config;
mod deadline;
mod engine;
mod error;
mod label;
mod log;
mod memory;
mod ranges;
mod recover;
mod replay;
mod schema;
mod segment;
mod shared;
mod stats;
mod table;
mod worded;
mod writer;

pub use answer::{Answer, AnswerColumn, HuntStream, StoredEvent, StoredEvents};
pub use batch::{AppendError, Appended, BatchId};
pub use config::Config;
pub use error::{HuntFailure, OpenError};
pub use replay::{StoredBatch, StoredFields};
pub use stats::{Damage, Stats};

use crate::ControlStore;
use compactor::{Compactor, Work};
use engine::Engine;
use event::{AgentId, Row, TenantId};
use hunt::{EventQuery, HuntPlan};
use parking_lot::Mutex;
use shared::Shared;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot, watch};
use writer::{Append, Job, Writer};

/// Cheap to clone; the last clone to go, or [`EventStore::close`], ends its threads.
#[derive(Clone)]
pub struct EventStore {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    engine: Engine,
    /// None once closed.
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    runtime: Mutex<Option<Runtime>>,
}

/// Appends that wait at most; more wait at the caller.
const QUEUE: usize = 256;
const MAX_ROWS: usize = 100_000;
const MAX_BYTES: usize = 32 << 20;
/// Planning goes deep in the engine; a query as deep as the planner lets through must fit.
const HUNT_STACK: usize = 32 << 20;
/// Rounds of looking for children; no real process tree is deeper.
const MAX_TREE_DEPTH: usize = 64;
const MAX_TREE: usize = 5_000;

impl EventStore {
    /// Opens or creates the store in `dir`, replays what its log holds beyond the segments, and removes what a kill left
    /// half-done. Only one process can have it open.
    pub async fn open(dir: &Path, control: ControlStore, config: Config) -> Result<Self, OpenError> {
        let (shared, log, next_sequence) = recover::recover(dir, control, config).await?;
        let engine_error = |e: &dyn std::fmt::Display| OpenError::Engine(e.to_string());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(shared.config.hunt_threads.max(1))
            .thread_name("hunt")
            .thread_stack_size(HUNT_STACK)
            .enable_all()
            .build()
            .map_err(|e| engine_error(&e))?;
        let engine = Engine::new(dir, &shared.config, runtime.handle().clone()).map_err(|e| engine_error(&e))?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (work, to_do) = std::sync::mpsc::channel();
        let compactor = Compactor {
            shared: Arc::clone(&shared),
            work: to_do,
            jobs: jobs.downgrade(),
            runtime: runtime.handle().clone(),
            files: 0,
        };
        let _ = work.send(Work::Frozen);
        let writer = Writer { shared: Arc::clone(&shared), log, next_sequence, jobs: queue, work };
        let spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.into()).spawn(run).map_err(|e| engine_error(&e))
        };
        let threads = vec![
            spawn("store-writer", Box::new(|| writer.run()))?,
            spawn("store-segments", Box::new(|| compactor.run()))?,
        ];
        let (jobs, threads, runtime) = (Mutex::new(Some(jobs)), Mutex::new(threads), Mutex::new(Some(runtime)));
        Ok(EventStore { inner: Arc::new(Inner { shared, engine, jobs, threads, runtime }) })
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
        within_bounds(&rows)?;
        let (reply, answer) = oneshot::channel();
        self.send(Job::Append(Append { tenant, agent, epoch, rows, reply })).await?;
        answer.await.unwrap_or(Err(AppendError::Closed))
    }

    async fn send(&self, job: Job) -> Result<(), AppendError> {
        let jobs = self.inner.jobs.lock().clone().ok_or(AppendError::Closed)?;
        jobs.send(job).await.map_err(|_| AppendError::Closed)
    }

    /// The highest sequence of this run that is stored; what an agent that comes back need not send again if it sends in
    /// order.
    pub fn last_stored(&self, agent: &AgentId, epoch: u64) -> Option<u64> {
        let runs = self.inner.shared.runs.lock();
        runs.ranges.get(&(agent.as_str().to_owned(), epoch)).and_then(ranges::Ranges::last)
    }

    /// The `store_sequence` of the last row stored; changes with each append. For followers: wait, then ask for what is
    /// `after`.
    pub fn arrivals(&self) -> watch::Receiver<u64> {
        self.inner.shared.arrivals.subscribe()
    }

    /// Runs a plan within its limits, on threads of its own.
    pub async fn hunt(&self, plan: &HuntPlan) -> Result<HuntStream, HuntFailure> {
        if self.inner.jobs.lock().is_none() {
            return Err(HuntFailure::Closed);
        }
        self.inner.engine.run(Arc::clone(&self.inner.shared), plan.clone()).await
    }

    /// The product's own questions, answered as rows.
    pub async fn events(&self, query: &EventQuery) -> Result<StoredEvents, HuntFailure> {
        self.hunt(&query.plan()).await?.events().await
    }

    /// All that a process and its descendants did, oldest first, at most `limit` events. Of a tree of more than 5,000
    /// processes the first found are told, and `truncated` says so.
    pub async fn process_tree(&self, tenant: &TenantId, root: &str, limit: usize) -> Result<StoredEvents, HuntFailure> {
        let mut known = BTreeSet::from([root.to_owned()]);
        let mut edge = vec![root.to_owned()];
        for _ in 0..MAX_TREE_DEPTH {
            if edge.is_empty() || known.len() >= MAX_TREE {
                break;
            }
            let plan = hunt::distinct_children(tenant, &edge, MAX_TREE - known.len());
            let children = self.hunt(&plan).await?.events().await?.events;
            let ids = children.iter().filter_map(|e| e.row.text(event::Column::ProcessEntityId));
            edge = ids.map(|id| id.into_owned()).filter(|id| known.insert(id.clone())).collect();
        }
        let all: Vec<String> = known.into_iter().collect();
        let mut found = self.hunt(&hunt::process_events(tenant, &all, limit)).await?.events().await?;
        found.truncated |= !edge.is_empty();
        Ok(found)
    }

    /// Writes everything in memory to segments now.
    pub async fn flush(&self) -> Result<(), AppendError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Flush(reply)).await?;
        answer.await.unwrap_or(Err(AppendError::Closed))
    }

    pub fn stats(&self) -> Stats {
        self.inner.shared.stats()
    }

    /// Refuses new appends, finishes those begun, ends the threads. What is in the log is found again at the next opening.
    pub async fn close(&self) {
        drop(self.inner.jobs.lock().take());
        let threads = std::mem::take(&mut *self.inner.threads.lock());
        let joined = tokio::task::spawn_blocking(move || threads.into_iter().for_each(|t| drop(t.join())));
        let _ = joined.await;
        if let Some(runtime) = self.inner.runtime.lock().take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.lock().take() {
            // Waiting here could block an async thread; what runs ends by itself.
            runtime.shutdown_background();
        }
    }
}

fn within_bounds(rows: &[(u64, Row)]) -> Result<(), AppendError> {
    let size = |row: &Row| -> usize {
        let texts = row.columns().map(|(_, value)| match value {
            event::Value::Str(text) => text.len() + 4,
            _ => 16,
        });
        texts.sum::<usize>() + row.labels.iter().map(|(k, v)| k.len() + v.len() + 4).sum::<usize>()
    };
    let bytes: usize = rows.iter().map(|(_, row)| size(row)).sum();
    if rows.len() > MAX_ROWS || bytes > MAX_BYTES {
        return Err(AppendError::TooBig { rows: rows.len(), bytes, max_rows: MAX_ROWS, max_bytes: MAX_BYTES });
    }
    Ok(())
}
