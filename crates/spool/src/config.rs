//! What the operator chooses.

use std::time::Duration;

/// What a record is worth when there is no room for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Goes first: bulk telemetry.
    Low,
    Normal,
    /// Goes last: alerts, answers to commands.
    High,
}

impl Priority {
    pub const ALL: [Priority; 3] = [Priority::Low, Priority::Normal, Priority::High];

    pub const fn name(self) -> &'static str {
        match self {
            Priority::Low => "low",
            Priority::Normal => "normal",
            Priority::High => "high",
        }
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// When written data is forced out of the page cache. A killed process loses nothing synced under any of these; they
/// differ in what a power cut may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fsync {
    /// Each [`crate::Spool::sync`] waits for the disk.
    Always,
    /// A background thread forces it this often; `sync` only hands the data to the kernel.
    Interval(Duration),
    /// The kernel's own write-back.
    Never,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolConfig {
    /// Cap of all segments and buffers together.
    pub max_bytes: u64,
    /// A segment is closed past this; it is also the grain of eviction. Held to a sixteenth of `max_bytes`.
    pub segment_bytes: u64,
    /// A longer payload is refused, and a longer length on disk is damage.
    pub max_record_bytes: usize,
    /// Appends are gathered to about this many bytes a priority before they are written without being asked.
    pub buffer_bytes: usize,
    /// Disk space held back, given up when the disk is full so that alerts still find room.
    pub ballast_bytes: u64,
    pub fsync: Fsync,
}

impl Default for SpoolConfig {
    fn default() -> Self {
        SpoolConfig {
            max_bytes: 512 << 20,
            segment_bytes: 4 << 20,
            max_record_bytes: 1 << 20,
            buffer_bytes: 256 << 10,
            ballast_bytes: 1 << 20,
            fsync: Fsync::Interval(Duration::from_millis(200)),
        }
    }
}

impl SpoolConfig {
    pub(crate) fn segment_limit(&self) -> u64 {
        self.segment_bytes.min(self.max_bytes / 16).max(4096)
    }
}
