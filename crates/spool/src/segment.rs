//! One file of the queue: a header, records of one priority in rising sequence, and, once closed, a footer that counts them.
//!
//! Written only by appending. At start every segment is read through; one that is damaged or was never closed is written
//! anew with what is whole in it, so that damage is counted once and a missing footer later on means damage.

use crate::record::{self, FOOTER_SEQ, Step, u32_at, u64_at};
use crate::{Priority, Seq};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const MAGIC: [u8; 8] = *b"TAMSPL01";
pub(crate) const SEGMENT_HEADER: usize = 36;
/// Distance of the marks that let a reader start in the middle of a segment.
const MARK_EVERY: u64 = 32 << 10;
/// Places of damage remembered for one segment; past these the same damage may be counted again.
const MAX_DAMAGE: usize = 4096;

/// Where a record starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub seq: Seq,
    pub ordinal: u32,
    pub offset: u64,
}

/// What is known of a segment without reading it.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub priority: Priority,
    pub first: Seq,
    pub last: Seq,
    pub records: u32,
    /// Bytes in the file.
    pub bytes: u64,
    pub salt: u32,
    pub marks: Vec<Mark>,
    /// Ordinals at which damage was found by a reader, so that it counts once.
    pub damage: BTreeSet<u32>,
}

impl Segment {
    pub(crate) fn new(priority: Priority, first: Seq, salt: u32) -> Self {
        let (marks, damage) = (Vec::new(), BTreeSet::new());
        Segment { priority, first, last: first, records: 0, bytes: 0, salt, marks, damage }
    }

    pub(crate) fn path(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{:020}.{}", self.first, self.priority.name()))
    }

    /// Notes a record that starts at `offset`.
    pub(crate) fn note(&mut self, seq: Seq, offset: u64) {
        if self.marks.last().is_none_or(|m| offset - m.offset >= MARK_EVERY) {
            self.marks.push(Mark { seq, ordinal: self.records, offset });
        }
        self.records += 1;
        self.last = seq;
    }

    /// The last mark at or before `seq`.
    pub(crate) fn mark_for(&self, seq: Seq) -> Mark {
        let after = self.marks.partition_point(|m| m.seq <= seq);
        let first = Mark { seq: self.first, ordinal: 0, offset: SEGMENT_HEADER as u64 };
        after.checked_sub(1).map_or(first, |i| self.marks[i])
    }

    /// True when damage at this ordinal was not known before.
    pub(crate) fn new_damage(&mut self, ordinal: u32) -> bool {
        if self.damage.len() >= MAX_DAMAGE {
            self.damage.pop_first();
        }
        self.damage.insert(ordinal)
    }
}

pub(crate) fn salt_of(epoch: u128) -> u32 {
    crc32fast::hash(&epoch.to_le_bytes())
}

pub(crate) fn encode_header(out: &mut Vec<u8>, epoch: u128, first: Seq) {
    let start = out.len();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&epoch.to_le_bytes());
    out.extend_from_slice(&first.to_le_bytes());
    let sum = crc32fast::hash(&out[start..]);
    out.extend_from_slice(&sum.to_le_bytes());
}

/// The epoch in a header that holds.
fn decode_header(bytes: &[u8]) -> Option<u128> {
    let header = bytes.get(..SEGMENT_HEADER)?;
    let whole = header[..8] == MAGIC && crc32fast::hash(&header[..32]) == u32_at(header, 32);
    whole.then(|| u128::from(u64_at(header, 8)) | u128::from(u64_at(header, 16)) << 64)
}

/// First sequence and priority that a file name of ours tells.
pub(crate) fn parse_name(name: &str) -> Option<(Seq, Priority)> {
    let (digits, priority) = name.split_once('.')?;
    let priority = Priority::ALL.into_iter().find(|p| p.name() == priority)?;
    (digits.len() == 20).then(|| digits.parse().ok()).flatten().map(|first| (first, priority))
}

pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// What reading a segment through has shown.
pub(crate) struct Recovered {
    /// None when nothing in it is whole.
    pub segment: Option<Segment>,
    pub lost: u64,
    pub damaged_bytes: u64,
    pub torn: bool,
    /// The highest sequence in it.
    pub highest: Seq,
}

struct Scan {
    /// (sequence, start, end) of each whole record.
    records: Vec<(Seq, usize, usize)>,
    lost: u64,
    damaged_bytes: u64,
    /// Bytes at the end that are no record.
    tail: usize,
    closed: bool,
}

