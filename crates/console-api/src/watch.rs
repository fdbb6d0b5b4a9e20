//! Rules and indicators on the node.

use crate::backtest::{RejectedRule, RuleText};
use incident::Time;
use incident::schema::SeverityName;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeRulesAdd {
    /// One of the same name is replaced; what it said before stays among its versions.
    pub rules: Vec<RuleText>,
    /// Not searched for in what is stored.
    #[serde(default)]
    pub only_new_events: bool,
    /// Why; it stands with the version and in the audit log.
    #[serde(default)]
    pub reason: Option<String>,
    /// The version that the text was changed from, 0 for a new rule: when the node has another by now, nothing is changed.
    /// Only with one rule.
    #[serde(default)]
    pub base: Option<u64>,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorsAdd {
    pub indicators: Vec<Indicator>,
    /// Not searched for in what is stored.
    #[serde(default)]
    pub only_new_events: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    pub kind: IndicatorKind,
    pub value: String,
    /// Where it is from, what it belongs to.
    #[serde(default)]
    pub note: String,
    /// High when not given.
    #[serde(default)]
    #[schema(value_type = Option<SeverityName>)]
    pub severity: Option<event::Severity>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IndicatorKind {
    Ip,
    /// With all names below it.
    Domain,
    Sha256,
    /// Of a file or a program.
    Path,
}

/// Nothing is added when a rule is rejected.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct NodeRulesAdded {
    pub names: Vec<String>,
    pub rejected: Vec<RejectedRule>,
}

/// By name.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct NodeRuleList {
    pub items: Vec<NodeRule>,
    /// Since the node started, by rule id.
    pub told: Vec<NodeRuleTold>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct NodeRule {
    pub name: String,
    pub kind: NodeRuleKind,
    pub text: String,
    pub added: Time,
    pub added_by: String,
    pub history: HistorySearch,
    /// Counts its changes, from 1 on.
    pub version: u64,
}

/// A rule on the node with what it said before.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct NodeRuleDetail {
    /// None when it was taken off.
    pub rule: Option<NodeRule>,
    /// Newest first, at most a hundred.
    pub versions: Vec<NodeRuleVersion>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct NodeRuleVersion {
    pub version: u64,
    pub time: Time,
    pub by: String,
    pub reason: String,
    /// It was taken off; `text` is empty then.
    pub removed: bool,
    pub text: String,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NodeRuleRemoveQuery {
    /// Why; it stands with the version and in the audit log.
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodeRuleKind {
    Sigma,
    Indicator,
}

/// What the search through the stored history came to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct HistorySearch {
    pub state: HistoryState,
    /// Stored events of the kinds that the rule is about.
    pub events: u64,
    pub hits: u64,
    /// One for each rule and host.
    pub alerts: u64,
    /// Pairs of rule and host that made no alert, since there were too many.
    pub untold: u64,
    pub from: Option<Time>,
    pub to: Option<Time>,
    pub finished: Option<Time>,
    pub detail: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HistoryState {
    /// Under way, or waits for another.
    #[default]
    Running,
    Done,
    /// The time was up before the end.
    Cut,
    Failed,
    /// Was not asked for.
    None,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct NodeRuleTold {
    pub rule_id: String,
    pub alerts: u64,
    /// Events that met it beyond what a minute bears; stored, and told of no more.
    pub shed: u64,
}
