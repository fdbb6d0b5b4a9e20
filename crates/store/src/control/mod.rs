//! The control store: hosts, agents, users, alerts, incidents, commands, audit, settings and the event store's manifest, in
//! one SQLite file. Typed methods only; no SQL leaves this folder, and no type of a later stage enters it (an incident is JSON
//! with its indexed fields beside it).

mod agents;
mod alerts;
mod audit;
mod commands;
mod error;
mod hosts;
mod incidents;
mod investigations;
mod manifest;
mod node_rules;
mod open;
mod sessions;
mod settings;
mod tenants;
mod tokens;
mod tuning;
mod users;

pub use agents::AgentRecord;
pub use alerts::{AlertFilter, AlertRecord};
pub use audit::AuditEntry;
pub use commands::{CommandRecord, CommandState};
pub use error::ControlError;
pub use hosts::{HostRecord, HostStatus};
pub use incidents::{IncidentFilter, IncidentRecord};
pub use investigations::{CaseFile, InvestigationRecord};
pub(crate) use manifest::{Checkpoint, Manifest, Progress, SegmentRecord};
pub use node_rules::{NodeRuleRecord, NodeRuleVersion};
pub use sessions::Session;
pub use tenants::Tenant;
pub use tokens::{NewToken, TokenRecord, TokenUse};
pub use tuning::RuleHistory;
pub use users::{Role, User};

use sqlx::SqlitePool;

/// Cheap to clone; all clones share one pool.
#[derive(Clone, Debug)]
pub struct ControlStore {
    pool: SqlitePool,
}

type Result<T> = std::result::Result<T, ControlError>;
