//! What enrich must be told about its host. Every path hangs on `root` and `proc`, so a test has a host of its own.

use crate::clock;
use event::BootId;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Config {
    pub boot: BootId,
    /// Wall clock less boot clock, in nanoseconds, taken once: later jumps of the wall clock do not reorder events.
    pub boot_to_wall_ns: i64,
    /// Where procfs is.
    pub proc: PathBuf,
    /// Where /etc/passwd, /var/lib/dpkg, /var/lib/docker and their like are found.
    pub root: PathBuf,
    /// The mount of cgroup v2, when there is one.
    pub cgroup2: Option<PathBuf>,
    /// v1 controllers beside v2: then a cgroup v2 id does not tell the container.
    pub hybrid_cgroups: bool,
    /// Inode of the agent's own pid and mount namespace, taken for the host's.
    pub pid_namespace: u32,
    pub mount_namespace: u32,
    /// Cap of the process table; half as much again is resident, for maps grow in steps.
    pub table_bytes: usize,
    /// How long an exited process is kept.
    pub grace: Duration,
    /// The longest that an exec event waits for the first sight of its file.
    pub first_sight_wait: Duration,
    /// The share of all time that may be spent in such waits, in percent.
    pub wait_percent: u32,
    /// Larger executables get no digest.
    pub hash_max_bytes: u64,
    /// Reads of /proc on the hot path (repairs of missed forks and execs), at most so many a second.
    pub proc_reads_per_second: u32,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot read {what}: {source}")]
pub struct ConfigError {
    pub what: &'static str,
    pub source: io::Error,
}

impl Config {
    /// This host, as the calling process sees it.
    pub fn for_this_host() -> Result<Config, ConfigError> {
        let read = |what: &'static str| std::fs::read_to_string(what).map_err(|source| ConfigError { what, source });
        let what = "/proc/sys/kernel/random/boot_id";
        let boot = read(what)?.parse().map_err(|e| ConfigError { what, source: io::Error::other(e) })?;
        let boot_to_wall_ns = clock::boot_to_wall().map_err(|source| ConfigError { what: "/proc/uptime", source })?;
        let cgroups = read("/proc/self/cgroup")?;
        Ok(Config {
            boot,
            boot_to_wall_ns,
            proc: "/proc".into(),
            root: "/".into(),
            cgroup2: crate::cgroup::find_mount(&read("/proc/self/mountinfo")?),
            hybrid_cgroups: cgroups.lines().any(|line| !line.starts_with("0::")),
            pid_namespace: crate::proc::namespace("/proc/self/ns/pid".as_ref()),
            mount_namespace: crate::proc::namespace("/proc/self/ns/mnt".as_ref()),
            table_bytes: 8 << 20,
            grace: Duration::from_secs(60),
            first_sight_wait: Duration::from_millis(50),
            wait_percent: 20,
            hash_max_bytes: 256 << 20,
            proc_reads_per_second: 200,
        })
    }
}
