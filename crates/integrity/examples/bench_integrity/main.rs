//! What file integrity costs: a baseline of a tree against AIDE's, and the unpacking of a package of many files by the real
//! dpkg with and without an agent that watches them, in turns. `TAMON` names the binary, `bench integrity [FILES] [ROUNDS] [TREE]`.
//!
//! It installs a package of its own (`tamon-bench-integrity`, all of it below /opt/tamon-bench) and removes it again.

mod auditd;
mod baseline;
mod package;
mod unpack;

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let files = arguments.next().map_or(Ok(20_000), |n| n.parse())?;
    let rounds = arguments.next().map_or(Ok(3), |n| n.parse())?;
    let tree = arguments.next().unwrap_or_else(|| "/usr".into());
    let mut figures = BTreeMap::new();
    baseline::run(&tree, rounds, &mut figures)?;
    let tamon = PathBuf::from(std::env::var_os("TAMON").context("TAMON does not name the binary")?);
    unpack::run(&tamon, files, rounds, &mut figures)?;
    let figures: BTreeMap<&str, f64> =
        figures.into_iter().map(|(k, v)| (k, (v * 1000.0_f64).round() / 1000.0)).collect();
    println!("{}", serde_json::json!({ "bench": "integrity", "machine": machine(), "figures": figures }));
    Ok(())
}

/// Name → value.
pub type Figures = BTreeMap<&'static str, f64>;

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} x {}, Linux {}", model.unwrap_or("unknown"), read("/proc/sys/kernel/osrelease").trim())
}
