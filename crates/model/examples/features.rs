//! Feature tables for training: what stands below folders, as rows of numbers.
//!
//! Standard input: one folder a line, a tab, and fields of the caller's that are kept as they are. Arguments: `rows OUT` or
//! `imports`. Out, for `rows`: `OUT.<layout>.f32` (rows of little-endian 32-bit floats) and `OUT.<layout>.tsv` (one line a row: SHA-256, file's
//! path in its folder, machine or language, language of an ELF file, and the caller's fields). For `imports`: on standard output the
//! number of programs, then each import with how many have it. Files are read, never run; what cannot be read is counted on standard error.

use model::layout::Layout;
use model::{elf, layouts};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufRead as _, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Longest file that is read; the agent's own limit is higher, but a training row need not be.
const LONGEST: u64 = 64 << 20;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["rows", out] => rows(out),
        ["legend"] => legend(),
        ["imports"] => imports(),
        _ => Err("give `rows OUT`, `legend` or `imports`".into()),
    }
}

/// Layout, number and name of each feature.
fn legend() -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for layout in layouts() {
        for index in 0..layout.width() {
            let categorical = layout.categorical().contains(&index);
            writeln!(out, "{}\t{index}\t{}\t{}", layout.id(), layout.name(index), u8::from(categorical))?;
        }
    }
    Ok(out.flush()?)
}

struct Table {
    rows: BufWriter<File>,
    lines: BufWriter<File>,
}

fn rows(out: &str) -> Result<(), Failure> {
    let mut tables: BTreeMap<&'static str, Table> = BTreeMap::new();
    let mut row = Vec::new();
    let mut seen = HashSet::new();
    let (mut files, mut unread) = (0u64, 0u64);
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (folder, fields) = line.split_once('\t').unwrap_or((&line, ""));
        for path in walk(Path::new(folder)) {
            let Some(bytes) = read(&path) else {
                unread += 1;
                continue;
            };
            let wanted = layouts_of(&bytes, &path);
            if wanted.is_empty() {
                continue;
            }
            let digest = hex(&Sha256::digest(&bytes));
            if !seen.insert(digest.clone()) {
                continue;
            }
            files += 1;
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string().replace(['\t', '\n'], "?");
            for (layout, machine, language) in wanted {
                layout.extract(&bytes, &mut row);
                let table = match tables.entry(layout.id()) {
                    std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                    std::collections::btree_map::Entry::Vacant(entry) => entry.insert(Table {
                        rows: BufWriter::new(File::create(format!("{out}.{}.f32", layout.id()))?),
                        lines: BufWriter::new(File::create(format!("{out}.{}.tsv", layout.id()))?),
                    }),
                };
                for value in &row {
                    table.rows.write_all(&value.to_le_bytes())?;
                }
                writeln!(table.lines, "{digest}\t{name}\t{machine}\t{language}\t{fields}")?;
            }
        }
    }
    for table in tables.values_mut() {
        table.rows.flush()?;
        table.lines.flush()?;
    }
    eprintln!("features: {files} files, {unread} unread");
    Ok(())
}

/// Layouts that a file is a case for.
fn layouts_of(bytes: &[u8], _path: &Path) -> Vec<(&'static dyn Layout, &'static str, &'static str)> {
    if let Some((machine, language)) = elf::describe(bytes) {
        return vec![(&elf::ElfLayout, machine, language), (&elf::miner::ElfMinerLayout, machine, language)];
    }
    Vec::new()
}

fn imports() -> Result<(), Failure> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    let mut programs = 0u64;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        for path in walk(Path::new(line.split('\t').next().unwrap_or(&line))) {
            let names: HashSet<String> = read(&path).map_or_else(HashSet::new, |bytes| elf::imported_names(&bytes).into_iter().collect());
            programs += u64::from(!names.is_empty());
            names.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
        }
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    writeln!(out, "{programs}")?;
    for (name, count) in counts {
        writeln!(out, "{name}\t{count}")?;
    }
    Ok(out.flush()?)
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_path_buf()];
    while let Some(folder) = left.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => left.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    let mut bytes = Vec::new();
    if file.metadata().ok()?.len() > LONGEST {
        return None;
    }
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
