//! What the planner lets through and what it refuses, as tables.

mod refused;
mod rendered;

use event::{TenantId, Timestamp};
use hunt::{HuntError, HuntPlan, Scope};

fn scope() -> Scope {
    let mut scope = Scope::new(TenantId::new("acme"), Timestamp(1_769_817_600_000_000_000));
    scope.row_limit = 100;
    scope.lists.insert("indicators".into());
    scope
}

fn plan(sql: &str) -> Result<HuntPlan, HuntError> {
    hunt::plan(sql, &scope())
}
