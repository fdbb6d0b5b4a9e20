//! Feature tables for training: what stands below folders, as rows of numbers.
//!
//! Standard input: one folder a line, a tab, and fields of the caller's that are kept as they are. Arguments: `rows OUT`, `texts LAYOUT OUT` (records
//! of text instead of folders), `ember LAYOUT OUT` (EMBER2024's feature files instead), `legend` or `imports`. Out, for `rows`: `OUT.<layout>.f32` (rows of little-endian 32-bit floats) and `OUT.<layout>.tsv` (one line a row: SHA-256, file's
//! path in its folder, machine or language, language of an ELF file, and the caller's fields). For `imports`: on standard output the
//! number of programs, then each import with how many have it. Files are read, never run; what cannot be read is counted on standard error.

mod ember;

use model::layout::Layout;
use model::{command, elf, layouts, script};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufRead as _, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Longest file that is read; the agent's own limit is higher, but a training row need not be.
const LONGEST: u64 = 64 << 20;
const LONGEST_SCRIPT: usize = 4 << 20;
/// Longest script that is kept, one in eight, for stand-ins to be put into (`OUT.hosts`).
const LONGEST_HOST: usize = 24_000;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["rows", out] => rows(out),
        ["texts", layout, out] => texts(layout, out),
        ["ember", layout, out] => ember::lines(layout, out),
        ["legend"] => legend(),
        ["imports"] => imports(),
        _ => Err("give `rows OUT`, `texts LAYOUT OUT`, `ember LAYOUT OUT`, `legend` or `imports`".into()),
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

impl Table {
    fn new(out: &str, layout: &str) -> Result<Table, Failure> {
        let create = |end: &str| File::create(format!("{out}.{layout}.{end}")).map(BufWriter::new);
        Ok(Table { rows: create("f32")?, lines: create("tsv")? })
    }

    fn add(&mut self, row: &[f32], line: &str) -> Result<(), Failure> {
        for value in row {
            self.rows.write_all(&value.to_le_bytes())?;
        }
        Ok(writeln!(self.lines, "{line}")?)
    }

    fn end(mut self) -> Result<(), Failure> {
        self.rows.flush()?;
        Ok(self.lines.flush()?)
    }
}

fn table<'a>(
    tables: &'a mut BTreeMap<&'static str, Table>,
    out: &str,
    layout: &'static str,
) -> Result<&'a mut Table, Failure> {
    match tables.entry(layout) {
        std::collections::btree_map::Entry::Occupied(entry) => Ok(entry.into_mut()),
        std::collections::btree_map::Entry::Vacant(entry) => Ok(entry.insert(Table::new(out, layout)?)),
    }
}

fn rows(out: &str) -> Result<(), Failure> {
    let mut tables: BTreeMap<&'static str, Table> = BTreeMap::new();
    let mut row = Vec::new();
    let mut seen = HashSet::new();
    let mut hosts = BufWriter::new(File::create(format!("{out}.hosts"))?);
    let (mut files, mut unread) = (0u64, 0u64);
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (folder, fields) = line.split_once('\t').unwrap_or((&line, ""));
        for path in walk(Path::new(folder)) {
            let Some(bytes) = read(&path) else {
                unread += 1;
                continue;
            };
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string().replace(['\t', '\n'], "?");
            for line in commands(&bytes, &name).iter().filter(|line| command::is_judged(line.as_bytes())) {
                let digest = hex(&Sha256::digest(line));
                if seen.insert(digest.clone()) {
                    command::LAYOUT.extract(line.as_bytes(), &mut row);
                    let text = line.replace('\t', " ");
                    let table = table(&mut tables, out, command::LAYOUT.id())?;
                    table.add(
                        &row,
                        &format!("{digest}\t{name}\t{}\tcommand\t{fields}", text.chars().take(200).collect::<String>()),
                    )?;
                }
            }
            let wanted = layouts_of(&bytes);
            if wanted.is_empty() {
                continue;
            }
            let digest = hex(&Sha256::digest(&bytes));
            if !seen.insert(digest.clone()) {
                continue;
            }
            files += 1;
            if wanted[0].0.id() == script::LAYOUT.id() && bytes.len() <= LONGEST_HOST && digest.starts_with(['0', '8'])
            {
                hosts.write_all(format!("{}\t{fields}\x1e", wanted[0].2).as_bytes())?;
                let text: Vec<u8> = bytes.iter().copied().filter(|byte| !matches!(byte, 0x1d | 0x1e)).collect();
                hosts.write_all(&text)?;
                hosts.write_all(b"\x1d")?;
            }
            for (layout, machine, language) in wanted {
                layout.extract(&bytes, &mut row);
                table(&mut tables, out, layout.id())?
                    .add(&row, &format!("{digest}\t{name}\t{machine}\t{language}\t{fields}"))?;
            }
        }
    }
    hosts.flush()?;
    for table in tables.into_values() {
        table.end()?;
    }
    eprintln!("features: {files} files, {unread} unread");
    Ok(())
}

