//! What processes do to privilege, to the kernel and to each other.

use crate::{Credentials, Endpoint, FileIdentity, ProcessKey};
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub enum PrivilegeChange {
    /// setuid/setgid family.
    Identity { from: Credentials, to: Credentials },
    /// capset: effective sets before and after.
    Capabilities { from: u64, to: u64 },
}

#[derive(Clone, Debug, PartialEq)]
pub struct ModuleLoad {
    pub name: Arc<str>,
    /// Path of the file for finit_module, where it is seen.
    pub path: Option<Arc<str>>,
}

/// One process reaches into another.
#[derive(Clone, Debug, PartialEq)]
pub enum ProcessAccess {
    Ptrace {
        /// PTRACE_* number of the request: 16 ATTACH, 0x4206 SEIZE, 4/5 POKE.
        request: u32,
        target: ProcessKey,
        target_executable: Arc<str>,
    },
    VmWrite {
        target: ProcessKey,
        target_executable: Arc<str>,
        bytes: u64,
    },
}

/// Code where no file of a package can have put it.
#[derive(Clone, Debug, PartialEq)]
pub enum ExecutableMemory {
    MemfdCreate {
        name: Arc<str>,
    },
    /// mmap or mprotect asked for pages that are writable and executable, or made written pages executable.
    WriteExecute {
        address: u64,
        length: u64,
        /// PROT_* asked for.
        protection: u32,
        /// File behind the mapping; None for anonymous memory.
        path: Option<Arc<str>>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum NamespaceChange {
    Mount {
        source: Arc<str>,
        target: Arc<str>,
        fs_type: Arc<str>,
        flags: u64,
    },
    Unmount {
        target: Arc<str>,
    },
    PivotRoot {
        new_root: Arc<str>,
    },
    Chroot {
        path: Arc<str>,
    },
    /// CLONE_NEW* flags.
    Unshare {
        flags: u64,
    },
    /// CLONE_NEW* type asked for; 0 is "whatever the descriptor is".
    Setns {
        kind: u64,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bpf {
    /// Number of the bpf(2) command: 5 is BPF_PROG_LOAD.
    pub command: u32,
    /// BPF_PROG_TYPE_* for a load.
    pub program_type: u32,
    pub name: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IoUring {
    Setup {
        entries: u32,
    },
    /// An operation that no other event stands for: IORING_OP_* number.
    Operation {
        opcode: u8,
    },
}

/// An act that the kernel refused because policy says so (enforce tier).
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub act: RefusedAct,
    /// The file that was not let run; empty for the other acts.
    pub path: Arc<str>,
    pub file: Option<FileIdentity>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedAct {
    Exec,
    /// Attaching to the agent.
    Ptrace,
    /// A signal to the agent.
    Signal,
    ModuleLoad,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelLog {
    /// syslog(2) with an action that clears (SYSLOG_ACTION_CLEAR, READ_CLEAR).
    Clear { action: u32 },
}

/// A confined process did what its profile denies, and the kernel half answered by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Overstep {
    pub act: OverstepAct,
    pub end: OverstepEnd,
    /// The profile's number in the kernel half.
    pub domain: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OverstepAct {
    Read(Arc<str>),
    Write(Arc<str>),
    Run(Arc<str>),
    Connect(Endpoint),
    Bind(Endpoint),
    /// A socket with this name.
    Reach(Arc<str>),
    /// By its number.
    Capability(u32),
    Module,
    /// Pid of whom it would have reached into.
    Trace(u32),
    Mount,
    Namespace,
    Signal(u32),
    WriteExecute,
    /// By this program.
    Raise(Arc<str>),
}

impl OverstepAct {
    pub fn path(&self) -> Option<&Arc<str>> {
        match self {
            OverstepAct::Read(path)
            | OverstepAct::Write(path)
            | OverstepAct::Run(path)
            | OverstepAct::Reach(path)
            | OverstepAct::Raise(path) => Some(path),
            _ => None,
        }
    }
    pub const fn endpoint(&self) -> Option<Endpoint> {
        match self {
            OverstepAct::Connect(endpoint) | OverstepAct::Bind(endpoint) => Some(*endpoint),
            _ => None,
        }
    }
    /// The policy's key.
    pub const fn name(&self) -> &'static str {
        match self {
            OverstepAct::Read(_) => "read",
            OverstepAct::Write(_) => "write",
            OverstepAct::Run(_) => "run",
            OverstepAct::Connect(_) => "connect",
            OverstepAct::Bind(_) => "bind",
            OverstepAct::Reach(_) => "sockets",
            OverstepAct::Capability(_) => "capabilities",
            OverstepAct::Module => "modules",
            OverstepAct::Trace(_) => "ptrace",
            OverstepAct::Mount => "mounts",
            OverstepAct::Namespace => "namespaces",
            OverstepAct::Signal(_) => "signals",
            OverstepAct::WriteExecute => "memory",
            OverstepAct::Raise(_) => "raise",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverstepEnd {
    /// It got an error.
    Denied,
    /// It was ended before it could use what it had got.
    Ended,
    /// It was let: the profile observes.
    Let,
}

impl OverstepEnd {
    pub const fn name(self) -> &'static str {
        match self {
            OverstepEnd::Denied => "denied",
            OverstepEnd::Ended => "ended",
            OverstepEnd::Let => "let",
        }
    }
}
