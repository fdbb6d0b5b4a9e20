//! Where the gate stands, and its limits.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct GateConfig {
    pub marks: Vec<GateMark>,
    /// Only programs below these wait; empty: all under the marks.
    pub directories: Vec<PathBuf>,
    /// Scripts wait too when an interpreter opens them, and libraries before they can be mapped: `Some` tells the
    /// programs that read scripts by their path. Every first open on the marked file systems then asks, and those of what
    /// is neither are answered at once.
    pub reads: Option<fn(&Path) -> bool>,
    /// Here and below [`GateConfig::exec_directories`] executions alone wait.
    pub exec_marks: Vec<GateMark>,
    pub exec_directories: Vec<PathBuf>,
    /// After this an execution goes on unjudged.
    pub timeout: Duration,
    /// Judgements at the same time.
    pub judges: usize,
    /// Requests that may wait for a judge; more are let through and counted.
    pub queue: usize,
    /// Children of this process never wait. Off only where a test is its own attacker.
    pub exempt_own_tree: bool,
    /// Called before something goes on that nobody judged in time, so that whoever else holds it lets it go on as well.
    pub unjudged: Option<Unjudged>,
    /// The second process; without it a stop of this whole process stops executions.
    pub warden: Option<WardenProgram>,
}

#[derive(Clone)]
pub struct Unjudged(pub Arc<dyn Fn(&File) + Send + Sync>);

impl std::fmt::Debug for Unjudged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unjudged")
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GateMark {
    /// Programs reached through this one mount, in this mount namespace.
    Mount(PathBuf),
    /// Programs on this file system, however they are reached: containers included.
    Filesystem(PathBuf),
}

#[derive(Clone, Debug)]
pub struct WardenProgram {
    pub program: PathBuf,
    pub args: Vec<OsString>,
}

impl Default for WardenProgram {
    fn default() -> Self {
        WardenProgram { program: "/proc/self/exe".into(), args: vec![crate::WARDEN_COMMAND.into()] }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum GateError {
    #[error("{what}: {source}")]
    Os { what: &'static str, source: io::Error },
    #[error("watching {path}: {source}")]
    Mark { path: PathBuf, source: io::Error },
    #[error("a gate without marks would watch nothing")]
    NoMarks,
    #[error("starting the warden {program}: {source}")]
    Warden { program: PathBuf, source: io::Error },
}

impl Default for GateConfig {
    fn default() -> Self {
        GateConfig {
            marks: Vec::new(),
            directories: Vec::new(),
            reads: None,
            exec_marks: Vec::new(),
            exec_directories: Vec::new(),
            timeout: Duration::from_secs(2),
            judges: 4,
            queue: 512,
            exempt_own_tree: true,
            unjudged: None,
            warden: Some(WardenProgram::default()),
        }
    }
}

impl GateConfig {
    /// The file systems that hold these directories are marked, each once; only what lies below the directories waits.
    /// Directories that do not exist are left out.
    pub fn for_directories<P: AsRef<Path>>(directories: impl IntoIterator<Item = P>) -> Self {
        let mut devices = HashSet::new();
        let mut config = GateConfig::default();
        for directory in directories {
            // Paths of requests come without links.
            let Ok(directory) = directory.as_ref().canonicalize() else { continue };
            let Ok(meta) = directory.metadata() else { continue };
            if devices.insert(meta.dev()) {
                config.marks.push(GateMark::Filesystem(directory.clone()));
            }
            config.directories.push(directory);
        }
        config
    }

    pub(super) fn check(&self) -> Result<(), GateError> {
        if self.marks.is_empty() && self.exec_marks.is_empty() { Err(GateError::NoMarks) } else { Ok(()) }
    }

    /// Whether a judge is asked about it at all; only of an execution where `reading` is false.
    pub(super) fn in_scope(&self, path: &Path, reading: bool) -> bool {
        let below = |those: &[PathBuf]| those.iter().any(|directory| path.starts_with(directory));
        let all = path.is_relative() || self.directories.is_empty() && self.exec_directories.is_empty();
        all || below(&self.directories) || (!reading && below(&self.exec_directories))
    }
}

/// Each waiting execution holds a descriptor, and the kernel *denies* where it cannot give us one.
pub(crate) fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(65_536, |maximum| maximum.min(65_536));
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum });
        if let Err(error) = raised {
            tracing::warn!(%error, "where more wait at once than this process may hold open, the kernel refuses them");
        }
    }
}
