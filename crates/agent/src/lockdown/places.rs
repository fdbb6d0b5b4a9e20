//! Which file systems the exec gate must watch for some folders: those that hold them, and those mounted below.
//! A mark on a file system sees a program however it is reached, from containers and other mount namespaces too.

use crate::mounts;
use respond::GateMark;
use std::collections::HashSet;
use std::path::Path;

/// Kinds without programs in them.
const NEVER: [&str; 26] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "pipefs",
    "proc",
    "pstore",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "smackfs",
    "sockfs",
    "sysfs",
    "tracefs",
    "xenfs",
    "nfsd",
];

pub fn marks(folders: &[String]) -> std::io::Result<Vec<GateMark>> {
    let all = mounts::all()?;
    let mut devices = HashSet::new();
    let mut marks = Vec::new();
    for folder in folders {
        let Ok(folder) = Path::new(folder).canonicalize() else { continue };
        let holder = all
            .iter()
            .filter(|mount| folder.starts_with(&mount.point))
            .max_by_key(|mount| mount.point.as_os_str().len());
        let below = all.iter().filter(|mount| mount.point.starts_with(&folder));
        for mount in holder.into_iter().chain(below) {
            if !NEVER.contains(&mount.kind.as_str()) && devices.insert(mount.device.clone()) {
                let point = if mount.point.starts_with(&folder) { mount.point.clone() } else { folder.clone() };
                marks.push(GateMark::Filesystem(point));
            }
        }
    }
    Ok(marks)
}
