//! In which state a host's lock is. Kept by the agent, changed by local root (or the node's command), never by time alone
//! but where an expiry says so.

use event::{Mode, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    pub phase: Phase,
    #[serde(default)]
    pub break_glass: Option<BreakGlass>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "phase")]
pub enum Phase {
    /// Nothing is asked.
    #[default]
    Open,
    /// What runs and is not trusted is written down for the report.
    Learning { since: Timestamp, by: String },
    Locked {
        since: Timestamp,
        by: String,
        mode: Mode,
        /// Then it only observes, until somebody renews it.
        #[serde(default)]
        until: Option<Timestamp>,
    },
}

/// For a while everything runs, and is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    pub reason: String,
    pub by: String,
    pub since: Timestamp,
    pub until: Timestamp,
}

impl Lock {
    /// How far it goes now; None while nothing is to be judged.
    pub fn mode(&self, now: Timestamp) -> Option<Mode> {
        match &self.phase {
            Phase::Open => None,
            Phase::Learning { .. } => Some(Mode::Observe),
            Phase::Locked { until: Some(until), .. } if now > *until => Some(Mode::Observe),
            Phase::Locked { mode, .. } => Some(*mode),
        }
    }

    /// Broken, and not yet mended by time. A clock that was set back before it was broken does not prolong it.
    pub fn broken(&self, now: Timestamp) -> Option<&BreakGlass> {
        self.break_glass.as_ref().filter(|glass| (glass.since..=glass.until).contains(&now))
    }
}
