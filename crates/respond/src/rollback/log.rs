//! The store's log: one JSON object a line, appended with one write. A line that a crash cut short is skipped and
//! counted; the next one begins on a line of its own.

use super::RollbackError;
use super::entry::{Entry, Made, Name, Renamed};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A longer line is not one of ours.
const MAX_LINE: usize = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    Kept(Box<Entry>),
    Made(Made),
    Name(Name),
    Renamed(Renamed),
    Incident { tree: String, alert: String },
    Dropped { number: u64 },
    RolledBack { tree: String },
    Age { seconds: u64 },
}

pub struct Log {
    path: PathBuf,
    file: File,
    /// Lines written since it was last written anew.
    lines: usize,
}

impl Log {
    pub fn open(path: &Path) -> Result<(Log, Vec<Record>, u64), RollbackError> {
        let at = |source| RollbackError::Io { what: "opening", path: path.to_owned(), source };
        let mut file = append_to(path).map_err(at)?;
        let (records, cut, whole) = read(path).map_err(at)?;
        if !whole {
            file.write_all(b"\n").map_err(at)?;
        }
        let lines = records.len();
        Ok((Log { path: path.to_owned(), file, lines }, records, cut))
    }

    pub fn append(&mut self, record: &Record) -> Result<(), RollbackError> {
        let at = |source| RollbackError::Io { what: "writing", path: self.path.clone(), source };
        let mut line = serde_json::to_vec(record).map_err(io::Error::from).map_err(at)?;
        line.push(b'\n');
        let written = self.file.write_all(&line);
        if written.is_err() {
            // Whatever part of it is there must not run into the next line; when even that fails the reader copes.
            let _ = self.file.write_all(b"\n");
        }
        written.map_err(at)?;
        self.lines += 1;
        Ok(())
    }

    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Whole or not at all.
    pub fn rewrite<'a>(&mut self, records: impl Iterator<Item = &'a Record>) -> Result<(), RollbackError> {
        let fresh = self.path.with_extension("new");
        let mut lines = 0;
        let write = || {
            let mut out = io::BufWriter::new(
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?,
            );
            for record in records {
                serde_json::to_writer(&mut out, record)?;
                out.write_all(b"\n")?;
                lines += 1;
            }
            out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&fresh, &self.path)?;
            append_to(&self.path)
        };
        self.file = write().map_err(|source| RollbackError::Io { what: "writing", path: self.path.clone(), source })?;
        self.lines = lines;
        Ok(())
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(libc::O_NOFOLLOW).open(path)
}

/// Records, lines that are none, and whether the last line was whole.
fn read(path: &Path) -> io::Result<(Vec<Record>, u64, bool)> {
    let mut reader = BufReader::new(File::open(path)?);
    let (mut records, mut cut, mut whole) = (Vec::new(), 0, true);
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok((records, cut, whole));
        }
        whole = line.ends_with(b"\n");
        match parse(&line) {
            Some(record) => records.push(record),
            None if line == b"\n" => {}
            None => cut += 1,
        }
    }
}

fn parse(line: &[u8]) -> Option<Record> {
    if line.len() > MAX_LINE {
        return None;
    }
    let record = serde_json::from_slice(line).ok()?;
    match &record {
        Record::Kept(entry) if !entry.object.is_sound() || entry.original().is_none() => None,
        Record::Made(made) if made.place().is_none() => None,
        Record::Name(name) if name.place().is_none() => None,
        Record::Renamed(one) if one.from().is_none() || one.to().is_none() => None,
        _ => Some(record),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_line_costs_that_line_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let (mut log, ..) = Log::open(&path).unwrap();
        log.append(&Record::Age { seconds: 1 }).unwrap();
        log.file.write_all(b"{\"record\":\"age\",\"sec").unwrap();
        let (mut log, records, cut) = Log::open(&path).unwrap();
        assert_eq!((records.len(), cut), (1, 1));
        log.append(&Record::Age { seconds: 2 }).unwrap();
        let (_, records, cut) = Log::open(&path).unwrap();
        assert_eq!(records, [Record::Age { seconds: 1 }, Record::Age { seconds: 2 }]);
        assert_eq!(cut, 1);
    }
}
