//! Records of acts on privilege, memory, other processes and the kernel.

use super::{Decoder, text};
use crate::paths::Parts;
use event::{
    Bpf, Credentials, Endpoint, EventKind, ExecutableMemory, IoUring, KernelLog, ModuleLoad, NamespaceChange, Observed,
    Overstep, OverstepAct, OverstepEnd, PrivilegeChange, ProcessAccess, ProcessKey, Refused, RefusedAct,
};
use kernel_abi::{Act, Identity, act, confined, overstepped, read, refused};
use std::net::IpAddr;
use std::sync::Arc;

impl Decoder {
    pub(super) fn act(&mut self, record: &[u8]) -> Option<Observed> {
        let (raw, mut bytes) = read::<Act>(record)?;
        let mut part = |i: usize| Parts::take(&raw.p[i], &mut bytes);
        let parts = [part(0)?, part(1)?, part(2)?];
        let n = raw.n;
        let kind = match raw.head.op {
            act::SET_IDS => EventKind::Privilege(PrivilegeChange::Identity {
                from: credentials(n[0], n[1]),
                to: credentials(n[2], n[3]),
            }),
            act::SET_CAPS => EventKind::Privilege(PrivilegeChange::Capabilities { from: n[0], to: n[1] }),
            act::MODULE => EventKind::Module(ModuleLoad {
                name: text(parts[0].plain()),
                path: (!parts[1].walk.is_empty()).then(|| self.path(parts[1])),
            }),
            act::PTRACE => EventKind::Access(ProcessAccess::Ptrace {
                request: n[0] as u32,
                target: self.target(&raw),
                target_executable: "".into(),
            }),
            act::VM_WRITE => EventKind::Access(ProcessAccess::VmWrite {
                target: self.target(&raw),
                target_executable: "".into(),
                bytes: n[4],
            }),
            act::MEMFD => EventKind::Memory(ExecutableMemory::MemfdCreate { name: text(parts[0].plain()) }),
            act::WX => EventKind::Memory(ExecutableMemory::WriteExecute {
                address: n[0],
                length: n[1],
                protection: n[2] as u32,
                path: (!parts[0].walk.is_empty()).then(|| self.path(parts[0])),
            }),
            act::BPF_LOAD => {
                EventKind::Bpf(Bpf { command: n[0] as u32, program_type: n[1] as u32, name: text(parts[0].plain()) })
            }
            act::URING_SETUP => EventKind::IoUring(IoUring::Setup { entries: n[0] as u32 }),
            act::URING_OP => EventKind::IoUring(IoUring::Operation { opcode: n[0] as u8 }),
            act::SYSLOG => EventKind::KernelLog(KernelLog::Clear { action: n[0] as u32 }),
            act::REFUSED => EventKind::Refused(refusal(n, text(parts[0].plain()))?),
            act::OVERSTEPPED => EventKind::Overstep(overstep(n, text(parts[0].plain()))?),
            op => EventKind::Namespace(self.namespace(op, n, parts)?),
        };
        Some(Observed::Other(kind))
    }

    fn namespace(&mut self, op: u32, n: [u64; 5], parts: [Parts<'_>; 3]) -> Option<NamespaceChange> {
        Some(match op {
            act::MOUNT => NamespaceChange::Mount {
                source: if parts[0].walk.is_empty() { text(parts[0].plain()) } else { self.path(parts[0]) },
                target: self.path(parts[1]),
                fs_type: text(parts[2].plain()),
                flags: n[0],
            },
            act::UMOUNT => NamespaceChange::Unmount { target: self.path(parts[0]) },
            act::PIVOT_ROOT => NamespaceChange::PivotRoot { new_root: self.path(parts[0]) },
            act::CHROOT => NamespaceChange::Chroot { path: self.path(parts[0]) },
            act::UNSHARE => NamespaceChange::Unshare { flags: n[0] },
            act::SETNS => NamespaceChange::Setns { kind: n[0] },
            _ => return None,
        })
    }

    /// Where the kernel half could not find the target, the caller's pid is looked up in /proc: these acts are rare.
    fn target(&self, raw: &Act) -> ProcessKey {
        let (tgid, start) = (raw.n[1] as u32, raw.n[2]);
        if tgid != 0 {
            return ProcessKey::from_boottime(self.boot, tgid, start);
        }
        crate::proc::key_in_namespace_of(self.boot, raw.head.actor.tgid, raw.head.actor.pid_level, raw.n[3] as u32)
    }
}

fn refusal(n: [u64; 5], path: Arc<str>) -> Option<Refused> {
    let act = match n[0] {
        refused::EXEC => RefusedAct::Exec,
        refused::PTRACE => RefusedAct::Ptrace,
        refused::SIGNAL => RefusedAct::Signal,
        refused::MODULE => RefusedAct::ModuleLoad,
        _ => return None,
    };
    let file = Identity { ino: n[1], size: n[2], ctime: n[3], dev: n[4] as u32, mode: 0, uid: 0, gid: 0 };
    Some(Refused { act, path, file: (act == RefusedAct::Exec).then(|| super::identity(&file)) })
}

fn overstep(n: [u64; 5], path: Arc<str>) -> Option<Overstep> {
    let (number, mut address) = (n[2] as u32, [0; 16]);
    address[..8].copy_from_slice(&n[3].to_ne_bytes());
    address[8..].copy_from_slice(&n[4].to_ne_bytes());
    let endpoint = || Endpoint { ip: IpAddr::from(address).to_canonical(), port: number as u16 };
    let act = match n[0] as u32 {
        confined::READ => OverstepAct::Read(path),
        confined::WRITE => OverstepAct::Write(path),
        confined::RUN => OverstepAct::Run(path),
        confined::CONNECT => OverstepAct::Connect(endpoint()),
        confined::BIND => OverstepAct::Bind(endpoint()),
        confined::USE => OverstepAct::Capability(number),
        confined::MODULE => OverstepAct::Module,
        confined::TRACE => OverstepAct::Trace(number),
        confined::MOUNT => OverstepAct::Mount,
        confined::NAMESPACE => OverstepAct::Namespace,
        confined::SIGNAL => OverstepAct::Signal(number),
        confined::WX => OverstepAct::WriteExecute,
        confined::REACH => OverstepAct::Reach(path),
        confined::RAISE => OverstepAct::Raise(path),
        _ => return None,
    };
    let end = match (n[0] >> 32) as u32 {
        overstepped::DENIED => OverstepEnd::Denied,
        overstepped::ENDED => OverstepEnd::Ended,
        overstepped::LET => OverstepEnd::Let,
        _ => return None,
    };
    Some(Overstep { act, end, domain: n[1] as u32 })
}

fn credentials(real: u64, effective: u64) -> Credentials {
    Credentials { uid: (real >> 32) as u32, gid: real as u32, euid: (effective >> 32) as u32, egid: effective as u32 }
}
