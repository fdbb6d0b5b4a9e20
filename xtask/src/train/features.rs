//! Feature tables of the fetched packages.
//!
//! Packages are unpacked a batch at a time into a folder that is removed again; the example `features` of the model crate walks it.
//! Nothing that is unpacked is executed. A batch that stands in `features/` already is not made again.

use super::{nice, stable_hash};
use crate::{paths, run};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

const BATCH: usize = 60;
const WORKERS: usize = 3;

/// One line of `packages.tsv`.
struct Fetched {
    /// Release, architecture, package, version, source, language: kept with each row.
    fields: String,
    deb: PathBuf,
}

/// Writes `features/<batch>.<layout>.{f32,tsv}` for all packages.
pub fn extract(cache: &Path, by: u8) -> Result<()> {
    let tool = tool()?;
    let out = cache.join("features");
    fs::create_dir_all(&out)?;
    let legend = run::output(Command::new(&tool).arg("legend"))?;
    fs::write(out.join("legend.tsv"), legend)?;
    let all = fetched(cache)?;
    let batches: Mutex<Vec<(usize, &[Fetched])>> = Mutex::new(all.chunks(BATCH).enumerate().rev().collect());
    let count = all.len().div_ceil(BATCH);
    let next = || batches.lock().map(|mut left| left.pop()).unwrap_or(None);
    let worker = |_: usize| -> Result<()> {
        while let Some((index, batch)) = next() {
            let done = out.join(format!("{index:04}.done"));
            if done.exists() {
                continue;
            }
            rows(by, &tool, cache, index, batch, &out.join(format!("{index:04}")))?;
            fs::write(done, "")?;
            eprintln!("xtask: features: batch {index} of {count}");
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..WORKERS).map(|index| scope.spawn(move || worker(index))).collect();
        running.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| bail!("a worker panicked")))
    })
}

/// The example, optimised: it reads gigabytes.
pub fn tool() -> Result<PathBuf> {
    run::run(
        "build the extractor",
        &mut run::cargo(&["build", "-q", "-p", "model", "--example", "features", "--profile", "up"]),
    )?;
    Ok(paths::target().join("up/examples/features"))
}

fn fetched(cache: &Path) -> Result<Vec<Fetched>> {
    let table = fs::read_to_string(cache.join("packages.tsv")).context("fetch packages first")?;
    let read = |line: &str| {
        let (fields, deb) = line.rsplit_once('\t')?;
        Some(Fetched { fields: fields.to_owned(), deb: PathBuf::from(deb) })
    };
    let mut all: Vec<Fetched> = table.lines().filter_map(read).collect();
    // By source, so that a run that is stopped early has whole sources of every release and architecture.
    let source = |package: &Fetched| stable_hash(package.fields.split('\t').nth(4).unwrap_or(""));
    all.sort_by_key(|package| (source(package), package.fields.clone()));
    // Packages without architecture are many and hold much the same scripts.
    all.retain(|package| !package.fields.contains("\tall\t") || source(package) % 3 == 0);
    Ok(all)
}

fn rows(by: u8, tool: &Path, cache: &Path, index: usize, batch: &[Fetched], out: &Path) -> Result<()> {
    let folder = cache.join(format!("unpacked-{index}"));
    let lines = unpack(by, &folder, batch)?;
    let mut child = nice(by, tool).arg("rows").arg(out).stdin(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    child.stdin.take().context("no standard input")?.write_all(lines.as_bytes())?;
    let status = child.wait()?;
    fs::remove_dir_all(&folder)?;
    if !status.success() {
        bail!("the extractor ended with {status} on batch {index}");
    }
    Ok(())
}

/// Unpacks each package and its maintainer scripts into a folder of its own; one line a folder.
fn unpack(by: u8, folder: &Path, batch: &[Fetched]) -> Result<String> {
    let mut lines = String::new();
    for (index, package) in batch.iter().enumerate() {
        let to = folder.join(index.to_string());
        fs::create_dir_all(&to)?;
        let status =
            nice(by, Path::new("dpkg-deb")).arg("-R").arg(&package.deb).arg(&to).stderr(Stdio::null()).status()?;
        if !status.success() {
            eprintln!("xtask: cannot unpack {}: {status}", package.deb.display());
            continue;
        }
        lines += &format!("{}\t{}\n", to.display(), package.fields);
    }
    Ok(lines)
}

/// The commonest imports of a sample of the programs, for `common_imports.tsv`: of every fortieth batch, since shares need no more.
pub fn common_imports(cache: &Path, by: u8) -> Result<()> {
    let tool = tool()?;
    let all = fetched(cache)?;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut programs = 0;
    for (index, batch) in all.chunks(BATCH).enumerate().step_by(40) {
        let folder = cache.join(format!("unpacked-imports-{index}"));
        let lines = unpack(by, &folder, batch)?;
        let mut child = nice(by, &tool).arg("imports").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        child.stdin.take().context("no standard input")?.write_all(lines.as_bytes())?;
        let text = child.wait_with_output()?.stdout;
        fs::remove_dir_all(&folder)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let mut lines = text.lines();
        programs += lines.next().and_then(|first| first.parse::<u64>().ok()).unwrap_or(0);
        for (name, count) in lines.filter_map(|line| line.split_once('\t')) {
            *counts.entry(name.to_owned()).or_default() += count.parse::<u64>().unwrap_or(0);
        }
    }
    let mut common: Vec<(u64, String)> =
        counts.into_iter().map(|(name, n)| (n * 1000 / u64::max(programs, 1), name)).collect();
    common.retain(|(thousandths, _)| *thousandths >= 5);
    common.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    let mut text = format!(
        "# import, share of {programs} Debian programs that have it, in thousandths; made by `cargo xtask train --step imports`\n"
    );
    common.iter().for_each(|(thousandths, name)| text += &format!("{name}\t{thousandths}\n"));
    fs::write(paths::root().join("crates/model/src/elf/common_imports.tsv"), text)?;
    println!("{} common imports of {programs} programs", common.len());
    Ok(())
}
