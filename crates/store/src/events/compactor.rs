//! The thread behind: turns frozen memory into segments, merges small segments, lets old ones go. Each change is written to
//! files first, then committed to the manifest in one transaction, then shown to hunts; a kill anywhere leaves at worst files
//! that no manifest names, which the next opening removes.

use super::batch::AppendError;
use super::log;
use super::segment::{self, Segment, WriteError};
use super::shared::{Frozen, Shared, State};
use super::writer::Job;
use crate::ControlError;
use crate::control::{Checkpoint, SegmentRecord};
use arrow::array::RecordBatch;
use datafusion::parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

pub(super) enum Work {
    /// There is frozen memory.
    Frozen,
    /// Answer when everything frozen before is in segments.
    Barrier(oneshot::Sender<Result<(), AppendError>>),
}

const TICK: Duration = Duration::from_secs(1);
/// Small segments of one tenant and day that make a merge worth while.
const MERGE_COUNT: usize = 8;

pub(super) struct Compactor {
    pub shared: Arc<Shared>,
    pub work: Receiver<Work>,
    /// To remind the writer of the time; never keeps the writer alive.
    pub jobs: mpsc::WeakSender<Job>,
    pub runtime: Handle,
    pub files: u64,
}

#[derive(Debug, thiserror::Error)]
enum CompactError {
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("cannot read segment {file}: {detail}")]
    Read { file: String, detail: String },
}

