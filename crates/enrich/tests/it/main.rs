//! Enrich from outside: observations in, events out, on a host made of temporary files or on this one.

mod churn;
mod host;
mod lineage;
mod live;
mod places;
mod rpm;

use enrich::{Config, Enricher};
use event::ids::NANOS_PER_TICK;
use event::{Actor, BootId, Credentials, ExecSeen, Observation, Observed, Via};
use std::path::Path;
use std::time::Duration;

pub const BOOT: BootId = BootId(0xb007);
pub const SECOND: u64 = 1_000_000_000;

/// A host under `root` with nothing in it, whose wall clock stands at its boot clock.
pub fn config(root: &Path) -> Config {
    Config {
        boot: BOOT,
        boot_to_wall_ns: 0,
        proc: root.join("proc"),
        root: root.to_path_buf(),
        cgroup2: None,
        hybrid_cgroups: false,
        pid_namespace: 1,
        mount_namespace: 1,
        table_bytes: 16 << 20,
        grace: Duration::from_secs(60),
        first_sight_wait: Duration::from_secs(5),
        wait_percent: 100,
        hash_max_bytes: 1 << 20,
        proc_reads_per_second: 1000,
    }
}

pub fn enricher(config: Config) -> Enricher {
    Enricher::new(config).unwrap()
}

/// (tgid, start in ticks) and its parent.
pub fn actor(process: (u32, u64), parent: (u32, u64)) -> Actor {
    Actor {
        tgid: process.0,
        tid: process.0,
        start_boottime_ns: process.1 * NANOS_PER_TICK + 1,
        parent_tgid: parent.0,
        parent_start_boottime_ns: parent.1 * NANOS_PER_TICK + 2,
        credentials: Credentials { uid: 1000, gid: 1000, euid: 1000, egid: 1000 },
        cgroup_id: 0,
    }
}

pub fn exec(path: &str) -> Observed {
    let mut arguments = path.as_bytes().to_vec();
    arguments.extend_from_slice(b"\0-x\0");
    Observed::Exec(Box::new(ExecSeen {
        requested: path.into(),
        executable: path.into(),
        comm: path.rsplit('/').next().unwrap_or_default().into(),
        arguments_total: arguments.len() as u64,
        arguments,
        login_uid: u32::MAX,
        session: u32::MAX,
        pid_namespace: 1,
        mount_namespace: 1,
        ..ExecSeen::default()
    }))
}

pub fn fork(child: (u32, u64)) -> Observed {
    Observed::Fork { child_tgid: child.0, child_start_boottime_ns: child.1 * NANOS_PER_TICK, namespace_flags: 0 }
}

pub fn at(boottime_ns: u64, actor: Actor, what: Observed) -> Observation {
    Observation { boottime_ns, actor, via: Via::Syscall, what }
}
