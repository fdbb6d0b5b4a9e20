//! Files of signatures to one compiled database. Digests go through sorted runs on the disk, so that ten million take no more
//! memory than the caller gives; patterns and logical signatures are held until the end, when it is known how common each of
//! their bytes is among all of them and the front can choose by which it finds each.

mod finish;
mod format;
pub(crate) mod inputs;
mod scratch;
mod store;

pub use scratch::Scratch;

use crate::clamav::detached::Certificates;
use crate::clamav::extended::MACRO_GROUPS;
use crate::clamav::ignore::Ignored;
use crate::clamav::metadata::MemberRule;
use crate::hashes::{HashEntry, HashWriter};
use crate::names::NamesWriter;
use crate::report::{Reason, Report};
use inputs::Input;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use store::{PatternStore, Waiting};

#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// For what is sorted.
    pub scratch: Scratch,
    /// Bytes of digests held in memory.
    pub memory: usize,
    /// Refuse a `.cvd` that is not signed by ClamAV or by somebody whom `certificates` vouch for.
    pub require_origin: bool,
    /// For detached signatures; without one that vouches for the signer these are told as unverified.
    pub certificates: Certificates,
}

impl Default for BuildOptions {
    fn default() -> Self {
        BuildOptions {
            scratch: Scratch::default(),
            memory: 192 << 20,
            require_origin: true,
            certificates: Certificates::default(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("reading {path}: {source}", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("writing the database: {0}")]
    Write(#[from] io::Error),
    #[error("more than {0} patterns")]
    TooMany(usize),
}

pub struct Builder {
    options: BuildOptions,
    hashes: HashWriter,
    names: NamesWriter<BufWriter<File>>,
    patterns: PatternStore,
    logicals: Vec<Waiting>,
    macros: [Vec<u32>; MACRO_GROUPS as usize],
    members: Vec<MemberRule>,
    ignored: Ignored,
    report: Report,
}

/// Compiles everything in `inputs` (files or folders) into `out`, which is written from its begin.
pub fn build(inputs: &[PathBuf], options: &BuildOptions, out: &mut File) -> Result<Report, BuildError> {
    let mut builder = Builder::new(options.clone())?;
    builder.read(inputs)?;
    builder.finish(out)
}

/// The same of files that are open, in a process that can open none; their paths are told, and their names say what they are.
pub fn build_open(inputs: Vec<(PathBuf, File)>, options: &BuildOptions, out: &mut File) -> Result<Report, BuildError> {
    let mut builder = Builder::new(options.clone())?;
    builder.read_all(inputs.into_iter().map(|(path, file)| Input::Open(path, file)).collect())?;
    builder.finish(out)
}

/// The files that [`build`] reads of `inputs`: folders walked, and the detached signatures of containers that were named alone.
/// Nothing of them is opened.
pub fn find(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, BuildError> {
    inputs::find(inputs)
}

/// Compiles into a new file beside `output` and renames it: who has the old one mapped keeps it whole.
pub fn build_file(inputs: &[PathBuf], options: &BuildOptions, output: &Path) -> Result<Report, BuildError> {
    into_file(output, |file| build(inputs, options, file))
}

/// Hands `make` the new file beside `output`, and renames it when that is done.
pub fn into_file<E: From<BuildError>>(
    output: &Path,
    make: impl FnOnce(&mut File) -> Result<Report, E>,
) -> Result<Report, E> {
    let write = BuildError::Write;
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(write)?;
    let report = make(file.as_file_mut())?;
    file.as_file().sync_all().map_err(write)?;
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    rustix::fs::fchmod(file.as_file(), mode).map_err(|error| write(error.into()))?;
    file.persist(output).map_err(|error| write(error.error))?;
    Ok(report)
}

impl Builder {
    pub fn new(options: BuildOptions) -> Result<Builder, BuildError> {
        let names = NamesWriter::new(BufWriter::with_capacity(1 << 20, options.scratch.file()?));
        Ok(Builder {
            hashes: HashWriter::new(&options.scratch, options.memory),
            options,
            names,
            patterns: PatternStore::default(),
            logicals: Vec::new(),
            macros: Default::default(),
            members: Vec::new(),
            ignored: Ignored::default(),
            report: Report::default(),
        })
    }

    /// One digest; what a caller has that is in no file.
    pub fn add_hash(&mut self, entry: &HashEntry) -> Result<(), BuildError> {
        let name = self.names.refer(&entry.name)?;
        self.hashes.push(entry, name)?;
        self.report.usable += 1;
        self.report.pua += u64::from(entry.pua);
        Ok(())
    }

    fn reject(&mut self, file: &str, line: u64, name: Option<&str>, error: &crate::clamav::LineError) {
        use crate::clamav::LineError;
        let kind = match error {
            LineError::Malformed(_) => Reason::Malformed,
            LineError::Unsupported(_) => Reason::Unsupported,
            LineError::OtherLevel(..) => Reason::OtherEngineLevel,
        };
        self.report.reject(file, line, name, kind, error.to_string());
    }
}
