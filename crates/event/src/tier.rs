//! What this host can keep of our promises: probed by loading a program, never assumed.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// No BPF: fanotify notifications and the proc connector; detects, ends after the fact.
    #[default]
    Observe,
    /// BPF tracing and fanotify permission events: execution is gated from user space.
    Gate,
    /// BPF LSM: the kernel itself refuses.
    Enforce,
}

impl Tier {
    pub const fn name(self) -> &'static str {
        match self {
            Tier::Observe => "observe",
            Tier::Gate => "gate",
            Tier::Enforce => "enforce",
        }
    }

    pub const fn keeps(self, protection: Protection) -> bool {
        use Protection::*;
        match protection {
            FileActivity | ProcessActivity => true,
            NetworkActivity | KernelActivity | IoUringActivity | MemoryActivity | DenyExec | DenyRead | DenyConnect => {
                matches!(self, Tier::Gate | Tier::Enforce)
            }
            DenyModule | SelfProtection | DenyFileWrite | DenyPtrace => matches!(self, Tier::Enforce),
        }
    }

    /// The protections this tier cannot give, in a fixed order.
    pub fn missing(self) -> Vec<Protection> {
        Protection::ALL.into_iter().filter(|p| !self.keeps(*p)).collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    ProcessActivity,
    FileActivity,
    NetworkActivity,
    KernelActivity,
    MemoryActivity,
    IoUringActivity,
    DenyExec,
    /// Scripts before an interpreter reads them, libraries before they are mapped.
    DenyRead,
    DenyConnect,
    DenyFileWrite,
    DenyPtrace,
    DenyModule,
    /// The agent cannot be ended or traced by root.
    SelfProtection,
}

impl Protection {
    pub const ALL: [Protection; 13] = [
        Protection::ProcessActivity,
        Protection::FileActivity,
        Protection::NetworkActivity,
        Protection::KernelActivity,
        Protection::MemoryActivity,
        Protection::IoUringActivity,
        Protection::DenyExec,
        Protection::DenyRead,
        Protection::DenyConnect,
        Protection::DenyFileWrite,
        Protection::DenyPtrace,
        Protection::DenyModule,
        Protection::SelfProtection,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Protection::ProcessActivity => "process_activity",
            Protection::FileActivity => "file_activity",
            Protection::NetworkActivity => "network_activity",
            Protection::KernelActivity => "kernel_activity",
            Protection::MemoryActivity => "memory_activity",
            Protection::IoUringActivity => "io_uring_activity",
            Protection::DenyExec => "deny_exec",
            Protection::DenyRead => "deny_read",
            Protection::DenyConnect => "deny_connect",
            Protection::DenyFileWrite => "deny_file_write",
            Protection::DenyPtrace => "deny_ptrace",
            Protection::DenyModule => "deny_module",
            Protection::SelfProtection => "self_protection",
        }
    }
}
