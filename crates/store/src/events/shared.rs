//! What the writer, the compactor and the hunts share: the rows in memory, the frozen ones on their way into segments, the
//! segments, and the counters. One lock, held for moments; a hunt takes a snapshot and reads without it.

use super::config::Config;
use super::memory::Memory;
use super::ranges::Ranges;
use super::segment::Segment;
use super::stats::{Damage, Stats};
use crate::ControlStore;
use crate::control::Progress;
use arrow::array::RecordBatch;
use parking_lot::{Condvar, Mutex};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Memory that no longer grows and waits for the compactor, with what the manifest must learn together with its segments.
#[derive(Default)]
pub(super) struct Frozen {
    pub memory: Memory,
    /// Log files below this number are then no longer needed.
    pub floor: u64,
    pub progress: Vec<Progress>,
    pub last_sequence: u64,
}

#[derive(Default)]
pub(super) struct State {
    pub active: Memory,
    pub frozen: Vec<Arc<Frozen>>,
    pub segments: Vec<Arc<Segment>>,
}

/// What one hunt reads, fixed at its start.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    pub recent: Vec<RecordBatch>,
    pub segments: Vec<Arc<Segment>>,
}

/// A run of an agent.
pub(super) type Run = (String, u64);

/// Which sequences are stored, of every run, and whose changed since the last freeze.
#[derive(Default)]
pub(super) struct Runs {
    pub ranges: HashMap<Run, Ranges>,
    pub changed: HashSet<Run>,
}

impl Runs {
    /// What changed, for the manifest.
    pub fn take_changed(&mut self) -> Vec<Progress> {
        let changed = std::mem::take(&mut self.changed);
        let progress = |run: Run| {
            let ranges = self.ranges.get(&run)?.to_text();
            Some(Progress { agent: run.0, epoch: run.1, ranges })
        };
        changed.into_iter().filter_map(progress).collect()
    }
}

/// Damaged places kept for showing; more are only counted.
const SHOWN_DAMAGE: usize = 100;

pub(super) struct Shared {
    pub dir: PathBuf,
    pub config: Config,
    pub control: ControlStore,
    pub state: Mutex<State>,
    /// Told when a frozen memory has become segments.
    pub thawed: Condvar,
    pub runs: Mutex<Runs>,
    pub stats: Mutex<Stats>,
    pub arrivals: watch::Sender<u64>,
    /// Log files that hold damage: kept aside instead of removed.
    pub damaged_logs: Mutex<HashSet<u64>>,
    /// Held while any thread of this store lives.
    pub _lock: File,
}

impl Shared {
    pub fn log_dir(&self) -> PathBuf {
        self.dir.join("log")
    }

    pub fn segment_dir(&self) -> PathBuf {
        segment_dir(&self.dir)
    }

    pub fn snapshot(&self, tenant: &str) -> Snapshot {
        let state = self.state.lock();
        let frozen = state.frozen.iter().flat_map(|f| f.memory.of(tenant));
        Snapshot {
            recent: frozen.chain(state.active.of(tenant)).cloned().collect(),
            segments: state.segments.iter().filter(|s| s.record.tenant == tenant).cloned().collect(),
        }
    }

    /// Waits until fewer than `most` frozen memories wait, or the time is over.
    pub fn wait_for_thaw(&self, most: usize, patience: Duration) -> bool {
        let mut state = self.state.lock();
        let timed_out = self.thawed.wait_while_for(&mut state, |s| s.frozen.len() >= most, patience).timed_out();
        !timed_out
    }

    pub fn tell_damage(&self, damage: Vec<Damage>) {
        let mut stats = self.stats.lock();
        stats.damaged_places += damage.len() as u64;
        let room = SHOWN_DAMAGE.saturating_sub(stats.damage.len());
        for place in damage.into_iter().take(room) {
            tracing::error!(file = %place.file, offset = place.offset, bytes = place.bytes, detail = %place.detail, "damage in the event store");
            stats.damage.push(place);
        }
    }

    pub fn stats(&self) -> Stats {
        let mut stats = self.stats.lock().clone();
        let state = self.state.lock();
        stats.segments = state.segments.len() as u64;
        stats.segment_rows = state.segments.iter().map(|s| s.record.rows).sum();
        stats.segment_bytes = state.segments.iter().map(|s| s.record.bytes).sum();
        let frozen: usize = state.frozen.iter().map(|f| f.memory.rows()).sum();
        stats.recent_rows = (frozen + state.active.rows()) as u64;
        stats.last_sequence = *self.arrivals.borrow();
        stats
    }
}

pub(super) fn segment_dir(dir: &Path) -> PathBuf {
    dir.join("segments")
}
