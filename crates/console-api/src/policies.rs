//! Policies kept on the node: each a name with numbered versions, checked, compared, simulated and rolled out to hosts.

use crate::hosts::HostAnswer;
use crate::response::Command;
use incident::Time;
use incident::schema::{ActionName, ModeName, SeverityName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PolicyList {
    pub items: Vec<PolicySummary>,
    /// Every host, by name.
    pub hosts: Vec<PolicyHost>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PolicySummary {
    pub name: String,
    /// The newest; numbers are unique over all policies of the node.
    pub version: u64,
    pub updated: Time,
    pub by: String,
    pub reason: String,
    #[schema(value_type = ModeName)]
    pub mode: event::Mode,
    /// Hosts that were given any version of it.
    pub hosts: u64,
}

/// What the node gave a host, and what became of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PolicyHost {
    pub host_id: String,
    pub host_name: String,
    pub connected: bool,
    /// None: the node never gave it one; it has its own.
    pub given: Option<PolicyGiven>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PolicyGiven {
    pub policy: String,
    pub version: u64,
    pub state: PolicyState,
    /// What the host said.
    pub detail: String,
    pub at: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyState {
    /// Sent, or waiting for the host to connect.
    Pending,
    InForce,
    /// The host would not: its own is in force still.
    Refused,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Policy {
    pub name: String,
    pub version: u64,
    pub text: String,
    /// Newest first, at most fifty.
    pub versions: Vec<PolicyVersion>,
    pub hosts: Vec<PolicyHost>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PolicyVersion {
    pub version: u64,
    pub time: Time,
    pub by: String,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PolicyText {
    pub name: String,
    pub version: u64,
    pub text: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyWrite {
    pub text: String,
    pub reason: String,
    /// The version that was edited; another one meanwhile is a conflict. None for a new policy.
    #[serde(default)]
    pub base: Option<u64>,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyCheckRequest {
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PolicyCheck {
    pub ok: bool,
    pub fault: Option<PolicyFault>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PolicyFault {
    /// From 1; 0 when the fault belongs to the whole.
    pub line: u64,
    /// `gate.timeout_ms`; empty when the fault is not in a field.
    pub field: String,
    pub message: String,
}

/// What a host has in force, asked of it just now.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HostPolicy {
    pub answer: HostAnswer,
    pub text: Option<String>,
    pub name: Option<String>,
    pub given: Option<PolicyGiven>,
    /// What is in force is, letter for letter, what the node gave it; none where either is not known.
    pub as_given: Option<bool>,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulationRequest {
    pub text: String,
    /// 1 to 50 hosts.
    pub host_ids: Vec<String>,
    /// 1 to 30; 7 when not given.
    #[serde(default)]
    pub days: Option<u32>,
}

/// The past under another policy.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Simulation {
    pub from: Time,
    pub to: Time,
    pub hosts: Vec<HostSimulation>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HostSimulation {
    /// Whether the host judged its programs.
    pub answer: HostAnswer,
    /// Judged by the node from stored alerts: also of a host that is away.
    pub alerts: AlertSimulation,
    /// Program starts under a lock, judged by the host; none where it did not answer.
    pub starts: Option<StartSimulation>,
    /// What was done by those whom the policy's profiles confine, judged by the host; none where it did not answer or the
    /// policy has no profiles.
    pub prevention: Option<PreventionSimulation>,
    /// What the host cannot do without and a profile that enforces would take: such a policy is refused.
    pub lockouts: Vec<Lockout>,
}

/// What would be done about the alerts of that time, against what was done.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AlertSimulation {
    pub alerts: u64,
    /// There were more than were judged.
    pub truncated: bool,
    /// Most first.
    pub changes: Vec<ActionChange>,
    /// Some that would be answered otherwise, gravest change first.
    pub samples: Vec<ChangedAlert>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ActionChange {
    #[schema(value_type = ActionName)]
    pub from: event::Action,
    #[schema(value_type = ActionName)]
    pub to: event::Action,
    pub count: u64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ChangedAlert {
    pub alert_id: String,
    pub incident_id: Option<String>,
    pub time: Time,
    pub title: String,
    #[schema(value_type = SeverityName)]
    pub severity: event::Severity,
    pub process: Option<String>,
    #[schema(value_type = ActionName)]
    pub from: event::Action,
    #[schema(value_type = ActionName)]
    pub to: event::Action,
    pub reasons: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct StartSimulation {
    pub programs: u64,
    pub starts: u64,
    pub denied_starts: u64,
    /// Programs that were not judged.
    pub left_out: u64,
    /// What a lock would refuse or cannot be sure of, most started first.
    pub would_refuse: Vec<RefusedProgram>,
    /// What the host cannot do without and a lock would refuse: such a lock is refused.
    pub vital: Vec<VitalProgram>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct PreventionSimulation {
    pub profiles: u64,
    /// Acts of those whom a profile confines, and those of them that it denies.
    pub judged: u64,
    pub denied: u64,
    /// Different acts that were not judged or are not listed.
    pub left_out: u64,
    /// Most frequent first.
    pub would_deny: Vec<DeniedAct>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct DeniedAct {
    pub profile: String,
    /// The profile's key that speaks of it: `read`, `connect`.
    pub act: String,
    /// What it was done to.
    pub what: String,
    pub program: String,
    pub count: u64,
    /// `prevention.nginx.read "!/etc/shadow"`.
    pub line: String,
    /// One sentence.
    pub says: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Lockout {
    pub profile: String,
    pub program: String,
    pub line: String,
    pub says: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RefusedProgram {
    pub path: String,
    pub sha256: Option<String>,
    pub count: u64,
    /// `denied` or `unsure`.
    pub outcome: String,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct VitalProgram {
    pub path: String,
    /// Why it is vital; none for what merely runs now.
    pub role: Option<String>,
    pub reason: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutRequest {
    pub host_ids: Vec<String>,
    /// Of this policy; the newest when not given.
    #[serde(default)]
    pub version: Option<u64>,
    /// True: say what it would do, do nothing.
    #[serde(default)]
    pub preview: bool,
    /// Needed unless `preview`.
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Rollout {
    pub version: u64,
    /// Each with what it was given before.
    pub hosts: Vec<PolicyHost>,
    /// One a host; none for a preview.
    pub commands: Vec<Command>,
}
