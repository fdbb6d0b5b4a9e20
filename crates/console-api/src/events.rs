//! Stored events: newest first for a page, or from a cursor on to follow them.

use crate::alerts::EventRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EventQuery {
    /// Host id.
    #[serde(default)]
    pub host: Option<String>,
    /// process, file, network, dns, iam, kernel, sensor.
    #[serde(default)]
    pub category: Option<String>,
    /// ECS `event.action`, as `process-exec`.
    #[serde(default)]
    pub action: Option<String>,
    /// Found in the program, its command line, the file's path, the name asked for or the remote address.
    #[serde(default)]
    pub text: Option<String>,
    /// Entity id of the acting process.
    #[serde(default)]
    pub process: Option<String>,
    /// `follow` of an answer before, or `now`: events stored since then, oldest first.
    #[serde(default)]
    pub since: Option<String>,
    /// With `since`: wait up to this many seconds (at most 30) until there is one.
    #[serde(default)]
    pub wait: Option<u32>,
    /// `next` of the page before: older events.
    #[serde(default)]
    pub before: Option<String>,
    /// 1 to 1000; 100 when not given.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct EventPage {
    pub items: Vec<EventRow>,
    /// Cursor to older events; none when there are none or when following.
    pub next: Option<String>,
    /// Cursor from which to follow.
    pub follow: String,
}
