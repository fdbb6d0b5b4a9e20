//! Bounds and thresholds; the defaults are what the tests hold to.

/// What the detector may cost and when it speaks.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectConfig {
    /// Processes that are remembered; the one unseen longest goes first.
    pub max_processes: usize,
    /// Files that are remembered as written by a process that talked to the network.
    pub max_downloads: usize,
    /// Further names of decoy files, by their absolute path: any read of one is told.
    pub decoys: Vec<String>,
    /// Names of mining pools.
    pub pools: crate::Pools,
}

impl Default for DetectConfig {
    fn default() -> Self {
        DetectConfig { max_processes: 14_000, max_downloads: 4_096, decoys: Vec::new(), pools: crate::Pools::default() }
    }
}
