//! Gives up everything that parsing bytes does not need, in the order in which it can be given up. Whatever cannot be
//! given up although it should is an error and the process ends: a worker never runs with more than it says.

use crate::protocol::Confinement;
use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, RestrictionStatus, Ruleset, RulesetAttr, RulesetError,
    RulesetStatus, Scope,
};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter, apply_filter_all_threads,
};
use std::collections::BTreeMap;
use std::io;

/// `nobody`.
const UID: u32 = 65_534;

#[derive(Debug, thiserror::Error)]
pub enum ConfineError {
    #[error("{0}: {1}")]
    Os(&'static str, io::Error),
    #[error("seccomp: {0}")]
    Seccomp(String),
    #[error("Landlock: {0}")]
    Landlock(String),
}

pub(super) fn os(what: &'static str) -> impl Fn(rustix::io::Errno) -> ConfineError {
    move |errno| ConfineError::Os(what, errno.into())
}

fn check(what: &'static str, result: i32) -> Result<(), ConfineError> {
    if result == 0 { Ok(()) } else { Err(ConfineError::Os(what, io::Error::last_os_error())) }
}

/// What a process may do with files that it is handed open.
#[derive(Clone, Copy)]
pub struct Files {
    /// At the same time.
    open: u64,
    /// Bytes of one that it writes.
    written: u64,
}

impl Files {
    pub const NURSERY: Files = Files { open: 16, written: 0 };
    pub const COMPILER: Files = Files { open: 16_384, written: 64 << 30 };
}

/// What a parent left open: before anything comes in.
pub fn close_inherited() -> Result<(), ConfineError> {
    // SAFETY: closes what we never opened; nothing in this process owns a descriptor above 2 yet.
    check("close_range", unsafe { libc::close_range(3, u32::MAX, 0) })
}

/// All but system calls and memory.
pub fn strip(files: Files) -> Result<Confinement, ConfineError> {
    let own_network_namespace = drop_identity()?;
    fix()?;
    limit(Resource::Fsize, files.written)?;
    limit(Resource::Nofile, files.open)?;
    let landlock = close_file_system()?;
    Ok(Confinement { uid: rustix::process::getuid().as_raw(), landlock, seccomp: false, own_network_namespace })
}

/// Nothing is gained by executing, and nobody looks into its memory.
pub(super) fn fix() -> Result<(), ConfineError> {
    rustix::thread::set_no_new_privs(true).map_err(os("no_new_privs"))?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(os("dumpable"))?;
    limit(Resource::Core, 0)
}

/// As root: into a network namespace with nothing in it, and become nobody. Leaving uid 0 for good drops every
/// capability. As anyone else we have none to drop.
fn drop_identity() -> Result<bool, ConfineError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(false);
    }
    // SAFETY: plain system calls on this single-threaded process.
    let isolated = unsafe { libc::unshare(libc::CLONE_NEWNET | libc::CLONE_NEWIPC) } == 0;
    // SAFETY: as above.
    check("chdir", unsafe { libc::chdir(c"/".as_ptr()) })?;
    // SAFETY: as above.
    check("setgroups", unsafe { libc::setgroups(0, std::ptr::null()) })?;
    // SAFETY: as above.
    check("setresgid", unsafe { libc::setresgid(UID, UID, UID) })?;
    // SAFETY: as above.
    check("setresuid", unsafe { libc::setresuid(UID, UID, UID) })?;
    // SAFETY: as above; it must fail, or root was not left.
    if unsafe { libc::setuid(0) } == 0 {
        return Err(ConfineError::Os("leaving root", io::Error::other("could become root again")));
    }
    Ok(isolated)
}

fn limit(resource: Resource, value: u64) -> Result<(), ConfineError> {
    let now = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let value = Some(value.min(now));
    setrlimit(resource, Rlimit { current: value, maximum: value }).map_err(os("rlimit"))
}

/// Address space is mapped freely by the pattern engine (guard regions), so the tight limit is on writable memory.
pub fn limit_memory(own: u64, largest_file: u64) -> Result<(), ConfineError> {
    let data = own.saturating_add(largest_file.saturating_mul(2));
    limit(Resource::Data, data)?;
    limit(Resource::As, data.saturating_add(16 << 30))?;
    // Bounds a worker that was taken over and never answers, besides the scanner's own clock.
    limit(Resource::Cpu, 3_600)
}

/// No path can be opened, no port bound or connected, nothing outside signalled. `none` where the kernel lacks it:
/// seccomp refuses these calls as well.
fn close_file_system() -> Result<String, ConfineError> {
    let abi = ABI::V6;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(abi)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(abi)))
        .and_then(|ruleset| ruleset.create())
        .and_then(|ruleset| ruleset.restrict_self());
    landlocked(status)
}

/// How much of it this kernel keeps.
pub(super) fn landlocked(status: Result<RestrictionStatus, RulesetError>) -> Result<String, ConfineError> {
    let status = status.map_err(|error| ConfineError::Landlock(error.to_string()))?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => "full",
        RulesetStatus::PartiallyEnforced => "partial",
        RulesetStatus::NotEnforced => "none",
    }
    .to_owned())
}

/// Two filters: what is not in the list ends the process; of the list, those that only ask for a file get EACCES, since
/// the C library asks now and then and does well without.
pub fn allow_only(calls: &[i64], all_threads: bool) -> Result<(), ConfineError> {
    let own_pid = u64::from(rustix::process::getpid().as_raw_nonzero().get() as u32);
    let mut allowed: BTreeMap<i64, Vec<SeccompRule>> = calls.iter().map(|call| (*call, vec![])).collect();
    allowed.extend(super::syscalls::REFUSED.iter().map(|call| (*call, vec![])));
    // Signals and limits: to itself only.
    allowed.insert(libc::SYS_tgkill, vec![first_argument_is(own_pid)?]);
    allowed.insert(libc::SYS_prlimit64, vec![first_argument_is(0)?]);
    // A thread that starts gives itself a name; the nursery's own list allows what bearing takes besides.
    allowed.entry(libc::SYS_prctl).or_insert(vec![first_argument_is(libc::PR_SET_NAME as u64)?]);
    let refused = super::syscalls::REFUSED.iter().map(|call| (*call, vec![])).collect();
    install(refused, SeccompAction::Allow, SeccompAction::Errno(libc::EACCES as u32), all_threads)?;
    install(allowed, SeccompAction::KillProcess, SeccompAction::Allow, all_threads)
}

pub(super) fn first_argument_is(value: u64) -> Result<SeccompRule, ConfineError> {
    let condition = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value).map_err(seccomp)?;
    SeccompRule::new(vec![condition]).map_err(seccomp)
}

pub(super) fn install(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    matched: SeccompAction,
    all_threads: bool,
) -> Result<(), ConfineError> {
    let arch = std::env::consts::ARCH.try_into().map_err(seccomp)?;
    let filter = SeccompFilter::new(rules, otherwise, matched, arch).map_err(seccomp)?;
    let program: BpfProgram = filter.try_into().map_err(seccomp)?;
    let applied = if all_threads { apply_filter_all_threads(&program) } else { apply_filter(&program) };
    applied.map_err(|error| ConfineError::Seccomp(error.to_string()))
}

fn seccomp(error: impl std::fmt::Display) -> ConfineError {
    ConfineError::Seccomp(error.to_string())
}
