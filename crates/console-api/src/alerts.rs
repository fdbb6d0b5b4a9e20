//! Alerts: what engines told, one act of one process each.

use incident::schema::{ActionName, EngineName, ModeName, OutcomeName, SeverityName, TacticName, TierName};
use incident::{ProcessFacts, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AlertSummary {
    pub id: String,
    pub time: Time,
    /// When the node stored it.
    pub received: Time,
    pub host_id: String,
    pub host_name: String,
    #[schema(value_type = SeverityName)]
    pub severity: event::Severity,
    pub title: String,
    /// The strongest finding's sentence.
    pub detail: String,
    pub techniques: Vec<String>,
    #[schema(value_type = Vec<TacticName>)]
    pub tactics: Vec<event::Tactic>,
    #[schema(value_type = Vec<EngineName>)]
    pub engines: Vec<event::Engine>,
    pub rule_ids: Vec<String>,
    #[schema(value_type = ActionName)]
    pub action: event::Action,
    #[schema(value_type = OutcomeName)]
    pub outcome: event::OutcomeStatus,
    pub process_entity_id: Option<String>,
    pub process_name: Option<String>,
    pub process_command_line: Option<String>,
    pub user: Option<String>,
    pub incident_id: Option<String>,
    /// The suppression that silenced it: then it joined no incident.
    pub suppression_id: Option<String>,
    /// A rule or an indicator that came later found it in the stored history.
    pub retrospective: bool,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AlertQuery {
    /// This severity or graver.
    #[serde(default)]
    #[param(value_type = Option<SeverityName>)]
    pub severity: Option<event::Severity>,
    /// Host id.
    #[serde(default)]
    pub host: Option<String>,
    /// ATT&CK id; a technique finds its sub-techniques too.
    #[serde(default)]
    pub technique: Option<String>,
    /// Incident id.
    #[serde(default)]
    pub incident: Option<String>,
    /// Names with commas: alerts in which one of these engines found something.
    #[serde(default)]
    pub engines: Option<String>,
    /// Rule id: alerts in which it found something.
    #[serde(default)]
    pub rule: Option<String>,
    /// Found in title, detail, process, user, host.
    #[serde(default)]
    pub text: Option<String>,
    /// RFC 3339; only alerts from then on.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Time>,
    /// 1 to 200; 50 when not given.
    #[serde(default)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
}

/// Newest first.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AlertPage {
    pub items: Vec<AlertSummary>,
    pub next: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AlertDetail {
    pub summary: AlertSummary,
    pub findings: Vec<Finding>,
    pub decision: Decision,
    pub outcome_detail: String,
    /// The event that set it off: ECS columns flattened with `_`, and `labels`.
    #[schema(value_type = EventRow)]
    pub event: serde_json::Map<String, serde_json::Value>,
    /// The acting process first, then its ancestors to the oldest known.
    pub lineage: Vec<ProcessFacts>,
}

/// An event laid flat: `timestamp` and the other ECS columns that it carries, and `labels` (text to text).
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct EventRow(pub BTreeMap<String, serde_json::Value>);

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Finding {
    #[schema(value_type = EngineName)]
    pub engine: event::Engine,
    pub rule_id: String,
    pub name: String,
    #[schema(value_type = SeverityName)]
    pub severity: event::Severity,
    pub techniques: Vec<String>,
    pub detail: String,
    pub matched: Vec<MatchedField>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct MatchedField {
    pub field: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Decision {
    #[schema(value_type = ActionName)]
    pub action: event::Action,
    /// What would be done in enforce mode on a host whose tier can do it.
    #[schema(value_type = ActionName)]
    pub wanted: event::Action,
    #[schema(value_type = ModeName)]
    pub mode: event::Mode,
    #[schema(value_type = TierName)]
    pub tier: event::Tier,
    pub reasons: Vec<DecisionReason>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct DecisionReason {
    /// None for the decision's own logic.
    #[schema(value_type = Option<EngineName>)]
    pub engine: Option<event::Engine>,
    pub text: String,
}
