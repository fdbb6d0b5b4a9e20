//! `cargo xtask bench signatures [HASHES [PATTERNS]]`: memory and load of a large set, look-ups a second, MB/s as sets grow, and
//! clamscan on the same database beside it where it is installed. By default 8 million digests and 100,000 patterns.

use signatures::{BuildOptions, Database, Digests, Object, ScanOptions, Scratch, build_file};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--");
    let hashes: u64 = arguments.next().map_or(Ok(8_000_000), |n| n.parse())?;
    let patterns: u64 = arguments.next().map_or(Ok(100_000), |n| n.parse())?;
    let folder = tempfile::tempdir()?;
    let mut figures = serde_json::Map::new();
    let sources = folder.path().join("large");
    synthetic(&sources, hashes, patterns)?;
    let set = folder.path().join("large.tsig");
    let start = Instant::now();
    let options = BuildOptions { scratch: Scratch::Folder(folder.path().into()), ..BuildOptions::default() };
    let report = build_file(std::slice::from_ref(&sources), &options, &set)?;
    note(&mut figures, "build_s", start.elapsed().as_secs_f64());
    println!(
        "built {} of {} signatures, {} MB",
        report.usable,
        report.signatures,
        std::fs::metadata(&set)?.len() >> 20
    );
    let before = resident()?;
    let start = Instant::now();
    let database = Database::open(&set)?;
    note(&mut figures, "load_ms", start.elapsed().as_secs_f64() * 1e3);

    let files = real_files()?;
    let bytes: u64 = files.iter().map(|file| file.len() as u64).sum();
    println!("{} files of /usr/bin, {} MB", files.len(), bytes >> 20);
    let start = Instant::now();
    for file in &files {
        let size = file.len() as u64;
        database.lookup(&Digests::of(file, database.wanted(size)), size, false)?;
        database.scan(&Object::file(file), &ScanOptions::default())?;
    }
    let seconds = start.elapsed().as_secs_f64();
    note(&mut figures, "scan_files_per_s", files.len() as f64 / seconds);
    note(&mut figures, "resident_mb", resident()?.saturating_sub(before) as f64 / 1e6);

    let (mut found, rounds) = (0, 1_000_000u64);
    let digests: Vec<Digests> = (0..rounds)
        .map(|n| Digests { md5: Some(md5_of(n * 16 % (2 * hashes.max(1)))), ..Digests::default() })
        .collect();
    let start = Instant::now();
    for (n, digest) in digests.iter().enumerate() {
        found += database.lookup(digest, n as u64 * 16 % (2 * hashes.max(1)), false)?.hits.len();
    }
    note(&mut figures, "lookup_ns", start.elapsed().as_secs_f64() * 1e9 / rounds as f64);
    println!("{found} of {rounds} looked up were found");

    for count in [1_000, 10_000, 100_000] {
        let sources = folder.path().join(format!("p{count}"));
        synthetic(&sources, 0, count)?;
        let set = folder.path().join(format!("p{count}.tsig"));
        build_file(&[sources], &options, &set)?;
        let database = Database::open(&set)?;
        let mut rounds: Vec<f64> = Vec::new();
        for _ in 0..3 {
            let start = Instant::now();
            for file in &files {
                database.scan(&Object::file(file), &ScanOptions::default())?;
            }
            rounds.push(bytes as f64 / 1e6 / start.elapsed().as_secs_f64());
        }
        rounds.sort_by(f64::total_cmp);
        note(&mut figures, &format!("mb_per_s_{count}_patterns"), rounds[1]);
    }
    clamscan(&sources, &mut figures)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let machine = format!("{} {cores} cores", std::env::consts::ARCH);
    println!("{}", serde_json::json!({ "bench": "signatures", "machine": machine, "figures": figures }));
    Ok(())
}

