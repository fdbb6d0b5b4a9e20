//! The ATT&CK matrix: what could be told of each technique, and what was.

use crate::rule_list::RuleKind;
use incident::Time;
use incident::schema::{SeverityName, TacticName};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AttackQuery {
    /// How far back, 1 to 8760; 168 when not given.
    #[serde(default)]
    pub hours: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LayerKind {
    /// How many rules could tell of it.
    #[default]
    Coverage,
    /// What was told of it in that time, by severity.
    Told,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AttackLayerQuery {
    #[serde(default)]
    pub hours: Option<u32>,
    /// `coverage` when not given.
    #[serde(default)]
    #[param(inline)]
    pub kind: Option<LayerKind>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AttackMatrix {
    pub from: Time,
    pub to: Time,
    /// In the matrix' order; those of Linux and containers.
    pub tactics: Vec<AttackTactic>,
    /// Named by a rule or an alert, and of another release than the table.
    pub other: Vec<AttackTechnique>,
    /// Rules of all techniques, once each.
    pub rules: Vec<AttackRule>,
    /// Events could be counted; alerts always can.
    pub events_known: bool,
    /// Whose names these are.
    pub notice: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AttackTactic {
    #[schema(value_type = TacticName)]
    pub tactic: event::Tactic,
    /// With their sub-techniques behind each.
    pub techniques: Vec<AttackTechnique>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AttackTechnique {
    pub id: String,
    pub name: String,
    /// Of a sub-technique.
    pub parent: Option<String>,
    /// Places in `rules` of those that name it.
    pub rules: Vec<u32>,
    /// In that time: alerts, and events on which it stands, told or not.
    pub alerts: u64,
    pub events: u64,
    /// The gravest alert.
    #[schema(value_type = Option<SeverityName>)]
    pub severity: Option<event::Severity>,
    pub last: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AttackRule {
    pub id: String,
    pub title: String,
    pub kind: RuleKind,
}
