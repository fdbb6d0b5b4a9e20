//! Acting on what a hunt found: several targets with one reason, each with what it would do.

use crate::incidents::{Consequences, ResponseAction};
use crate::response::Command;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionsRequest {
    /// 1 to 50.
    pub actions: Vec<ResponseAction>,
    /// True: say what they would do, do nothing.
    #[serde(default)]
    pub preview: bool,
    /// Needed unless `preview`.
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ActionsResponse {
    pub items: Vec<ActionItem>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct ActionItem {
    pub action: ResponseAction,
    pub host_name: String,
    /// The processes are those that run now, asked of the host; none known when it does not answer.
    pub preview: Consequences,
    /// The host said what runs; else `preview` is what the node can know without it.
    pub asked: bool,
    /// The command that was sent; none for a preview.
    pub command: Option<Command>,
}
