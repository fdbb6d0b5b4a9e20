//! What hosts and the fleet have learned to be normal, with the counts behind it, and what was told by it.

use crate::hosts::HostAnswer;
use incident::Time;
use incident::schema::SeverityName;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BaselineQuery {
    /// Host id: what that host has learned, asked of it now. The fleet's when neither host nor role is given.
    #[serde(default)]
    pub host: Option<String>,
    /// Of all hosts of one role.
    #[serde(default)]
    pub role: Option<String>,
    #[serde(default)]
    #[param(inline)]
    pub relation: Option<BaselineRelation>,
    /// Found in the name of the program or user.
    #[serde(default)]
    pub text: Option<String>,
    /// Subjects, and items of each; 1 to 500, 40 when not given.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BaselineRelation {
    Programs,
    Starts,
    UserStarts,
    Talks,
    Names,
    Logins,
    Reaches,
    Writes,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct BaselineView {
    /// Of a host that was asked.
    pub answer: Option<HostAnswer>,
    /// Roles of the fleet, by what its hosts serve.
    pub roles: Vec<BaselineRole>,
    /// None where the host did not answer, or nothing of this role is known.
    pub baseline: Option<Baseline>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct BaselineRole {
    pub name: String,
    pub hosts: u64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Baseline {
    pub began: Time,
    pub last: Time,
    /// Nothing rare is told before so many days.
    pub learn_days: u16,
    pub learning: bool,
    /// Acts that were learned from.
    pub acts: u64,
    /// Of memory, about.
    pub bytes: u64,
    pub subjects_kept: u64,
    pub items_kept: u64,
    /// What was let go for room; its counts stand in a sketch.
    pub subjects_forgotten: u64,
    pub items_forgotten: u64,
    /// The busiest first.
    pub subjects: Vec<BaselineSubject>,
    /// What well-known subjects did once or twice.
    pub rarest: Vec<BaselineHabit>,
    pub rhythms: Vec<BaselineRhythm>,
    /// Newest first.
    pub told: Vec<BaselineTold>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct BaselineSubject {
    #[schema(inline)]
    pub relation: BaselineRelation,
    pub name: String,
    pub total: u64,
    pub distinct: u32,
    pub first: Time,
    pub last: Time,
    pub days: u32,
    /// Acts by hour (UTC): 24 of working days, then 24 of weekends.
    pub hours: Vec<u16>,
    pub items: Vec<BaselineHabit>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct BaselineHabit {
    #[schema(inline)]
    pub relation: BaselineRelation,
    pub subject: String,
    pub item: String,
    pub count: u64,
    /// Of so many acts of the subject.
    pub total: u64,
    pub first: Time,
    pub last: Time,
    pub hosts: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct BaselineRhythm {
    pub program: String,
    pub to: String,
    pub period_seconds: f64,
    pub jitter_percent: f64,
    pub count: u32,
    pub first: Time,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct BaselineTold {
    pub time: Time,
    pub rule: String,
    pub name: String,
    #[schema(value_type = SeverityName)]
    pub severity: event::Severity,
    pub program: String,
    pub detail: String,
}
