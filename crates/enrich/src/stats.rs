//! What enrich has to say about itself.

/// Counts since start, except where a field says that it is a level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Level: processes held, and how many of them have exited.
    pub processes: usize,
    pub exited_held: usize,
    /// Level: estimated bytes of the process table, and its cap.
    pub bytes: usize,
    pub bytes_cap: usize,
    pub observed: u64,
    /// Actors that were not in the table (their fork or exec was missed) and were read from /proc.
    pub repaired: u64,
    /// Actors that were not in the table and not in /proc either: an event with key and credentials only.
    pub unknown: u64,
    /// Thrown out before their grace was over, because of the cap: exited ones, and living ones.
    pub evicted_exited: u64,
    pub evicted_living: u64,
    /// Ancestors thrown out that a held process still had: its lineage ends early.
    pub lineage_cut: u64,
    /// A pid that came back while the table thought its holder alive.
    pub pid_reused: u64,
    pub digest_hits: u64,
    pub digest_misses: u64,
    /// Executables read and hashed; bytes of them.
    pub hashed: u64,
    pub hashed_bytes: u64,
    /// Gone, changed or unreadable before they could be hashed.
    pub hash_failed: u64,
    pub hash_too_large: u64,
    /// Questions to the background thread that found its queue full.
    pub questions_dropped: u64,
    /// Execs that waited for a first sight, and those whose answer came too late.
    pub waited: u64,
    pub wait_timeouts: u64,
    /// Level: paths in the package index, its bytes, and the packages.
    pub package_paths: usize,
    pub package_bytes: usize,
    pub packages: usize,
    /// Package databases that could not be read, in words. Empty is good.
    pub package_errors: Vec<String>,
    pub containers_known: usize,
}
