//! A process as the agent knows it, and its life events.

use crate::{FileIdentity, ProcessKey, Sha256, Timestamp};
use std::net::IpAddr;
use std::sync::Arc;

/// One process image: immutable once made. An `execve` makes a new `Process` under the same [`ProcessKey`], so an event
/// always shows the program that did it, never the one that came after.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    pub key: ProcessKey,
    pub parent: Option<ProcessKey>,
    /// When the process (not this image) began.
    pub started: Timestamp,
    /// The kernel's `comm`: what the process calls itself, at most 15 bytes.
    pub comm: Arc<str>,
    /// Path of the program as its own mount namespace shows it; ` (deleted)` is stripped, see [`Exec::deleted`].
    pub executable: Arc<str>,
    /// Arguments joined by one blank, as Sigma expects. Hostile bytes per [`crate::text::from_bytes`].
    pub command_line: Arc<str>,
    /// The arguments went past the sensor's cap; `command_line` is their beginning.
    pub command_line_truncated: bool,
    pub args_count: u32,
    pub working_directory: Option<Arc<str>>,
    pub user: User,
    pub login: Option<Login>,
    /// Address that this log-in came from, as a log said it whose writer was confirmed.
    pub login_from: Option<IpAddr>,
    /// Effective capabilities as the kernel's bit set.
    pub capabilities: u64,
    /// Id of its control group (cgroup v2) when it started this image; 0 when unknown.
    pub cgroup: u64,
    /// systemd unit taken from the cgroup path, `nginx.service`.
    pub unit: Option<Arc<str>>,
    pub container: Option<Arc<Container>>,
    /// Inode numbers of the pid and mount namespace.
    pub pid_namespace: u32,
    pub mount_namespace: u32,
    pub file: Option<FileIdentity>,
    pub sha256: Option<Sha256>,
    /// The package that owns `executable`; None when none does or it is not known yet.
    pub package: Option<Arc<Package>>,
    /// A controlling terminal is there.
    pub interactive: bool,
    /// The image runs from a memfd, or from a file that had no name left when it started.
    pub fileless: bool,
}

impl Process {
    /// ECS `process.name`: the last part of `executable`, or `comm` for a kernel thread.
    pub fn name(&self) -> &str {
        match self.executable.rsplit('/').next() {
            Some(name) if !name.is_empty() => name,
            _ => &self.comm,
        }
    }
}

/// Real and effective ids, and the name of the real user where it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct User {
    pub credentials: Credentials,
    pub name: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Credentials {
    pub uid: u32,
    pub gid: u32,
    pub euid: u32,
    pub egid: u32,
}

/// The login that led to the process (audit's loginuid and session id). None when the kernel says unset.
#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    pub uid: u32,
    pub session: u32,
    pub name: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Container {
    /// Full id as the run time knows it.
    pub id: Arc<str>,
    /// `docker`, `containerd`, `podman`, `cri-o`, `lxc`.
    pub runtime: Arc<str>,
    pub name: Option<Arc<str>>,
    pub image: Option<Arc<str>>,
    /// `name=value` each, in the order of their names; empty where the run time does not tell.
    pub labels: Arc<[String]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Package {
    pub name: Arc<str>,
    pub version: Arc<str>,
    /// `deb` or `rpm`.
    pub kind: &'static str,
}

/// What `execve` loaded; the rest is in [`Process`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exec {
    /// Path as the caller gave it (may be relative or a link); empty where the tier cannot see it.
    pub requested: Arc<str>,
    /// Where a script's `#!` chose the interpreter: the script's path.
    pub script: Option<Arc<str>>,
    /// The program's file had no name any more.
    pub deleted: bool,
    /// The program lives in a memfd.
    pub memfd: bool,
    /// Set-uid, set-gid or file capabilities raised privileges.
    pub raised: bool,
    /// Executable of the image before, for "who turned into this".
    pub previous_executable: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fork {
    pub child: ProcessKey,
    /// `clone` flags of new namespaces (CLONE_NEW*), 0 for a plain fork.
    pub namespace_flags: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exit {
    /// 0 to 255; None when a signal ended it.
    pub code: Option<u8>,
    pub signal: Option<u8>,
}
