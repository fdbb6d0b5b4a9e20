//! Voices of the processor: computing without a pause, hardly ever in the kernel, with what makes hashing faster.

use super::evidence::{Evidence, Sort};
use event::{CpuLoad, FileEvent, FileOp};

/// Before this a process may only have started up.
const BUSY_NANOS: u64 = 5_000_000_000;
const LONG_NANOS: u64 = 30_000_000_000;
/// Hashing makes no system calls; a program that reads, writes or talks is above this.
const MOST_SYSTEM_PERMILLE: u32 = 50;

pub(super) fn of_load(load: &CpuLoad, evidence: &mut Evidence) {
    if load.busy_ns < BUSY_NANOS || load.busy_threads == 0 || load.system_permille > MOST_SYSTEM_PERMILLE {
        return;
    }
    let wide = load.busy_threads.saturating_mul(2) >= load.processors;
    let weight = if load.busy_ns >= LONG_NANOS && wide { 3 } else { 2 };
    evidence.hear(Sort::Shape, weight, || {
        format!(
            "for {} s it has kept {} of {} processors busy with {}.{} % of that in the kernel",
            load.busy_ns / 1_000_000_000,
            load.busy_threads.min(load.processors.max(1)),
            load.processors,
            load.system_permille / 10,
            load.system_permille % 10
        )
    });
    let pinned = load.busy_threads > 1 && load.pinned_threads == load.busy_threads;
    if load.holds_msr {
        evidence.hear(Sort::Machine, 2, || "it holds the processor's control registers (MSR) open".to_owned());
    } else if load.huge_page_bytes > 0 && pinned {
        evidence.hear(Sort::Machine, 2, || {
            format!(
                "each of its threads is bound to a processor, and it has {} MiB of huge pages",
                load.huge_page_bytes >> 20
            )
        });
    } else if load.huge_page_bytes > 0 {
        evidence.hear(Sort::Machine, 1, || format!("it has {} MiB of huge pages", load.huge_page_bytes >> 20));
    } else if pinned {
        evidence.hear(Sort::Machine, 1, || "each of its threads is bound to a processor".to_owned());
    } else if !load.libraries.is_empty() {
        let names = load.libraries.join(", ");
        evidence.hear(Sort::Machine, 1, || format!("it has loaded {}", event::text::printable(&names)));
    }
}

/// Miners switch the prefetchers off through /dev/cpu/N/msr.
pub(super) fn of_device(file: &FileEvent, evidence: &mut Evidence) {
    let path = &*file.file.path;
    if matches!(file.op, FileOp::OpenWrite { .. }) && path.starts_with("/dev/cpu/") && path.ends_with("/msr") {
        evidence.hear(Sort::Machine, 2, || "it opens the processor's control registers (MSR) for writing".to_owned());
    }
}
