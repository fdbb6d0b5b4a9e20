//! ClamAV databases and lists of digests, compiled into one database. They are foreign, so they are parsed where files are: a
//! process without privileges gets them open, with files for what it sorts and one for what comes out. It has ended before
//! anybody maps that. The agent and a scan come here for their own use, `tamon signatures` for what it builds and publishes.

use super::StartError;
use super::nursery::{LOADS_WITHIN, spawn};
use crate::protocol::{Compiled, FileKind, Load, SignatureFile};
use crate::{RejectedFile, ScanConfig, WorkerProgram, files};
use signatures::{Certificates, Report, Scratch};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

/// Beyond what is sorted: lists that ship lie in one each.
const SCRATCH_FILES: usize = Scratch::FILES + 16;
/// Patterns and names are held until the end.
const MEMORY: u64 = 4 << 30;
/// What an operator builds may be larger than what an agent takes in by itself, and take longer.
const LARGEST_INPUT: u64 = 64 << 30;
const BUILDS_WITHIN: Duration = Duration::from_secs(4 * 3600);

/// How databases are compiled outside of a scanner.
#[derive(Clone, Debug)]
pub struct CompileOptions {
    /// Refuse a `.cvd` that is not signed by ClamAV or by somebody whom `certificates` vouch for.
    pub require_origin: bool,
    pub certificates: Certificates,
    /// Bytes of digests held in memory while they are sorted.
    pub sort_bytes: usize,
    /// Folder for what is sorted: about twice the size of the result.
    pub scratch: PathBuf,
    pub worker: WorkerProgram,
}

impl Default for CompileOptions {
    fn default() -> Self {
        let signatures::BuildOptions { require_origin, certificates, memory, .. } = Default::default();
        CompileOptions {
            require_origin,
            certificates,
            sort_bytes: memory,
            scratch: std::env::temp_dir(),
            worker: WorkerProgram::default(),
        }
    }
}

/// Compiles files and folders of databases into `output`, by a process that holds nothing but them. One that cannot be
/// opened is an error.
pub fn compile_signatures(inputs: &[PathBuf], options: &CompileOptions, output: &File) -> Result<Report, StartError> {
    let found = signatures::find(inputs).map_err(|error| StartError::Signatures(error.to_string()))?;
    let open = |path: &Path| files::open_within(path, LARGEST_INPUT).map_err(|why| unopened(path, &why));
    run(&found, options, false, BUILDS_WITHIN, output, &mut |path| open(path).map(Some))
}

fn unopened(path: &Path, why: &str) -> StartError {
    StartError::Signatures(format!("{}: {why}", path.display()))
}

/// The database of a scanner and what it was made of. Nothing is left of the process that made it.
pub fn compile(
    config: &ScanConfig,
    inputs: &[PathBuf],
    rejected: &mut Vec<RejectedFile>,
) -> Result<(File, Report), StartError> {
    let output = tempfile::tempfile().map_err(temporary)?;
    let certificates = certificates(config, rejected);
    let options = CompileOptions { certificates, worker: config.worker.clone(), ..CompileOptions::default() };
    // One that cannot be opened costs itself alone.
    let mut open = |path: &Path| {
        Ok(files::open(path)
            .map_err(|reason| rejected.push(RejectedFile { file: path.into(), rule_id: None, reason }))
            .ok())
    };
    let report = run(inputs, &options, config.builtin, LOADS_WITHIN, &output, &mut open)?;
    Ok((output, report))
}

fn run(
    inputs: &[PathBuf],
    options: &CompileOptions,
    builtin: bool,
    within: Duration,
    output: &File,
    open: &mut dyn FnMut(&Path) -> Result<Option<File>, StartError>,
) -> Result<Report, StartError> {
    let (process, mut channel) = spawn(&options.worker)?;
    let _ended = Ended(process);
    let fail = |error: crate::channel::ChannelError| StartError::Signatures(format!("what compiles them: {error}"));
    let within = Some(within);
    let begin = Load::Compile {
        builtin,
        require_origin: options.require_origin,
        certificates: options.certificates.clone(),
        sort_bytes: options.sort_bytes,
        memory_bytes: MEMORY.saturating_add(options.sort_bytes as u64),
    };
    channel.send(&begin, None, within).map_err(fail)?;
    for _ in 0..SCRATCH_FILES {
        let scratch = tempfile::tempfile_in(&options.scratch).map_err(temporary)?;
        channel.send(&Load::Scratch, Some(scratch.as_fd()), within).map_err(fail)?;
    }
    channel.send(&Load::Output, Some(output.as_fd()), within).map_err(fail)?;
    for path in inputs {
        let named = SignatureFile { path: path.clone(), kind: FileKind::ClamAv };
        if let Some(file) = open(path)? {
            channel.send(&Load::File(named), Some(file.as_fd()), within).map_err(fail)?;
        }
    }
    channel.send(&Load::End, None, within).map_err(fail)?;
    let (Compiled { report, error }, _) = channel.receive(within).map_err(fail)?;
    match (report, error) {
        (Some(report), None) => Ok(report),
        (_, error) => Err(StartError::Signatures(error.unwrap_or_else(|| "no report came".into()))),
    }
}

fn temporary(error: io::Error) -> StartError {
    StartError::Signatures(format!("a temporary file: {error}"))
}

/// Without them a detached signature is unverified, which is told; so a damaged folder does not cost all signatures.
fn certificates(config: &ScanConfig, rejected: &mut Vec<RejectedFile>) -> Certificates {
    let Some(folder) = &config.certificates else { return Certificates::default() };
    Certificates::read(folder).unwrap_or_else(|error| {
        rejected.push(RejectedFile { file: folder.clone(), rule_id: None, reason: error.to_string() });
        Certificates::default()
    })
}

/// Whatever it holds open ends with it: nobody can write to the database any more.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
