//! The public face: opening, appending, syncing, reading, acknowledging.

use crate::ledger::Ledger;
use crate::reader::{self, Damage, Stream, View};
use crate::segment;
use crate::state::StateFile;
use crate::stats::SpoolStats;
use crate::writer::{Tally, Writer};
use crate::{Fsync, Priority, SpoolConfig};
use parking_lot::Mutex;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Position in the queue, from 1.
pub type Seq = u64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub seq: Seq,
    pub priority: Priority,
    pub payload: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the spool at {} is in use by another process", .0.display())]
    InUse(PathBuf),
    #[error("cannot {doing} the spool at {}: {source}", .path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error("a record of {bytes} bytes is longer than the {most} that the spool takes")]
    TooLong { bytes: usize, most: usize },
    /// Counted in [`SpoolStats::refused`].
    #[error("no room for a record of {} priority: all that is held is worth more", .priority.name())]
    Full { priority: Priority },
    #[error("cannot reserve sequences: {0}")]
    Reserve(io::Error),
}

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// `lost` records of low or normal priority are gone (and counted as evicted); alerts are kept in memory and tried again.
    #[error("the spool's disk takes no more ({source}): {lost} records lost, {held} bytes of alerts held in memory")]
    Write { lost: u64, held: usize, source: io::Error },
    #[error("cannot force the spool to the disk: {0}")]
    Force(io::Error),
}

