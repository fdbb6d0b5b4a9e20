//! Holding back a process that takes names away, where no hook asks before: `include/brake.h` says how.

use libbpf_rs::{MapCore, MapFlags, MapHandle};
use std::io;

/// A way into the kernel's table of those that are held back.
pub struct Brake(MapHandle);

impl Brake {
    /// None when the kernel took no program that holds back.
    pub(crate) fn of(map: Option<&MapHandle>) -> Option<Brake> {
        map.and_then(|map| MapHandle::try_from(map).ok()).map(Brake)
    }

    /// So many more files may lose or change their name before each further one costs this process, and its children from
    /// now on, three milliseconds. It ends with the process.
    pub fn hold(&self, tgid: u32, more: u32) -> io::Result<()> {
        self.0.update(&tgid.to_ne_bytes(), &more.to_ne_bytes(), MapFlags::ANY).map_err(io::Error::other)
    }
}
