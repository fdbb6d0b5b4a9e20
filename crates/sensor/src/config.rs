//! What the sensor is told. Resolved already: the agent's TOML is read elsewhere.

use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Config {
    /// Size of the one ring all programs share; rounded up to a power of two of pages.
    pub ring_bytes: u32,
    /// How long [`crate::Sensor::drain`] waits for a wake-up. Records come without one until the ring is a quarter full.
    pub drain_interval: Duration,
    /// Processes whose acts make no record (the agent itself), by tgid in the host's pid namespace.
    pub own_tgids: Vec<u32>,
    /// The children of those processes are ours too.
    pub own_children: bool,
    /// Files below these make no file records: `/var/log/journal/`. Directories end with `/`.
    pub ignored_prefixes: Vec<String>,
    /// Reads of these are told: a file, or a directory (ends with `/`) with all files in it; `*` stands for one component.
    pub watched_reads: Vec<String>,
    pub guards: Guards,
    /// A folder of this agent's own on the BPF file system, where programs stay that go on without it.
    pub pins: Option<PathBuf>,
    /// How long the kernel goes on refusing though nobody drains the sensor. Two seconds after this process stands still or is
    /// gone it lets everybody be in any case, unless told to [`crate::Sensor::hold`].
    pub patience: Duration,
}

/// What the kernel guards in the enforce tier, while the agent beats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guards {
    /// Nobody but the service manager may end or trace the agent.
    pub agent: bool,
    /// No kernel module is loaded any more.
    pub modules: bool,
}

impl Default for Config {
    fn default() -> Self {
        let watched = [
            "/etc/shadow",
            "/etc/gshadow",
            "/etc/sudoers",
            "/root/.ssh/",
            "/home/*/.ssh/",
            "/root/.aws/",
            "/home/*/.aws/",
            "/root/.kube/",
            "/home/*/.kube/",
            "/root/.gnupg/private-keys-v1.d/",
            "/home/*/.gnupg/private-keys-v1.d/",
            "/root/.docker/config.json",
            "/home/*/.docker/config.json",
            "/root/.pgpass",
            "/home/*/.pgpass",
            "/root/.my.cnf",
            "/home/*/.my.cnf",
            "/root/.netrc",
            "/home/*/.netrc",
            "/root/.git-credentials",
            "/home/*/.git-credentials",
            "/etc/kubernetes/",
            "/etc/mysql/debian.cnf",
            "/etc/ssh/",
            "/etc/ssl/private/",
        ];
        Config {
            ring_bytes: 16 << 20,
            drain_interval: Duration::from_millis(5),
            own_tgids: vec![std::process::id()],
            own_children: true,
            ignored_prefixes: Vec::new(),
            watched_reads: watched.map(String::from).to_vec(),
            guards: Guards::default(),
            pins: None,
            patience: Duration::from_secs(10),
        }
    }
}
