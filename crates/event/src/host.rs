//! What a host says of itself; sent at connection and when it changes.

use crate::{AgentId, HostId, LossKind, Mode, Protection, Tier, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostFacts {
    pub agent: AgentId,
    pub host: HostId,
    pub name: String,
    /// `PRETTY_NAME` of /etc/os-release.
    pub os: String,
    pub kernel: String,
    pub architecture: String,
    pub agent_version: String,
    pub boot_id: String,
    pub tier: Tier,
    /// Why the tier is not a higher one, in words.
    #[serde(default)]
    pub tier_reason: String,
    pub missing_protections: Vec<Protection>,
    pub mode: Mode,
    /// Since the agent started.
    pub seen: u64,
    pub lost: BTreeMap<LossKind, u64>,
    pub spool_bytes: u64,
    pub spool_events: u64,
    pub resident_bytes: u64,
    /// Usable rules loaded, and files of rules refused.
    pub rules: u64,
    pub rules_rejected: u64,
    #[serde(default)]
    pub signatures: SignatureFacts,
    pub addresses: Vec<String>,
    pub time: Timestamp,
}

/// What files are held against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignatureFacts {
    /// Of the set that was brought to the host; None: only what is built in and what lies in its content folders.
    pub version: Option<u64>,
    /// What the last look for a newer set came to, in words.
    pub update: String,
    /// Why a set that was brought is not in force.
    pub refused: Option<String>,
    pub digests: u64,
    pub patterns: u64,
    pub yara_rules: u64,
    /// Name and version of each.
    pub models: Vec<String>,
}
