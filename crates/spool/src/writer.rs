//! The writing half, under one lock: buffers, segments, the cap, the full disk.

use crate::ledger::{Active, Gone, Ledger, unacked};
use crate::record::{self, FOOTER_SEQ};
use crate::segment::{self, Segment};
use crate::state::StateFile;
use crate::{AppendError, Counts, Fsync, Priority, Seq, SpoolConfig};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Sequences reserved at a time; two fsyncs each.
const BLOCK: u64 = 1 << 20;
/// While the disk takes nothing, alerts are kept in memory up to this.
const HELD_BYTES: usize = 4 << 20;
const BALLAST: &str = "ballast";

#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub appended: Counts,
    pub evicted: Counts,
    pub refused: Counts,
    pub corrupt: Counts,
    pub corrupt_bytes: u64,
    pub torn_tails: u64,
    pub write_errors: u64,
    /// Accepted records lost to failed writes since the last `sync` told of them.
    pub lost_since_sync: u64,
}

#[derive(Debug)]
pub(crate) struct Writer {
    pub dir: PathBuf,
    pub config: SpoolConfig,
    pub state: StateFile,
    pub ledger: Ledger,
    pub next_seq: Seq,
    pub tally: Tally,
    /// The last write failed and what it held is in memory only.
    pub degraded: bool,
    /// Files with bytes that no fsync has covered, by first sequence. A deleted one must not stay: it would keep its space.
    pub dirty: Vec<(Seq, Arc<File>)>,
    pub dir_dirty: bool,
    ballast: bool,
    ballast_retry: Instant,
}

impl Writer {
    pub(crate) fn new(dir: PathBuf, config: SpoolConfig, state: StateFile, ledger: Ledger, next_seq: Seq) -> Self {
        let mut writer = Writer {
            dir,
            config,
            state,
            ledger,
            next_seq,
            tally: Tally::default(),
            degraded: false,
            dirty: Vec::new(),
            dir_dirty: true,
            ballast: false,
            ballast_retry: Instant::now(),
        };
        writer.take_ballast();
        writer
    }

    pub(crate) fn append(&mut self, priority: Priority, payload: &[u8]) -> Result<Seq, AppendError> {
        if payload.len() > self.config.max_record_bytes {
            return Err(AppendError::TooLong { bytes: payload.len(), most: self.config.max_record_bytes });
        }
        if !self.make_room(priority, record::HEADER + payload.len()) {
            self.tally.refused.add(priority, 1);
            return Err(AppendError::Full { priority });
        }
        let seq = self.take_seq()?;
        self.push(priority, seq, payload);
        self.tally.appended.add(priority, 1);
        if self.buffered(priority) >= self.config.buffer_bytes && !self.degraded {
            // A failure is counted, and the next sync returns it.
            let _ = self.flush(priority);
        }
        Ok(seq)
    }

    fn make_room(&mut self, priority: Priority, bytes: usize) -> bool {
        if self.degraded && self.buffered(priority) + bytes > HELD_BYTES {
            return false;
        }
        let overhead = segment::SEGMENT_HEADER + record::HEADER;
        // What cannot fit at all must not cost what is held.
        if (bytes + overhead) as u64 > self.config.max_bytes {
            return false;
        }
        while self.ledger.bytes() + (bytes + overhead) as u64 > self.config.max_bytes {
            match self.ledger.evict(priority) {
                Some(gone) => self.discard(gone),
                None => return false,
            }
        }
        true
    }

    fn take_seq(&mut self) -> Result<Seq, AppendError> {
        if self.next_seq >= self.state.numbers.reserved {
            self.state.reserve(self.next_seq + BLOCK).map_err(AppendError::Reserve)?;
        }
        self.next_seq += 1;
        Ok(self.next_seq - 1)
    }

