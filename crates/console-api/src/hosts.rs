//! Hosts: what each can protect, whether it is there, what it lost.

use incident::Time;
use incident::schema::{ModeName, ProtectionName, TierName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HostSummary {
    pub id: String,
    pub name: String,
    pub agent_id: String,
    pub os: String,
    pub kernel: String,
    pub architecture: String,
    pub agent_version: String,
    #[schema(value_type = TierName)]
    pub tier: event::Tier,
    /// Why the tier is not a higher one.
    pub tier_reason: String,
    #[schema(value_type = Vec<ProtectionName>)]
    pub missing_protections: Vec<event::Protection>,
    #[schema(value_type = ModeName)]
    pub mode: event::Mode,
    pub connected: bool,
    pub last_seen: Time,
    /// Events the sensor saw since the agent started.
    pub seen: u64,
    /// Events lost by kind since the agent started, and their sum.
    pub lost: BTreeMap<String, u64>,
    pub lost_total: u64,
    pub events_per_second: f64,
    pub alerts_24h: u64,
    pub open_incidents: u64,
    /// Its certificate was revoked; it can no longer connect.
    pub revoked: bool,
    pub signatures: HostSignatures,
}

/// What files are held against on a host.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HostSignatures {
    /// Of the set that was brought to it; none: only what is built in and what lies in its content folders.
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

impl From<&event::SignatureFacts> for HostSignatures {
    fn from(facts: &event::SignatureFacts) -> Self {
        let event::SignatureFacts { version, update, refused, digests, patterns, yara_rules, models } = facts.clone();
        HostSignatures { version, update, refused, digests, patterns, yara_rules, models }
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HostList {
    pub items: Vec<HostSummary>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HostDetail {
    pub summary: HostSummary,
    pub boot_id: String,
    pub addresses: Vec<String>,
    pub first_seen: Time,
    /// What waits on the host to be sent.
    pub spool_bytes: u64,
    pub spool_events: u64,
    /// Memory of the agent.
    pub resident_bytes: u64,
    pub rules: u64,
    pub rules_rejected: u64,
    /// Events stored a minute over the last hour, oldest first.
    pub rates: Vec<RatePoint>,
    /// False when the event store could not count them.
    pub rates_known: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RatePoint {
    pub start: Time,
    pub events: u64,
}

/// The running processes of a host, asked of it just now.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ProcessTree {
    pub answer: HostAnswer,
    pub collected: Option<Time>,
    pub processes: Vec<HostProcess>,
    /// The host has more than it sent.
    pub truncated: bool,
}

/// Whether a host answered a question; who did not answer is never left out.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HostAnswer {
    pub host_id: String,
    pub host_name: String,
    pub status: AnswerStatus,
    /// What went wrong, in words.
    pub detail: Option<String>,
    pub elapsed_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AnswerStatus {
    Answered,
    /// Not connected.
    Offline,
    /// Connected, but silent within the time.
    Timeout,
    Error,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct HostProcess {
    pub pid: u32,
    pub parent_pid: u32,
    pub entity_id: Option<String>,
    pub parent_entity_id: Option<String>,
    pub name: String,
    pub executable: String,
    pub command_line: String,
    pub user_id: u32,
    pub user: Option<String>,
    pub started: Option<Time>,
    pub unit: Option<String>,
    pub container_id: Option<String>,
    pub container_image: Option<String>,
    pub sha256: Option<String>,
    pub package: Option<String>,
    pub fileless: bool,
    pub resident_bytes: Option<u64>,
}
