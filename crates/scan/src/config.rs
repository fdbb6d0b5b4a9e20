//! What a scanner is given: where rules and hash sets lie, its limits and the program of its workers.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct ScanConfig {
    /// Files of signatures, or folders of them: YARA rules (`.yar`, `.yara`), compiled rules (`.yarc`), lists of digests
    /// (`.txt`, `.sha256`, `.hash`).
    pub signatures: Vec<PathBuf>,
    /// Also tell of potentially unwanted applications.
    pub pua: bool,
    /// External variables of YARA rules, by name.
    pub variables: Vec<(String, String)>,
    /// Folder of certificates that detached signatures of ClamAV's containers are held against.
    pub certificates: Option<PathBuf>,
    /// Also what ships inside the program.
    pub builtin: bool,
    pub limits: Limits,
    /// Files looked at at the same time.
    pub workers: usize,
    pub worker: WorkerProgram,
}

impl Default for ScanConfig {
    fn default() -> Self {
        ScanConfig {
            signatures: Vec::new(),
            pua: false,
            variables: Vec::new(),
            certificates: None,
            builtin: true,
            limits: Limits::default(),
            workers: 2,
            worker: WorkerProgram::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Patterns see this many bytes of a file; one that is longer is `incomplete`.
    pub max_file_bytes: u64,
    /// The digest is taken of files up to this size.
    pub max_hash_bytes: u64,
    /// For one file, reading included.
    pub timeout: Duration,
    /// Writable memory of a worker above what the largest file takes.
    pub worker_memory_bytes: u64,
    /// Findings a file; more are counted in the note, not listed.
    pub max_findings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_file_bytes: 64 << 20,
            max_hash_bytes: 2 << 30,
            timeout: Duration::from_secs(10),
            worker_memory_bytes: 512 << 20,
            max_findings: 64,
        }
    }
}

/// What is run as a worker.
#[derive(Clone, Debug)]
pub struct WorkerProgram {
    pub program: PathBuf,
    pub args: Vec<OsString>,
}

impl Default for WorkerProgram {
    /// This very program, as it was when it started: an upgrade on the disk does not mix versions.
    fn default() -> Self {
        WorkerProgram { program: "/proc/self/exe".into(), args: vec![crate::WORKER_COMMAND.into()] }
    }
}
