//! Who is never ended, refused or quarantined, whatever rules, policy or people decided: a host must stay a host.
//!
//! The rule looks at facts that an unprivileged attacker cannot choose: a package manager counts only as root, in the
//! host's own mount namespace and outside containers, since a user could otherwise mount a program of his over its path.

use event::{Process, ProcessKey};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protected {
    Init,
    KernelThread,
    Tamon,
    PackageManager,
    /// The listening daemon, not the sessions it made.
    SshDaemon,
}

impl Protected {
    pub const fn name(self) -> &'static str {
        match self {
            Protected::Init => "the init process",
            Protected::KernelThread => "a kernel thread",
            Protected::Tamon => "Tamon itself",
            Protected::PackageManager => "the package manager",
            Protected::SshDaemon => "the SSH daemon",
        }
    }
}

/// Programs that change the system on its owner's behalf; stopping one half-way breaks the host.
pub const PROTECTED_PROGRAMS: &[&str] = &[
    "/usr/bin/apt",
    "/usr/bin/apt-get",
    "/usr/bin/aptitude",
    "/usr/bin/dnf",
    "/usr/bin/dnf-3",
    "/usr/bin/dnf5",
    "/usr/bin/dpkg",
    "/usr/bin/dpkg-deb",
    "/usr/bin/microdnf",
    "/usr/bin/rpm",
    "/usr/bin/rpmdb",
    "/usr/bin/unattended-upgrade",
    "/usr/bin/yum",
    "/usr/bin/zypper",
    "/usr/lib/apt/methods/http",
    "/usr/lib/apt/methods/store",
    "/usr/sbin/dpkg-preconfigure",
];

const SSH_DAEMONS: &[&str] = &["/usr/sbin/sshd", "/usr/bin/sshd"];

/// The few facts of a process that count, wherever they were read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    pub pid: u32,
    pub parent_pid: u32,
    pub executable: &'a str,
    pub effective_uid: u32,
    pub kernel_thread: bool,
    /// In the host's own mount namespace and no container.
    pub on_host: bool,
    /// It is the agent, or one of its workers.
    pub ours: bool,
}

pub fn of_facts(facts: &Facts<'_>) -> Option<Protected> {
    let root_on_host = facts.on_host && facts.effective_uid == 0;
    match facts {
        Facts { pid: 0 | 1, .. } => Some(Protected::Init),
        Facts { kernel_thread: true, .. } => Some(Protected::KernelThread),
        Facts { ours: true, .. } => Some(Protected::Tamon),
        _ if root_on_host && PROTECTED_PROGRAMS.contains(&facts.executable) => Some(Protected::PackageManager),
        _ if root_on_host && facts.parent_pid == 1 && SSH_DAEMONS.contains(&facts.executable) => {
            Some(Protected::SshDaemon)
        }
        _ => None,
    }
}

/// As the agent knows a process. `ours` are the agent's own processes; `host_mount_namespace` is that of pid 1 (0 when
/// unknown, then no program is protected by its path).
pub fn of_process(process: &Process, ours: &[ProcessKey], host_mount_namespace: u32) -> Option<Protected> {
    let parent_pid = process.parent.map_or(0, |parent| parent.tgid);
    of_facts(&Facts {
        pid: process.key.tgid,
        parent_pid,
        executable: &process.executable,
        effective_uid: process.user.credentials.euid,
        kernel_thread: process.executable.is_empty() && (process.key.tgid == 2 || parent_pid == 2),
        on_host: process.container.is_none()
            && host_mount_namespace != 0
            && process.mount_namespace == host_mount_namespace,
        ours: ours.contains(&process.key),
    })
}