/// Layouts that a file is a case for.
fn layouts_of(bytes: &[u8]) -> Vec<(&'static dyn Layout, &'static str, &'static str)> {
    if let Some((machine, language)) = elf::describe(bytes) {
        return vec![(&elf::LAYOUT, machine, language), (&elf::miner::LAYOUT, machine, language)];
    }
    match script::detect(bytes) {
        Some(language) if bytes.len() <= LONGEST_SCRIPT => vec![(&script::LAYOUT, "script", language.name())],
        _ => Vec::new(),
    }
}

/// What a distribution runs by itself: maintainer scripts, cron jobs, units, scripts in /etc; each logical line is a command.
fn commands(bytes: &[u8], path: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let unit = [".service", ".timer", ".socket"].iter().any(|end| path.ends_with(end));
    let scripts =
        ["DEBIAN/", "etc/cron", "etc/init.d", "etc/profile.d", "etc/network", "etc/kernel", "etc/dhcp", "etc/X11"];
    let shell = script::detect(bytes) == Some(script::Language::Shell);
    if unit {
        let start = |line: &str| {
            line.strip_prefix("Exec")
                .and_then(|rest| rest.split_once('='))
                .map(|(_, command)| command.trim().to_owned())
        };
        return text.lines().filter_map(start).collect();
    }
    if !scripts.iter().any(|folder| path.starts_with(folder)) || !(shell || path.starts_with("etc/cron.d/")) {
        return Vec::new();
    }
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let without_times = |line: &str| match path.starts_with("etc/cron.d/") {
        true => line.split_whitespace().skip(6).collect::<Vec<_>>().join(" "),
        false => line.to_owned(),
    };
    lines.map(without_times).collect()
}

/// Records that a caller made: `fields`, 0x1e, text, 0x1d.
fn texts(layout: &str, out: &str) -> Result<(), Failure> {
    let layout = layouts().into_iter().find(|one| one.id() == layout).ok_or("no such layout")?;
    let mut all = Vec::new();
    std::io::stdin().lock().read_to_end(&mut all)?;
    let mut table = Table::new(out, layout.id())?;
    let mut row = Vec::new();
    for record in all.split(|byte| *byte == 0x1d) {
        let Some(at) = record.iter().position(|byte| *byte == 0x1e) else { continue };
        let (fields, text) = (&record[..at], &record[at + 1..]);
        layout.extract(text, &mut row);
        let language = script::detect(text).map_or("none", script::Language::name);
        table.add(
            &row,
            &format!("{}\t-\ttext\t{language}\t{}", hex(&Sha256::digest(text)), String::from_utf8_lossy(fields)),
        )?;
    }
    table.end()
}

fn imports() -> Result<(), Failure> {
    let mut counts: HashMap<String, u64> = HashMap::new();
    let mut programs = 0u64;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        for path in walk(Path::new(line.split('\t').next().unwrap_or(&line))) {
            let names: HashSet<String> =
                read(&path).map_or_else(HashSet::new, |bytes| elf::imported_names(&bytes).into_iter().collect());
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
