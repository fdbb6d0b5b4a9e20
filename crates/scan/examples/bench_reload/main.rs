//! `cargo xtask bench reload [HASHES [PATTERNS]]`: what a large set holds in memory while files are scanned with it, how long it
//! takes until a newer one is in force, and whether any file had to wait for that or was answered without rules. By default
//! 8 million digests and 100,000 patterns, compiled, as hosts bring them from a mirror. Beside it clamd with the same
//! signatures, where it is installed: its memory, at rest and at most, and how long it takes to reload.

#[path = "../support/clamd.rs"]
mod clamd;
#[path = "../support/held.rs"]
mod held;
#[path = "../../../signatures/examples/support/synthetic.rs"]
mod synthetic;

use anyhow::{Context as _, Result, ensure};
use clamd::{Clamd, LOG, SOCKET};
use held::{machine, tree_bytes};
use scan::{ScanConfig, Scanner, Verdict, WORKER_COMMAND, WorkerProgram};
use signatures::{BuildOptions, Scratch, build_file};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const ROUNDS: usize = 3;
const WORKERS: usize = 2;
const FILES: usize = 400;
/// clamd may need long for a large set.
const PATIENCE: Duration = Duration::from_secs(600);

type Figures = serde_json::Map<String, serde_json::Value>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let hashes = arguments.next().map_or(Ok(8_000_000), |n| n.parse())?;
    let patterns = arguments.next().map_or(Ok(100_000), |n| n.parse())?;
    let tamon = PathBuf::from(std::env::var_os("TAMON").context("TAMON must name the binary; use cargo xtask bench")?);
    let folder = tempfile::Builder::new().prefix("tamon-bench-reload-").tempdir()?;
    let sources = folder.path().join("sources");
    synthetic::write(&sources, hashes, patterns)?;
    let sets = [folder.path().join("one.tsig"), folder.path().join("two.tsig")];
    let options = BuildOptions { scratch: Scratch::Folder(folder.path().into()), ..BuildOptions::default() };
    build_file(std::slice::from_ref(&sources), &options, &sets[0])?;
    std::fs::copy(&sets[0], &sets[1])?;
    let files = files()?;
    println!("{hashes} digests, {patterns} patterns, {} MiB compiled", std::fs::metadata(&sets[0])?.len() >> 20);
    let mut figures = Figures::new();
    ours(&tamon, &sets, &files, &mut figures)?;
    beside(folder.path(), &sources, &files, &mut figures)?;
    println!("{}", serde_json::json!({ "bench": "reload", "machine": machine(), "figures": figures }));
    Ok(())
}

fn note(figures: &mut Figures, name: &str, value: f64) {
    println!("{name:28} {value:.2}");
    figures.insert(name.into(), ((value * 100.0).round() / 100.0).into());
}

/// Programs of this machine, spread over all of them.
fn files() -> Result<Vec<PathBuf>> {
    let all = std::fs::read_dir("/usr/bin")?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    let fits = |path: &PathBuf| path.symlink_metadata().is_ok_and(|meta| meta.is_file() && meta.len() < 1 << 20);
    let mut all: Vec<PathBuf> = all.into_iter().filter(fits).collect();
    all.sort();
    let step = (all.len() / FILES).max(1);
    Ok(all.into_iter().step_by(step).take(FILES).collect())
}

