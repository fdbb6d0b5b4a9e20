//! `cargo xtask bench signatures [HASHES [PATTERNS]]`: memory and load of a large set, look-ups a second, MB/s as sets grow, and
//! clamscan over the same files with the same database beside it where it is installed. By default 10 million digests and
//! 100,000 patterns. Both sides run as programs of their own, in turns, and are watched in the same way.

#[path = "support/synthetic.rs"]
mod synthetic;

use signatures::{BuildOptions, Database, Digests, Object, ScanOptions, Scratch, build_file};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

type Error = Box<dyn std::error::Error>;
type Figures = serde_json::Map<String, serde_json::Value>;

const ROUNDS: usize = 3;
const LOOKUPS: u64 = 1_000_000;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--").peekable();
    if arguments.peek().is_some_and(|first| first == "scan") {
        let paths: Vec<PathBuf> = arguments.skip(1).map(PathBuf::from).collect();
        return scan(&paths[0], &paths[1]);
    }
    let hashes: u64 = arguments.next().map_or(Ok(10_000_000), |n| n.parse())?;
    let patterns: u64 = arguments.next().map_or(Ok(100_000), |n| n.parse())?;
    let folder = tempfile::tempdir()?;
    let mut figures = Figures::new();
    let files = Files::of_this_system(folder.path())?;

    let sources = folder.path().join("large");
    synthetic::write(&sources, hashes, patterns)?;
    let set = build(&sources, "build_s", &mut figures)?;
    load_and_look_up(&set, hashes, &mut figures)?;
    compare("large", &sources, &set, &files, &mut figures)?;

    for count in [1_000, 10_000, 100_000] {
        let sources = folder.path().join(format!("p{count}"));
        synthetic::write(&sources, 0, count)?;
        let set = build(&sources, &format!("build_{count}_patterns_s"), &mut figures)?;
        if count == 100_000 {
            compare("100000_patterns", &sources, &set, &files, &mut figures)?;
        }
        let database = Database::open(&set)?;
        let mut speeds = Vec::new();
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for file in &files.bytes {
                database.scan(&Object::file(file), &ScanOptions::default())?;
            }
            speeds.push(files.total as f64 / 1e6 / start.elapsed().as_secs_f64());
        }
        note(&mut figures, &format!("mb_per_s_{count}_patterns"), median(speeds));
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let machine = format!("{} {cores} cores", std::env::consts::ARCH);
    println!("{}", serde_json::json!({ "bench": "signatures", "machine": machine, "figures": figures }));
    Ok(())
}

fn note(figures: &mut Figures, name: &str, value: f64) {
    println!("{name:36} {value:.2}");
    figures.insert(name.into(), serde_json::json!((value * 100.0).round() / 100.0));
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn build(sources: &Path, name: &str, figures: &mut Figures) -> Result<PathBuf, Error> {
    let set = sources.with_extension("tsig");
    let scratch = Scratch::Folder(sources.parent().ok_or("no folder")?.into());
    let start = Instant::now();
    let report = build_file(&[sources.to_path_buf()], &BuildOptions { scratch, ..BuildOptions::default() }, &set)?;
    note(figures, name, start.elapsed().as_secs_f64());
    println!("  {} of {} usable, {} MB", report.usable, report.signatures, std::fs::metadata(&set)?.len() >> 20);
    Ok(set)
}

/// Half of the digests that are looked up are there.
fn load_and_look_up(set: &Path, hashes: u64, figures: &mut Figures) -> Result<(), Error> {
    let start = Instant::now();
    let database = Database::open(set)?;
    note(figures, "load_ms", start.elapsed().as_secs_f64() * 1e3);
    let number = |n: u64| n * 16 % (2 * hashes.max(1));
    let digests: Vec<Digests> =
        (0..LOOKUPS).map(|n| Digests { md5: Some(synthetic::md5_of(number(n))), ..Digests::default() }).collect();
    let mut times = Vec::new();
    let mut found = 0;
    for _ in 0..ROUNDS {
        found = 0;
        let start = Instant::now();
        for (n, digest) in digests.iter().enumerate() {
            found += database.lookup(digest, number(n as u64).max(1), false)?.hits.len();
        }
        times.push(start.elapsed().as_secs_f64() * 1e9 / LOOKUPS as f64);
    }
    // The first round brings the pages in.
    note(figures, "first_lookup_ns", times[0]);
    note(figures, "lookup_ns", median(times));
    println!("  {found} of {LOOKUPS} were there");
    Ok(())
}

struct Files {
    /// Their paths, a line each.
    list: PathBuf,
    bytes: Vec<Vec<u8>>,
    total: u64,
}

impl Files {
    fn of_this_system(folder: &Path) -> Result<Files, Error> {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir("/usr/bin")?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.symlink_metadata().is_ok_and(|meta| meta.is_file() && meta.len() < 8 << 20));
        paths.sort();
        let list = folder.join("list");
        std::fs::write(&list, paths.iter().map(|path| format!("{}\n", path.display())).collect::<String>())?;
        let bytes: Vec<Vec<u8>> = paths.iter().map(std::fs::read).collect::<Result<_, _>>()?;
        let total = bytes.iter().map(|file| file.len() as u64).sum();
        println!("{} files of /usr/bin, {} MB", bytes.len(), total >> 20);
        Ok(Files { list, bytes, total })
    }
}

