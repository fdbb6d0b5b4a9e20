//! Rules: our own pack and what operators put on their hosts; whether and where each runs, its text, and what it found.

use crate::alerts::{EventRow, MatchedField};
use crate::backtest::{RejectedRule, RuleText};
use crate::hosts::HostAnswer;
use crate::watch::NodeRuleDetail;
use incident::Time;
use incident::schema::{SeverityName, TacticName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleList {
    pub items: Vec<RuleSummary>,
    /// Every host asked which rules it has, also those that did not answer.
    pub hosts: Vec<RuleHost>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleHost {
    pub answer: HostAnswer,
    /// Sigma rules in use there; none when it did not answer.
    pub usable: Option<u64>,
    /// Of its agent: its built-in rules are those of this version.
    pub version: Option<String>,
    /// Rules that cannot be used there, and why.
    pub rejected: Vec<RejectedRule>,
    /// Files of the operator that are not listed.
    pub left_out: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    Sigma,
    /// Steps that only together are an attack.
    Sequence,
    Yara,
    /// A detector that is part of the program.
    Detector,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleSummary {
    pub id: String,
    pub title: String,
    pub kind: RuleKind,
    /// None for a detector that grades each finding itself.
    #[schema(value_type = Option<SeverityName>)]
    pub severity: Option<event::Severity>,
    pub techniques: Vec<String>,
    #[schema(value_type = Vec<TacticName>)]
    pub tactics: Vec<event::Tactic>,
    /// Comes with the product; else an operator's: on the node, or on the hosts that `hosts` names.
    pub builtin: bool,
    /// Its file's name among the node's rules, where it stands there: it is held to what arrives from every host.
    pub node: Option<String>,
    pub file: Option<String>,
    /// Names of hosts that have it, for an operator's rule.
    pub hosts: Vec<String>,
    /// Why it cannot be used, as the node's own compiler or a host says.
    pub rejected: Option<String>,
    /// Alerts of the last thirty days that it stands in.
    pub alerts: u64,
    pub last: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleDetail {
    pub summary: RuleSummary,
    pub description: String,
    /// As it is written; none for a detector.
    pub text: Option<String>,
    /// Events that it must find and such that it must not, where it came with any.
    pub fires: Vec<RuleSample>,
    pub silent: Vec<RuleSample>,
    /// The last thirty days, oldest first, days without any too.
    pub history: Vec<RuleFoundDay>,
    /// The days' events could be counted; alerts always can.
    pub events_known: bool,
    /// Its versions, for a rule on the node.
    pub on_node: Option<NodeRuleDetail>,
}

/// Events in their order: one for a rule, several for a sequence.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleSample {
    pub events: Vec<EventRow>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleFoundDay {
    pub day: Time,
    /// Alerts that it stands in.
    pub alerts: u64,
    /// Events that it stands on, told or not.
    pub events: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleTestRequest {
    pub rules: Vec<RuleText>,
    /// At most a thousand, in the order of their time.
    #[serde(default)]
    #[schema(value_type = Vec<EventRow>)]
    pub events: Vec<serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleTestResult {
    pub usable: u64,
    pub rejected: Vec<RejectedRule>,
    /// One for each event, in their order.
    pub events: Vec<RuleTestEvent>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleTestEvent {
    /// Why it is no event.
    pub fault: Option<String>,
    pub hits: Vec<RuleTestHit>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleTestHit {
    pub rule_id: String,
    pub title: String,
    #[schema(value_type = SeverityName)]
    pub severity: event::Severity,
    pub detail: String,
    pub matched: Vec<MatchedField>,
}
