//! What the kernel says each program costs.

/// From the kernel's own counters (`BPF_ENABLE_STATS`); zero while they are off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunStats {
    pub program: String,
    pub runs: u64,
    pub nanos: u64,
}

impl RunStats {
    /// Mean of the runs since `earlier`.
    pub fn nanos_a_run_since(&self, earlier: &RunStats) -> f64 {
        let runs = self.runs.saturating_sub(earlier.runs);
        if runs == 0 { 0.0 } else { self.nanos.saturating_sub(earlier.nanos) as f64 / runs as f64 }
    }
}