/// Reads the segment at `path` through and mends it. `newest` says that it may be the one that a crash cut short.
pub(crate) fn recover(
    path: &Path,
    (first, priority): (Seq, Priority),
    epoch: u128,
    max_payload: usize,
    newest: bool,
) -> io::Result<Recovered> {
    let bytes = read_bounded(path)?;
    let header = decode_header(&bytes);
    let salt = salt_of(header.unwrap_or(epoch));
    let body = bytes.get(SEGMENT_HEADER..).unwrap_or_default();
    let mut scan = scan(body, salt, max_payload);
    let cut = newest && !scan.closed && (scan.tail > 0 || header.is_none());
    let torn = cut && is_torn(&body[body.len() - scan.tail..], max_payload);
    if torn {
        scan.damaged_bytes -= scan.tail as u64;
    } else if scan.tail > 0 || (!scan.closed && !newest) {
        scan.lost += 1;
    }
    let mended = header != Some(epoch) || !scan.closed || scan.damaged_bytes > 0 || scan.lost > 0;
    let highest = scan.records.last().map_or(first, |r| r.0);
    let segment = match (scan.records.is_empty(), mended) {
        (true, _) => None,
        (false, false) => Some(describe(&scan, first, priority, salt, bytes.len() as u64)),
        (false, true) => Some(rewrite(path, body, &scan, priority, epoch).unwrap_or_else(|error| {
            tracing::warn!(path = %path.display(), %error, "a damaged spool segment could not be mended; it stays as it is");
            describe(&scan, first, priority, salt, bytes.len() as u64)
        })),
    };
    Ok(Recovered { segment, lost: scan.lost, damaged_bytes: scan.damaged_bytes, torn, highest })
}

/// A segment is at most `segment_bytes` and one buffer long; what is far longer is not ours to load.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    const MOST: u64 = 256 << 20;
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(File::open(path)?, MOST), &mut bytes)?;
    Ok(bytes)
}

fn scan(body: &[u8], salt: u32, max_payload: usize) -> Scan {
    let mut scan = Scan { records: Vec::new(), lost: 0, damaged_bytes: 0, tail: 0, closed: false };
    let (mut at, mut expected, mut floor) = (0, 0u32, 0);
    while at < body.len() && !scan.closed {
        match record::step(&body[at..], salt, max_payload, true) {
            Step::Record(found) => {
                scan.lost += u64::from(found.ordinal.saturating_sub(expected));
                scan.tail = 0;
                expected = found.ordinal.saturating_add(1);
                scan.closed = found.seq == FOOTER_SEQ;
                let end = at + found.encoded_len();
                if !scan.closed && found.seq >= floor {
                    floor = found.seq + 1;
                    scan.records.push((found.seq, at, end));
                }
                at = end;
            }
            Step::Damage(n) => {
                scan.damaged_bytes += n as u64;
                scan.tail = n;
                at += n;
            }
            Step::More => break,
        }
    }
    scan
}

/// The end of a write that a crash cut: the front of one record and no more, or blocks that never got their bytes.
fn is_torn(tail: &[u8], max_payload: usize) -> bool {
    let zeros = tail.iter().all(|b| *b == 0);
    zeros || matches!(record::step(tail, 0, max_payload, false), Step::More)
}

fn describe(scan: &Scan, first: Seq, priority: Priority, salt: u32, bytes: u64) -> Segment {
    let mut segment = Segment::new(priority, first, salt);
    for (seq, start, _) in &scan.records {
        segment.note(*seq, (SEGMENT_HEADER + start) as u64);
    }
    segment.bytes = bytes;
    segment
}

/// The whole records of `body` under new ordinals, closed, in place of the file at `path`.
fn rewrite(path: &Path, body: &[u8], scan: &Scan, priority: Priority, epoch: u128) -> io::Result<Segment> {
    let first = scan.records[0].0;
    let mut segment = Segment::new(priority, first, salt_of(epoch));
    let mut out = Vec::with_capacity(SEGMENT_HEADER + body.len() + record::HEADER);
    encode_header(&mut out, epoch, first);
    for (seq, start, end) in &scan.records {
        let ordinal = segment.records;
        segment.note(*seq, out.len() as u64);
        record::encode(&mut out, segment.salt, *seq, ordinal, &body[start + record::HEADER..*end]);
    }
    record::encode(&mut out, segment.salt, FOOTER_SEQ, segment.records, &[]);
    segment.bytes = out.len() as u64;
    let (fresh, home) = (path.with_extension("mending"), path.parent().unwrap_or(Path::new(".")));
    let file = create(&fresh)?;
    let written = file.write_all_at(&out, 0).and_then(|()| file.sync_data());
    let target = segment.path(home);
    written.and_then(|()| std::fs::rename(&fresh, &target)).inspect_err(|_| drop(std::fs::remove_file(&fresh)))?;
    if target != path {
        std::fs::remove_file(path)?;
    }
    Ok(segment)
}
