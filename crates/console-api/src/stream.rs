//! What `GET /api/v1/stream` sends: one Server-Sent Event each, its name the `type` and its data this JSON.

use crate::alerts::AlertSummary;
use crate::hosts::HostSummary;
use crate::incidents::IncidentSummary;
use crate::overview::{IngestFigures, StoreFigures};
use crate::response::Command;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum StreamEvent {
    /// First on every connection, then every two seconds.
    Overview(OverviewDelta),
    Alert(AlertSummary),
    /// New or changed.
    Incident(IncidentSummary),
    /// Connected, gone, or with new figures.
    Host(HostSummary),
    Command(Command),
    /// This reader was too slow and missed events: load the page's data again.
    Lagged(Lagged),
}

impl StreamEvent {
    pub const fn name(&self) -> &'static str {
        match self {
            StreamEvent::Overview(_) => "overview",
            StreamEvent::Alert(_) => "alert",
            StreamEvent::Incident(_) => "incident",
            StreamEvent::Host(_) => "host",
            StreamEvent::Command(_) => "command",
            StreamEvent::Lagged(_) => "lagged",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct OverviewDelta {
    pub ingest: IngestFigures,
    pub store: StoreFigures,
    pub connected: u64,
    pub open_incidents: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Lagged {
    pub missed: u64,
}
