//! Opening: what the manifest names, what the log holds beyond it, and nothing else.

use super::config::Config;
use super::error::OpenError;
use super::log::{self, Log};
use super::memory::Memory;
use super::ranges::Ranges;
use super::segment::Segment;
use super::shared::{Frozen, Runs, Shared, State, segment_dir};
use super::stats::{Damage, Stats};
use super::{columns, stats};
use crate::ControlStore;
use crate::control::Manifest;
use event::Row;
use parking_lot::{Condvar, Mutex};
use rustix::fs::FlockOperation;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// The shared state, the new log file, and the next `store_sequence`.
pub(super) async fn recover(
    dir: &Path,
    control: ControlStore,
    config: Config,
) -> Result<(Arc<Shared>, Log, u64), OpenError> {
    let lock = folders_and_lock(dir)?;
    let manifest = control.manifest().await?;
    let mut found = Found::new(dir, &manifest);
    remove_orphans(dir, &manifest)?;
    let log_dir = dir.join("log");
    let numbers = log::numbers(&log_dir).map_err(io("list", &log_dir))?;
    for number in &numbers {
        found.replay(&log_dir, *number, manifest.log_floor)?;
    }
    let next = numbers.last().map_or(manifest.log_floor, |n| n + 1).max(manifest.log_floor).max(1);
    let log = Log::create(&log_dir, next).map_err(io("create a log file in", &log_dir))?;
    let next_sequence = found.last_sequence + 1;
    let shared = Shared {
        dir: dir.to_owned(),
        config,
        control,
        state: Mutex::new(found.state),
        thawed: Condvar::new(),
        runs: Mutex::new(found.runs),
        stats: Mutex::new(Stats::default()),
        arrivals: watch::Sender::new(found.last_sequence),
        damaged_logs: Mutex::new(found.damaged_logs),
        _lock: lock,
    };
    shared.tell_damage(found.damage);
    Ok((Arc::new(shared), log, next_sequence))
}

fn io(action: &'static str, path: &Path) -> impl Fn(std::io::Error) -> OpenError + use<> {
    let path = path.display().to_string();
    move |source| OpenError::Io { action, path: path.clone(), source }
}

fn folders_and_lock(dir: &Path) -> Result<File, OpenError> {
    for folder in [dir.join("log"), segment_dir(dir)] {
        std::fs::create_dir_all(&folder).map_err(io("create", &folder))?;
    }
    let path = dir.join("lock");
    let lock = File::options().create(true).append(true).open(&path).map_err(io("open", &path))?;
    match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(lock),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::Locked { path: dir.display().to_string() }),
        Err(error) => Err(io("lock", &path)(error.into())),
    }
}

/// Files that a kill left between being written and being named, or between being unnamed and removed.
fn remove_orphans(dir: &Path, manifest: &Manifest) -> Result<(), OpenError> {
    let named: HashSet<&str> = manifest.segments.iter().map(|s| s.file.as_str()).collect();
    let root = segment_dir(dir);
    let list = |path: &Path| -> Result<Vec<std::fs::DirEntry>, OpenError> {
        std::fs::read_dir(path).and_then(Iterator::collect).map_err(io("list", path))
    };
    for tenant in list(&root)? {
        for day in list(&tenant.path())? {
            for file in list(&day.path())? {
                let path = file.path();
                let below = path.strip_prefix(&root).ok().and_then(Path::to_str);
                if !below.is_some_and(|b| named.contains(b)) {
                    std::fs::remove_file(&path).map_err(io("remove", &path))?;
                }
            }
        }
    }
    Ok(())
}

struct Found {
    state: State,
    runs: Runs,
    last_sequence: u64,
    damage: Vec<Damage>,
    damaged_logs: HashSet<u64>,
}

impl Found {
    fn new(dir: &Path, manifest: &Manifest) -> Self {
        let root = segment_dir(dir);
        let mut found = Found {
            state: State::default(),
            runs: Runs::default(),
            last_sequence: manifest.last_sequence,
            damage: Vec::new(),
            damaged_logs: HashSet::new(),
        };
        for record in &manifest.segments {
            let size = std::fs::metadata(root.join(&record.file)).map(|m| m.len());
            match size {
                Ok(bytes) if bytes == record.bytes => {
                    found.state.segments.push(Arc::new(Segment::new(&root, record.clone())));
                }
                other => found.damage.push(lost_segment(record, other)),
            }
        }
        for progress in &manifest.progress {
            match Ranges::from_text(&progress.ranges) {
                Some(ranges) => {
                    found.runs.ranges.insert((progress.agent.clone(), progress.epoch), ranges);
                }
                None => found.damage.push(stats::Damage {
                    file: "manifest".into(),
                    offset: 0,
                    bytes: 0,
                    detail: format!("what is stored of agent {} cannot be read", progress.agent),
                }),
            }
        }
        found
    }

    /// One log file becomes one frozen memory.
    fn replay(&mut self, dir: &Path, number: u64, floor: u64) -> Result<(), OpenError> {
        let path = log::path_of(dir, number);
        if number < floor {
            return std::fs::remove_file(&path).map_err(io("remove", &path));
        }
        let replayed = log::replay(&path).map_err(io("read", &path))?;
        if replayed.torn > 0 {
            tracing::warn!(file = %path.display(), bytes = replayed.torn, "the log ends in an append that was cut off");
        }
        if !replayed.damage.is_empty() {
            self.damaged_logs.insert(number);
            self.damage.extend(replayed.damage);
        }
        let memory = self.remember(replayed.records);
        if memory.rows() == 0 {
            return Ok(());
        }
        let progress = self.runs.take_changed();
        let frozen = Frozen { memory, floor: number + 1, progress, last_sequence: self.last_sequence };
        self.state.frozen.push(Arc::new(frozen));
        Ok(())
    }

    fn remember(&mut self, records: Vec<log::Record>) -> Memory {
        let mut tenants: BTreeMap<String, Vec<(u64, Row)>> = BTreeMap::new();
        for record in records {
            let run = (record.agent, record.epoch);
            let ranges = self.runs.ranges.entry(run.clone()).or_default();
            let numbered = (record.first_stored..).zip(record.rows);
            let rows = tenants.entry(record.tenant).or_default();
            for (stored, (sequence, row)) in numbered {
                self.last_sequence = self.last_sequence.max(stored);
                if ranges.insert(sequence) {
                    rows.push((stored, row));
                }
            }
            self.runs.changed.insert(run);
        }
        let mut memory = Memory::default();
        for (tenant, rows) in &tenants {
            for rows in rows.chunks(16_384) {
                match columns::batch(tenant, rows) {
                    Ok(batch) => memory.push(tenant, batch),
                    Err(error) => self.damage.push(stats::Damage {
                        file: "log".into(),
                        offset: 0,
                        bytes: 0,
                        detail: format!("{} rows cannot be shown: {error}", rows.len()),
                    }),
                }
            }
        }
        memory
    }
}

fn lost_segment(record: &crate::control::SegmentRecord, found: std::io::Result<u64>) -> Damage {
    let detail = match found {
        Ok(bytes) => format!("a segment of {} rows has {bytes} bytes instead of {}", record.rows, record.bytes),
        Err(error) => format!("a segment of {} rows cannot be opened: {error}", record.rows),
    };
    Damage { file: format!("segments/{}", record.file), offset: 0, bytes: record.bytes, detail }
}
