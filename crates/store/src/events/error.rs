//! Why the event store did not open, or a hunt did not answer.

use crate::ControlError;
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot {action} {path}: {source}")]
    Io { action: &'static str, path: String, source: std::io::Error },
    #[error("another process has the event store at {path} open")]
    Locked { path: String },
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("cannot start the hunting engine: {0}")]
    Engine(String),
}

/// Why a hunt gave no (or no whole) answer, worded for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HuntFailure {
    #[error("the hunt did not end within {} s; narrow it by time or host", .0.as_secs_f32())]
    TimeLimit(Duration),
    #[error("the hunt needs more memory than hunts may take; group or sort fewer rows")]
    MemoryLimit,
    #[error("there is no column {name:?}{}", .nearest.as_ref().map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
    UnknownColumn { name: String, nearest: Option<String> },
    #[error("the query does not fit the data: {0}")]
    Unfit(String),
    #[error("a segment of the store cannot be read; the node's log says which")]
    Damaged,
    #[error("the hunt failed inside the store; the node's log says why")]
    Internal,
    #[error("the event store is closing")]
    Closed,
}

impl HuntFailure {
    /// It is for the person to change the query; otherwise it is the node's trouble.
    pub fn is_callers(&self) -> bool {
        !matches!(self, HuntFailure::Damaged | HuntFailure::Internal | HuntFailure::Closed)
    }
}