#[derive(Debug, thiserror::Error)]
#[error("cannot read the spool: {0}")]
pub struct ReadError(#[from] io::Error);

#[derive(Debug, thiserror::Error)]
pub enum AckError {
    #[error("sequence {seq} was never given out; the next one is {next}")]
    NeverGiven { seq: Seq, next: Seq },
    #[error("cannot write the acknowledgement: {0}")]
    Write(io::Error),
}

/// See the crate's own page. All methods may be called from any thread; share it in an `Arc`.
#[derive(Debug)]
pub struct Spool {
    shared: Arc<Shared>,
    /// Dropped to end the background thread.
    alive: Option<Sender<()>>,
    background: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    writer: Mutex<Writer>,
    /// Held by the one thread that forces data to the disk; the value is the last sequence it covered.
    forced: Mutex<Seq>,
    fsyncs: AtomicU64,
    dir: PathBuf,
    config: SpoolConfig,
    epoch: u128,
    recreated: bool,
    _lock: File,
}

impl Spool {
    /// Opens or makes the spool in `dir` (mode 0700), mends what a crash left, and counts what it cannot.
    pub fn open(dir: impl AsRef<Path>, config: SpoolConfig) -> Result<Spool, OpenError> {
        let dir = dir.as_ref().to_path_buf();
        let fail = |doing| {
            let path = dir.clone();
            move |source| OpenError::Io { doing, path, source }
        };
        DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(fail("make"))?;
        let lock = lock(&dir)?;
        let (state, fresh) = StateFile::open(&dir.join("state")).map_err(fail("read the state of"))?;
        let (ledger, tally, highest) = recover_all(&dir, &config, &state).map_err(fail("recover"))?;
        let next_seq = state.numbers.reserved.max(highest.saturating_add(1)).max(1);
        let (epoch, recreated) = (state.numbers.epoch, fresh && highest > 0);
        let mut writer = Writer::new(dir.clone(), config.clone(), state, ledger, next_seq);
        writer.tally = tally;
        let (forced, fsyncs) = (Mutex::new(0), AtomicU64::new(0));
        let shared = Shared { writer: Mutex::new(writer), forced, fsyncs, dir, config, epoch, recreated, _lock: lock };
        let mut spool = Spool { shared: Arc::new(shared), alive: None, background: None };
        spool.start_background().map_err(|source| OpenError::Io {
            doing: "start the thread of",
            path: spool.shared.dir.clone(),
            source,
        })?;
        Ok(spool)
    }

    fn start_background(&mut self) -> io::Result<()> {
        let Fsync::Interval(interval) = self.shared.config.fsync else { return Ok(()) };
        let (alive, end) = mpsc::channel();
        let shared = self.shared.clone();
        let thread = std::thread::Builder::new().name("spool".into()).spawn(move || {
            while end.recv_timeout(interval.max(Duration::from_millis(1))) == Err(RecvTimeoutError::Timeout) {
                if let Err(error) = shared.force() {
                    tracing::warn!(%error, "the spool could not be forced to the disk");
                }
            }
        })?;
        (self.alive, self.background) = (Some(alive), Some(thread));
        Ok(())
    }

    /// Drawn at random when the spool (or its state) was made; goes with every sequence that leaves the host.
    pub fn epoch(&self) -> u128 {
        self.shared.epoch
    }

    /// Takes the record into the buffer. Durable after the next [`Spool::sync`].
    pub fn append(&self, priority: Priority, payload: &[u8]) -> Result<Seq, AppendError> {
        self.shared.writer.lock().append(priority, payload)
    }

    /// Returns when all that was appended before is safe from a kill, and with [`Fsync::Always`] from a power cut.
    pub fn sync(&self) -> Result<(), SyncError> {
        match self.shared.config.fsync {
            Fsync::Always => self.shared.force(),
            Fsync::Interval(_) | Fsync::Never => self.shared.flush(),
        }
    }

    /// Records from `seq` on in rising sequence, all priorities merged: at least one if there is one, then as many as fit in
    /// `max_bytes` of payload. Gaps are records that were evicted, damaged, or never given out.
    pub fn read_from(&self, seq: Seq, max_bytes: usize) -> Result<Vec<Record>, ReadError> {
        let mut streams = self.shared.snapshot(seq);
        let mut damage = Vec::new();
        let out = reader::merge(&mut streams, seq, max_bytes, &mut damage);
        self.shared.count(&damage);
        Ok(out?)
    }

    /// Everything up to and with `seq` has arrived and may go. An older one than before changes nothing.
    pub fn ack(&self, seq: Seq) -> Result<(), AckError> {
        let mut writer = self.shared.writer.lock();
        if seq >= writer.next_seq {
            return Err(AckError::NeverGiven { seq, next: writer.next_seq });
        }
        if seq <= writer.state.numbers.acked {
            return Ok(());
        }
        writer.ack(seq).map_err(AckError::Write)
    }

    /// The last acknowledged sequence; a reader resumes behind it.
    pub fn acked(&self) -> Seq {
        self.shared.writer.lock().state.numbers.acked
    }

    pub fn next_seq(&self) -> Seq {
        self.shared.writer.lock().next_seq
    }

    /// Reads up to three pieces of 32 KiB to count exactly: for a status once a second, not for each record.
    pub fn stats(&self) -> SpoolStats {
        let writer = self.shared.writer.lock();
        let (acked, tally) = (writer.state.numbers.acked, &writer.tally);
        SpoolStats {
            epoch: self.shared.epoch,
            next_seq: writer.next_seq,
            acked,
            pending: writer.ledger.pending(&writer.dir, acked, writer.config.max_record_bytes),
            bytes: writer.ledger.bytes(),
            segments: writer.ledger.segments(),
            appended: tally.appended,
            evicted: tally.evicted,
            refused: tally.refused,
            corrupt: tally.corrupt,
            corrupt_bytes: tally.corrupt_bytes,
            torn_tails: tally.torn_tails,
            write_errors: tally.write_errors,
            degraded: writer.degraded,
            fsyncs: self.shared.fsyncs.load(Ordering::Relaxed),
            recreated: self.shared.recreated,
        }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.alive = None;
        if let Some(thread) = self.background.take() {
            let _ = thread.join();
        }
        let closed = self.shared.writer.lock().close();
        if let Err(error) = closed.and_then(|()| self.shared.force().map_err(io::Error::other)) {
            tracing::warn!(%error, "the spool could not be closed cleanly");
        }
    }
}

impl Shared {
    fn flush(&self) -> Result<(), SyncError> {
        flush(&mut self.writer.lock())
    }

    /// Flush and fsync. Threads that wait here while one works find their records covered and return at once.
    fn force(&self) -> Result<(), SyncError> {
        let wanted = self.writer.lock().next_seq - 1;
        let mut forced = self.forced.lock();
        if *forced >= wanted && wanted > 0 {
            return Ok(());
        }
        let (files, dir, covered, flushed) = {
            let mut writer = self.writer.lock();
            let flushed = flush(&mut writer);
            let dir = std::mem::take(&mut writer.dir_dirty);
            (std::mem::take(&mut writer.dirty), dir, writer.next_seq - 1, flushed)
        };
        if let Err(error) = self.force_files(&files, dir) {
            let mut writer = self.writer.lock();
            writer.tally.write_errors += 1;
            writer.dir_dirty |= dir;
            writer.dirty.extend(files);
            return Err(SyncError::Force(error));
        }
        flushed?;
        *forced = covered;
        Ok(())
    }

    fn force_files(&self, files: &[(Seq, Arc<File>)], dir: bool) -> io::Result<()> {
        for (_, file) in files {
            self.fsyncs.fetch_add(1, Ordering::Relaxed);
            file.sync_data()?;
        }
        if dir { File::open(&self.dir)?.sync_all() } else { Ok(()) }
    }

    fn snapshot(&self, from: Seq) -> Vec<Stream> {
        let mut writer = self.writer.lock();
        // What the disk refuses is read from memory; the failure is counted and the next sync returns it.
        let _ = writer.flush_all();
        let (dir, most) = (&writer.dir, writer.config.max_record_bytes);
        let streams = writer.ledger.streams.iter().map(|stream| {
            let closed = stream.closed.values().map(|s| (s, Vec::new()));
            let active = stream.active.iter().map(|a| (&a.segment, a.buffer.clone()));
            let views = closed.chain(active).filter(|(s, _)| s.last >= from);
            Stream::new(views.map(|(s, unwritten)| View::of(s, from, dir, unwritten)).collect(), most)
        });
        streams.collect()
    }

    fn count(&self, damage: &[Damage]) {
        if damage.is_empty() {
            return;
        }
        let mut writer = self.writer.lock();
        for found in damage {
            let segment = writer.ledger.find_mut(found.priority, found.first);
            if segment.is_some_and(|s| s.new_damage(found.ordinal)) {
                writer.tally.corrupt.add(found.priority, u64::from(found.records));
                writer.tally.corrupt_bytes += found.bytes;
            }
        }
    }
}

fn flush(writer: &mut Writer) -> Result<(), SyncError> {
    let result = writer.flush_all();
    let lost = std::mem::take(&mut writer.tally.lost_since_sync);
    let buffers = writer.ledger.streams.iter().filter_map(|s| s.active.as_ref());
    let held = buffers.map(|a| a.buffer.len()).sum();
    match result {
        Ok(()) if lost == 0 => Ok(()),
        Ok(()) => Err(SyncError::Write { lost, held, source: io::Error::from(io::ErrorKind::StorageFull) }),
        Err(source) => Err(SyncError::Write { lost, held, source }),
    }
}

fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|source| OpenError::Io { doing: "lock", path: path.clone(), source })?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::InUse(dir.to_path_buf())),
        Err(errno) => Err(OpenError::Io { doing: "lock", path, source: errno.into() }),
    }
}

