//! What scanner and workers say to each other, in frames of [`crate::channel`]; both ends are the same program, so there
//! is no versioning. The worker may be in an attacker's hands: every answer is bounded and only ever data.

use crate::Urgency;
use event::{Action, Engine, Reason, Severity, Technique};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// To the nursery: first [`Load::Begin`], then files of signatures, each with its descriptor, then [`Load::End`], which
/// is answered by [`Loaded`]. The nursery itself can open nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Load {
    Begin(Begin),
    File(SignatureFile),
    End,
    /// Instead of [`Load::Begin`], to a process that compiles: scratch files, one for what comes out and the foreign
    /// databases follow, each with its descriptor, and [`Load::End`] is answered by [`Compiled`].
    Compile {
        /// Also the lists of digests that ship inside the program.
        builtin: bool,
        /// A container that nobody who is known signed is refused.
        require_origin: bool,
        certificates: signatures::Certificates,
        /// Digests held in memory while they are sorted.
        sort_bytes: usize,
        memory_bytes: u64,
    },
    Scratch,
    Output,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Compiled {
    pub report: Option<signatures::Report>,
    pub error: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Begin {
    /// Also the rules, digests and models that ship inside the program.
    pub builtin: bool,
    /// Also tell of potentially unwanted applications.
    pub pua: bool,
    /// External variables of YARA rules, `name=value`.
    pub variables: Vec<(String, String)>,
    pub memory_bytes: u64,
    pub max_file_bytes: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignatureFile {
    pub path: PathBuf,
    pub kind: FileKind,
}

/// What a file of signatures is, by its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileKind {
    Yara,
    YaraCompiled,
    /// Digests or patterns in one of ClamAV's formats, or a list of digests: compiled before it is handed on.
    ClamAv,
    /// A compiled database of those.
    Database,
    /// A learned model.
    Model,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Loaded {
    pub files: usize,
    pub rules: usize,
    pub hashes: u64,
    pub patterns: u64,
    /// Name and version of each.
    pub models: Vec<String>,
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
pub struct Spawn {
    pub urgency: Urgency,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spawned {
    pub error: Option<String>,
    pub pid: u32,
}

/// To a worker; the file comes with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScanRequest {
    /// As it is told; names the type by its ending and members by what they lie in.
    pub name: String,
    /// As it was when it was opened.
    pub size: u64,
    pub max_file_bytes: u64,
    pub max_hash_bytes: u64,
    pub timeout_ms: u64,
    /// What opening containers may take at a time.
    pub unpack_memory_bytes: u64,
    pub max_findings: usize,
    /// Look into archives and containers.
    pub open: bool,
    /// Tell what each voice said even where nothing was found.
    pub explain: bool,
    /// The model is not asked, and why.
    pub spare_model: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ScanAnswer {
    /// Of the whole content.
    pub sha256: Option<[u8; 32]>,
    /// Bytes that the patterns saw.
    pub seen: u64,
    /// Why it does not count as read to its end, each reason once.
    pub unread: Vec<String>,
    pub unread_left_out: u64,
    pub matches: Vec<Match>,
    pub matches_left_out: usize,
    pub members: u64,
    pub voices: Vec<Reason>,
    pub timed_out: bool,
    pub error: Option<String>,
    /// The worker ends after this answer, having done enough.
    pub retires: bool,
}

/// What one voice found in the file or in a member of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Match {
    pub engine: Engine,
    pub rule_id: String,
    pub name: String,
    pub severity: Severity,
    pub action: Option<Action>,
    pub techniques: Vec<Technique>,
    pub detail: String,
    /// Path of the member inside the file; None for the file itself.
    pub member: Option<String>,
    /// What it was made of, by name.
    pub matched: Vec<(String, String)>,
}
