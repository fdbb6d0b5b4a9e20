//! What the sensor could not hand on. Counted where it is lost, never guessed.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossKind {
    Process,
    File,
    Network,
    Kernel,
    /// fanotify's queue overflowed.
    Fanotify,
    /// The proc connector's socket overflowed (observe tier).
    Connector,
    /// A stage's channel in the agent was full.
    Pipeline,
    /// The spool was at its cap and let its oldest low-value events go.
    Spool,
}

impl LossKind {
    pub const ALL: [LossKind; 8] = [
        LossKind::Process,
        LossKind::File,
        LossKind::Network,
        LossKind::Kernel,
        LossKind::Fanotify,
        LossKind::Connector,
        LossKind::Pipeline,
        LossKind::Spool,
    ];
    pub const fn name(self) -> &'static str {
        match self {
            LossKind::Process => "process",
            LossKind::File => "file",
            LossKind::Network => "network",
            LossKind::Kernel => "kernel",
            LossKind::Fanotify => "fanotify",
            LossKind::Connector => "connector",
            LossKind::Pipeline => "pipeline",
            LossKind::Spool => "spool",
        }
    }
}

/// `count` events of `kind` were lost since the last such event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SensorLoss {
    pub kind: LossKind,
    pub count: u64,
}
