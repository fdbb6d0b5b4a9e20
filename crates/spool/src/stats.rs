//! What the spool has to say about itself; every lost record is in here somewhere.

use crate::{Priority, Seq};

/// One number for each priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub(crate) [u64; 3]);

impl Counts {
    pub const fn of(&self, priority: Priority) -> u64 {
        self.0[priority as usize]
    }
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
    pub(crate) fn add(&mut self, priority: Priority, n: u64) {
        self.0[priority.index()] += n;
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpoolStats {
    pub epoch: u128,
    /// Sequence that the next record gets.
    pub next_seq: Seq,
    pub acked: Seq,
    /// Records held and not acknowledged.
    pub pending: Counts,
    /// Bytes in segments and buffers.
    pub bytes: u64,
    pub segments: usize,
    /// Accepted by `append` in this run.
    pub appended: Counts,
    /// Accepted once, thrown out unacknowledged because the cap or the disk left no room.
    pub evicted: Counts,
    /// Refused by `append` because everything held was worth more.
    pub refused: Counts,
    /// Lost to damage on disk: exact inside a segment, at least one where a segment's end is damaged.
    pub corrupt: Counts,
    pub corrupt_bytes: u64,
    /// Ends of segments cut short by a crash; nothing synced was in them.
    pub torn_tails: u64,
    /// Failed writes and fsyncs, a full disk among them.
    pub write_errors: u64,
    /// The last write did not get through: what is buffered is not durable.
    pub degraded: bool,
    pub fsyncs: u64,
    /// The state file was lost, so this run began a new epoch over old segments.
    pub recreated: bool,
}