    fn push(&mut self, priority: Priority, seq: Seq, payload: &[u8]) {
        let epoch = self.state.numbers.epoch;
        let active = self.ledger.streams[priority.index()].active.get_or_insert_with(|| {
            let mut buffer = Vec::new();
            segment::encode_header(&mut buffer, epoch, seq);
            let segment = Segment::new(priority, seq, segment::salt_of(epoch));
            Active { segment, file: None, buffer, written_records: 0, written_last: 0 }
        });
        let offset = active.segment.bytes + active.buffer.len() as u64;
        record::encode(&mut active.buffer, active.segment.salt, seq, active.segment.records, payload);
        active.segment.note(seq, offset);
    }

    fn buffered(&self, priority: Priority) -> usize {
        self.ledger.streams[priority.index()].active.as_ref().map_or(0, |a| a.buffer.len())
    }

    /// Hands all buffers to the kernel, the most valuable first. The first error, after all were tried.
    pub(crate) fn flush_all(&mut self) -> io::Result<()> {
        let results = [Priority::High, Priority::Normal, Priority::Low].map(|p| self.flush(p));
        self.degraded = self.ledger.streams.iter().any(|s| s.active.as_ref().is_some_and(|a| !a.buffer.is_empty()));
        if !self.degraded {
            self.take_ballast();
        }
        results.into_iter().collect()
    }

    /// Writes one buffer. When that fails and freeing space does not help, alerts stay in memory and the rest is lost, counted.
    fn flush(&mut self, priority: Priority) -> io::Result<()> {
        loop {
            let Err(error) = self.write_buffer(priority) else { return Ok(()) };
            self.tally.write_errors += 1;
            if is_full(&error) && self.free_space(priority) {
                continue;
            }
            if priority == Priority::High {
                self.degraded = true;
            } else {
                self.drop_buffer(priority);
            }
            return Err(error);
        }
    }

    fn write_buffer(&mut self, priority: Priority) -> io::Result<()> {
        let (limit, dir) = (self.config.segment_limit(), self.dir.clone());
        let Some(active) = self.ledger.streams[priority.index()].active.as_mut() else { return Ok(()) };
        if active.buffer.is_empty() {
            return Ok(());
        }
        let full = active.segment.bytes + active.buffer.len() as u64 >= limit;
        let records_end = active.buffer.len();
        if full {
            record::encode(&mut active.buffer, active.segment.salt, FOOTER_SEQ, active.segment.records, &[]);
        }
        if let Err(error) = write_active(active, &dir) {
            active.buffer.truncate(records_end);
            return Err(error);
        }
        self.wrote(priority, full);
        Ok(())
    }

    fn wrote(&mut self, priority: Priority, full: bool) {
        let slot = &mut self.ledger.streams[priority.index()].active;
        let Some(active) = slot else { return };
        self.dir_dirty |= active.written_records == 0;
        active.segment.bytes += active.buffer.len() as u64;
        active.buffer.clear();
        active.written_records = active.segment.records;
        active.written_last = active.segment.last;
        let first = active.segment.first;
        if let Some(file) = &active.file
            && self.config.fsync != Fsync::Never
            && !self.dirty.iter().any(|(f, _)| *f == first)
        {
            self.dirty.push((first, file.clone()));
        }
        if full && let Some(active) = slot.take() {
            self.ledger.close(active.segment);
        }
    }

    /// Makes the disk a little emptier for the sake of `priority`, from what is worth least.
    fn free_space(&mut self, priority: Priority) -> bool {
        let lower = Priority::ALL.into_iter().filter(|p| *p < priority).find(|p| {
            let stream = &self.ledger.streams[p.index()];
            !stream.closed.is_empty() || stream.active.as_ref().is_some_and(|a| a.segment.bytes > 0)
        });
        if priority == Priority::High && lower.is_none() && self.ballast {
            self.ballast = false;
            self.ballast_retry = Instant::now() + Duration::from_secs(10);
            return std::fs::remove_file(self.dir.join(BALLAST)).is_ok();
        }
        let gone = match lower {
            Some(p) => self.ledger.evict(p),
            // A stored alert is not given for a new one: that waits in memory.
            None if priority == Priority::High => None,
            None => self.ledger.evict_closed(priority),
        };
        gone.map(|gone| self.discard(gone)).is_some()
    }

