//! Finds the database files among what was given, tells their format by name, and takes them line by line.

use super::format::{Format, format_of};
use super::store::WaitingSub;
use super::{BuildError, Builder};
use crate::clamav::{self, LineError, body, container, detached, extended, hash_lines, logical, metadata};
use crate::logical::Owner;
use crate::pattern::{Base, Pattern, atoms};
use crate::report::{ContainerReport, Reason};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _};
use std::path::{Path, PathBuf};

/// A longer line is no signature.
pub const MAX_LINE: usize = 4 << 20;
const MAX_DEPTH: usize = 8;
const MAX_PATTERNS: usize = 8 << 20;

/// A file of signatures.
pub(super) enum Input {
    Named(PathBuf),
    /// Open already.
    Open(PathBuf, File),
}

impl Input {
    fn path(&self) -> &Path {
        match self {
            Input::Named(path) | Input::Open(path, _) => path,
        }
    }

    /// From its beginning.
    fn open(&self) -> Result<File, BuildError> {
        let opened = match self {
            Input::Named(path) => File::open(path),
            Input::Open(_, file) => file.try_clone().and_then(|mut file| file.rewind().map(|()| file)),
        };
        opened.map_err(|source| BuildError::Read { path: self.path().into(), source })
    }
}

impl Builder {
    /// Files or folders; what switches signatures off is read before all others.
    pub fn read(&mut self, inputs: &[PathBuf]) -> Result<(), BuildError> {
        self.read_all(find(inputs)?.into_iter().map(Input::Named).collect())
    }

