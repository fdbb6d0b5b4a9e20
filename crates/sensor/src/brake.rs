//! Holding back a process that takes names away, where no hook asks before: `include/brake.h` says how.

use libbpf_rs::{ErrorKind, MapCore, MapFlags, MapHandle};
use std::io;

/// `include/brake.h`.
const NOTHING_MORE: u32 = u32::MAX;

/// A way into the kernel's tables of those that are held back.
pub struct Brake {
    /// Process to leader.
    members: MapHandle,
    /// What is left, by leader.
    allowances: MapHandle,
}

impl Brake {
    /// None when the kernel took no program that holds back.
    pub(crate) fn of(members: Option<&MapHandle>, allowances: Option<&MapHandle>) -> Option<Brake> {
        let copy = |map: Option<&MapHandle>| map.and_then(|map| MapHandle::try_from(map).ok());
        Some(Brake { members: copy(members)?, allowances: copy(allowances)? })
    }

    /// So many more files may lose or change their name, or be cut by it, before each further one costs this process, and
    /// its children from now on, up to three milliseconds: all of them together. It ends with the process.
    pub fn hold(&self, tgid: u32, more: u32) -> io::Result<()> {
        self.allow(tgid, more)?;
        self.join(tgid, tgid)
    }

    /// It was stopped, and what [joins](Brake::join) it: in the enforce tier the kernel refuses each such call from now on, elsewhere
    /// each takes its time.
    pub fn stop(&self, tgid: u32) -> io::Result<()> {
        self.hold(tgid, NOTHING_MORE)
    }

    /// So many more of them from now on; who waits goes on at once.
    pub fn allow(&self, leader: u32, more: u32) -> io::Result<()> {
        self.allowances.update(&leader.to_ne_bytes(), &more.to_ne_bytes(), MapFlags::ANY).map_err(io::Error::other)
    }

    /// Uses this leader's allowance from now on.
    pub fn join(&self, tgid: u32, leader: u32) -> io::Result<()> {
        self.members.update(&tgid.to_ne_bytes(), &leader.to_ne_bytes(), MapFlags::ANY).map_err(io::Error::other)
    }

    /// Nobody of this leader's is held back any more.
    pub fn release(&self, leader: u32) -> io::Result<()> {
        match self.allowances.delete(&leader.to_ne_bytes()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(io::Error::other(error)),
            _ => Ok(()),
        }
    }
}