impl Compactor {
    /// Until the writer is gone.
    pub fn run(mut self) {
        let mut waiting = Vec::new();
        loop {
            match self.work.recv_timeout(TICK) {
                Ok(Work::Frozen) => {}
                Ok(Work::Barrier(reply)) => waiting.push(reply),
                Err(RecvTimeoutError::Timeout) => self.remind(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let flushed = self.flush_all();
            for reply in waiting.drain(..) {
                let _ = reply.send(flushed.clone());
            }
            if flushed.is_ok() {
                self.keep_house();
            }
        }
    }

    fn remind(&self) {
        if let Some(jobs) = self.jobs.upgrade() {
            let _ = jobs.try_send(Job::Age);
        }
    }

    fn flush_all(&mut self) -> Result<(), AppendError> {
        loop {
            let Some(next) = self.shared.state.lock().frozen.first().cloned() else { return Ok(()) };
            if let Err(error) = self.flush(&next) {
                tracing::error!(%error, "rows cannot be written to a segment; they stay in the log");
                self.shared.stats.lock().failed_flushes += 1;
                return Err(AppendError::Disk(error.to_string()));
            }
        }
    }

    fn flush(&mut self, frozen: &Arc<Frozen>) -> Result<(), CompactError> {
        let mut added = Vec::new();
        for (tenant, batches) in frozen.memory.tenants() {
            match self.write(tenant, batches) {
                Ok(records) => added.extend(records),
                Err(error) => return self.abandon(&added, error.into()),
            }
        }
        let checkpoint = Checkpoint {
            added,
            progress: frozen.progress.clone(),
            log_floor: Some(frozen.floor),
            last_sequence: Some(frozen.last_sequence),
            now: now(),
            ..Checkpoint::default()
        };
        if let Err(error) = self.runtime.block_on(self.shared.control.commit_checkpoint(&checkpoint)) {
            return self.abandon(&checkpoint.added, error.into());
        }
        self.show(checkpoint.added, |state| state.frozen.retain(|f| !Arc::ptr_eq(f, frozen)));
        self.shared.thawed.notify_all();
        self.remove_logs_below(frozen.floor);
        Ok(())
    }

    fn write(&mut self, tenant: &str, batches: &[RecordBatch]) -> Result<Vec<SegmentRecord>, WriteError> {
        self.files += 1;
        let name = format!("{:x}-{:x}", now(), self.files);
        segment::write(&self.shared.segment_dir(), tenant, batches, &name)
    }

    fn abandon(&self, added: &[SegmentRecord], error: CompactError) -> Result<(), CompactError> {
        for record in added {
            let _ = std::fs::remove_file(self.shared.segment_dir().join(&record.file));
        }
        Err(error)
    }

    fn show(&self, added: Vec<SegmentRecord>, with: impl FnOnce(&mut State)) {
        let root = self.shared.segment_dir();
        let mut state = self.shared.state.lock();
        with(&mut state);
        state.segments.extend(added.into_iter().map(|record| Arc::new(Segment::new(&root, record))));
    }

    fn remove_logs_below(&self, floor: u64) {
        let dir = self.shared.log_dir();
        let numbers = log::numbers(&dir).unwrap_or_else(|error| {
            tracing::warn!(folder = %dir.display(), %error, "finished log files cannot be listed, so none is removed");
            Vec::new()
        });
        for number in numbers.into_iter().filter(|n| *n < floor) {
            let path = log::path_of(&dir, number);
            let gone = match self.shared.damaged_logs.lock().remove(&number) {
                true => std::fs::rename(&path, path.with_extension("damaged")),
                false => std::fs::remove_file(&path),
            };
            if let Err(error) = gone {
                tracing::warn!(file = %path.display(), %error, "a finished log file could not be removed");
            }
        }
    }

    fn keep_house(&mut self) {
        if let Err(error) = self.merge_small().and_then(|()| self.retire()) {
            tracing::warn!(%error, "the event store's upkeep failed; it is tried again");
        }
    }

    fn merge_small(&mut self) -> Result<(), CompactError> {
        let Some(small) = self.mergeable() else { return Ok(()) };
        let mut batches = Vec::new();
        for segment in &small {
            batches.extend(read(&self.shared, segment)?);
        }
        let tenant = small[0].record.tenant.clone();
        let added = self.write(&tenant, &batches)?;
        self.replace(added, &small)
    }

    /// The oldest small segments of one tenant and day, when there are many.
    fn mergeable(&self) -> Option<Vec<Arc<Segment>>> {
        let most = self.shared.config.merge_rows as u64;
        let state = self.shared.state.lock();
        let mut groups: BTreeMap<(&str, i64), Vec<&Arc<Segment>>> = BTreeMap::new();
        for segment in state.segments.iter().filter(|s| s.record.rows * 2 <= most) {
            groups.entry((&segment.record.tenant, segment.record.day)).or_default().push(segment);
        }
        let mut group = groups.into_values().find(|g| g.len() >= MERGE_COUNT)?;
        group.sort_by_key(|s| s.record.min_sequence);
        let mut rows = 0;
        let fits = |s: &&&Arc<Segment>| {
            rows += s.record.rows;
            rows <= most
        };
        let chosen: Vec<Arc<Segment>> = group.iter().take_while(fits).map(|s| Arc::clone(s)).collect();
        (chosen.len() > 1).then_some(chosen)
    }

    fn retire(&mut self) -> Result<(), CompactError> {
        let old = self.outlived();
        if old.is_empty() {
            return Ok(());
        }
        self.replace(Vec::new(), &old)?;
        let mut stats = self.shared.stats.lock();
        stats.retired_segments += old.len() as u64;
        stats.retired_rows += old.iter().map(|s| s.record.rows).sum::<u64>();
        Ok(())
    }

    /// Too old, or the oldest beyond the size.
    fn outlived(&self) -> Vec<Arc<Segment>> {
        let (now, config) = (now(), &self.shared.config);
        let eldest = config
            .max_age
            .map_or(i64::MIN, |age| now.saturating_sub(i64::try_from(age.as_nanos()).unwrap_or(i64::MAX)));
        let mut segments = self.shared.state.lock().segments.clone();
        // A clock that runs ahead must not keep rows for ever.
        segments.sort_by_key(|s| (s.record.max_time.min(now), s.record.min_sequence));
        let mut bytes: u64 = segments.iter().map(|s| s.record.bytes).sum();
        let mut outlived = Vec::new();
        for segment in segments {
            if segment.record.max_time >= eldest && bytes <= config.max_bytes {
                continue;
            }
            bytes -= segment.record.bytes;
            outlived.push(segment);
        }
        outlived
    }

    fn replace(&mut self, added: Vec<SegmentRecord>, removed: &[Arc<Segment>]) -> Result<(), CompactError> {
        let checkpoint = Checkpoint {
            added,
            removed: removed.iter().map(|s| s.record.file.clone()).collect(),
            now: now(),
            ..Checkpoint::default()
        };
        if let Err(error) = self.runtime.block_on(self.shared.control.commit_checkpoint(&checkpoint)) {
            return self.abandon(&checkpoint.added, error.into());
        }
        self.show(checkpoint.added, |state| {
            state.segments.retain(|s| !removed.iter().any(|r| Arc::ptr_eq(r, s)));
        });
        removed.iter().for_each(|s| s.doom());
        Ok(())
    }
}

fn read(shared: &Shared, segment: &Segment) -> Result<Vec<RecordBatch>, CompactError> {
    let file = segment.record.file.clone();
    let fail = |detail: String| CompactError::Read { file: file.clone(), detail };
    let opened = File::open(shared.segment_dir().join(&file)).map_err(|e| fail(e.to_string()))?;
    let options = ArrowReaderOptions::new().with_schema(super::schema::schema());
    let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(opened, options)
        .and_then(|builder| builder.with_batch_size(32_768).build())
        .map_err(|e| fail(e.to_string()))?;
    reader.collect::<Result<Vec<_>, _>>().map_err(|e| fail(e.to_string()))
}

/// Nanoseconds since the epoch.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
