//! What the sensor saw, before anyone knows more: the kernel's ids and bytes turned into our words, nothing looked up.
//! `enrich` turns an [`Observation`] into an [`crate::Event`].

use crate::{Credentials, EventKind, FileIdentity, Via};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// CLOCK_BOOTTIME nanoseconds of the act. Observations of one CPU come in order; across CPUs they may be off by one
    /// drain interval.
    pub boottime_ns: u64,
    pub actor: Actor,
    pub via: Via,
    pub what: Observed,
}

/// The process that acted and its parent, each by tgid and start, so that lineage survives a lost fork. Zero where the tier
/// cannot know (observe tier: `enrich` asks /proc).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Actor {
    pub tgid: u32,
    pub tid: u32,
    /// Of the group leader.
    pub start_boottime_ns: u64,
    pub parent_tgid: u32,
    pub parent_start_boottime_ns: u64,
    pub credentials: Credentials,
    /// cgroup v2 id (inode of its directory); 0 when unknown.
    pub cgroup_id: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    Exec(Box<ExecSeen>),
    Fork {
        child_tgid: u32,
        child_start_boottime_ns: u64,
        namespace_flags: u64,
    },
    /// As in `wait(2)`: low 7 bits signal, bits 8 to 15 code.
    Exit {
        status: u32,
    },
    /// Complete as it is, except that targets of [`crate::ProcessAccess`] lack their executable.
    Other(EventKind),
}

/// A program image as the kernel knows it at `sched_process_exec`, or as a start-up iterator or /proc shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExecSeen {
    /// `bprm->filename`: what the caller said.
    pub requested: Arc<str>,
    /// `bprm->interp` when it differs: then `requested` is a script.
    pub interpreter: Option<Arc<str>>,
    /// Path of the loaded file, walked from its dentry.
    pub executable: Arc<str>,
    pub comm: Arc<str>,
    /// NUL-separated, as in memory; cut at the sensor's cap.
    pub arguments: Vec<u8>,
    /// Bytes the arguments really have.
    pub arguments_total: u64,
    pub working_directory: Option<Arc<str>>,
    pub file: Option<FileIdentity>,
    pub deleted: bool,
    pub memfd: bool,
    /// AT_SECURE: set-uid, set-gid or file capabilities.
    pub raised: bool,
    /// audit loginuid and session; u32::MAX is unset.
    pub login_uid: u32,
    pub session: u32,
    pub capabilities: u64,
    pub pid_namespace: u32,
    pub mount_namespace: u32,
    pub interactive: bool,
}
