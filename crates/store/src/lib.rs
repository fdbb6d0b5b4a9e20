//! Where the node keeps things: [`EventStore`] for what happened (write-ahead log, Parquet segments, hunts by DataFusion) and
//! [`ControlStore`] for everything else (SQLite).
//!
//! ```no_run
//! # async fn f(facts: event::HostFacts, rows: Vec<event::Row>) -> Result<(), Box<dyn std::error::Error>> {
//! use store::{BatchId, Config, ControlStore, EventStore};
//! let control = ControlStore::open("/var/lib/tamon/node/control.db".as_ref()).await?;
//! let events = EventStore::open("/var/lib/tamon/node/events".as_ref(), control.clone(), Config::default()).await?;
//!
//! let id = BatchId { tenant: event::TenantId::default(), agent: facts.agent, epoch: 1, first_seq: 1 };
//! let appended = events.append(id, rows).await?; // on disk, visible to hunts; the same batch again stores nothing
//!
//! let scope = hunt::Scope::new(event::TenantId::default(), event::Timestamp(0));
//! let answer = events.hunt(&hunt::plan("SELECT process_name, label('memfd') FROM events LIMIT 5", &scope)?).await?;
//! let answer = answer.collect().await?; // columns, JSON rows, truncated or not
//! # Ok(()) }
//! ```
//!
//! The store accepts [`hunt::HuntPlan`]s, so it depends on the pure planner `hunt`; that crate is no stage of its own. Incidents
//! and commands are JSON text to the store: their types are their own crates'.

mod control;
mod events;

pub use control::{
    AgentRecord, AlertFilter, AlertRecord, AuditEntry, CaseFile, CommandRecord, CommandState, ControlError,
    ControlStore, HostRecord, HostStatus, IncidentFilter, IncidentRecord, InvestigationRecord, NewToken,
    NodeRuleRecord, NodeRuleVersion, Role, RuleHistory, Session, Tenant, TokenRecord, TokenUse, User,
};
pub use events::{
    Answer, AnswerColumn, AppendError, Appended, BatchId, Config, Damage, EventStore, HuntFailure, HuntStream,
    OpenError, Stats, StoredBatch, StoredEvent, StoredEvents, StoredFields,
};
