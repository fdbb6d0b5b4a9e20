//! The write-ahead log: files of records, each record one append with its rows. A record is told as stored only after the file is
//! synced. Files are numbered; the manifest says from which number on they are not yet in segments.
//!
//! Reading back, a torn end (what a kill leaves) is no damage; a bad stretch with good records after it is, and is told while
//! everything good is kept.

use super::codec::{Reader, put_number, put_row, put_text};
use super::stats::Damage;
use event::Row;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MAGIC: [u8; 4] = *b"TmL1";
const HEAD: usize = 12;
/// No record is longer: a length beyond it is damage, not a reason to allocate.
pub(super) const MAX_RECORD: usize = 64 << 20;

/// One append, as it stands in the log.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    pub tenant: String,
    pub agent: String,
    pub epoch: u64,
    /// `store_sequence` of the first row; the others follow without a hole.
    pub first_stored: u64,
    /// The agent's sequence and the row.
    pub rows: Vec<(u64, Row)>,
}

/// Adds a record to a buffer that will be written at once.
pub(super) fn encode(out: &mut Vec<u8>, record: &Record) {
    let start = out.len();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[0; HEAD - 4]);
    put_text(out, &record.tenant);
    put_text(out, &record.agent);
    put_number(out, record.epoch);
    put_number(out, record.first_stored);
    put_number(out, record.rows.len() as u64);
    for (sequence, row) in &record.rows {
        put_number(out, *sequence);
        put_row(out, row);
    }
    let body = &out[start + HEAD..];
    let (length, sum) = (body.len() as u32, crc32fast::hash(body));
    out[start + 4..start + 8].copy_from_slice(&length.to_le_bytes());
    out[start + 8..start + 12].copy_from_slice(&sum.to_le_bytes());
}

fn decode(body: &[u8]) -> Option<Record> {
    let mut reader = Reader(body);
    let tenant = reader.text()?.to_owned();
    let agent = reader.text()?.to_owned();
    let (epoch, first_stored) = (reader.number()?, reader.number()?);
    let count = reader.number()?;
    let mut rows = Vec::new();
    for _ in 0..count {
        let sequence = reader.number()?;
        rows.push((sequence, reader.row()?));
    }
    Some(Record { tenant, agent, epoch, first_stored, rows })
}

pub(super) fn path_of(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:016}.log"))
}

/// The numbers of the log files in a folder, in order.
pub(super) fn numbers(dir: &Path) -> io::Result<Vec<u64>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name();
        let number: Option<u64> = name.to_str().and_then(|n| n.strip_suffix(".log")).and_then(|n| n.parse().ok());
        all.extend(number);
    }
    all.sort_unstable();
    Ok(all)
}

/// The file that is being written.
pub(super) struct Log {
    dir: PathBuf,
    number: u64,
    file: File,
    good: u64,
    /// The end of the file may hold what was never told as stored; nothing more is put behind it.
    spoilt: bool,
}

impl Log {
    pub fn create(dir: &Path, number: u64) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(path_of(dir, number))?;
        File::open(dir)?.sync_all()?;
        Ok(Log { dir: dir.to_owned(), number, file, good: 0, spoilt: false })
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next file, for what comes after a freeze.
    pub fn rotate(&mut self) -> io::Result<()> {
        *self = Log::create(&self.dir, self.number + 1)?;
        Ok(())
    }

    /// Returns when the bytes are on disk. After an error the file ends where it ended before.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.spoilt {
            self.rotate()?;
        }
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.good += bytes.len() as u64,
            Err(_) => self.spoilt = !self.cut_back(),
        }
        written
    }

    fn cut_back(&mut self) -> bool {
        let cut = self.file.set_len(self.good).and_then(|()| self.file.seek(SeekFrom::Start(self.good)));
        cut.and_then(|_| self.file.sync_data()).is_ok()
    }
}

/// What one log file holds.
#[derive(Debug, Default)]
pub(super) struct Replay {
    pub records: Vec<Record>,
    pub damage: Vec<Damage>,
    /// Bytes of an append that a kill cut off: never told as stored.
    pub torn: u64,
}

