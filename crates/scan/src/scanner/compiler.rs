//! ClamAV databases and lists of digests, compiled into one database that the nursery maps. They are foreign, so they are
//! parsed where files are: a process without privileges gets them open, with files for what it sorts and one for what
//! comes out. It has ended before anybody maps that. What was compiled before (`.tsig`) is handed on as it is.

use super::StartError;
use super::nursery::{LOADS_WITHIN, spawn};
use crate::protocol::{Compiled, FileKind, Load, SignatureFile};
use crate::{RejectedFile, ScanConfig, files};
use signatures::{Certificates, Report, Scratch};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::Child;

/// Beyond what is sorted: lists that ship lie in one each.
const SCRATCH_FILES: usize = Scratch::FILES + 16;
/// Patterns and names are held until the end.
const MEMORY: u64 = 4 << 30;

/// The database and what it was made of. Nothing is left of the process that made it.
pub fn compile(
    config: &ScanConfig,
    inputs: &[PathBuf],
    rejected: &mut Vec<RejectedFile>,
) -> Result<(File, Report), StartError> {
    let folder = |error: io::Error| StartError::Signatures(format!("a temporary file: {error}"));
    let output = tempfile::tempfile().map_err(folder)?;
    let (process, mut channel) = spawn(&config.worker)?;
    let _ended = Ended(process);
    let fail = |error: crate::channel::ChannelError| StartError::Signatures(format!("what compiles them: {error}"));
    let within = Some(LOADS_WITHIN);
    let certificates = certificates(config, rejected);
    let begin = Load::Compile { builtin: config.builtin, certificates, memory_bytes: MEMORY };
    channel.send(&begin, None, within).map_err(fail)?;
    for _ in 0..SCRATCH_FILES {
        let scratch = tempfile::tempfile().map_err(folder)?;
        channel.send(&Load::Scratch, Some(scratch.as_fd()), within).map_err(fail)?;
    }
    channel.send(&Load::Output, Some(output.as_fd()), within).map_err(fail)?;
    for path in inputs {
        let named = SignatureFile { path: path.clone(), kind: FileKind::ClamAv };
        match files::open(path) {
            Ok(file) => channel.send(&Load::File(named), Some(file.as_fd()), within).map_err(fail)?,
            Err(reason) => rejected.push(RejectedFile { file: path.clone(), rule_id: None, reason }),
        }
    }
    channel.send(&Load::End, None, within).map_err(fail)?;
    let (Compiled { report, error }, _) = channel.receive(within).map_err(fail)?;
    match (report, error) {
        (Some(report), None) => Ok((output, report)),
        (_, error) => Err(StartError::Signatures(error.unwrap_or_else(|| "no report came".into()))),
    }
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