    /// Deletes an evicted segment and counts what of it was not acknowledged.
    fn discard(&mut self, gone: Gone) {
        let most = self.config.max_record_bytes;
        let lost = unacked(&gone.segment, &gone.buffer, &self.dir, self.state.numbers.acked, most);
        self.tally.evicted.add(gone.segment.priority, lost);
        self.remove(&gone.segment);
    }

    pub(crate) fn remove(&mut self, segment: &Segment) {
        self.dirty.retain(|(first, _)| *first != segment.first);
        match std::fs::remove_file(segment.path(&self.dir)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(%error, "a spool segment could not be deleted"),
        }
    }

    fn drop_buffer(&mut self, priority: Priority) {
        let slot = &mut self.ledger.streams[priority.index()].active;
        let Some(active) = slot else { return };
        let lost = u64::from(active.segment.records - active.written_records);
        self.tally.evicted.add(priority, lost);
        self.tally.lost_since_sync += lost;
        active.buffer.clear();
        active.segment.records = active.written_records;
        active.segment.last = active.written_last;
        let bytes = active.segment.bytes;
        active.segment.marks.retain(|m| m.offset < bytes);
        if bytes == 0 {
            let path = slot.take().map(|a| a.segment.path(&self.dir));
            path.map(std::fs::remove_file);
        }
    }

    pub(crate) fn ack(&mut self, seq: Seq) -> io::Result<()> {
        let result = self.state.acknowledge(seq);
        let worth = self.config.segment_limit() / 4;
        for segment in self.ledger.take_acked(seq, worth) {
            self.remove(&segment);
        }
        result
    }

    /// A clean end leaves no gap in the sequences and no segment that looks cut.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        let flushed = self.flush_all();
        for priority in Priority::ALL {
            self.close_active(priority)?;
        }
        flushed?;
        self.state.reserve(self.next_seq)
    }

    fn close_active(&mut self, priority: Priority) -> io::Result<()> {
        let slot = &mut self.ledger.streams[priority.index()].active;
        let Some(active) = slot.as_mut().filter(|a| a.buffer.is_empty()) else { return Ok(()) };
        record::encode(&mut active.buffer, active.segment.salt, FOOTER_SEQ, active.segment.records, &[]);
        write_active(active, &self.dir)?;
        self.wrote(priority, true);
        Ok(())
    }

    fn take_ballast(&mut self) {
        if self.ballast || self.config.ballast_bytes == 0 || Instant::now() < self.ballast_retry {
            return;
        }
        let path = self.dir.join(BALLAST);
        self.ballast = fill(&path, self.config.ballast_bytes).is_ok();
        if !self.ballast {
            let _ = std::fs::remove_file(path);
            self.ballast_retry = Instant::now() + Duration::from_secs(10);
        }
    }
}

/// Appends the buffer to the file, or leaves the file as it was.
fn write_active(active: &mut Active, dir: &Path) -> io::Result<()> {
    let file = match &active.file {
        Some(file) => file.clone(),
        None => active.file.insert(Arc::new(segment::create(&active.segment.path(dir))?)).clone(),
    };
    file.write_all_at(&active.buffer, active.segment.bytes).inspect_err(|_| {
        // What a failed write left behind is cut off, so that the next one continues whole records.
        if let Err(error) = file.set_len(active.segment.bytes) {
            tracing::warn!(%error, "a partial write to a spool segment could not be cut off");
        }
    })
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn fill(path: &Path, bytes: u64) -> io::Result<()> {
    let file = segment::create(path)?;
    let zeros = vec![0; 64 << 10];
    let mut at = 0;
    while at < bytes {
        let n = zeros.len().min((bytes - at) as usize);
        file.write_all_at(&zeros[..n], at)?;
        at += n as u64;
    }
    Ok(())
}
