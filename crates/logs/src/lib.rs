//! Log files of other origin → records that rules match: Windows event logs, JSON, auditd's log, the journal's export format
//! and syslog lines. A file path in, one [`Flat`] record after the other out; memory stays that of one chunk or line.
//!
//! What cannot be read is a [`Fault`] that the caller is told of and counts; the rest of the file is still read. Nothing
//! here decides what a record means: names are made those that Sigma's taxonomy uses, that is all. [`live`] is for logs as they
//! grow on a host: there lines become events of our vocabulary.

mod auditd;
mod evtx_file;
mod flat;
mod format;
mod job;
mod journal;
mod json;
mod lines;
pub mod live;
mod syslog;
mod time;
mod windows;

pub use flat::{Flat, Origin};
pub use format::Format;
pub use job::{Form, Settings, Summary, run};

use std::ops::ControlFlow;
use std::path::Path;

/// Bounds on what one record may cost.
pub mod limits {
    /// Bytes of one line, or of one event of several lines.
    pub const LINE_BYTES: usize = 16 << 20;
    /// Bytes of a file that holds JSON which is not a document a line.
    pub const DOCUMENT_BYTES: u64 = 256 << 20;
    /// Values of one record.
    pub const VALUES: usize = 10_000;
    /// Lines of one auditd event.
    pub const EVENT_LINES: usize = 512;
    /// Auditd events that are not yet complete.
    pub const OPEN_EVENTS: usize = 256;
    /// Faults that are described; the others are only counted.
    pub const FAULTS: usize = 100;
}

/// Why a file could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("cannot read {path}: {source}")]
    Io { path: String, source: std::io::Error },
    #[error("{path}: {reason}")]
    NotALog { path: String, reason: String },
}

/// A part of a file that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A chunk, a record or a line.
    pub place: String,
    pub reason: String,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub records: u64,
    /// The first of them, described.
    pub faults: Vec<Fault>,
    pub fault_count: u64,
}

impl Outcome {
    pub(crate) fn fault(&mut self, place: impl Into<String>, reason: impl std::fmt::Display) {
        self.fault_count += 1;
        if self.faults.len() < limits::FAULTS {
            let reason = reason.to_string();
            self.faults.push(Fault { place: place.into(), reason: event::text::clip(&reason, 400).to_owned() });
        }
    }
}

/// Takes each record; [`ControlFlow::Break`] ends the reading.
pub type Take<'a> = dyn FnMut(&Flat) -> ControlFlow<()> + 'a;

/// Reads a whole file. Without a `format` its first bytes say which it is.
pub fn read(path: &Path, format: Option<Format>, take: &mut Take<'_>) -> Result<Outcome, LogError> {
    let io = |source| LogError::Io { path: path.display().to_string(), source };
    let mut file = std::fs::File::open(path).map_err(io)?;
    let format = match format {
        Some(format) => format,
        None => Format::detect(&mut file).map_err(io)?.ok_or_else(|| LogError::NotALog {
            path: path.display().to_string(),
            reason: "no log that is known here: neither an event log, JSON, auditd's, the journal's nor syslog lines"
                .into(),
        })?,
    };
    let mut reading = Reading { take, outcome: Outcome::default() };
    match format {
        Format::Evtx => evtx_file::read(file, &mut reading).map_err(io)?,
        Format::Json => json::read(file, &mut reading).map_err(io)?,
        Format::Auditd => auditd::read(file, &mut reading).map_err(io)?,
        Format::Journal => journal::read(file, &mut reading).map_err(io)?,
        Format::Syslog => syslog::read(file, &mut reading).map_err(io)?,
    }
    Ok(reading.outcome)
}

/// The way from a reader to the caller.
pub(crate) struct Reading<'a, 'b> {
    take: &'a mut Take<'b>,
    pub outcome: Outcome,
}

impl Reading<'_, '_> {
    pub fn record(&mut self, record: &Flat) -> ControlFlow<()> {
        self.outcome.records += 1;
        (self.take)(record)
    }
}
