//! What is appended and what came of it.

use event::{AgentId, TenantId};

/// Names a batch of one agent's run. Row `i` has the sequence `first_seq + i`; a sequence of one agent and epoch is stored once, however
/// often and however cut it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchId {
    pub tenant: TenantId,
    pub agent: AgentId,
    /// The agent's spool or run, as the agent counts them.
    pub epoch: u64,
    pub first_seq: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    pub stored: usize,
    /// Rows that were stored before.
    pub duplicates: usize,
    /// `store_sequence` of the last row stored so far, of any batch.
    pub last_sequence: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    #[error("the event store's disk is full or fails: {0}")]
    Disk(String),
    #[error("the event store cannot write as fast as it receives")]
    Busy,
    #[error("the event store is closing")]
    Closed,
    #[error("a batch of {rows} rows and {bytes} bytes is too big (at most {max_rows} and {max_bytes})")]
    TooBig { rows: usize, bytes: usize, max_rows: usize, max_bytes: usize },
}

impl AppendError {
    /// Nothing of the batch was told as stored; the same batch may be sent again later.
    pub fn is_retryable(&self) -> bool {
        !matches!(self, AppendError::TooBig { .. })
    }
}
