//! What people are told: findings about one act of one process, with the decision, its outcome and enough lineage that the
//! node can tell the story even if no other event of it ever arrives.

use crate::{
    Action, AgentId, AlertId, Decision, Finding, HostId, Process, Row, Severity, Technique, TenantId, Timestamp,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    pub id: AlertId,
    /// When the act happened.
    pub time: Timestamp,
    pub agent: AgentId,
    pub host: HostId,
    pub host_name: String,
    #[serde(default)]
    pub tenant: TenantId,
    /// The strongest of the findings.
    pub severity: Severity,
    /// The strongest finding's name.
    pub title: String,
    pub findings: Vec<Finding>,
    pub decision: Decision,
    pub outcome: Outcome,
    /// The event that set it off, laid flat.
    pub event: Row,
    /// The acting process first, then its ancestors to the oldest known.
    pub lineage: Lineage,
}

impl Alert {
    /// Distinct, in the order of the findings.
    pub fn techniques(&self) -> Vec<Technique> {
        let mut out = Vec::new();
        for technique in self.findings.iter().flat_map(|f| &f.techniques) {
            if !out.contains(technique) {
                out.push(*technique);
            }
        }
        out
    }
}

/// The acting process first, its parent next, …
pub type Lineage = Vec<ProcessSnapshot>;

/// A [`Process`] as it crosses the wire and stands on a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProcessSnapshot {
    pub entity_id: String,
    pub pid: u32,
    pub name: String,
    pub executable: String,
    pub command_line: String,
    pub started: Timestamp,
    pub user_id: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_id: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<u32>,
    /// Address that the log-in came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_image: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The image has no file that a package could own: memfd or deleted.
    #[serde(default)]
    pub fileless: bool,
}

impl From<&Process> for ProcessSnapshot {
    fn from(process: &Process) -> Self {
        let text = |s: &std::sync::Arc<str>| s.to_string();
        ProcessSnapshot {
            entity_id: process.key.entity_id(),
            pid: process.key.tgid,
            name: process.name().to_owned(),
            executable: process.executable.to_string(),
            command_line: crate::text::clip(&process.command_line, 8 * 1024).to_owned(),
            started: process.started,
            user_id: process.user.credentials.uid,
            user_name: process.user.name.as_ref().map(text),
            login_id: process.login.as_ref().map(|l| l.uid),
            login_name: process.login.as_ref().and_then(|l| l.name.as_ref()).map(text),
            session_id: process.login.as_ref().map(|l| l.session),
            login_source: process.login_from.map(|ip| ip.to_string()),
            unit: process.unit.as_ref().map(text),
            container_id: process.container.as_ref().map(|c| c.id.to_string()),
            container_image: process.container.as_ref().and_then(|c| c.image.as_ref()).map(text),
            sha256: process.sha256.map(|digest| digest.to_hex()),
            package: process.package.as_ref().map(|p| format!("{} {}", p.name, p.version)),
            fileless: process.fileless,
        }
    }
}

/// What became of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub action: Action,
    pub status: OutcomeStatus,
    /// What was done or why it was not, in words.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeStatus {
    /// Nothing was to be done.
    None,
    Done,
    Failed,
}