fn note(figures: &mut serde_json::Map<String, serde_json::Value>, name: &str, value: f64) {
    println!("{name:28} {value:.2}");
    figures.insert(name.into(), serde_json::json!((value * 100.0).round() / 100.0));
}

/// The same numbers make the same digests: n is looked up by its own name.
fn md5_of(n: u64) -> [u8; 16] {
    let mix = |mut x: u64| {
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    };
    let mut digest = [0; 16];
    digest[..8].copy_from_slice(&mix(n.wrapping_add(0x9e37_79b9_7f4a_7c15)).to_be_bytes());
    digest[8..].copy_from_slice(&mix(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 7).to_be_bytes());
    digest
}

/// Of ClamAV's forms: digests with sizes, bodies of 12 to 40 bytes with a wildcard in every second one.
fn synthetic(folder: &Path, hashes: u64, patterns: u64) -> Result<(), Error> {
    std::fs::create_dir_all(folder)?;
    let mut hdb = BufWriter::new(std::fs::File::create(folder.join("s.hdb"))?);
    for n in 0..hashes {
        writeln!(hdb, "{}:{}:Win.Trojan.Synthetic-{n}-0", hex::encode(md5_of(n)), n.max(1))?;
    }
    let mut ndb = BufWriter::new(std::fs::File::create(folder.join("s.ndb"))?);
    for n in 0..patterns {
        let body: Vec<u8> = (0..3).flat_map(|part| md5_of(n * 3 + part + (1 << 40))).collect();
        let body = hex::encode(&body[..12 + (n % 29) as usize]);
        let (head, tail) = body.split_at(16);
        let gap = if n % 2 == 0 { "" } else { "??" };
        writeln!(ndb, "Unix.Malware.Synthetic-{n}-0:0:*:{head}{gap}{tail}")?;
    }
    hdb.flush()?;
    ndb.flush()?;
    Ok(())
}

fn real_paths() -> Result<Vec<PathBuf>, Error> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir("/usr/bin")?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.symlink_metadata().is_ok_and(|meta| meta.is_file() && meta.len() < 8 << 20));
    paths.sort();
    Ok(paths)
}

fn real_files() -> Result<Vec<Vec<u8>>, Error> {
    Ok(real_paths()?.iter().map(std::fs::read).collect::<Result<_, _>>()?)
}

fn resident() -> Result<u64, Error> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// The whole run less a run over nothing, so that loading does not count against its speed.
fn clamscan(sources: &Path, figures: &mut serde_json::Map<String, serde_json::Value>) -> Result<(), Error> {
    let list = tempfile::NamedTempFile::new()?;
    let paths: Vec<String> = real_paths()?.iter().map(|path| path.display().to_string()).collect();
    std::fs::write(list.path(), paths.join("\n"))?;
    let empty = tempfile::NamedTempFile::new()?;
    let run = |list: &Path| -> Result<Option<(f64, u64)>, Error> {
        let start = Instant::now();
        let child = Command::new("clamscan")
            .args(["--no-summary", "--infected", "--scan-archive=no", "-d"])
            .arg(sources)
            .arg(format!("--file-list={}", list.display()))
            .stdout(std::process::Stdio::null())
            .spawn();
        let Ok(mut child) = child else { return Ok(None) };
        let mut peak = 0;
        while child.try_wait()?.is_none() {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let now = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            peak = peak.max(now.and_then(|t| t.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0));
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Ok(Some((start.elapsed().as_secs_f64(), peak * 1024)))
    };
    std::fs::write(empty.path(), paths.first().map_or("", String::as_str))?;
    let (Some((load, _)), Some((whole, peak))) = (run(empty.path())?, run(list.path())?) else {
        println!("clamscan is not installed: not measured");
        return Ok(());
    };
    note(figures, "clamscan_load_s", load);
    note(figures, "clamscan_files_per_s", paths.len() as f64 / (whole - load).max(0.01));
    note(figures, "clamscan_peak_mb", peak as f64 / 1e6);
    Ok(())
}
