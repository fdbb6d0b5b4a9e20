//! What is only for the owner of the machine (the admin socket) or an administrator.

use crate::session::Role;
use incident::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OneTimeLoginRequest {
    /// `admin` when not given.
    pub username: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct OneTimeLogin {
    pub username: String,
    pub token: String,
    /// The console's address with the token in its fragment, which a browser never sends to a server.
    pub url: String,
    pub expires: Time,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EnrolmentTokenRequest {
    /// 60 to 2,592,000; an hour when not given.
    pub valid_seconds: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct EnrolmentToken {
    /// Good for one agent. It also carries the fingerprint of the node's CA.
    pub token: String,
    /// Where agents connect.
    pub agent_address: String,
    pub expires: Time,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AgentEntry {
    pub agent_id: String,
    pub host_id: Option<String>,
    pub host_name: Option<String>,
    pub enrolled: Time,
    pub connected: bool,
    pub revoked: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct AgentList {
    pub items: Vec<AgentEntry>,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeRequest {
    pub reason: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserCreate {
    /// 1 to 64 of letters, digits, `.`, `-`, `_`.
    pub username: String,
    pub role: Role,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct UserEntry {
    pub username: String,
    pub role: Role,
    pub created: Time,
    pub has_password: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct UserList {
    pub items: Vec<UserEntry>,
}
