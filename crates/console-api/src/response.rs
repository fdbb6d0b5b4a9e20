//! What the node asks agents to do, what lies in their vaults, and who did what.

use crate::hosts::HostAnswer;
use incident::Time;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Command {
    pub id: String,
    pub host_id: String,
    pub kind: CommandKind,
    /// What it acts on: an entity id, a path, a vault item.
    pub target: String,
    pub status: CommandStatus,
    /// What was done, or why not.
    pub detail: Option<String>,
    pub requested_by: String,
    pub reason: String,
    pub incident_id: Option<String>,
    pub created: Time,
    /// When it is given up if the host has not taken it.
    pub expires: Time,
    pub finished: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    KillTree,
    Quarantine,
    Restore,
    ListProcesses,
    ListQuarantine,
    /// The target is the policy's name and version.
    SetPolicy,
    RollBack,
    Scan,
    StopScan,
    Lockdown,
}

impl CommandKind {
    pub const fn name(self) -> &'static str {
        match self {
            CommandKind::KillTree => "kill_tree",
            CommandKind::Quarantine => "quarantine",
            CommandKind::Restore => "restore",
            CommandKind::ListProcesses => "list_processes",
            CommandKind::ListQuarantine => "list_quarantine",
            CommandKind::SetPolicy => "set_policy",
            CommandKind::RollBack => "roll_back",
            CommandKind::Scan => "scan",
            CommandKind::StopScan => "stop_scan",
            CommandKind::Lockdown => "lockdown",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CommandStatus {
    /// Waits for the host to connect.
    Queued,
    Sent,
    Done,
    Failed,
    Expired,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct QuarantineQuery {
    /// Host id; every host when not given.
    #[serde(default)]
    pub host: Option<String>,
}

/// What the hosts' vaults hold, asked of them just now.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct QuarantineList {
    pub items: Vec<QuarantineItem>,
    /// Every host asked, also those that did not answer.
    pub hosts: Vec<HostAnswer>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct QuarantineItem {
    pub id: String,
    pub host_id: String,
    pub host_name: String,
    /// Where the file was.
    pub path: String,
    pub sha256: String,
    pub size: u64,
    /// Owner's uid and permission bits in octal, as they were.
    pub owner: u32,
    pub mode: String,
    pub reason: String,
    pub time: Option<Time>,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    pub host_id: String,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AuditEntry {
    pub id: u64,
    pub time: Time,
    /// User, `root` through the admin socket, or `system`.
    pub actor: String,
    /// One stable word: `session.sign-in`, `incident.update`, `command.create`, …
    pub action: String,
    pub target: String,
    pub detail: String,
    /// Address or `socket`.
    pub source: String,
    pub ok: bool,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// 1 to 200; 50 when not given.
    #[serde(default)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
}

/// Newest first.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AuditPage {
    pub items: Vec<AuditEntry>,
    pub next: Option<String>,
}
