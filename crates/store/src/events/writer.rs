//! The one thread that writes the log. It takes all appends that wait, drops what is stored already, writes and syncs them as
//! one, shows them to hunts, and only then answers. So a sync is shared by everybody who waits, and order is total.

use super::batch::{AppendError, Appended};
use super::columns;
use super::compactor::Work;
use super::log::{self, Log, Record};
use super::ranges::Ranges;
use super::shared::{Frozen, Run, Shared};
use event::{AgentId, Row, TenantId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::mpsc::Sender as WorkSender;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

type Reply = oneshot::Sender<Result<Appended, AppendError>>;

pub(super) struct Append {
    pub tenant: TenantId,
    pub agent: AgentId,
    pub epoch: u64,
    pub rows: Vec<(u64, Row)>,
    pub reply: Reply,
}

pub(super) enum Job {
    Append(Append),
    /// Freeze what is in memory; then pass this on, so that the compactor answers it when all is in segments.
    Flush(oneshot::Sender<Result<(), AppendError>>),
    /// Freeze what is in memory if it is old enough.
    Age,
}

/// Frozen memories that may wait for the compactor before appends wait too.
const MAX_FROZEN: usize = 2;
/// How long appends wait for the compactor before they are refused as busy.
const PATIENCE: Duration = Duration::from_secs(10);
/// Appends that share one write.
const GROUP: usize = 128;
const GROUP_ROWS: usize = 32_768;

pub(super) struct Writer {
    pub shared: Arc<Shared>,
    pub log: Log,
    pub next_sequence: u64,
    pub jobs: mpsc::Receiver<Job>,
    pub work: WorkSender<Work>,
}

impl Writer {
    /// Until the last sender of jobs is gone.
    pub fn run(mut self) {
        while let Some(first) = self.jobs.blocking_recv() {
            let (mut group, mut rows, mut next) = (Vec::new(), 0, Some(first));
            while let Some(job) = next.take() {
                match job {
                    Job::Append(append) => {
                        rows += append.rows.len();
                        group.push(append);
                    }
                    other => {
                        self.commit(std::mem::take(&mut group));
                        self.control(other);
                    }
                }
                if group.len() < GROUP && rows < GROUP_ROWS {
                    next = self.jobs.try_recv().ok();
                }
            }
            self.commit(group);
        }
    }

    fn control(&mut self, job: Job) {
        match job {
            Job::Flush(reply) => {
                self.freeze();
                let _ = self.work.send(Work::Barrier(reply));
            }
            Job::Age => {
                let oldest = self.shared.state.lock().active.oldest();
                if oldest.is_some_and(|t| t.elapsed() >= self.shared.config.flush_after) {
                    self.freeze();
                }
            }
            Job::Append(append) => self.commit(vec![append]),
        }
    }

    fn commit(&mut self, group: Vec<Append>) {
        if group.is_empty() {
            return;
        }
        if !self.shared.wait_for_thaw(MAX_FROZEN, PATIENCE) {
            return self.refuse(group.into_iter().map(|a| a.reply), AppendError::Busy);
        }
        let mut draft = self.draft(group);
        if !draft.bytes.is_empty()
            && let Err(error) = self.log.append(&draft.bytes)
        {
            self.take_back(draft.before);
            tracing::error!(%error, "the event log cannot be written");
            return self.refuse(draft.replies.into_iter().map(|(r, _)| r), AppendError::Disk(error.to_string()));
        }
        self.next_sequence = draft.next_sequence;
        if let Err(error) = self.publish(&std::mem::take(&mut draft.rows)) {
            // The rows are on disk and come back at the next opening; until then hunts do not show them.
            tracing::error!(%error, "stored rows cannot be shown");
        }
        self.answer(draft.replies);
        self.freeze_if_full();
    }

    /// Decides what is new and lays it out as bytes, without promising anything yet.
    fn draft(&self, group: Vec<Append>) -> Draft {
        let mut runs = self.shared.runs.lock();
        let mut draft = Draft { next_sequence: self.next_sequence, ..Draft::default() };
        for append in group {
            let run: Run = (append.agent.0, append.epoch);
            let ranges = runs.ranges.entry(run.clone()).or_default();
            draft.before.entry(run.clone()).or_insert_with(|| ranges.clone());
            let total = append.rows.len();
            let fresh: Vec<(u64, Row)> = append.rows.into_iter().filter(|(n, _)| ranges.insert(*n)).collect();
            let stored = fresh.len();
            draft.replies.push((append.reply, Appended { stored, duplicates: total - stored, last_sequence: 0 }));
            if fresh.is_empty() {
                continue;
            }
            runs.changed.insert(run.clone());
            draft.add(append.tenant.0, run, fresh);
        }
        draft
    }

    fn take_back(&self, before: HashMap<Run, Ranges>) {
        let mut runs = self.shared.runs.lock();
        for (run, ranges) in before {
            runs.ranges.insert(run, ranges);
        }
    }

    fn publish(&self, rows: &BTreeMap<String, Vec<(u64, Row)>>) -> Result<(), arrow::error::ArrowError> {
        for (tenant, rows) in rows {
            let batch = columns::batch(tenant, rows)?;
            self.shared.state.lock().active.push(tenant, batch);
        }
        Ok(())
    }

    fn answer(&self, replies: Vec<(Reply, Appended)>) {
        let last_sequence = self.next_sequence - 1;
        let mut stats = self.shared.stats.lock();
        for (reply, appended) in replies {
            stats.stored += appended.stored as u64;
            stats.duplicates += appended.duplicates as u64;
            let _ = reply.send(Ok(Appended { last_sequence, ..appended }));
        }
        drop(stats);
        self.shared.arrivals.send_if_modified(|n| std::mem::replace(n, last_sequence) != last_sequence);
    }

    fn refuse(&self, replies: impl Iterator<Item = Reply>, error: AppendError) {
        for reply in replies {
            self.shared.stats.lock().refused_batches += 1;
            let _ = reply.send(Err(error.clone()));
        }
    }

    fn freeze_if_full(&mut self) {
        let state = self.shared.state.lock();
        let config = &self.shared.config;
        let full = state.active.rows() >= config.flush_rows || state.active.bytes() >= config.flush_bytes;
        drop(state);
        if full {
            self.freeze();
        }
    }

    /// Begins a new log file and a new memory; what was is the compactor's.
    fn freeze(&mut self) {
        if self.shared.state.lock().active.rows() == 0 {
            return;
        }
        if let Err(error) = self.log.rotate() {
            tracing::error!(%error, "no new log file can be begun; memory grows on");
            return;
        }
        let progress = self.shared.runs.lock().take_changed();
        let mut state = self.shared.state.lock();
        let memory = std::mem::take(&mut state.active);
        let floor = self.log.number();
        state.frozen.push(Arc::new(Frozen { memory, floor, progress, last_sequence: self.next_sequence - 1 }));
        drop(state);
        let _ = self.work.send(Work::Frozen);
    }
}

#[derive(Default)]
struct Draft {
    bytes: Vec<u8>,
    rows: BTreeMap<String, Vec<(u64, Row)>>,
    replies: Vec<(Reply, Appended)>,
    /// As it was, in case the disk refuses.
    before: HashMap<Run, Ranges>,
    next_sequence: u64,
}

impl Draft {
    fn add(&mut self, tenant: String, (agent, epoch): Run, rows: Vec<(u64, Row)>) {
        let first_stored = self.next_sequence;
        self.next_sequence += rows.len() as u64;
        let record = Record { tenant, agent, epoch, first_stored, rows };
        log::encode(&mut self.bytes, &record);
        let numbered = (first_stored..).zip(record.rows.into_iter().map(|(_, row)| row));
        self.rows.entry(record.tenant).or_default().extend(numbered);
    }
}
