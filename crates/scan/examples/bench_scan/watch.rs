//! Runs a command and watches what it and its descendants hold in memory.

use crate::held::tree_bytes;
use crate::peers::Peer;
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeSet;
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
