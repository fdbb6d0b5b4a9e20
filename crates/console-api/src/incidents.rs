//! Incidents: the list, the story, and what people do to them.

use crate::alerts::AlertSummary;
use crate::response::Command;
use incident::investigation::Investigation;
use incident::schema::{SeverityName, TacticName};
use incident::tuning::Suppression;
use incident::{Disposition, HostRef, Incident, IncidentStatus, ProcessFacts, Sentence, Text, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct IncidentSummary {
    pub id: String,
    pub title: Text,
    #[schema(value_type = SeverityName)]
    pub severity: event::Severity,
    pub status: IncidentStatus,
    pub disposition: Option<Disposition>,
    pub hosts: Vec<HostRef>,
    pub techniques: Vec<String>,
    #[schema(value_type = Vec<TacticName>)]
    pub tactics: Vec<event::Tactic>,
    pub alert_count: u64,
    /// Of which something was denied, killed or quarantined with success.
    pub stopped: u64,
    pub user: Option<String>,
    pub first: Time,
    pub last: Time,
    pub updated: Time,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IncidentQuery {
    /// Comma-separated: open, investigating, resolved.
    #[serde(default)]
    pub status: Option<String>,
    /// This severity or graver.
    #[serde(default)]
    #[param(value_type = Option<SeverityName>)]
    pub severity: Option<event::Severity>,
    /// Host id.
    #[serde(default)]
    pub host: Option<String>,
    /// Found in title, hosts, techniques, users.
    #[serde(default)]
    pub text: Option<String>,
    /// 1 to 200; 50 when not given.
    #[serde(default)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
}

/// Newest change first.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct IncidentPage {
    pub items: Vec<IncidentSummary>,
    /// None on the last page.
    pub next: Option<String>,
    pub total: u64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct IncidentDetail {
    pub incident: Incident,
    /// The evidence, oldest first, at most a thousand.
    pub alerts: Vec<AlertSummary>,
    /// Actions taken from this incident, newest first.
    pub commands: Vec<Command>,
    /// Whether the counters at the graph's processes are there.
    pub counters: CounterState,
    /// What the node asked by itself; none until it has.
    pub investigation: Option<Investigation>,
    /// Files that were taken from hosts into this case, in that order.
    pub files: Vec<CaseFile>,
    /// What closing it as harmless proposes, until somebody decides.
    pub proposals: Vec<Suppression>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CounterState {
    Counted,
    /// The event store could not count in time: zeros mean nothing.
    Unavailable,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IncidentExportQuery {
    /// html, pdf, json, stix or navigator; json when not given.
    #[serde(default)]
    #[param(inline)]
    pub format: Option<IncidentExportFormat>,
    /// en or ja, of html and pdf: the others are read by programs. English when not given.
    #[serde(default)]
    #[param(inline)]
    pub language: Option<ExportLanguage>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IncidentExportFormat {
    Html,
    Pdf,
    #[default]
    Json,
    Stix,
    Navigator,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportLanguage {
    #[default]
    En,
    Ja,
}

/// One file of one host of the incident.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFileRequest {
    pub host_id: String,
    /// Absolute.
    pub path: String,
    /// With its first mebibyte, not only what can be said of it.
    #[serde(default)]
    pub content: bool,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct CaseFile {
    pub number: u64,
    pub host_id: String,
    pub host_name: String,
    pub path: String,
    pub time: Time,
    pub requested_by: String,
    pub reason: String,
    /// As the host tells it: state, kind, size, owner, mode, modified, sha256, package, special, immutable.
    pub facts: BTreeMap<String, String>,
    /// What the host could not look at.
    pub notes: Vec<String>,
    /// Bytes of content that are kept.
    pub content_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct CaseFileContent {
    pub file: CaseFile,
    /// Hex: it may be malware, and no browser or disk is to take it for anything.
    pub content: String,
}

/// Status, disposition or both; a reason always.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentUpdate {
    #[serde(default)]
    pub status: Option<IncidentStatus>,
    #[serde(default)]
    pub disposition: Option<Disposition>,
    pub reason: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionRequest {
    pub action: ResponseAction,
    /// True: say what it would do, do nothing.
    #[serde(default)]
    pub preview: bool,
    /// Needed unless `preview`.
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ResponseAction {
    /// End the process and everything it started.
    KillTree { host_id: String, entity_id: String },
    /// Move the file to the host's vault; processes that run it are ended.
    Quarantine { host_id: String, path: String },
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ActionResponse {
    pub preview: Consequences,
    /// The command that was sent; none for a preview.
    pub command: Option<Command>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Consequences {
    /// False when the host is away: the command would wait until it expires.
    pub host_connected: bool,
    /// Processes known to the node that would end, the root first.
    pub processes: Vec<ProcessFacts>,
    pub sentences: Vec<Sentence>,
}
