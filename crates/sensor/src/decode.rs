//! Records to observations: the kernel's numbers and bytes in our words. A record that does not hold what its lengths
//! promise is None and counted by the caller.

mod acts;
mod files;
mod flow;
mod network;

use crate::paths::Parts;
use event::{Actor, BootId, Credentials, ExecSeen, FileIdentity, Observation, Observed, Timestamp, Via};
use kernel_abi::{Exec, Exit, Fork, Head, Identity, exec_flag, kind, net_op, read, via};
use std::sync::Arc;

/// Keeps buffers between records.
pub(crate) struct Decoder {
    path: Vec<u8>,
    torn: flow::Torn,
    boot: BootId,
}

/// What a record says.
pub(crate) enum Decoded {
    Seen(Observation),
    /// The act has begun (io_uring); how it ends comes under this tag.
    Begun(u64, Observation),
    /// How it ended: 0 and above is success.
    Ended(u64, i32),
    /// A whole record of which nothing is worth an event.
    Nothing,
}

impl Decoder {
    pub fn new(boot: BootId) -> Decoder {
        Decoder { path: Vec::new(), torn: flow::Torn::default(), boot }
    }

    pub fn decode(&mut self, record: &[u8]) -> Option<Decoded> {
        let (head, _) = read::<Head>(record)?;
        let what = match head.kind {
            kind::EXEC => self.exec(record)?,
            kind::FORK => fork(record)?,
            kind::EXIT => Observed::Exit { status: read::<Exit>(record)?.0.status },
            kind::FILE => self.file(record)?,
            kind::NET if head.op == net_op::FLOW => match self.torn.flow(record)? {
                Some(what) => what,
                None => return Some(Decoded::Nothing),
            },
            kind::NET => network::network(record)?,
            kind::ACT => self.act(record)?,
            kind::DONE => return Some(Decoded::Ended(head.tag, head.op as i32)),
            _ => return None,
        };
        let seen = Observation { boottime_ns: head.boottime, actor: actor(&head), via: via_of(&head), what };
        Some(if head.tag == 0 { Decoded::Seen(seen) } else { Decoded::Begun(head.tag, seen) })
    }

    fn exec(&mut self, record: &[u8]) -> Option<Observed> {
        let (exec, mut bytes) = read::<Exec>(record)?;
        let exe = Parts::take(&exec.exe, &mut bytes)?;
        let cwd = Parts::take(&exec.cwd, &mut bytes)?;
        let requested = text(bytes.take(exec.requested.into())?);
        let interp = bytes.take(exec.interp.into())?;
        let arguments = bytes.take(exec.args as usize)?.to_vec();
        let script = exec.flags & exec_flag::SCRIPT != 0;
        Some(Observed::Exec(Box::new(ExecSeen {
            requested,
            interpreter: script.then(|| text(interp)),
            executable: self.path(exe),
            comm: text(until_nul(&exec.comm)),
            arguments,
            arguments_total: exec.args_total,
            working_directory: (!cwd.cut()).then(|| self.path(cwd)),
            file: Some(identity(&exec.file)),
            deleted: exec.flags & exec_flag::DELETED != 0,
            memfd: exec.flags & exec_flag::MEMFD != 0,
            raised: exec.flags & exec_flag::RAISED != 0,
            login_uid: exec.login,
            session: exec.session,
            capabilities: exec.capabilities,
            pid_namespace: exec.pid_ns,
            mount_namespace: exec.mnt_ns,
            interactive: exec.flags & exec_flag::TTY != 0,
        })))
    }

    fn path(&mut self, parts: Parts<'_>) -> Arc<str> {
        parts.join(&mut self.path);
        text(&self.path)
    }
}

fn fork(record: &[u8]) -> Option<Observed> {
    // CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
    const NAMESPACES: u64 = 0x7e02_0080;
    let (fork, _) = read::<Fork>(record)?;
    Some(Observed::Fork {
        child_tgid: fork.child_tgid,
        child_start_boottime_ns: fork.child_start,
        namespace_flags: fork.clone_flags & NAMESPACES,
    })
}

fn actor(head: &Head) -> Actor {
    let actor = &head.actor;
    Actor {
        tgid: actor.tgid,
        tid: actor.tid,
        start_boottime_ns: actor.start,
        parent_tgid: actor.parent_tgid,
        parent_start_boottime_ns: actor.parent_start,
        credentials: Credentials { uid: actor.uid, gid: actor.gid, euid: actor.euid, egid: actor.egid },
        cgroup_id: actor.cgroup,
    }
}

fn via_of(head: &Head) -> Via {
    if head.via == via::URING { Via::IoUring } else { Via::Syscall }
}

pub(crate) fn identity(file: &Identity) -> FileIdentity {
    FileIdentity { dev: user_dev(file.dev), inode: file.ino, ctime: Timestamp(file.ctime as i64), size: file.size }
}

/// The kernel's `major << 20 | minor` as stat(2) gives it.
pub(crate) fn user_dev(dev: u32) -> u64 {
    rustix::fs::makedev(dev >> 20, dev & 0xf_ffff)
}

/// And back.
pub(crate) fn kernel_dev(dev: u64) -> u32 {
    rustix::fs::major(dev) << 20 | rustix::fs::minor(dev)
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|b| *b == 0).next().unwrap_or_default()
}

fn text(bytes: &[u8]) -> Arc<str> {
    Arc::from(&*event::text::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_numbers_go_both_ways() {
        for dev in [0, 1, 8 << 20 | 1, 259 << 20 | 70_000, 0xfff_fffff] {
            assert_eq!(kernel_dev(user_dev(dev)), dev);
        }
    }

    #[test]
    fn a_record_that_promises_more_than_it_holds_is_refused() {
        let size = std::mem::size_of::<Exec>();
        let mut record = vec![0xffu8; size + 16];
        record[16..18].copy_from_slice(&kind::EXEC.to_ne_bytes());
        assert!(Decoder::new(BootId(1)).decode(&record).is_none());
        for end in 0..record.len() {
            assert!(Decoder::new(BootId(1)).decode(&record[..end]).is_none());
        }
    }
}