/// What the comparison runs on our side: digests and patterns over every file of a list.
fn scan(set: &Path, list: &Path) -> Result<(), Error> {
    let database = Database::open(set)?;
    for path in std::fs::read_to_string(list)?.lines() {
        let file = std::fs::read(path)?;
        let size = file.len() as u64;
        database.lookup(&Digests::of(&file, database.wanted(size)), size, false)?;
        database.scan(&Object::file(&file), &ScanOptions::default())?;
    }
    Ok(())
}

/// Whole runs, loading included, and what each holds at most. Bytes of the mapped set count as held where they were touched.
fn compare(name: &str, sources: &Path, set: &Path, files: &Files, figures: &mut Figures) -> Result<(), Error> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut own = Command::new(std::env::current_exe()?);
        own.arg("scan").arg(set).arg(&files.list);
        ours.extend(watched(own)?);
        let mut peer = Command::new("clamscan");
        peer.args(["--no-summary", "--infected", "--scan-archive=no", "-d"]).arg(sources);
        peer.arg(format!("--file-list={}", files.list.display())).stdout(Stdio::null()).stderr(Stdio::null());
        theirs.extend(watched(peer)?);
    }
    let medians = |runs: &[(f64, f64)]| {
        let of = |part: fn(&(f64, f64)) -> f64| median(runs.iter().map(part).collect());
        (of(|run| run.0), of(|run| run.1))
    };
    let (seconds, peak) = medians(&ours);
    note(figures, &format!("{name}_run_s"), seconds);
    note(figures, &format!("{name}_peak_mb"), peak / 1e6);
    if theirs.is_empty() {
        println!("  clamscan is not installed: not measured");
        return Ok(());
    }
    let (their_seconds, their_peak) = medians(&theirs);
    note(figures, &format!("{name}_clamscan_run_s"), their_seconds);
    note(figures, &format!("{name}_clamscan_peak_mb"), their_peak / 1e6);
    note(figures, &format!("{name}_memory_share_of_clamscan"), peak / their_peak);
    note(figures, &format!("{name}_times_faster_than_clamscan"), their_seconds / seconds);
    Ok(())
}

/// Seconds, and bytes resident at most; None where there is no such program.
fn watched(mut command: Command) -> Result<Option<(f64, f64)>, Error> {
    let start = Instant::now();
    let mut child = match command.spawn() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut peak = 0.0f64;
    let status = loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let held = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = peak.max(held.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0) * 1024.0);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    // clamscan says 1 where it found something.
    if status.code().is_none_or(|code| code > 1) {
        return Err(format!("{command:?} ended with {status}").into());
    }
    Ok(Some((start.elapsed().as_secs_f64(), peak)))
}
