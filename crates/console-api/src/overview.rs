//! The first page: is everything watched, does anything burn.

use crate::hosts::HostSummary;
use crate::incidents::IncidentSummary;
use incident::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Overview {
    pub time: Time,
    pub hosts: HostCounts,
    /// The hundred that need a look first: away, losing events, with open incidents; then by name.
    pub host_list: Vec<HostSummary>,
    /// The last 24 hours in buckets of an hour, oldest first; the last one is still filling.
    pub alerts: Vec<AlertBucket>,
    pub incidents: IncidentCounts,
    /// Open ones, gravest and newest first, at most ten.
    pub open_incidents: Vec<IncidentSummary>,
    pub ingest: IngestFigures,
    pub store: StoreFigures,
    pub node: NodeFacts,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct HostCounts {
    pub total: u64,
    pub connected: u64,
    pub enforce: u64,
    pub gate: u64,
    pub observe: u64,
    /// Hosts whose sensor lost events since their agent started.
    pub losing: u64,
}

/// Alerts by severity that happened from `start` on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct AlertBucket {
    pub start: Time,
    pub info: u64,
    pub low: u64,
    pub medium: u64,
    pub high: u64,
    pub critical: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct IncidentCounts {
    pub open: u64,
    pub investigating: u64,
    pub resolved: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct IngestFigures {
    /// Stored a second, over the last ten seconds.
    pub events_per_second: f64,
    pub events: u64,
    pub alerts: u64,
    /// Batches or events that came twice and were stored once.
    pub duplicates: u64,
    /// Events that could not be read or stored; never silently zero.
    pub failed: u64,
    pub last_error: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct StoreFigures {
    pub bytes: u64,
    pub events: u64,
    pub segments: u64,
    /// Rows that stand only in the write-ahead log so far.
    pub pending_events: u64,
    /// Places on disk that cannot be read; what they held is missing from every answer.
    pub damaged: u64,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct NodeFacts {
    pub version: String,
    pub started: Time,
    /// Where agents connect.
    pub agent_address: String,
}