/// # Errors
/// When the file cannot be read at all.
pub(super) fn replay(path: &Path) -> io::Result<Replay> {
    let bytes = std::fs::read(path)?;
    let name = path.file_name().map(|n| format!("log/{}", n.to_string_lossy())).unwrap_or_default();
    let (mut at, mut bad_from, mut out) = (0, None, Replay::default());
    while at < bytes.len() {
        match record_at(&bytes, at) {
            Some((record, next)) => {
                if let Some(from) = bad_from.take() {
                    out.damage.push(damage(&name, from, at));
                }
                out.records.push(record);
                at = next;
            }
            None => {
                bad_from.get_or_insert(at);
                at = next_magic(&bytes, at + 1);
            }
        }
    }
    if let Some(from) = bad_from {
        out.torn = (bytes.len() - from) as u64;
    }
    Ok(out)
}

fn damage(file: &str, from: usize, to: usize) -> Damage {
    Damage {
        file: file.to_owned(),
        offset: from as u64,
        bytes: (to - from) as u64,
        detail: "the log cannot be read here; what stands before and after it is kept".into(),
    }
}

fn record_at(bytes: &[u8], at: usize) -> Option<(Record, usize)> {
    let head = bytes.get(at..at + HEAD)?;
    if head[..4] != MAGIC {
        return None;
    }
    let word = |from: usize| u32::from_le_bytes([head[from], head[from + 1], head[from + 2], head[from + 3]]);
    let length = word(4) as usize;
    if length > MAX_RECORD {
        return None;
    }
    let end = at + HEAD + length;
    let body = bytes.get(at + HEAD..end)?;
    (crc32fast::hash(body) == word(8)).then(|| decode(body)).flatten().map(|record| (record, end))
}

fn next_magic(bytes: &[u8], from: usize) -> usize {
    bytes[from..].windows(4).position(|w| w == MAGIC).map_or(bytes.len(), |found| from + found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::Column;

    fn record(n: u64) -> Record {
        let mut row = Row::default();
        row.set_text(Column::ProcessName, format!("p{n} TmL1"));
        Record { tenant: "t".into(), agent: "a".into(), epoch: 1, first_stored: n, rows: vec![(n, row)] }
    }

    fn check(spoil: impl FnOnce(&mut Vec<u8>, &[usize]), kept: &[u64], damaged: usize, torn: bool) {
        let dir = tempfile::tempdir().unwrap();
        let (mut bytes, mut starts) = (Vec::new(), Vec::new());
        for n in 1..=3 {
            starts.push(bytes.len());
            encode(&mut bytes, &record(n));
        }
        starts.push(bytes.len());
        spoil(&mut bytes, &starts);
        let path = path_of(dir.path(), 1);
        std::fs::write(&path, &bytes).unwrap();
        let replayed = replay(&path).unwrap();
        let expected: Vec<Record> = kept.iter().map(|n| record(*n)).collect();
        assert_eq!(replayed.records, expected);
        assert_eq!((replayed.damage.len(), replayed.torn > 0), (damaged, torn));
    }

    #[test]
    fn reads_back_what_is_good() {
        check(|_, _| (), &[1, 2, 3], 0, false);
        check(|b, s| b.truncate(s[3] - 1), &[1, 2], 0, true);
        check(|b, s| b.truncate(s[2] + 5), &[1, 2], 0, true);
        check(|b, s| b[s[1] + 20] ^= 1, &[1, 3], 1, false);
        check(|b, s| b[s[1] + 5] = 0xff, &[1, 3], 1, false);
        check(|b, s| b[s[1]..s[2]].fill(0), &[1, 3], 1, false);
        check(|b, s| drop(b.drain(s[1] + 3..s[1] + 9)), &[1, 3], 1, false);
        check(|b, _| b.extend([0; 4096]), &[1, 2, 3], 0, true);
        check(|b, _| b.clear(), &[], 0, false);
    }
}
