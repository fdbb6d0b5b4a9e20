//! A durable record of each act: what was done, by whom, how it can be undone and until when. One JSON object a line,
//! flushed before the act is told as done; a line that a crash cut short is skipped and counted.

use event::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRecord {
    /// Unique; the caller's alert or command id, or one drawn by [`UndoLog::new_id`].
    pub id: String,
    pub time: Timestamp,
    /// `kill`, `quarantine`, `deny`, …
    pub action: String,
    /// On what, for people.
    pub target: String,
    pub reason: String,
    /// A user's name, `policy`, or the rule.
    pub who: String,
    pub undo: Undo,
    /// After it the act is undone or can no longer be, as `undo` says.
    #[serde(default)]
    pub expires: Option<Timestamp>,
    #[serde(default)]
    pub undone: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Undo {
    /// An ended process stays ended.
    Impossible,
    /// [`crate::Vault::restore`] of this item.
    Restore { item: String },
    /// The executable with this digest is let run again.
    AllowExec { sha256: String },
}

#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    #[error("the record of actions {path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("no action has the id {0}")]
    Unknown(String),
}

pub struct UndoLog {
    path: PathBuf,
    writing: Mutex<()>,
}

impl UndoLog {
    pub fn open(path: &Path) -> Result<Self, UndoError> {
        let log = UndoLog { path: path.to_owned(), writing: Mutex::new(()) };
        log.append(b"")?;
        Ok(log)
    }

    pub fn new_id() -> String {
        hex::encode(rand::random::<[u8; 16]>())
    }

    fn append(&self, line: &[u8]) -> Result<(), UndoError> {
        let _alone = self.writing.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let write = || {
            let mut file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(&self.path)?;
            file.write_all(line)?;
            file.sync_data()
        };
        write().map_err(|source| UndoError::Io { path: self.path.clone(), source })
    }

    /// Durable when it returns. A record with an id that stands already replaces it.
    pub fn record(&self, record: &ActionRecord) -> Result<(), UndoError> {
        // Begins a line of its own even after one that a crash cut short.
        let mut line = vec![b'\n'];
        serde_json::to_writer(&mut line, record)
            .map_err(|error| UndoError::Io { path: self.path.clone(), source: error.into() })?;
        line.push(b'\n');
        self.append(&line)
    }

    pub fn mark_undone(&self, id: &str, now: Timestamp) -> Result<ActionRecord, UndoError> {
        let (records, _) = self.list()?;
        let mut record = records.into_iter().find(|r| r.id == id).ok_or_else(|| UndoError::Unknown(id.into()))?;
        record.undone = Some(now);
        self.record(&record)?;
        Ok(record)
    }

    /// In the order of their first writing, and how many lines could not be read.
    pub fn list(&self) -> Result<(Vec<ActionRecord>, usize), UndoError> {
        let bytes = fs::read(&self.path).map_err(|source| UndoError::Io { path: self.path.clone(), source })?;
        let mut records: Vec<ActionRecord> = Vec::new();
        let mut unreadable = 0;
        for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice::<ActionRecord>(line) {
                Ok(record) => match records.iter_mut().find(|r| r.id == record.id) {
                    Some(old) => *old = record,
                    None => records.push(record),
                },
                Err(_) => unreadable += 1,
            }
        }
        Ok((records, unreadable))
    }

    /// Those whose time is over and that nobody undid.
    pub fn expired(&self, now: Timestamp) -> Result<Vec<ActionRecord>, UndoError> {
        let (mut records, _) = self.list()?;
        records.retain(|r| r.undone.is_none() && r.expires.is_some_and(|expires| expires < now));
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_survive_and_a_torn_line_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("actions.jsonl");
        let log = UndoLog::open(&path).unwrap();
        let one = ActionRecord {
            id: "a".into(),
            time: Timestamp(1),
            action: "quarantine".into(),
            target: "/tmp/x".into(),
            reason: "r".into(),
            who: "policy".into(),
            undo: Undo::Restore { item: "i".into() },
            expires: Some(Timestamp(10)),
            undone: None,
        };
        log.record(&one).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"id\":\"to").unwrap();
        let two = ActionRecord { id: "b".into(), undo: Undo::Impossible, expires: None, ..one.clone() };
        log.record(&two).unwrap();
        assert_eq!(log.list().unwrap(), (vec![one.clone(), two], 1));
        assert_eq!(log.expired(Timestamp(11)).unwrap(), vec![one]);
        log.mark_undone("a", Timestamp(5)).unwrap();
        assert_eq!(log.expired(Timestamp(11)).unwrap(), vec![]);
        assert!(matches!(log.mark_undone("z", Timestamp(5)), Err(UndoError::Unknown(_))));
    }
}
