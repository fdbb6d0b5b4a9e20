//! What an incident is: the story of one attack as data. Everything a page or a terminal shows stands here already worded
//! (see [`Sentence`]) and each sentence names the alerts that it rests on.

use crate::schema::{SeverityName, TacticName};
use crate::time::Time;
use event::{Severity, Tactic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Incident {
    /// `INC-` and a number.
    pub id: String,
    pub title: Sentence,
    #[schema(value_type = SeverityName)]
    pub severity: Severity,
    pub status: IncidentStatus,
    pub disposition: Option<Disposition>,
    /// What the person who last changed the status said.
    pub status_reason: Option<String>,
    pub hosts: Vec<HostRef>,
    /// ATT&CK ids in the order they were first seen.
    pub techniques: Vec<String>,
    #[schema(value_type = Vec<TacticName>)]
    pub tactics: Vec<Tactic>,
    /// Alerts of the incident; `alert_ids` holds at most the newest thousand.
    pub alert_count: u64,
    pub alert_ids: Vec<String>,
    /// Other incidents that something here points at too.
    #[serde(default)]
    pub related: Vec<String>,
    pub first: Time,
    pub last: Time,
    /// When the incident last changed: an alert came or a person acted.
    pub updated: Time,
    pub who: Who,
    pub what: What,
    pub when: When,
    #[serde(rename = "where")]
    pub place: Place,
    pub how: How,
    /// So what: what it came to, the gravest first; what was planted; what still runs, once the node has looked.
    #[serde(default)]
    pub impact: Vec<Sentence>,
    /// From the first link out of the ordinary, with the one ordinary link above it, to the process of the gravest alert.
    pub root_cause: Vec<PathStep>,
    pub graph: Graph,
    pub timeline: Vec<TimelineEntry>,
    /// The story in order, as plain sentences.
    pub sentences: Vec<Sentence>,
    pub next_steps: Vec<NextStep>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IncidentStatus {
    #[default]
    Open,
    Investigating,
    Resolved,
}

/// What it turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    TruePositive,
    /// Real, but allowed: an administrator, a penetration test, this product's self-test.
    Benign,
    FalsePositive,
}

/// One sentence as data: a key, its arguments, and what it rests on. `text` is its rendering in each language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sentence {
    pub key: String,
    #[serde(default)]
    pub args: BTreeMap<String, String>,
    /// Ids of the alerts that prove it.
    #[serde(default)]
    pub evidence: Vec<String>,
    pub text: Text,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Text {
    pub en: String,
    pub ja: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct HostRef {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Who {
    /// The account under which the attack began.
    pub user: Option<String>,
    pub user_id: Option<u32>,
    /// The person who had logged in, where there was a login.
    pub login: Option<String>,
    pub session: Option<u32>,
    /// Address the attack came from, where one was seen.
    pub source: Option<String>,
    /// Every account seen acting.
    pub users: Vec<String>,
    pub sentence: Sentence,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct What {
    /// Alerts by severity.
    pub alerts: BTreeMap<String, u64>,
    /// What was done against it (`deny`, `kill`, `quarantine`) and how often with success.
    pub stopped: BTreeMap<String, u64>,
    pub sentence: Sentence,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct When {
    pub first: Time,
    pub last: Time,
    pub duration_ms: i64,
    pub sentence: Sentence,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    pub hosts: Vec<HostRef>,
    pub containers: Vec<String>,
    pub units: Vec<String>,
    /// Files touched, gravest first, at most twenty.
    pub files: Vec<String>,
    /// Remote addresses, at most twenty.
    pub addresses: Vec<String>,
    pub sentence: Sentence,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct How {
    /// Entity id of the first process out of the ordinary.
    pub entry: Option<String>,
    /// Why that process is out of the ordinary.
    pub sentence: Sentence,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PathStep {
    pub node: String,
    /// How the step before led here; none on the first.
    pub relation: Option<EdgeKind>,
    pub name: String,
    pub executable: String,
    pub command_line: String,
    pub ordinary: bool,
    /// Why it is thought ordinary, or not.
    pub reason: Sentence,
    pub alerts: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// Nodes beyond the cap that are not here.
    pub hidden: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    Process,
    File,
    Address,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Node {
    /// Entity id of a process; `file:HOST:PATH` or `address:IP` otherwise.
    pub id: String,
    pub kind: NodeKind,
    pub host: String,
    /// Short: a program's name, a file's name, an address.
    pub label: String,
    #[schema(value_type = Option<SeverityName>)]
    pub severity: Option<Severity>,
    /// It lies on the root-cause path.
    pub on_path: bool,
    /// It is the first link out of the ordinary.
    pub entry: bool,
    /// It is there for context only: ordinary ancestors.
    pub ordinary: bool,
    pub alerts: Vec<String>,
    pub process: Option<ProcessFacts>,
    /// Whole path of a file.
    pub path: Option<String>,
    /// A process was seen to end; none until the node has looked.
    #[serde(default)]
    pub ended: Option<bool>,
    pub counters: Counters,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProcessFacts {
    pub entity_id: String,
    pub pid: u32,
    pub name: String,
    pub executable: String,
    pub command_line: String,
    pub started: Time,
    pub user_id: u32,
    pub user: Option<String>,
    pub login: Option<String>,
    pub session: Option<u32>,
    /// Address that the log-in came from.
    pub login_source: Option<String>,
    pub unit: Option<String>,
    pub container_id: Option<String>,
    pub container_image: Option<String>,
    pub sha256: Option<String>,
    pub package: Option<String>,
    pub fileless: bool,
}

/// What a process did, counted in the event store; zero until the node has filled them in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counters {
    pub alerts: u64,
    pub children: u64,
    pub files: u64,
    pub network: u64,
    pub dns: u64,
    pub other: u64,
}

/// Each has a line style of its own on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// A process started another.
    Started,
    /// A process reached into another: ptrace, process_vm_writev.
    Injected,
    /// A file was written, then run.
    WroteThenRan,
    Wrote,
    Read,
    Connected,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Edge {
    pub from: String,
    pub to: String,
    pub kind: EdgeKind,
    /// When it was first seen.
    pub time: Time,
    pub on_path: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    pub time: Time,
    #[schema(value_type = SeverityName)]
    pub severity: Severity,
    pub host: String,
    /// The node of the graph it happened at.
    pub node: Option<String>,
    pub alert: Option<String>,
    pub techniques: Vec<String>,
    pub sentence: Sentence,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NextStep {
    pub sentence: Sentence,
    pub action: Option<SuggestedAction>,
}

/// What the page may offer as a button.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SuggestedAction {
    KillTree { host_id: String, entity_id: String },
    Quarantine { host_id: String, path: String },
    Hunt { sql: String },
}