fn ours(tamon: &Path, sets: &[PathBuf; 2], files: &[PathBuf], figures: &mut Figures) -> Result<()> {
    let config = |set: &Path| ScanConfig {
        signatures: vec![set.into()],
        builtin: false,
        workers: WORKERS,
        worker: WorkerProgram { program: tamon.into(), args: vec![WORKER_COMMAND.into()] },
        ..ScanConfig::default()
    };
    let begun = Instant::now();
    let scanner = Scanner::start(config(&sets[0]))?;
    note(figures, "start_s", begun.elapsed().as_secs_f64());
    let rejected = scanner.loaded().rejected;
    ensure!(rejected.is_empty(), "not all was loaded: {rejected:?}");
    for path in files {
        ensure!(scanner.scan_path(path).verdict != Verdict::Error, "{} was not scanned", path.display());
    }
    // The bench's own process is the scanner; the nursery and its workers hang below it.
    note(figures, "resident_mib", tree_bytes(std::process::id()) as f64 / 1_048_576.0);

    let (stop, ends, errors) = (AtomicBool::new(false), Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let (mut seconds, mut peak) = (Vec::new(), 0);
    let mut during = Vec::new();
    std::thread::scope(|scope| -> Result<()> {
        for worker in 0..WORKERS {
            let (scanner, stop, ends, errors) = (&scanner, &stop, &ends, &errors);
            scope.spawn(move || {
                for path in files.iter().cycle().skip(worker * files.len() / WORKERS) {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let report = scanner.scan_path(path);
                    if report.verdict == Verdict::Error {
                        errors.lock().expect("nobody panics").push(report.note.unwrap_or_default());
                    }
                    ends.lock().expect("nobody panics").push(Instant::now());
                }
            });
        }
        let mut reloads = || -> Result<()> {
            for round in 0..ROUNDS {
                std::thread::sleep(Duration::from_secs(1));
                let begun = Instant::now();
                let (loaded, held) = held_while(std::process::id(), || scanner.reload(config(&sets[(round + 1) % 2])));
                let rejected = loaded?.rejected;
                ensure!(rejected.is_empty(), "not all was loaded: {rejected:?}");
                seconds.push(begun.elapsed().as_secs_f64());
                peak = peak.max(held);
                during.push((begun, Instant::now()));
            }
            std::thread::sleep(Duration::from_secs(1));
            Ok(())
        };
        let done = reloads();
        stop.store(true, Ordering::Relaxed);
        done
    })?;
    let errors = errors.into_inner().expect("nobody panics");
    ensure!(errors.is_empty(), "{} files were not scanned while it reloaded: {:?}", errors.len(), errors[0]);
    seconds.sort_by(f64::total_cmp);
    note(figures, "reload_s", seconds[ROUNDS / 2]);
    note(figures, "reload_most_s", seconds[ROUNDS - 1]);
    note(figures, "resident_most_mib", peak as f64 / 1_048_576.0);
    // Between two files that were through: at rest and while a reload went on.
    let mut ends = ends.into_inner().expect("nobody panics");
    ends.sort();
    let reloading = |at: &Instant| during.iter().any(|(begun, done)| (*begun..=*done).contains(at));
    let gaps = |inside: bool| {
        let pairs = ends.windows(2).filter(|pair| reloading(&pair[1]) == inside);
        pairs.map(|pair| (pair[1] - pair[0]).as_secs_f64() * 1e3).fold(0.0, f64::max)
    };
    note(figures, "longest_gap_ms", gaps(true));
    note(figures, "longest_gap_at_rest_ms", gaps(false));
    Ok(())
}

/// What a process and all below it held at most meanwhile, in bytes.
fn held_while<T>(pid: u32, act: impl FnOnce() -> T) -> (T, u64) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let sampler = scope.spawn(|| {
            let mut most = 0;
            while !stop.load(Ordering::Relaxed) {
                most = most.max(tree_bytes(pid));
                std::thread::sleep(Duration::from_millis(50));
            }
            most
        });
        let done = act();
        stop.store(true, Ordering::Relaxed);
        (done, sampler.join().unwrap_or(0))
    })
}

fn beside(folder: &Path, sources: &Path, files: &[PathBuf], figures: &mut Figures) -> Result<()> {
    let begun = Instant::now();
    let Some(daemon) = Clamd::start(folder, sources)? else { return Ok(()) };
    note(figures, "clamd_start_s", begun.elapsed().as_secs_f64());
    let ask = |command: &str| -> Result<String> {
        let mut socket = UnixStream::connect(folder.join(SOCKET))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        write!(socket, "z{command}\0")?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer)?;
        Ok(answer)
    };
    // 1 says that something was found.
    let status = daemon.client().args(files).status()?;
    ensure!(matches!(status.code(), Some(0 | 1)), "clamdscan ended with {status}");
    note(figures, "clamd_resident_mib", tree_bytes(daemon.pid()) as f64 / 1_048_576.0);
    let log = folder.join(LOG);
    let reloads =
        || -> Result<usize> { Ok(std::fs::read_to_string(&log)?.matches("Database correctly reloaded").count()) };
    let before = reloads()?;
    let begun = Instant::now();
    let (done, peak) = held_while(daemon.pid(), || -> Result<()> {
        ask("RELOAD")?;
        while reloads()? == before {
            ensure!(begun.elapsed() < PATIENCE, "clamd does not say that it reloaded");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    });
    done?;
    note(figures, "clamd_reload_s", begun.elapsed().as_secs_f64());
    note(figures, "clamd_resident_most_mib", peak as f64 / 1_048_576.0);
    Ok(())
}
