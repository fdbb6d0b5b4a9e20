//! MB of content a second, by format: a walk that gives every member to a visitor, against the field's tool that decodes
//! the same archive to nowhere, in turns, medians. The content is this machine's own programs and documents.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use unpack::{FileSource, Flow, Limits};

/// Name, the line that makes `o` of the folder `t`, the peer that decodes it.
const FORMATS: &[(&str, &str, &str)] = &[
    ("tar", "tar cf o t", "bsdtar -xOf o"),
    ("tar.gz", "tar czf o t", "bsdtar -xOf o"),
    ("tar.bz2", "tar cjf o t", "bsdtar -xOf o"),
    ("tar.xz", "tar cJf o t", "bsdtar -xOf o"),
    ("tar.zst", "tar cf - t | zstd -q > o", "bsdtar -xOf o"),
    ("tar.lz4", "tar cf - t | lz4 -q > o", "bsdtar -xOf o"),
    ("cpio", "find t -type f | cpio --quiet -H newc -o > o", "bsdtar -xOf o"),
    ("zip", "7z a -tzip o.zip t >/dev/null; mv o.zip o", "7z t -tzip -mmt=off o"),
    ("7z", "7z a -mx=3 o.7z t >/dev/null; mv o.7z o", "7z t -mmt=off o"),
    ("cab", "find t -type f | xargs gcab -cz o", "bsdtar -xOf o"),
    ("iso", "xorriso -as mkisofs -quiet -R -o o t 2>/dev/null", "bsdtar -xOf o"),
    ("squashfs", "mksquashfs t o -quiet -no-progress >/dev/null", "7z t -mmt=off o"),
];
const CONTENT: u64 = 32 << 20;

fn main() {
    let rounds: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(5);
    let dir = tempfile::tempdir().expect("a folder for the archives");
    let content = gather(&dir.path().join("t"));
    println!("{:.1} MB of content, {rounds} rounds, one thread each", content as f64 / 1e6);
    println!("{:<10} {:>10} {:>10} {:>8}", "format", "MB/s", "peer MB/s", "ratio");
    let mut figures = BTreeMap::new();
    for (name, make, peer) in FORMATS {
        let _ = std::fs::remove_file(dir.path().join("o"));
        if !shell(dir.path(), make) || !dir.path().join("o").exists() {
            println!("{name:<10} skipped: its tool is not installed");
            continue;
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            ours.push(walk(&dir.path().join("o"), name));
            let started = Instant::now();
            assert!(shell(dir.path(), &format!("{peer} >/dev/null 2>&1")), "{peer}");
            theirs.push(started.elapsed().as_secs_f64());
        }
        let speed = |times: &mut Vec<f64>| content as f64 / 1e6 / median(times);
        let (ours, theirs) = (speed(&mut ours), speed(&mut theirs));
        println!("{name:<10} {ours:>10.1} {theirs:>10.1} {:>8.2}", ours / theirs);
        figures.insert(format!("{name}_mb_s"), round(ours));
        figures.insert(format!("{name}_against_peer"), round(ours / theirs));
    }
    println!("{}", serde_json::json!({ "bench": "unpack", "machine": machine(), "figures": figures }));
}

/// Seconds; the walk must be complete.
fn walk(path: &Path, name: &str) -> f64 {
    let started = Instant::now();
    let file = std::fs::File::open(path).expect("the archive");
    let len = file.metadata().expect("its size").len();
    let mut bytes = 0u64;
    let outcome = unpack::walk(&FileSource::new(&file, len), None, &Limits::default(), &mut |member| {
        bytes += member.bytes.len() as u64;
        Flow::Open
    });
    let took = started.elapsed().as_secs_f64();
    assert!(outcome.complete() && bytes > CONTENT / 2, "{name}: {:?}", outcome.unread);
    took
}

/// Copies programs and documents until there is enough; returns the bytes.
fn gather(to: &Path) -> u64 {
    std::fs::create_dir_all(to).expect("a folder");
    let mut total = 0;
    for (n, folder) in ["/usr/bin", "/usr/share/doc", "/usr/lib/x86_64-linux-gnu"].iter().enumerate() {
        let most = CONTENT * (n as u64 + 1) / 3;
        let mut files = Vec::new();
        list(Path::new(folder), &mut files, 0);
        files.sort();
        for (m, file) in files.into_iter().enumerate() {
            let Ok(bytes) = std::fs::read(&file) else { continue };
            // Archives among the content would be opened and count twice.
            let kind = unpack::kind(&bytes);
            if total >= most || bytes.is_empty() || bytes.len() > 4 << 20 || kind.is_container() {
                continue;
            }
            total += bytes.len() as u64;
            std::fs::write(to.join(format!("{n}-{m}")), bytes).expect("a copy");
        }
    }
    total
}

fn list(folder: &Path, files: &mut Vec<PathBuf>, depth: usize) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_file() => files.push(entry.path()),
            Ok(kind) if kind.is_dir() && depth < 3 => list(&entry.path(), files, depth + 1),
            _ => {}
        }
    }
}

fn shell(dir: &Path, line: &str) -> bool {
    let mut command = Command::new("sh");
    command.args(["-ec", line]).current_dir(dir).stdin(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} x {}, Linux {}", model.trim_start_matches([' ', '\t', ':']), kernel.trim())
}
