//! What people have learned about rules: suppressions, and each rule's history.

use incident::Time;
use incident::tuning::Suppression;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Newest first, removed and expired ones too.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct SuppressionList {
    pub items: Vec<Suppression>,
    /// Hosts that do not hold what is in force yet: they are away, or too old for it. For them the node keeps quiet alone.
    pub hosts_behind: Vec<String>,
}

/// A rule, fields or both, and a reason.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressionCreate {
    /// Rule id, `*` for any run of characters.
    #[serde(default)]
    pub rule: Option<String>,
    /// Host id; the whole tenant when not given.
    #[serde(default)]
    pub host_id: Option<String>,
    /// Column, `label.NAME` or `title`, and what its value must be; `*` stands for any run of characters.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    pub reason: String,
    /// Nor does a host end or take away what it covers; that is told, the first time in a day aloud.
    #[serde(default)]
    pub stops: bool,
    /// 1 to 366; 30 when not given.
    #[serde(default)]
    pub days: Option<u32>,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressionDecision {
    pub reason: String,
    /// Of an accepted proposal: 1 to 366; as proposed when not given.
    #[serde(default)]
    pub days: Option<u32>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RuleHistoryQuery {
    /// One rule by its id, with its days and changes; all in short when not given.
    #[serde(default)]
    pub rule: Option<String>,
}

/// Most alerts first.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleHistoryList {
    pub items: Vec<RuleHistory>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleHistory {
    pub rule_id: String,
    pub title: String,
    pub alerts: u64,
    /// Of which a suppression silenced.
    pub suppressed: u64,
    pub first: Time,
    pub last: Time,
    /// Incidents with an alert of it, by what they turned out to be.
    pub true_positive: u64,
    pub benign: u64,
    pub false_positive: u64,
    pub undecided: u64,
    /// Share of true positives among the decided, 0 to 1; none while nothing is decided.
    pub precision: Option<f64>,
    /// Ids of suppressions that name this rule and are in force.
    pub suppressions: Vec<String>,
    /// Of one rule that was asked for: the last thirty days that have any.
    pub days: Vec<RuleDay>,
    /// Of one rule that was asked for: who changed what about it, newest first.
    pub changes: Vec<RuleChange>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleDay {
    /// `2026-11-22`, UTC.
    pub day: String,
    pub alerts: u64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RuleChange {
    pub time: Time,
    pub actor: String,
    /// As in the audit log.
    pub action: String,
    pub detail: String,
}
