//! Lockdown: the lock of each host, what it saw that nobody vouches for, and trusting one of these.

use crate::hosts::HostAnswer;
use crate::malware::ScannedFile;
use incident::Time;
use incident::schema::ModeName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The locks of all hosts, asked of them just now.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct LockdownList {
    pub items: Vec<HostLockdown>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HostLockdown {
    pub answer: HostAnswer,
    /// None when it did not answer.
    pub state: Option<LockdownState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LockPhase {
    Open,
    Learning,
    Locked,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct LockdownState {
    pub phase: LockPhase,
    /// How far the lock goes just now; none where it asks about nothing.
    #[schema(value_type = Option<ModeName>)]
    pub mode: Option<event::Mode>,
    pub by: Option<String>,
    pub since: Option<Time>,
    /// From then on it only observes.
    pub until: Option<Time>,
    pub break_glass: Option<BreakGlass>,
    /// Contents trusted by name, in lists, and struck out.
    pub trusted: u64,
    pub listed: u64,
    pub distrusted: u64,
    /// Unknown files that were seen.
    pub unknown: u64,
    pub asked: u64,
    pub denied: u64,
    /// Would have been refused under enforce.
    pub would_deny: u64,
    /// Ran before anyone could be asked.
    pub ran_unasked: u64,
    pub ended: u64,
    /// Ended before anyone could look.
    pub unjudged: u64,
    /// Promises that this host's tier cannot keep.
    pub not_kept: Vec<NotKept>,
    /// None where the host does not tell.
    pub kernel: Option<KernelLock>,
}

/// What the kernel itself holds of a lock, in the enforce tier.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct KernelLock {
    /// `in force`, `watches what is mapped`, `being prepared`, `not in force`, `not in this tier`.
    pub state: String,
    /// What happens without the agent as things are, in words.
    pub without_agent: String,
    /// Refused by it since the agent's start.
    pub refused_programs: u64,
    pub refused_libraries: u64,
    pub refused_modules: u64,
    /// Taking over another process.
    pub refused_tracing: u64,
}

/// For a while everything runs, and is told.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct BreakGlass {
    pub reason: String,
    pub by: String,
    pub since: Time,
    pub until: Time,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct NotKept {
    pub attack: String,
    pub why: String,
}

/// What a host saw that nobody vouches for, and what is trusted there.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct LockdownReport {
    pub answer: HostAnswer,
    /// Most often refused first.
    pub unknown: Vec<UnknownFile>,
    /// Unknown files that found no room in the host's list.
    pub unknown_shed: u64,
    /// Trusted by hand, by list or by an updater; what was learned is only counted.
    pub trusted: Vec<TrustedContent>,
    pub learned: u64,
    pub distrusted: Vec<DistrustedContent>,
    /// Package databases that could not be read, and why.
    pub package_errors: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct UnknownFile {
    pub path: String,
    pub sha256: Option<String>,
    /// `program`, `script`, `library`, or an act without a file of its own.
    pub usage: String,
    pub reason: String,
    /// Program that asked, last.
    pub by: String,
    pub user: String,
    pub first: Time,
    pub last: Time,
    pub count: u64,
    /// How often it was refused.
    pub denied: u64,
    /// It is a file, which can be trusted.
    pub is_file: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct TrustedContent {
    pub path: Option<String>,
    pub sha256: String,
    pub source: String,
    pub by: String,
    pub at: Time,
    pub until: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct DistrustedContent {
    pub path: Option<String>,
    pub sha256: Option<String>,
    pub reason: String,
    pub by: String,
    pub at: Time,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrustQuestion {
    pub path: String,
    /// The content that was refused.
    #[serde(default)]
    pub sha256: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct TrustAnswer {
    pub answer: HostAnswer,
    /// None when the host did not answer.
    pub consequence: Option<TrustConsequence>,
}

/// What trusting this content at this path would come to.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct TrustConsequence {
    pub path: String,
    pub exists: bool,
    /// The content that would be trusted.
    pub sha256: Option<String>,
    pub sha256_now: Option<String>,
    /// The path still holds that content; where it does not, nothing can be trusted.
    pub same: bool,
    /// Somebody vouches for it already.
    pub runs_already: Option<bool>,
    pub reasons: Vec<String>,
    /// A shell or an interpreter: scripts are asked about on their own, `-c` and standard input by the policy.
    pub interpreter: bool,
    /// False: the lock does not ask about this path at all.
    pub in_scope: bool,
    pub file: Option<TrustedFileFacts>,
    /// How it was used and refused so far.
    pub seen: Vec<UnknownFile>,
    /// The same content at other paths, which stays refused.
    pub elsewhere: Vec<String>,
    /// What the scanner says of it now; none where nothing scans.
    pub scan: Option<ScannedFile>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct TrustedFileFacts {
    pub size: u64,
    pub uid: u32,
    pub gid: u32,
    pub mode: String,
    pub links: u64,
    /// Where links lead, when elsewhere.
    pub real_path: Option<String>,
    /// It and every folder above it can be written by root alone.
    pub only_root_writes: bool,
    pub written_by: Option<String>,
    pub distrusted: Option<String>,
    pub package: Option<String>,
    pub package_says: PackageWord,
}

/// The package database about this path, held against the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PackageWord {
    Nobody,
    Same,
    Changed,
    NoDigest,
}

/// A change of a host's lock. Opening it and breaking the glass are for root on the host.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LockdownRequest {
    pub change: LockdownChange,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LockdownChange {
    /// This content at this path.
    Trust {
        path: String,
        sha256: String,
        #[serde(default)]
        days: Option<u32>,
    },
    /// A path or a digest.
    Untrust { what: String },
    /// Write down from now on what runs and is not trusted.
    Learn,
    /// Learned files become trusted; a lock that would refuse what the host cannot do without is refused itself.
    Lock {
        #[schema(value_type = ModeName)]
        mode: event::Mode,
        #[serde(default)]
        days: Option<u32>,
    },
}
