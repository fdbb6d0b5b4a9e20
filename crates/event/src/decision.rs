//! What is done, and why. Deciding is pure (`verdict`); doing is elsewhere (`respond`).

use crate::{Engine, Tier};
use serde::{Deserialize, Serialize};

/// Ordered from the mildest to the strongest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    #[default]
    Allow,
    /// Tell, change nothing.
    Alert,
    /// The operation is refused before it happens.
    Deny,
    /// The process and its descendants are ended.
    Kill,
    /// The file is moved to the vault; its processes are ended.
    Quarantine,
}

impl Action {
    pub const fn name(self) -> &'static str {
        match self {
            Action::Allow => "allow",
            Action::Alert => "alert",
            Action::Deny => "deny",
            Action::Kill => "kill",
            Action::Quarantine => "quarantine",
        }
    }
}

/// How far a rule or a policy may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Record and alert; never touch anything. The default.
    #[default]
    Observe,
    /// As observe, and alerts are pushed to people.
    Alert,
    /// Do what was decided.
    Enforce,
}

impl Mode {
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Observe => "observe",
            Mode::Alert => "alert",
            Mode::Enforce => "enforce",
        }
    }
}

/// One step of the way to the decision, in the order it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The voice; None for the decision's own logic (mode, tier, exception).
    pub engine: Option<Engine>,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What is to be done now.
    pub action: Action,
    /// What would be done in enforce mode on a host whose tier can do it.
    pub wanted: Action,
    pub mode: Mode,
    pub tier: Tier,
    pub reasons: Vec<Reason>,
}
