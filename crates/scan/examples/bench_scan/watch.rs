//! Runs a command and watches what it and its descendants hold in memory.

use crate::peers::Peer;
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub struct Ran {
    pub seconds: f64,
    pub peak_bytes: f64,
    pub found: BTreeSet<PathBuf>,
}

/// `daemon`: a process that does the work for the command, whose memory counts instead.
pub fn run(peer: Peer, daemon: Option<u32>) -> Result<Ran> {
    let Peer { mut command, found } = peer;
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let stop = AtomicBool::new(false);
    let root = daemon.unwrap_or(child.id());
    let lines = BufReader::new(child.stdout.take().context("its output")?);
    let (peak, found, status) = std::thread::scope(|scope| {
        let sampler = scope.spawn(|| {
            let mut peak = 0;
            while !stop.load(Ordering::Relaxed) {
                peak = peak.max(tree_bytes(root));
                std::thread::sleep(Duration::from_millis(100));
            }
            peak
        });
        let found = lines.lines().map_while(Result::ok).filter_map(|line| found(&line)).collect();
        let status = child.wait();
        stop.store(true, Ordering::Relaxed);
        (sampler.join().unwrap_or(0), found, status)
    });
    let seconds = begun.elapsed().as_secs_f64();
    // 0 nothing found, 1 something: with all of them; 2 of Tamon says that not every file could be read to its end.
    match status?.code() {
        Some(0..=2) => Ok(Ran { seconds, peak_bytes: peak as f64, found }),
        other => bail!("it ended with {other:?}"),
    }
}

fn tree_bytes(root: u32) -> u64 {
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
