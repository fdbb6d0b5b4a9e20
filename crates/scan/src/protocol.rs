//! What scanner and workers say to each other. JSON in frames of [`crate::channel`]; both ends are the same program, so
//! there is no versioning. The worker may be in an attacker's hands: every answer is bounded and only ever data.

use event::{Action, Severity, Technique};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Source {
    pub file: PathBuf,
    pub namespace: String,
    pub text: String,
}

/// To the nursery, first of all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Load {
    pub sources: Vec<Source>,
    pub memory_bytes: u64,
    pub max_file_bytes: u64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Loaded {
    pub rules: usize,
    pub rejected: Vec<crate::RejectedFile>,
    pub warnings: Vec<String>,
    pub confinement: Confinement,
}

/// What a worker is stripped of on this host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// The uid it runs as.
    pub uid: u32,
    /// `full`, `partial` (older kernel) or `none`.
    pub landlock: String,
    /// Without it no worker runs, so it is true wherever one answers.
    pub seccomp: bool,
    pub own_network_namespace: bool,
}

/// To the nursery; the worker's end of a new socket pair comes with it. Answered by [`Spawned`] with a pidfd.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Spawn {}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spawned {
    pub error: Option<String>,
    pub pid: u32,
}

/// To a worker; the file comes with it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ScanRequest {
    pub max_file_bytes: u64,
    pub max_hash_bytes: u64,
    pub timeout_ms: u64,
    pub max_findings: usize,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ScanAnswer {
    /// Hex; of the whole content.
    pub sha256: Option<String>,
    /// Bytes that the patterns saw.
    pub seen: u64,
    /// Those bytes were the whole file.
    pub whole: bool,
    pub matches: Vec<RuleMatch>,
    pub matches_left_out: usize,
    pub timed_out: bool,
    pub error: Option<String>,
    /// The worker ends after this answer, having done enough.
    pub retires: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleMatch {
    pub namespace: String,
    pub rule: String,
    pub title: Option<String>,
    pub severity: Severity,
    pub action: Option<Action>,
    pub techniques: Vec<Technique>,
    pub detail: String,
}
