//! Hunting: SQL that people write and questions that the product asks, turned into a [`HuntPlan`] that any engine of the
//! event store can run. Pure: no disk, no network, no clock.
//!
//! ```
//! let scope = hunt::Scope::new(event::TenantId::default(), event::Timestamp(0));
//! let plan = hunt::plan("SELECT process_name, count(*) FROM events GROUP BY 1", &scope)?;
//! // let answer = event_store.hunt(&plan).await?;
//! # assert!(plan.sql.contains("tenant_id"));
//! # Ok::<(), hunt::HuntError>(())
//! ```
//!
//! What comes out reads only `events` and `alerts` (and lists that the caller lends), only of one tenant, calls only functions on
//! the list, and ends within its limits. Engines keep second locks of their own; this crate is the first.
//! The store accepts these plans, so the store depends on this crate: hunt is the planner, not a stage.

mod error;
mod functions;
mod guard;
mod limits;
mod plan;
mod query;
mod rewrite;
mod scope;

pub use error::{HuntError, Position};
pub use functions::{FUNCTIONS, is_allowed, nearest_of};
pub use plan::{HuntPlan, Table, plan};
pub use query::{EventQuery, Order, ReplayQuery, distinct_children, process_events, tree_events};
pub use scope::Scope;
