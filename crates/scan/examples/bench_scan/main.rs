//! Tamon against ClamAV and YARA on the same files with the same signatures, alternating in one run; medians, and ratios
//! within the run, since these machines are noisy. `cargo xtask bench scan [FILES] [ROUNDS]`.
//!
//! The files are copies of what Debian packages put under /usr, in a temporary folder. The signatures are made here:
//! digests and patterns of nothing, and a few of files that are there, so that it is seen that both sides find the same.
//! Time is of the whole command, loading included; memory is the peak of the proportional set sizes of all its processes.

#[path = "../support/clamd.rs"]
mod clamd;
mod files;
#[path = "../support/held.rs"]
mod held;
mod peers;
mod rules;
mod watch;

use anyhow::{Context as _, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().map_or(Ok(20_000), |n| n.parse())?;
    let rounds = arguments.next().map_or(Ok(3), |n| n.parse())?;
    let tamon = PathBuf::from(std::env::var_os("TAMON").context("TAMON must name the binary")?);
    let folder = tempfile::Builder::new().prefix("tamon-bench-scan-").tempdir()?;
    let tree = folder.path().join("tree");
    let (files, bytes) = files::gather(&tree, count)?;
    println!("{files} files of Debian packages, {} MiB", bytes >> 20);
    let signatures = folder.path().join("signatures");
    let planted = files::clamav_signatures(&tree, &signatures)?;
    let yara = folder.path().join("rules.yar");
    rules::write(&yara, &tree)?;
    let mut bench = Bench { tree, folder: folder.path().to_owned(), samples: BTreeMap::new(), found: BTreeMap::new() };
    bench.clamav(&tamon, &signatures, rounds)?;
    bench.yara(&tamon, &yara, rounds)?;
    for (name, found) in &bench.found {
        if name.ends_with("yara") || name.ends_with("yr") {
            continue;
        }
        ensure!(planted.iter().all(|path| found.contains(path)), "{name} does not find all that was planted");
    }
    bench.agree("clamscan", "tamon")?;
    bench.agree("yara", "tamon-yara")?;
    bench.tell(files as f64)
}

struct Bench {
    tree: PathBuf,
    folder: PathBuf,
    /// Seconds and peak bytes of each round, by who ran.
    samples: BTreeMap<String, Vec<(f64, f64)>>,
    /// Files in which each found something, in its last round.
    found: BTreeMap<String, BTreeSet<PathBuf>>,
}

impl Bench {
    fn clamav(&mut self, tamon: &Path, signatures: &Path, rounds: usize) -> Result<()> {
        let daemon = clamd::Clamd::start(&self.folder, signatures)?;
        for round in 0..rounds {
            self.run(round, "tamon", peers::tamon(tamon, signatures, &self.tree, &[]), None)?;
            self.run(round, "clamscan", peers::clamscan(signatures, &self.tree), None)?;
            if let Some(daemon) = &daemon {
                self.run(round, "clamdscan", peers::clamdscan(daemon, &self.tree), Some(daemon.pid()))?;
            }
        }
        Ok(())
    }

    fn yara(&mut self, tamon: &Path, rules: &Path, rounds: usize) -> Result<()> {
        for round in 0..rounds {
            let bare = ["--no-archives"];
            self.run(round, "tamon-yara", peers::tamon(tamon, rules, &self.tree, &bare), None)?;
            self.run(round, "yara", peers::yara(rules, &self.tree), None)?;
            if let Some(command) = peers::yr(rules, &self.tree) {
                self.run(round, "yr", command, None)?;
            }
        }
        Ok(())
    }

    fn run(&mut self, round: usize, name: &str, command: peers::Peer, daemon: Option<u32>) -> Result<()> {
        let ran = watch::run(command, daemon).with_context(|| name.to_owned())?;
        println!(
            "round {round} {name}: {:.2} s, {:.1} MiB, {} files found",
            ran.seconds,
            ran.peak_bytes / 1048576.0,
            ran.found.len()
        );
        self.samples.entry(name.into()).or_default().push((ran.seconds, ran.peak_bytes));
        self.found.insert(name.into(), ran.found);
        Ok(())
    }

    /// What the peer finds, we find.
    fn agree(&self, peer: &str, ours: &str) -> Result<()> {
        let (Some(peers), Some(ours_found)) = (self.found.get(peer), self.found.get(ours)) else { return Ok(()) };
        let missed: Vec<_> = peers.difference(ours_found).collect();
        let extra = ours_found.difference(peers).count();
        println!("{peer} found {}, {ours} all of them but {}, and {extra} more", peers.len(), missed.len());
        ensure!(missed.is_empty(), "{ours} misses {:?}", &missed[..missed.len().min(10)]);
        Ok(())
    }

    fn tell(&self, files: f64) -> Result<()> {
        let mut figures = serde_json::Map::new();
        let mut put = |name: String, value: f64| figures.insert(name, ((value * 1000.0).round() / 1000.0).into());
        let of = |name: &str| self.samples.get(name).map(|all| (median(all, |s| s.0), median(all, |s| s.1)));
        for name in self.samples.keys() {
            let (seconds, bytes) = of(name).expect("it ran");
            put(format!("{name}_files_per_second"), files / seconds);
            put(format!("{name}_peak_mib"), bytes / 1048576.0);
        }
        for (peer, ours) in
            [("clamscan", "tamon"), ("clamdscan", "tamon"), ("yara", "tamon-yara"), ("yr", "tamon-yara")]
        {
            if let (Some(theirs), Some(ours)) = (of(peer), of(ours)) {
                put(format!("speed_ratio_{peer}"), theirs.0 / ours.0);
                put(format!("memory_ratio_{peer}"), ours.1 / theirs.1);
            }
        }
        let document = serde_json::json!({ "bench": "scan", "machine": held::machine(), "figures": figures });
        println!("{document}");
        Ok(())
    }
}

fn median(all: &[(f64, f64)], of: impl Fn(&(f64, f64)) -> f64) -> f64 {
    let mut values: Vec<f64> = all.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
