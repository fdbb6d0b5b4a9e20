//! SQL over the stored events, and queries worth keeping.

use incident::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HuntRequest {
    pub sql: String,
    /// Rows wanted, 1 to 10000; 1000 when not given.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HuntResult {
    pub columns: Vec<HuntColumn>,
    /// A row is a list of values in the order of the columns.
    pub rows: Vec<Vec<serde_json::Value>>,
    /// There were more rows than were asked for.
    pub truncated: bool,
    pub elapsed_ms: u64,
    pub scanned_rows: u64,
    pub coverage: Coverage,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HuntColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
}

/// Whose events the answer can know: a host that is away may hold events it has not sent yet.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct Coverage {
    pub hosts: u64,
    /// Connected, all sent.
    pub answered: u64,
    /// Away: their newest events are missing.
    pub offline: Vec<String>,
    /// Connected, but with events still waiting on the host.
    pub behind: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HuntSchema {
    pub tables: Vec<HuntTable>,
    /// Functions that a query may call.
    pub functions: Vec<String>,
    pub max_rows: u32,
    pub max_seconds: u32,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HuntTable {
    pub name: String,
    pub description: String,
    pub columns: Vec<HuntSchemaColumn>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct HuntSchemaColumn {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub description: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct SavedQuery {
    pub id: String,
    pub name: String,
    pub description: String,
    pub sql: String,
    pub owner: String,
    pub updated: Time,
    /// Comes with the product; cannot be changed.
    pub builtin: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedQueryWrite {
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub sql: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, ToSchema)]
pub struct SavedQueryList {
    pub items: Vec<SavedQuery>,
}
