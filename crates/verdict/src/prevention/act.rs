//! What a confined process does, as far as a profile may speak of it, and how an event is read as such.

use super::Capability;
use event::{Event, EventKind, FileOp, NamespaceChange, NetworkOp, PrivilegeChange, ProcessAccess, Refused, Technique};
use serde::Serialize;
use std::fmt;
use std::net::IpAddr;

/// One act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act<'a> {
    Read(&'a str),
    /// Its content, its attributes, its name.
    Write(&'a str),
    /// A program, or the script that one is started for.
    Run(&'a str),
    Connect(IpAddr, u16),
    Bind(IpAddr, u16),
    /// Whoever listens at this name on the disk (AF_UNIX).
    Reach(&'a str),
    /// Of a name server: for the address of this name.
    Ask(&'a str),
    Use(Capability),
    /// Into the kernel.
    LoadModule(&'a str),
    /// Reaches into another process; the program of that.
    Trace(&'a str),
    Mount(&'a str),
    MakeNamespace,
    Signal(&'a str),
    /// Memory that is written and run.
    WriteExecute,
    /// Comes by rights through this program: it is set-uid or has capabilities of its own.
    Raise(&'a str),
}

/// The kind of an act: the key of a profile that speaks about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Doing {
    Read,
    Write,
    Run,
    Connect,
    Bind,
    Sockets,
    Names,
    Capabilities,
    Modules,
    Ptrace,
    Mounts,
    Namespaces,
    Signals,
    Memory,
    Raise,
}

impl Doing {
    pub const ALL: [Doing; 15] = [
        Doing::Read,
        Doing::Write,
        Doing::Run,
        Doing::Connect,
        Doing::Bind,
        Doing::Sockets,
        Doing::Names,
        Doing::Capabilities,
        Doing::Modules,
        Doing::Ptrace,
        Doing::Mounts,
        Doing::Namespaces,
        Doing::Signals,
        Doing::Memory,
        Doing::Raise,
    ];

    /// As the policy's key is called.
    pub const fn key(self) -> &'static str {
        match self {
            Doing::Read => "read",
            Doing::Write => "write",
            Doing::Run => "run",
            Doing::Connect => "connect",
            Doing::Bind => "bind",
            Doing::Sockets => "sockets",
            Doing::Names => "names",
            Doing::Capabilities => "capabilities",
            Doing::Modules => "modules",
            Doing::Ptrace => "ptrace",
            Doing::Mounts => "mounts",
            Doing::Namespaces => "namespaces",
            Doing::Signals => "signals",
            Doing::Memory => "memory",
            Doing::Raise => "raise",
        }
    }

    /// What an attacker would be after with it.
    pub const fn technique(self) -> Technique {
        match self {
            Doing::Read => Technique::new(1005),
            Doing::Write => Technique::sub(1565, 1),
            Doing::Run => Technique::new(1059),
            Doing::Connect => Technique::new(1071),
            Doing::Bind => Technique::new(1571),
            Doing::Sockets => Technique::new(1559),
            Doing::Names => Technique::sub(1071, 4),
            Doing::Capabilities => Technique::new(1068),
            Doing::Modules => Technique::sub(1547, 6),
            Doing::Ptrace => Technique::sub(1055, 8),
            Doing::Mounts | Doing::Namespaces => Technique::new(1611),
            Doing::Signals => Technique::new(1489),
            Doing::Memory => Technique::new(1055),
            Doing::Raise => Technique::sub(1548, 1),
        }
    }

    /// `It may not …`.
    pub const fn verb(self) -> &'static str {
        match self {
            Doing::Read => "read",
            Doing::Write => "change",
            Doing::Run => "run",
            Doing::Connect | Doing::Sockets => "reach",
            Doing::Bind => "listen at",
            Doing::Names => "ask for",
            Doing::Capabilities => "use the capability",
            Doing::Modules => "load the module",
            Doing::Ptrace => "reach into",
            Doing::Mounts => "mount or unmount",
            Doing::Namespaces => "make or join",
            Doing::Signals => "signal",
            Doing::Memory => "make",
            Doing::Raise => "get rights by",
        }
    }
}

impl Act<'_> {
    pub const fn doing(&self) -> Doing {
        match self {
            Act::Read(_) => Doing::Read,
            Act::Write(_) => Doing::Write,
            Act::Run(_) => Doing::Run,
            Act::Connect(..) => Doing::Connect,
            Act::Bind(..) => Doing::Bind,
            Act::Reach(_) => Doing::Sockets,
            Act::Ask(_) => Doing::Names,
            Act::Use(_) => Doing::Capabilities,
            Act::LoadModule(_) => Doing::Modules,
            Act::Trace(_) => Doing::Ptrace,
            Act::Mount(_) => Doing::Mounts,
            Act::MakeNamespace => Doing::Namespaces,
            Act::Signal(_) => Doing::Signals,
            Act::WriteExecute => Doing::Memory,
            Act::Raise(_) => Doing::Raise,
        }
    }
}

/// What it is done to.
impl fmt::Display for Act<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Read(path)
            | Act::Write(path)
            | Act::Run(path)
            | Act::Mount(path)
            | Act::Reach(path)
            | Act::Raise(path) => f.write_str(path),
            Act::Connect(ip, port) | Act::Bind(ip, port) => write!(f, "{}", std::net::SocketAddr::new(*ip, *port)),
            Act::Ask(name) | Act::LoadModule(name) | Act::Trace(name) | Act::Signal(name) => f.write_str(name),
            Act::Use(capability) => write!(f, "{capability}"),
            Act::MakeNamespace => f.write_str("a namespace"),
            Act::WriteExecute => f.write_str("memory that it can both write and run"),
        }
    }
}

/// Calls `each` with every act that the event is. A refusal by the kernel is none here: it was judged there.
pub fn acts<'a>(event: &'a Event, each: &mut dyn FnMut(Act<'a>)) {
    match &event.kind {
        EventKind::Exec(exec) => {
            if let Some(process) = &event.process {
                each(Act::Run(&process.executable));
                if exec.raised {
                    each(Act::Raise(&process.executable));
                }
            }
            if let Some(script) = exec.script.as_deref().filter(|script| script.starts_with('/')) {
                each(Act::Run(script));
            }
        }
        EventKind::Fork(fork) if fork.namespace_flags != 0 => each(Act::MakeNamespace),
        EventKind::File(file) => match &file.op {
            FileOp::OpenRead => each(Act::Read(&file.file.path)),
            // Its opening was judged.
            FileOp::WriteClose => {}
            FileOp::Rename { from } => {
                each(Act::Write(from));
                each(Act::Write(&file.file.path));
            }
            _ => each(Act::Write(&file.file.path)),
        },
        EventKind::Network(network) => {
            if let Some(to) = network.destination {
                match network.op {
                    NetworkOp::Connect => each(Act::Connect(to.ip, to.port)),
                    NetworkOp::Bind => each(Act::Bind(to.ip, to.port)),
                    NetworkOp::Accept | NetworkOp::Listen => {}
                }
            }
        }
        EventKind::Dns(query) => each(Act::Ask(&query.name)),
        EventKind::Privilege(PrivilegeChange::Capabilities { from, to }) => {
            Capability::of_set(to & !from).for_each(|gained| each(Act::Use(gained)));
        }
        EventKind::Module(module) => each(Act::LoadModule(&module.name)),
        EventKind::Access(
            ProcessAccess::Ptrace { target_executable, .. } | ProcessAccess::VmWrite { target_executable, .. },
        ) => each(Act::Trace(target_executable)),
        EventKind::Memory(event::ExecutableMemory::WriteExecute { .. }) => each(Act::WriteExecute),
        EventKind::Namespace(change) => match change {
            NamespaceChange::Mount { target, .. } | NamespaceChange::Unmount { target } => each(Act::Mount(target)),
            NamespaceChange::PivotRoot { new_root } => each(Act::Mount(new_root)),
            NamespaceChange::Chroot { .. } => each(Act::Use(Capability::SYS_CHROOT)),
            NamespaceChange::Unshare { .. } | NamespaceChange::Setns { .. } => each(Act::MakeNamespace),
        },
        EventKind::Bpf(_) => each(Act::Use(Capability::BPF)),
        EventKind::KernelLog(_) => each(Act::Use(Capability::SYSLOG)),
        EventKind::Refused(Refused { .. }) => {}
        _ => {}
    }
}