/// Reads every segment through. Also the highest sequence seen, acknowledged or not.
fn recover_all(dir: &Path, config: &SpoolConfig, state: &StateFile) -> io::Result<(Ledger, Tally, Seq)> {
    let (mut ledger, mut tally, mut highest) = (Ledger::default(), Tally::default(), 0);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        match name.to_str().and_then(segment::parse_name) {
            Some(known) => found.push((known, entry.path())),
            None if entry.path().extension().is_some_and(|e| e == "mending") => std::fs::remove_file(entry.path())?,
            None => {}
        }
    }
    found.sort();
    for ((first, priority), path) in &found {
        let newest = !found.iter().any(|((f, p), _)| p == priority && f > first);
        let numbers = &state.numbers;
        let got = segment::recover(path, (*first, *priority), numbers.epoch, config.max_record_bytes, newest)?;
        highest = highest.max(got.highest);
        tally.corrupt.add(*priority, got.lost);
        tally.corrupt_bytes += got.damaged_bytes;
        tally.torn_tails += u64::from(got.torn);
        match got.segment {
            Some(segment) if segment.last > numbers.acked => ledger.close(segment),
            Some(segment) => std::fs::remove_file(segment.path(dir))?,
            None => std::fs::remove_file(path)?,
        }
    }
    Ok((ledger, tally, highest))
}
