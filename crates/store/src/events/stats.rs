//! What the store says of itself.

use serde::Serialize;

/// A place where something on disk could not be read. Told and counted; the rest is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Path below the store's folder.
    pub file: String,
    /// Where it begins.
    pub offset: u64,
    pub bytes: u64,
    pub detail: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Rows in segments.
    pub segment_rows: u64,
    pub segment_bytes: u64,
    pub segments: u64,
    /// Rows in memory and log, not yet in segments.
    pub recent_rows: u64,
    /// Since opening.
    pub stored: u64,
    pub duplicates: u64,
    pub refused_batches: u64,
    /// Rows let go by age or size since opening.
    pub retired_rows: u64,
    pub retired_segments: u64,
    /// Attempts to write a segment that failed since opening; they are repeated.
    pub failed_flushes: u64,
    pub hunts: u64,
    pub failed_hunts: u64,
    pub last_sequence: u64,
    pub damage: Vec<Damage>,
    /// Damaged places found, also those that `damage` no longer has room for.
    pub damaged_places: u64,
}
