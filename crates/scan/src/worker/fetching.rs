//! What is left to a process that brings files over the network: the folders that it writes, the files that name servers and
//! TLS need, and the system calls of a client. Root stays root for the owner of what it writes, without a capability but the
//! one to read; nothing can be executed, mounted, traced or loaded any more.

use super::confine::{ConfineError, first_argument_is, fix, install, landlocked, os};
use super::syscalls::{CLIENT, DEADLY};
use crate::protocol::Confinement;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr, Scope,
    path_beneath_rules,
};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};
use seccompiler::{SeccompAction, SeccompRule};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What looking up names and holding certificates against roots opens. What is not there is left out.
const SYSTEM: [&str; 22] = [
    "/dev/null",
    "/dev/random",
    "/dev/urandom",
    "/etc/ca-certificates",
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/pki",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl",
    "/lib",
    "/lib64",
    "/proc/self",
    "/run/systemd/resolve",
    "/sys/devices/system/cpu",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share/zoneinfo",
];
const FAMILIES: [i32; 4] = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Gives up all but bringing files into `writable`, out of `readable` or over the network. Call it before any thread is
/// started; what cannot be given up although it should is an error.
pub fn confine_update(writable: &Path, readable: &[PathBuf]) -> Result<Confinement, ConfineError> {
    fix()?;
    if rustix::process::geteuid().is_root() {
        let kept = CapabilitySet::DAC_READ_SEARCH;
        let sets = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
        set_capabilities(None, sets).map_err(os("capset"))?;
    }
    let landlock = close_file_system(writable, readable)?;
    allow_clients()?;
    let uid = rustix::process::getuid().as_raw();
    Ok(Confinement { uid, landlock, seccomp: true, own_network_namespace: false })
}

fn close_file_system(writable: &Path, readable: &[PathBuf]) -> Result<String, ConfineError> {
    let abi = ABI::V6;
    let readable = readable.iter().map(PathBuf::as_path).chain(SYSTEM.map(Path::new));
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::BindTcp))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(abi)))
        .and_then(|ruleset| ruleset.create())
        .and_then(|ruleset| ruleset.add_rules(path_beneath_rules(readable, AccessFs::from_read(abi))))
        .and_then(|ruleset| ruleset.add_rules(path_beneath_rules([writable], AccessFs::from_all(abi))))
        .and_then(|ruleset| ruleset.restrict_self());
    landlocked(status)
}

/// What no client of a mirror calls ends the process. Of the rest those that are not in the list are not there, so that the
/// C library falls back to older ones.
fn allow_clients() -> Result<(), ConfineError> {
    let deadly = DEADLY.iter().map(|call| (*call, vec![])).collect();
    install(deadly, SeccompAction::Allow, SeccompAction::KillProcess, true)?;
    let own_pid = u64::from(rustix::process::getpid().as_raw_nonzero().get() as u32);
    let mut allowed: BTreeMap<i64, Vec<SeccompRule>> = CLIENT.iter().map(|call| (*call, vec![])).collect();
    allowed.insert(libc::SYS_tgkill, vec![first_argument_is(own_pid)?]);
    allowed.insert(libc::SYS_prlimit64, vec![first_argument_is(0)?]);
    allowed.insert(libc::SYS_prctl, vec![first_argument_is(libc::PR_SET_NAME as u64)?]);
    allowed.insert(
        libc::SYS_socket,
        FAMILIES.map(|family| first_argument_is(family as u64)).into_iter().collect::<Result<_, _>>()?,
    );
    install(allowed, SeccompAction::Errno(libc::ENOSYS as u32), SeccompAction::Allow, true)
}
