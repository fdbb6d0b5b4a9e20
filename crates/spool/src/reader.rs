//! The reading half: merges the three streams by sequence, from what the writer says stands on disk (and, while the disk
//! takes nothing, in memory). Works on a snapshot, without the writer's lock; a segment that is evicted meanwhile is
//! passed over, for the eviction has counted it.

use crate::record::{self, FOOTER_SEQ, Step};
use crate::segment::{Mark, Segment};
use crate::{Priority, Record, Seq};
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

const CHUNK: usize = 128 << 10;

/// A segment as it stood when the read began.
pub(crate) struct View {
    pub priority: Priority,
    pub first: Seq,
    pub records: u32,
    pub bytes: u64,
    pub salt: u32,
    pub start: Mark,
    /// Bytes that the disk has refused so far; they follow those of the file.
    pub unwritten: Vec<u8>,
    path: std::path::PathBuf,
}

impl View {
    pub(crate) fn of(segment: &Segment, from: Seq, dir: &Path, unwritten: Vec<u8>) -> View {
        View {
            priority: segment.priority,
            first: segment.first,
            records: segment.records,
            bytes: segment.bytes,
            salt: segment.salt,
            start: segment.mark_for(from),
            unwritten,
            path: segment.path(dir),
        }
    }
}

/// Damage met while reading.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    pub priority: Priority,
    pub first: Seq,
    /// The first ordinal lost, and how many.
    pub ordinal: u32,
    pub records: u32,
    pub bytes: u64,
}

pub(crate) struct Stream {
    views: VecDeque<View>,
    open: Option<Cursor>,
    head: Option<Record>,
    max_payload: usize,
}

struct Cursor {
    view: View,
    file: Option<File>,
    /// Offset of the first byte behind `chunk`.
    offset: u64,
    chunk: Vec<u8>,
    at: usize,
    expected: u32,
    skipped: u64,
    last: Seq,
}

impl Stream {
    pub(crate) fn new(views: VecDeque<View>, max_payload: usize) -> Self {
        Stream { views, open: None, head: None, max_payload }
    }

    /// The next record at or past `from`, without taking it.
    fn peek(&mut self, from: Seq, damage: &mut Vec<Damage>) -> io::Result<Option<Seq>> {
        while self.head.is_none() {
            if self.open.is_none() {
                match self.views.pop_front() {
                    Some(view) => self.open = Cursor::open(view)?,
                    None => return Ok(None),
                }
                continue;
            }
            let Some(cursor) = &mut self.open else { continue };
            match cursor.next(self.max_payload, damage)? {
                Some(record) if record.seq >= from => self.head = Some(record),
                Some(_) => {}
                None => self.open = None,
            }
        }
        Ok(self.head.as_ref().map(|r| r.seq))
    }
}

impl Cursor {
    fn open(view: View) -> io::Result<Option<Cursor>> {
        let file = match File::open(&view.path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound && view.unwritten.is_empty() => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let (offset, expected) = (view.start.offset, view.start.ordinal);
        Ok(Some(Cursor { view, file, offset, chunk: Vec::new(), at: 0, expected, skipped: 0, last: 0 }))
    }

    fn next(&mut self, max_payload: usize, damage: &mut Vec<Damage>) -> io::Result<Option<Record>> {
        loop {
            let whole = self.offset >= self.view.bytes + self.view.unwritten.len() as u64;
            if self.at == self.chunk.len() && whole {
                self.missing_until(self.view.records, damage);
                return Ok(None);
            }
            let rest = &self.chunk[self.at..];
            let step =
                if rest.is_empty() { Step::More } else { record::step(rest, self.view.salt, max_payload, whole) };
            match step {
                Step::Damage(n) => {
                    self.at += n;
                    self.skipped += n as u64;
                }
                Step::More => self.fill(max_payload)?,
                Step::Record(found) => {
                    let (seq, ordinal, payload) = (found.seq, found.ordinal, found.payload.to_vec());
                    self.at += found.encoded_len();
                    self.missing_until(ordinal, damage);
                    self.expected = ordinal.saturating_add(1);
                    if seq == FOOTER_SEQ {
                        return Ok(None);
                    }
                    // A sequence that falls cannot have been written by us.
                    if seq > self.last {
                        self.last = seq;
                        return Ok(Some(Record { seq, priority: self.view.priority, payload }));
                    }
                }
            }
        }
    }

    fn missing_until(&mut self, ordinal: u32, damage: &mut Vec<Damage>) {
        if ordinal > self.expected {
            let (priority, first) = (self.view.priority, self.view.first);
            let (records, bytes) = (ordinal - self.expected, std::mem::take(&mut self.skipped));
            damage.push(Damage { priority, first, ordinal: self.expected, records, bytes });
            self.expected = ordinal;
        }
    }

    fn fill(&mut self, max_payload: usize) -> io::Result<()> {
        self.chunk.drain(..self.at);
        self.at = 0;
        let want = CHUNK.max(if self.chunk.is_empty() { 0 } else { max_payload + record::HEADER });
        let on_disk = self.view.bytes.saturating_sub(self.offset).min(want as u64) as usize;
        let kept = self.chunk.len();
        match &self.file {
            Some(file) if on_disk > 0 => {
                self.chunk.resize(kept + on_disk, 0);
                let read = read_up_to(file, &mut self.chunk[kept..], self.offset)?;
                self.chunk.truncate(kept + read);
                // A file shorter than it was written: the rest is missing, and counted at the end.
                self.offset = if read < on_disk { self.view.bytes } else { self.offset + read as u64 };
            }
            _ => {
                let from = self.offset.saturating_sub(self.view.bytes) as usize;
                self.chunk.extend_from_slice(self.view.unwritten.get(from..).unwrap_or_default());
                self.offset = self.view.bytes + self.view.unwritten.len() as u64;
            }
        }
        Ok(())
    }
}

fn read_up_to(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(&mut buffer[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Records at or past `from` in rising sequence: at least one if there is one, then as many as fit in `max_bytes` of payload.
pub(crate) fn merge(
    streams: &mut [Stream],
    from: Seq,
    max_bytes: usize,
    damage: &mut Vec<Damage>,
) -> io::Result<Vec<Record>> {
    let (mut out, mut bytes) = (Vec::new(), 0);
    loop {
        let mut next: Option<(Seq, usize)> = None;
        for (i, stream) in streams.iter_mut().enumerate() {
            if let Some(seq) = stream.peek(from, damage)? {
                next = next.filter(|(best, _)| *best < seq).or(Some((seq, i)));
            }
        }
        let Some(record) =
            next.and_then(|(_, i)| streams[i].head.take_if(|r| out.is_empty() || bytes + r.payload.len() <= max_bytes))
        else {
            return Ok(out);
        };
        bytes += record.payload.len();
        out.push(record);
    }
}
