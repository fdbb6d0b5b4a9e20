//! The files that are scanned and the ClamAV-format signatures they are held against.

use anyhow::{Context as _, Result, ensure};
use md5::{Digest as _, Md5};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const MOST_BYTES: u64 = 20 << 20;
/// Of each kind; ClamAV's own set has some eight million signatures in all.
const DIGESTS: u64 = 1_000_000;
const PATTERNS: u64 = 50_000;
const PLANTED: usize = 12;

/// Copies `count` packaged files, spread evenly over all there are. Returns how many and their bytes.
pub fn gather(tree: &Path, count: usize) -> Result<(usize, u64)> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/var/lib/dpkg/info").context("this is measured on Debian")? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "list") {
            let list = fs::read(&path)?;
            let lines = list.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"/usr/"));
            all.extend(lines.filter_map(|line| String::from_utf8(line.to_vec()).ok()).map(PathBuf::from));
        }
    }
    all.sort();
    all.dedup();
    let small =
        |path: &PathBuf| path.symlink_metadata().is_ok_and(|m| m.is_file() && (1..MOST_BYTES).contains(&m.len()));
    let all: Vec<PathBuf> = all.into_iter().filter(small).collect();
    ensure!(!all.is_empty(), "no packaged files here");
    let step = (all.len() as f64 / count as f64).max(1.0);
    let (mut taken, mut bytes) = (0, 0);
    while taken < count && ((taken as f64 * step) as usize) < all.len() {
        let from = &all[(taken as f64 * step) as usize];
        let to = tree.join(format!("{:02}", taken % 100));
        fs::create_dir_all(&to)?;
        let name = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
        bytes += fs::copy(from, to.join(format!("{taken:05}-{name}")))?;
        taken += 1;
    }
    Ok((taken, bytes))
}

/// Digests and patterns of nothing, and of a few files that are there; returns those.
pub fn clamav_signatures(tree: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut random = Random(0x5eed);
    let (mut hdb, mut hsb, mut ndb) = (String::new(), String::new(), String::new());
    for n in 0..DIGESTS {
        writeln!(hdb, "{:016x}{:016x}:{}:Bench.Hash-{n}", random.next(), random.next(), 100 + random.next() % 400_000)?;
        let digest: String = (0..4).map(|_| format!("{:016x}", random.next())).collect();
        writeln!(hsb, "{digest}:{}:Bench.Sha-{n}", 100 + random.next() % 400_000)?;
    }
    for n in 0..PATTERNS {
        let mut bytes = || format!("{:016x}{:016x}", random.next(), random.next());
        let body = match n % 4 {
            0 => bytes(),
            1 => format!("{}??{}", bytes(), bytes()),
            2 => format!("{}{{4-16}}{}", bytes(), bytes()),
            _ => format!("{}*{}", bytes(), bytes()),
        };
        writeln!(ndb, "Bench.Pattern-{n}:0:*:{body}")?;
    }
    let mut planted = Vec::new();
    let plain: Vec<PathBuf> = listed(tree)?.into_iter().filter(|path| is_plain(path)).collect();
    let step = (plain.len() / PLANTED).max(1);
    for (n, path) in plain.into_iter().step_by(step).take(PLANTED).enumerate() {
        let content = fs::read(&path)?;
        if n % 2 == 0 {
            writeln!(hdb, "{:x}:{}:Bench.Planted-{n}", Md5::digest(&content), content.len())?;
        } else {
            let middle = &content[content.len() / 2..];
            let hex: String = middle[..48.min(middle.len())].iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(ndb, "Bench.Planted-{n}:0:*:{hex}")?;
        }
        planted.push(path);
    }
    fs::write(folder.join("bench.hdb"), hdb)?;
    fs::write(folder.join("bench.hsb"), hsb)?;
    fs::write(folder.join("bench.ndb"), ndb)?;
    ensure!(!planted.is_empty(), "nothing could be planted: too few files");
    Ok(planted)
}

/// A program or library, long enough: no engine normalises it.
fn is_plain(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes.len() > 4096 && bytes.starts_with(b"\x7fELF"))
        || fs::read(path).is_ok_and(|bytes| bytes.len() > 4096 && bytes.starts_with(b"\x89PNG"))
}

pub fn listed(tree: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for folder in fs::read_dir(tree)? {
        for file in fs::read_dir(folder?.path())? {
            all.push(file?.path());
        }
    }
    all.sort();
    Ok(all)
}

/// The same signatures in every run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}
