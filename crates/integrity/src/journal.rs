//! What was told on this host, a row of JSON a line, in two files: the newer is written, the older goes when that is full.
//! `tamon integrity changes` and the reports read it, so that they work where there is no node.

use event::{Row, Timestamp};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

const MOST_BYTES: u64 = 32 << 20;
/// A longer line is none of ours.
const MOST_LINE: usize = 1 << 20;

pub struct Journal {
    path: PathBuf,
}

#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct JournalError {
    pub path: PathBuf,
    pub source: io::Error,
}

/// Rows in the order they were told.
#[derive(Debug, Default)]
pub struct Read {
    pub rows: Vec<Row>,
    /// Lines that a crash cut, or that are none of ours.
    pub damaged: u64,
}

impl Journal {
    pub fn new(path: PathBuf) -> Journal {
        Journal { path }
    }

    pub fn append(&self, rows: &[Row]) -> Result<(), JournalError> {
        let mut text = Vec::new();
        for row in rows {
            serde_json::to_writer(&mut text, row).map_err(|error| self.fault(error.into()))?;
            text.push(b'\n');
        }
        let mut file =
            File::options().create(true).append(true).mode(0o600).open(&self.path).map_err(|e| self.fault(e))?;
        file.write_all(&text).map_err(|error| self.fault(error))?;
        if file.metadata().map_err(|error| self.fault(error))?.len() > MOST_BYTES {
            fs::rename(&self.path, self.older()).map_err(|error| self.fault(error))?;
        }
        Ok(())
    }

    /// Since a moment; the newest `most` of them.
    pub fn read(&self, since: Timestamp, most: usize) -> Result<Read, JournalError> {
        let mut read = Read::default();
        for path in [self.older(), self.path.clone()] {
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(JournalError { path, source }),
            };
            let mut from = BufReader::new(file);
            let mut line = Vec::new();
            loop {
                line.clear();
                let length =
                    from.read_until(b'\n', &mut line).map_err(|source| JournalError { path: path.clone(), source })?;
                if length == 0 {
                    break;
                }
                match serde_json::from_slice::<Row>(&line) {
                    Ok(row) if length <= MOST_LINE => {
                        if row.time() >= since {
                            read.rows.push(row);
                        }
                    }
                    _ => read.damaged += 1,
                }
            }
        }
        let over = read.rows.len().saturating_sub(most);
        read.rows.drain(..over);
        Ok(read)
    }

    fn older(&self) -> PathBuf {
        self.path.with_extension("1")
    }

    fn fault(&self, source: io::Error) -> JournalError {
        JournalError { path: self.path.clone(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{Column, Value};

    #[test]
    fn rows_come_back_and_a_torn_line_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path().join("told"));
        let row = |seconds: i64| {
            let mut row = Row::default();
            row.set(Column::Time, Value::Time(Timestamp(seconds * 1_000_000_000)));
            row
        };
        assert!(journal.read(Timestamp(0), 9).unwrap().rows.is_empty());
        journal.append(&[row(1), row(2), row(3)]).unwrap();
        fs::OpenOptions::new().append(true).open(folder.path().join("told")).unwrap().write_all(b"{\"time").unwrap();
        let read = journal.read(Timestamp(2_000_000_000), 9).unwrap();
        assert_eq!((read.rows, read.damaged), (vec![row(2), row(3)], 1));
        assert_eq!(journal.read(Timestamp(0), 1).unwrap().rows, [row(3)]);
    }
}
