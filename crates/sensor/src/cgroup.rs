//! The root of the cgroup tree, where programs see every socket of the host: as a mount of its own that no path leads to,
//! since where (and whether) the tree is mounted differs from host to host.

use libbpf_rs::Program;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};

pub(crate) fn root() -> Result<OwnedFd, Errno> {
    let context = fsopen(c"cgroup2", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(&context)?;
    fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())
}

/// Whether the program is attached to a cgroup.
pub(crate) fn takes(program: &Program<'_>) -> bool {
    program.section().to_string_lossy().starts_with("cgroup")
}
