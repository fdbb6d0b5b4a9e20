//! `[ransomware]`: which files are guarded against being made unreadable, who may change them unasked, and what is kept
//! of them. Read by the agent for `respond::OpenGate`, `respond::Rollback` and `detect::Ledger`.

use crate::Glob;
use event::Mode;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ransomware {
    pub enabled: bool,
    /// How far it goes; the policy's mode where it is not given. Nothing is guarded or kept below enforce.
    pub mode: Option<Mode>,
    /// Folders whose files are guarded, with all below; `*` stands for one component.
    pub protect: Vec<String>,
    /// Folders of these names are left out wherever they lie: what is in them can be made again.
    pub exclude: Vec<String>,
    /// Programs whose changes are not kept and not judged, as long as the system started them and nobody traces them.
    pub trusted: Vec<Glob>,
    /// Files that a process tree may make unreadable before it is stopped.
    pub max_lost: u32,
    /// Over this time they are counted.
    pub window_minutes: u32,
    /// Place decoys in guarded folders.
    pub decoys: bool,
    /// How long a client of a share that destroyed files through it opens nothing more here.
    pub block_minutes: u32,
    /// An open that waits longer goes on unjudged, and is counted.
    pub timeout_ms: u64,
    pub keep_days: u32,
    pub keep_max_bytes: u64,
    pub keep_max_file_bytes: u64,
    /// Of one process tree.
    pub keep_max_tree_bytes: u64,
}

impl Default for Ransomware {
    fn default() -> Self {
        let list = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        Ransomware {
            enabled: true,
            mode: None,
            protect: list(&["/home", "/root", "/srv", "/var/www", "/var/lib/postgresql", "/var/lib/mysql"]),
            exclude: list(&["target", "node_modules", "__pycache__", ".cache", ".cargo", ".rustup", ".git"]),
            trusted: TRUSTED.iter().map(|text| Glob::from(*text)).collect(),
            max_lost: 5,
            window_minutes: 60,
            decoys: true,
            block_minutes: 60,
            timeout_ms: 1_500,
            keep_days: 3,
            keep_max_bytes: 4 << 30,
            keep_max_file_bytes: 256 << 20,
            keep_max_tree_bytes: 2 << 30,
        }
    }
}

/// Databases, and daemons that write logs or backups.
const TRUSTED: &[&str] = &[
    "/usr/lib/postgresql/*/bin/postgres",
    "/usr/sbin/mysqld",
    "/usr/sbin/mariadbd",
    "/usr/bin/mongod",
    "/usr/bin/redis-server",
    "/usr/lib/systemd/systemd-journald",
    "/lib/systemd/systemd-journald",
    "/usr/sbin/rsyslogd",
];

impl Ransomware {
    /// The field and what is wrong with it.
    pub(crate) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let within = |field, ok: bool, message| if ok { Ok(()) } else { Err((field, message)) };
        within("ransomware.max_lost", (2..=1_000).contains(&self.max_lost), "must be from 2 to 1000")?;
        within("ransomware.window_minutes", (1..=1_440).contains(&self.window_minutes), "must be from 1 to 1440")?;
        within("ransomware.block_minutes", (1..=10_080).contains(&self.block_minutes), "must be from 1 to 10080")?;
        within("ransomware.timeout_ms", (100..=1_500).contains(&self.timeout_ms), "must be from 100 to 1500")?;
        within("ransomware.keep_days", (1..=365).contains(&self.keep_days), "must be from 1 to 365")?;
        let names = self.exclude.iter().all(|name| !name.is_empty() && !name.contains('/'));
        within("ransomware.exclude", names, "holds names of folders, not paths")?;
        let whole = self.protect.iter().all(|path| !path.trim_end_matches('/').is_empty());
        within("ransomware.protect", whole, "cannot be the root: name the folders that hold data")?;
        let fits =
            self.keep_max_file_bytes <= self.keep_max_tree_bytes && self.keep_max_tree_bytes <= self.keep_max_bytes;
        within("ransomware.keep_max_tree_bytes", fits, "must lie between keep_max_file_bytes and keep_max_bytes")
    }
}
