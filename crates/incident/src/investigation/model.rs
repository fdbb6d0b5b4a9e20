//! An investigation as data: what pages, terminals and reports show.

use crate::model::{HostRef, Text};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What the node asked by itself about one incident, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Investigation {
    pub incident_id: String,
    pub started: Time,
    pub finished: Time,
    /// Alerts that the incident had when it was looked into.
    pub alert_count: u64,
    /// `system`, or the person who asked for it.
    pub by: String,
    pub answers: Vec<Answered>,
    /// Best supported first.
    pub hypotheses: Vec<Weighed>,
    /// The state of the case in one sentence.
    pub conclusion: Text,
    /// Questions that applied and that the budget left out.
    pub left_out: u64,
    pub spent: Spent,
}

/// What an investigation cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Spent {
    pub hunts: u64,
    pub collections: u64,
    /// Of what hosts sent.
    pub bytes: u64,
    pub elapsed_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AnswerState {
    Answered,
    /// Host away, time up, refused: `answer` says which. Weighs nothing.
    Unanswered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// SQL over the stored events.
    Hunt,
    /// Asked of the host at that moment.
    Collection,
}

/// One question about one subject, with its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answered {
    /// Of the catalogue.
    pub question_id: String,
    pub question: Text,
    pub method: Method,
    pub state: AnswerState,
    pub answer: Text,
    /// The host asked, where one was.
    pub host: Option<HostRef>,
    /// The query that gave the answer, to be run again.
    pub sql: Option<String>,
    /// Alerts that made the question apply.
    pub alerts: Vec<String>,
    /// The first rows of what was found.
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Rows found in all; with `truncated`, at least so many.
    pub count: u64,
    pub truncated: bool,
    /// What the host could not look at, in its words.
    pub notes: Vec<String>,
    /// By hypothesis: above zero speaks for it, below against.
    pub weights: BTreeMap<String, i32>,
    pub elapsed_ms: u64,
}

/// A hypothesis and what speaks for and against it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Weighed {
    pub id: String,
    pub name: Text,
    pub support: u32,
    pub against: u32,
    /// Gravest first.
    pub reasons: Vec<Vote>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Vote {
    pub weight: i32,
    pub because: Text,
    /// Index in `answers`; none when it rests on the alerts themselves.
    pub answer: Option<u32>,
    pub alerts: Vec<String>,
}