    pub(super) fn read_all(&mut self, files: Vec<Input>) -> Result<(), BuildError> {
        for only_ignores in [true, false] {
            for file in &files {
                let path = file.path();
                let shown = path.display().to_string();
                match format_of(&path.to_string_lossy()) {
                    Format::Container => self.container(file, &files, only_ignores)?,
                    Format::Unknown if !only_ignores => {
                        self.report.reject(&shown, 0, None, Reason::File, "not a database by its name");
                    }
                    Format::Detached
                        if !only_ignores && !files.iter().any(|file| detached::signs(path, file.path())) =>
                    {
                        self.report.reject(&shown, 0, None, Reason::File, "no database of that name lies beside it");
                    }
                    Format::Yara if !only_ignores => self.report.yara_files.push(path.into()),
                    format if matches!(format, Format::Ignore { .. }) == only_ignores => {
                        self.file(&shown, format, BufReader::with_capacity(1 << 20, file.open()?))
                            .map_err(|error| at_path(error, path))?;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// `files`: all that are read, its detached signature perhaps among them.
    fn container(&mut self, file: &Input, files: &[Input], only_ignores: bool) -> Result<(), BuildError> {
        let path = file.path();
        let shown = path.display().to_string();
        let sign = |version| {
            let names = detached::names(path, version)?;
            let input = files.iter().find(|input| names.iter().any(|name| name == input.path()))?;
            Some((input.path().to_owned(), input.open().map_err(io::Error::other).and_then(detached::read)))
        };
        let opened = container::open(file.open()?, path, self.options.require_origin, sign, &self.options.certificates);
        let mut opened = match opened {
            Ok(opened) => opened,
            Err(error) => {
                if !only_ignores {
                    self.report.reject(&shown, 0, None, Reason::File, error.to_string());
                }
                return Ok(());
            }
        };
        let header = opened.header.clone();
        let result = opened.members(|name, reader| {
            let format = format_of(name);
            if matches!(format, Format::Ignore { .. }) != only_ignores || matches!(format, Format::Container) {
                return Ok(());
            }
            self.file(&format!("{shown}:{name}"), format, BufReader::with_capacity(1 << 20, reader))
        });
        match result {
            Ok(()) => {}
            Err(container::MemberError::Each(error)) => return Err(at_path(error, path)),
            Err(error) if only_ignores => drop(error),
            Err(error) => self.report.reject(&shown, 0, None, Reason::File, error.to_string()),
        }
        if !only_ignores {
            self.report.containers.push(ContainerReport {
                file: path.into(),
                version: header.version,
                build_time: header.build_time,
                signatures: header.signatures,
                origin: opened.origin,
            });
        }
        Ok(())
    }

    fn file(&mut self, shown: &str, format: Format, reader: impl BufRead) -> Result<(), BuildError> {
        match format {
            Format::Beside | Format::Detached | Format::Container => return Ok(()),
            Format::Unknown => {
                self.report.reject(shown, 0, None, Reason::File, "not a database by its name");
                return Ok(());
            }
            // Those that lie beside databases are left to the YARA engine, which opens no container.
            Format::Yara => {
                self.report.files += 1;
                self.report.signatures += 1;
                self.report.reject(shown, 0, None, Reason::Unsupported, "YARA rules within a container are not taken");
                return Ok(());
            }
            Format::Unsupported(why) => {
                self.report.files += 1;
                self.report.signatures += 1;
                self.report.reject(shown, 0, None, Reason::Unsupported, why);
                return Ok(());
            }
            _ => self.report.files += 1,
        }
        let kind = shown.rsplit('.').next().unwrap_or_default().to_owned();
        let mut taken = 0u64;
        each_line(reader, |number, line| {
            let line = match line {
                Ok(line) => line,
                Err(why) => {
                    self.report.signatures += 1;
                    self.report.reject(shown, number, None, Reason::Malformed, why);
                    return Ok(());
                }
            };
            if line.is_empty() || line.starts_with('#') {
                return Ok(());
            }
            match self.line(format, line) {
                Ok(true) => taken += 1,
                Ok(false) => {}
                Err(LineFault::Build(error)) => return Err(error),
                Err(LineFault::Line(error)) => self.reject(shown, number, name_in(line, format), &error),
            }
            self.report.signatures += 1;
            Ok(())
        })?;
        *self.report.by_format.entry(kind).or_default() += taken;
        Ok(())
    }

    /// False: it is well-formed and switched off.
    fn line(&mut self, format: Format, line: &str) -> Result<bool, LineFault> {
        if !matches!(format, Format::Ignore { .. }) && !self.ignored.is_empty() {
            let name = name_in(line, format).unwrap_or_default();
            if self.ignored.covers(name, line) {
                self.report.ignored += 1;
                return Ok(false);
            }
        }
        match format {
            Format::Hash(place, pua) => self.add_hash(&hash_lines::parse(line, place, pua)?)?,
            Format::HashList => {
                if let Some(entry) = hash_lines::parse_list(line)? {
                    self.add_hash(&entry)?;
                }
            }
            Format::Extended(pua) => self.extended(extended::parse(line)?, pua)?,
            Format::Logical(pua) => self.logical(logical::parse(line)?, pua)?,
            Format::Member => {
                self.members.push(metadata::parse(line)?);
                self.report.usable += 1;
            }
            Format::Ignore { old } => {
                self.ignored.add(line, old)?;
                self.report.usable += 1;
            }
            Format::UnsupportedLines(why) => return Err(LineError::Unsupported(why.into()).into()),
            Format::Container
            | Format::Unsupported(_)
            | Format::Beside
            | Format::Detached
            | Format::Yara
            | Format::Unknown => {}
        }
        Ok(true)
    }

    fn extended(&mut self, found: extended::Extended, pua: bool) -> Result<(), LineFault> {
        found.patterns.iter().try_for_each(findable)?;
        self.room()?;
        let name = self.names.refer(&found.name).map_err(BuildError::Write)?.0;
        for pattern in found.patterns {
            let at = self.patterns.put(pattern, found.target);
            match found.macro_group {
                Some(group) => self.macros[usize::from(group)].push(at),
                None => self.patterns.owners.push((at, Owner::Extended { name, pua })),
            }
        }
        self.report.usable += 1;
        self.report.pua += u64::from(pua);
        Ok(())
    }

    fn logical(&mut self, found: logical::Logical, pua: bool) -> Result<(), LineFault> {
        for sub in &found.subsignatures {
            if let logical::Subsignature::Body(patterns) = sub {
                patterns.iter().try_for_each(findable)?;
            }
        }
        self.room()?;
        let name = self.names.refer(&found.name).map_err(BuildError::Write)?.0;
        let target = found.target;
        let subsignatures = found.subsignatures.into_iter().map(|sub| match sub {
            logical::Subsignature::Body(patterns) => {
                WaitingSub::Body(patterns.into_iter().map(|pattern| self.patterns.put(pattern, target)).collect())
            }
            logical::Subsignature::Macro(found) => WaitingSub::Macro(found),
            logical::Subsignature::ByteCompare(compare) => WaitingSub::ByteCompare(compare),
            logical::Subsignature::Pcre(pcre) => WaitingSub::Pcre(pcre),
        });
        let subsignatures = subsignatures.collect();
        let (conditions, expression) = (found.conditions, found.expression);
        self.logicals.push(super::Waiting { name, pua, target, conditions, expression, subsignatures });
        self.report.usable += 1;
        self.report.pua += u64::from(pua);
        Ok(())
    }

    fn room(&self) -> Result<(), LineFault> {
        let full = self.patterns.all.len() >= MAX_PATTERNS || self.logicals.len() >= MAX_PATTERNS;
        if full { Err(BuildError::TooMany(MAX_PATTERNS).into()) } else { Ok(()) }
    }
}

/// A pattern is found by two bytes that stand together, or by a place where it must stand.
fn findable(pattern: &Pattern) -> Result<(), LineError> {
    let placed = !matches!(pattern.offset.base, Base::Any | Base::WholeSection(_)) && pattern.offset.shift <= 256;
    if placed || atoms::choose(pattern, None).is_some() {
        return Ok(());
    }
    Err(LineError::Malformed("no two given bytes stand together, and no place is given".into()))
}

enum LineFault {
    Line(LineError),
    Build(BuildError),
}

impl From<LineError> for LineFault {
    fn from(error: LineError) -> Self {
        LineFault::Line(error)
    }
}

impl From<BuildError> for LineFault {
    fn from(error: BuildError) -> Self {
        LineFault::Build(error)
    }
}

/// The name of a signature, also where the rest of the line is wrong.
fn name_in(line: &str, format: Format) -> Option<&str> {
    let name = match format {
        Format::Hash(..) => line.split(':').nth(2),
        Format::Logical(_) => line.split(';').next(),
        Format::HashList => line.split_whitespace().nth(1),
        _ => line.split([':', ';']).next(),
    };
    name.filter(|name| name.len() <= crate::names::MAX_NAME)
}

fn at_path(error: BuildError, path: &Path) -> BuildError {
    match error {
        BuildError::Read { source, .. } => BuildError::Read { path: path.into(), source },
        other => other,
    }
}

pub(super) fn find(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, BuildError> {
    let mut files = Vec::new();
    for input in inputs {
        collect(input, 0, &mut files)?;
    }
    // Signatures of containers that were named without their folder.
    let beside: Vec<PathBuf> = files.iter().flat_map(|path| detached::beside(path)).collect();
    files.extend(beside.into_iter().filter(|sign| !inputs.iter().any(|input| sign.starts_with(input))));
    Ok(files)
}

fn collect(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), BuildError> {
    let read = |source: io::Error| BuildError::Read { path: path.into(), source };
    let meta = std::fs::metadata(path).map_err(read)?;
    if !meta.is_dir() {
        if !meta.is_file() {
            return Err(read(io::Error::other("not a file")));
        }
        files.push(path.into());
        return Ok(());
    }
    if depth > MAX_DEPTH {
        return Err(read(io::Error::other("folders nested deeper than 8")));
    }
    let entries = std::fs::read_dir(path).map_err(read)?;
    let mut entries =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>().map_err(read)?;
    entries.sort();
    entries.iter().try_for_each(|entry| collect(entry, depth + 1, files))
}

/// Lines without their ends, counted from 1. A line that is too long or not UTF-8 comes as the reason; the file is read on.
pub fn each_line(
    mut reader: impl BufRead,
    mut each: impl FnMut(u64, Result<&str, &'static str>) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let mut line = Vec::new();
    let mut number = 0;
    let read = |source: io::Error| BuildError::Read { path: PathBuf::new(), source };
    loop {
        line.clear();
        let got = (&mut reader).take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line).map_err(read)?;
        if got == 0 {
            return Ok(());
        }
        number += 1;
        let whole = line.last() == Some(&b'\n') || got <= MAX_LINE;
        if !whole {
            reader.skip_until(b'\n').map_err(read)?;
            each(number, Err("a line of more than 4 MiB"))?;
            continue;
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        each(number, std::str::from_utf8(&line).map_err(|_| "a line that is not UTF-8"))?;
    }
}

/// One line of any text format, as a build takes it; for fuzzing. The extension tells the format.
pub fn parse_line(extension: &str, line: &str) -> Result<(), LineError> {
    match format_of(extension) {
        Format::Hash(place, pua) => hash_lines::parse(line, place, pua).map(drop),
        Format::HashList => hash_lines::parse_list(line).map(drop),
        Format::Extended(_) => extended::parse(line).map(drop),
        Format::Logical(_) => logical::parse(line).map(drop),
        Format::Member => metadata::parse(line).map(drop),
        Format::Ignore { old } => clamav::ignore::Ignored::default().add(line, old),
        _ => body::parse(line).map(drop),
    }
}
