//! Logs as they grow: lines of text files that are rotated, the journal's own files, events of Docker → [`Heard`], in the
//! vocabulary of our events. Whether a line was written by who it says is not decided here; what the journal itself vouches
//! for ([`Vouched`]) is handed on.
//!
//! Every bound that lets something go is counted ([`Counts`]): a line that is too long, one that is left out because too many
//! come, bytes that were skipped after a long absence.

mod audit;
mod container;
mod follow;
mod journal;
mod journal_file;
mod recent;
mod says;
mod web;

pub use audit::Audit;
pub use container::{containerd, docker};
pub use follow::{Follower, Place};
pub use journal::Journal;
pub use recent::{AuditId, Recent};
pub use says::{line, own_line, says};
pub use web::request;

use event::{LogEvent, LogFacility, LogSays, LogSource, LogWriter, Timestamp, text};
use std::sync::Arc;

/// Bytes of one line, and of a message.
pub const LINE_BYTES: usize = 64 << 10;
pub const MESSAGE_BYTES: usize = 4 << 10;
/// Of a log that grew while nobody read, this much is caught up with.
pub const CATCH_UP: u64 = 8 << 20;

#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    pub event: LogEvent,
    pub vouched: Option<Vouched>,
    /// Of a record of the kernel's audit: by which it is known wherever it is read.
    pub audit: Option<AuditId>,
}

/// Who wrote it, as the journal took it from the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    pub pid: u32,
    pub uid: Option<u32>,
    pub executable: Option<String>,
}

/// What became of a log's lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub lines: u64,
    /// Longer than [`LINE_BYTES`]: only the beginning was looked at.
    pub cut: u64,
    /// Bytes that were never read: the log grew too far while nobody read, or was cut off.
    pub skipped_bytes: u64,
    /// Parts of the journal, and records of a daemon, that could not be read.
    pub damaged: u64,
    pub rotations: u64,
}

fn heard(
    source: LogSource,
    says: LogSays,
    claimed: Option<Timestamp>,
    program: &str,
    pid: Option<u32>,
    message: &str,
) -> Heard {
    Heard {
        event: LogEvent {
            source,
            says,
            claimed,
            program: shared(program, 128),
            pid,
            writer: LogWriter::Unknown,
            facility: LogFacility::Other,
            message: shared(message, MESSAGE_BYTES),
        },
        vouched: None,
        audit: None,
    }
}

fn shared(whole: &str, most: usize) -> Arc<str> {
    text::clip(whole, most).into()
}
