//! Detection rules tried on history before they go live.

use crate::hunting::Coverage;
use incident::Time;
use incident::schema::SeverityName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BacktestRequest {
    pub rules: Vec<RuleText>,
    /// How far back, 1 to 8760; 168 when not given.
    #[serde(default)]
    pub hours: Option<u32>,
}

/// A file of Sigma rules.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// By which the answer calls it.
    pub name: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct BacktestResult {
    pub usable: u64,
    pub rejected: Vec<RejectedRule>,
    pub from: Time,
    pub to: Time,
    /// Stored events that the rules were held against: of the kinds that any of them is about.
    pub events: u64,
    pub elapsed_ms: u64,
    /// False when the time was up before the end: the counts are then too small.
    pub complete: bool,
    /// Most hits first.
    pub hits: Vec<BacktestHits>,
    pub coverage: Coverage,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct RejectedRule {
    pub rule_id: Option<String>,
    pub file: String,
    pub reason: String,
}

/// What one rule would have told.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct BacktestHits {
    pub rule_id: String,
    pub title: String,
    #[schema(value_type = SeverityName)]
    pub severity: event::Severity,
    pub count: u64,
    /// Most hits first, at most a hundred.
    pub hosts: Vec<HostHits>,
    pub first: Time,
    pub last: Time,
    /// Some of them, as they were met.
    pub samples: Vec<BacktestSample>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HostHits {
    pub host: String,
    pub count: u64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct BacktestSample {
    pub time: Time,
    pub host: String,
    /// The acting process, to look further.
    pub entity_id: Option<String>,
    /// What matched, in a sentence.
    pub detail: String,
}
