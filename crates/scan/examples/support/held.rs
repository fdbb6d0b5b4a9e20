//! What processes hold in memory, and the machine that they run on.

use std::collections::BTreeSet;
use std::fs;

/// What a process and all below it hold, in bytes.
pub fn tree_bytes(root: u32) -> u64 {
    let children = fs::read_to_string(format!("/proc/{root}/task/{root}/children")).unwrap_or_default();
    let more = threads(root).into_iter().flat_map(|task| {
        fs::read_to_string(format!("/proc/{root}/task/{task}/children"))
            .unwrap_or_default()
            .split(' ')
            .filter_map(|pid| pid.parse().ok())
            .collect::<Vec<u32>>()
    });
    let own: BTreeSet<u32> = children.split(' ').filter_map(|pid| pid.parse().ok()).chain(more).collect();
    pss(root) + own.into_iter().map(tree_bytes).sum::<u64>()
}

fn threads(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks.filter_map(|task| task.file_name().to_str()?.parse().ok()).collect()
}

/// Shared pages count in parts.
fn pss(pid: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Processor and kernel, so that a figure can be placed.
pub fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} x {model}, Linux {}", kernel.trim())
}
