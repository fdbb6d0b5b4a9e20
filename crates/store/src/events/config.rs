//! How much the store holds, where and for how long. The defaults suit a node on two cores.

use std::time::Duration;

#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Rows held in memory and log before they become a segment.
    pub flush_rows: usize,
    /// Bytes held in memory before they become a segment.
    pub flush_bytes: usize,
    /// The longest that rows stay in memory and log only.
    pub flush_after: Duration,
    /// Rows of a segment that merging aims at.
    pub merge_rows: usize,
    /// Bytes of all segments; the oldest go when there are more.
    pub max_bytes: u64,
    /// Segments whose last event is older go.
    pub max_age: Option<Duration>,
    /// Memory that all hunts share.
    pub hunt_memory: usize,
    /// Threads that hunts share.
    pub hunt_threads: usize,
    /// Hunts that run at once; more wait.
    pub hunts_at_once: usize,
    /// Newest alerts that a hunt over `alerts` sees.
    pub hunt_alerts: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            flush_rows: 262_144,
            flush_bytes: 192 << 20,
            flush_after: Duration::from_secs(300),
            merge_rows: 1_048_576,
            max_bytes: 50 << 30,
            max_age: Some(Duration::from_secs(90 * 86_400)),
            hunt_memory: 512 << 20,
            hunt_threads: std::thread::available_parallelism().map_or(2, |n| n.get().min(8)),
            hunts_at_once: 4,
            hunt_alerts: 50_000,
        }
    }
}
