//! How a process uses the processor, as sampled over an interval by the agent. Told only of a process that has kept at
//! least one processor busy for seconds, and then at growing distances.

use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct CpuLoad {
    /// Nanoseconds for which it has been busy without a pause until now.
    pub busy_ns: u64,
    /// Threads that ran, or waited for a processor, for nine tenths of the last interval.
    pub busy_threads: u32,
    /// Of these, threads that may run on one processor only.
    pub pinned_threads: u32,
    /// Processors of the host.
    pub processors: u32,
    /// Of its processor time in that stretch, what went into the kernel: 1/1000.
    pub system_permille: u32,
    /// Bytes in explicit huge pages (hugetlbfs).
    pub huge_page_bytes: u64,
    /// It holds a model-specific register device (/dev/cpu/N/msr) open.
    pub holds_msr: bool,
    /// Loaded libraries that miners use, by file name: hwloc, libuv, OpenCL, CUDA.
    pub libraries: Vec<Arc<str>>,
}
