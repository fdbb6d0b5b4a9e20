//! Roll-back: what is kept of files that process trees changed, and giving it back.

use crate::hosts::HostAnswer;
use crate::response::Command;
use incident::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What could be undone on the hosts, asked of them just now; newest first.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RecoveryList {
    pub items: Vec<KeptTree>,
    /// Every host asked, also those that did not answer.
    pub hosts: Vec<RecoveryHost>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RecoveryHost {
    pub answer: HostAnswer,
    /// None when it did not answer.
    pub store: Option<RecoveryStore>,
}

/// Counted since the agent started.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct RecoveryStore {
    pub files: u64,
    pub bytes: u64,
    /// Not kept: too large, no room, could not be read.
    pub too_large: u64,
    pub full: u64,
    pub failed: u64,
    /// Pushed out before their time.
    pub pushed_out: u64,
}

/// What is kept of one process tree.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct KeptTree {
    pub host_id: String,
    pub host_name: String,
    /// Entity id of its root.
    pub tree: String,
    pub executable: String,
    pub uid: u32,
    /// Files whose content from before is kept.
    pub kept: u64,
    pub bytes: u64,
    /// Files that the tree made.
    pub made: u64,
    /// The alert that it was stopped by.
    pub alert_id: Option<String>,
    pub incident_id: Option<String>,
    pub first: Time,
    pub last: Time,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackRequest {
    pub host_id: String,
    /// Entity ids of processes; those of the incident when not given.
    #[serde(default)]
    pub trees: Vec<String>,
    /// True: say what it would do, touch nothing.
    #[serde(default)]
    pub preview: bool,
    /// Needed unless `preview`.
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub incident_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RollbackResponse {
    /// Of a preview, which is asked of the host.
    pub answer: Option<HostAnswer>,
    pub report: Option<RollbackReport>,
    /// The command that was sent; none for a preview. Its report is asked for by its id.
    pub command: Option<Command>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RollbackReport {
    pub trees: Vec<String>,
    pub preview: bool,
    pub files: Vec<RolledBackFile>,
    /// Files that are not listed.
    pub left_out: u64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RolledBackFile {
    pub path: String,
    pub done: Undone,
    pub bytes: u64,
    /// Why, where it is not as it was.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Undone {
    /// Content, name, owner, mode, times and attributes are those of before.
    Restored,
    Linked,
    /// The tree made it; it is gone.
    Deleted,
    Unchanged,
    /// Somebody else's file stands there: what was kept lies beside it.
    Beside,
    Failed,
}
