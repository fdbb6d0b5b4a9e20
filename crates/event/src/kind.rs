//! One event: when, who, what.

use crate::{
    Bpf, CpuLoad, DnsQuery, Exec, ExecutableMemory, Exit, FileChange, FileEvent, Flow, Fork, IoUring, KernelLog,
    LogEvent, LogSays, ModuleLoad, NamespaceChange, NetworkEvent, Overstep, OverstepAct, PrivilegeChange, Process,
    ProcessAccess, Refused, RefusedAct, SensorLoss, Sent, Timestamp,
};
use std::sync::Arc;

/// How the kernel was asked: an operation through io_uring never passes a system call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Via {
    #[default]
    Syscall,
    IoUring,
}

/// An enriched event as the agent's stages pass it on.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Counts up by one for each event of an agent's run; 0 until the agent gives it.
    pub sequence: u64,
    pub time: Timestamp,
    pub via: Via,
    /// The process that acted, as it was then; for [`EventKind::Fork`] the parent, for [`EventKind::Exec`] the new image.
    /// None for [`EventKind::SensorLoss`], and for what a log says where its writer is not known.
    pub process: Option<Arc<Process>>,
    /// Its parent as it was then, if still known.
    pub parent: Option<Arc<Process>>,
    pub kind: EventKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    Exec(Exec),
    Fork(Fork),
    Exit(Exit),
    File(FileEvent),
    /// Of a file that integrity monitoring watches.
    Change(Box<FileChange>),
    Network(NetworkEvent),
    Dns(DnsQuery),
    Flow(Flow),
    Sent(Sent),
    Load(CpuLoad),
    Privilege(PrivilegeChange),
    Module(ModuleLoad),
    Access(ProcessAccess),
    Memory(ExecutableMemory),
    Namespace(NamespaceChange),
    Bpf(Bpf),
    IoUring(IoUring),
    KernelLog(KernelLog),
    Refused(Refused),
    Overstep(Overstep),
    /// Of a log of another program.
    Log(Box<LogEvent>),
    SensorLoss(SensorLoss),
}

/// ECS `event.category`, with `sensor` for our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    Process,
    File,
    Network,
    Dns,
    Privilege,
    Kernel,
    /// Log-ins, sessions, sudo and su, as logs tell them.
    Authentication,
    Container,
    Web,
    /// Lines of logs that are not understood further.
    Log,
    Sensor,
}

impl Category {
    pub const fn name(self) -> &'static str {
        match self {
            Category::Process => "process",
            Category::File => "file",
            Category::Network => "network",
            Category::Dns => "dns",
            Category::Privilege => "iam",
            Category::Kernel => "kernel",
            Category::Authentication => "authentication",
            Category::Container => "container",
            Category::Web => "web",
            Category::Log => "log",
            Category::Sensor => "sensor",
        }
    }
}

impl EventKind {
    pub const fn category(&self) -> Category {
        match self {
            EventKind::Exec(_)
            | EventKind::Fork(_)
            | EventKind::Exit(_)
            | EventKind::Load(_)
            | EventKind::Access(_)
            | EventKind::Memory(_) => Category::Process,
            EventKind::Refused(Refused { act: RefusedAct::ModuleLoad, .. }) => Category::Kernel,
            EventKind::Refused(_) => Category::Process,
            EventKind::Overstep(overstep) => match overstep.act {
                OverstepAct::Read(_) | OverstepAct::Write(_) => Category::File,
                OverstepAct::Connect(_) | OverstepAct::Bind(_) => Category::Network,
                OverstepAct::Module | OverstepAct::Mount | OverstepAct::Namespace => Category::Kernel,
                _ => Category::Process,
            },
            EventKind::File(_) | EventKind::Change(_) => Category::File,
            EventKind::Network(_) | EventKind::Flow(_) | EventKind::Sent(_) => Category::Network,
            EventKind::Dns(_) => Category::Dns,
            EventKind::Privilege(_) => Category::Privilege,
            EventKind::Module(_)
            | EventKind::Namespace(_)
            | EventKind::Bpf(_)
            | EventKind::IoUring(_)
            | EventKind::KernelLog(_) => Category::Kernel,
            EventKind::Log(log) => match &log.says {
                LogSays::Login { .. } | LogSays::Session { .. } | LogSays::Elevation { .. } => Category::Authentication,
                LogSays::Job { .. } => Category::Process,
                LogSays::Container { .. } => Category::Container,
                LogSays::Request(_) => Category::Web,
                LogSays::Audit { .. } | LogSays::Text => Category::Log,
            },
            EventKind::SensorLoss(_) => Category::Sensor,
        }
    }

    /// ECS `event.action`: one stable word a kind.
    pub const fn action(&self) -> &'static str {
        match self {
            EventKind::Exec(_) => "process-exec",
            EventKind::Fork(_) => "process-fork",
            EventKind::Exit(_) => "process-exit",
            EventKind::File(file) => file.op.action(),
            EventKind::Change(change) => change.what.action(),
            EventKind::Network(network) => network.op.action(),
            EventKind::Dns(_) => "dns-query",
            EventKind::Flow(_) => "network-flow",
            EventKind::Sent(_) => "network-volume",
            EventKind::Load(_) => "process-load",
            EventKind::Privilege(PrivilegeChange::Identity { .. }) => "privilege-identity",
            EventKind::Privilege(PrivilegeChange::Capabilities { .. }) => "privilege-capabilities",
            EventKind::Module(_) => "module-load",
            EventKind::Access(ProcessAccess::Ptrace { .. }) => "process-ptrace",
            EventKind::Access(ProcessAccess::VmWrite { .. }) => "process-vm-write",
            EventKind::Memory(ExecutableMemory::MemfdCreate { .. }) => "memory-memfd-create",
            EventKind::Memory(ExecutableMemory::WriteExecute { .. }) => "memory-write-execute",
            EventKind::Namespace(NamespaceChange::Mount { .. }) => "mount",
            EventKind::Namespace(NamespaceChange::Unmount { .. }) => "unmount",
            EventKind::Namespace(NamespaceChange::PivotRoot { .. }) => "pivot-root",
            EventKind::Namespace(NamespaceChange::Chroot { .. }) => "chroot",
            EventKind::Namespace(NamespaceChange::Unshare { .. }) => "namespace-unshare",
            EventKind::Namespace(NamespaceChange::Setns { .. }) => "namespace-setns",
            EventKind::Bpf(_) => "bpf-load",
            EventKind::IoUring(IoUring::Setup { .. }) => "io-uring-setup",
            EventKind::IoUring(IoUring::Operation { .. }) => "io-uring-operation",
            EventKind::KernelLog(_) => "kernel-log-clear",
            EventKind::Refused(refused) => match refused.act {
                RefusedAct::Exec => "process-exec-refused",
                RefusedAct::Ptrace => "process-ptrace-refused",
                RefusedAct::Signal => "process-signal-refused",
                RefusedAct::ModuleLoad => "module-load-refused",
            },
            EventKind::Overstep(_) => "profile-overstepped",
            EventKind::Log(log) => log.says.action(),
            EventKind::SensorLoss(_) => "sensor-loss",
        }
    }
}
