//! The questions that the product itself asks, as values. They become the same [`HuntPlan`]s that people's SQL becomes, with
//! literals written by one careful hand.

use crate::plan::{HuntPlan, Table};
use event::{Column, TenantId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Newest,
    Oldest,
    /// As the store received them: what a follower reads, with `after`.
    Arrival,
}

/// Events that meet all of what is set. Empty lists ask for nothing in particular.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventQuery {
    pub tenant: TenantId,
    pub hosts: Vec<String>,
    /// Acting processes, by entity id.
    pub processes: Vec<String>,
    /// Parents of the acting processes, by entity id.
    pub parents: Vec<String>,
    /// ECS `event.category`.
    pub categories: Vec<String>,
    /// ECS `event.action`.
    pub actions: Vec<String>,
    /// Inclusive.
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub to: Option<Timestamp>,
    /// Only what the store received after this `store_sequence`.
    pub after: Option<u64>,
    pub order: Order,
    /// At most this many; 0 means 1,000.
    pub limit: usize,
}

impl EventQuery {
    pub fn plan(&self) -> HuntPlan {
        let limit = if self.limit == 0 { 1_000 } else { self.limit };
        let order = match self.order {
            Order::Newest => "timestamp DESC, store_sequence DESC",
            Order::Oldest => "timestamp, store_sequence",
            Order::Arrival => "store_sequence",
        };
        let predicates = self.predicates().join(" AND ");
        let sql = format!("SELECT * FROM events WHERE {predicates} ORDER BY {order} LIMIT {}", limit + 1);
        typed(&self.tenant, sql, limit)
    }

    fn predicates(&self) -> Vec<String> {
        let mut all = vec![format!("tenant_id = {}", literal(self.tenant.as_str()))];
        for (column, values) in [
            (Column::HostId, &self.hosts),
            (Column::ProcessEntityId, &self.processes),
            (Column::ParentEntityId, &self.parents),
            (Column::Category, &self.categories),
            (Column::Action, &self.actions),
        ] {
            if !values.is_empty() {
                all.push(format!("{} IN ({})", column.name(), literals(values)));
            }
        }
        all.extend(self.from.map(|t| format!("timestamp >= TIMESTAMP '{t}'")));
        all.extend(self.to.map(|t| format!("timestamp < TIMESTAMP '{t}'")));
        all.extend(self.after.map(|n| format!("store_sequence > {n}")));
        all
    }
}

/// All that these processes and their direct children did, oldest first. Two reads joined, since each can then use the
/// filters that the store keeps on one column.
pub fn tree_events(tenant: &TenantId, entity_ids: &[String], limit: usize) -> HuntPlan {
    let tenant_is = format!("tenant_id = {}", literal(tenant.as_str()));
    let ids = literals(entity_ids);
    let sql = format!(
        "SELECT * FROM (SELECT * FROM events WHERE {tenant_is} AND process_entity_id IN ({ids}) UNION ALL \
         SELECT * FROM events WHERE {tenant_is} AND process_parent_entity_id IN ({ids}) AND process_entity_id NOT IN ({ids})) AS tree \
         ORDER BY timestamp, store_sequence LIMIT {}",
        limit + 1
    );
    typed(tenant, sql, limit)
}

/// All that these processes did, oldest first.
pub fn process_events(tenant: &TenantId, entity_ids: &[String], limit: usize) -> HuntPlan {
    let sql = format!(
        "SELECT * FROM events WHERE tenant_id = {} AND process_entity_id IN ({}) ORDER BY timestamp, store_sequence LIMIT {}",
        literal(tenant.as_str()),
        literals(entity_ids),
        limit + 1
    );
    typed(tenant, sql, limit)
}

/// Entity ids of the children of these processes: one column, `process_entity_id`.
pub fn distinct_children(tenant: &TenantId, entity_ids: &[String], limit: usize) -> HuntPlan {
    let sql = format!(
        "SELECT DISTINCT process_entity_id FROM events WHERE tenant_id = {} AND process_parent_entity_id IN ({}) \
         AND process_entity_id IS NOT NULL LIMIT {}",
        literal(tenant.as_str()),
        literals(entity_ids),
        limit + 1
    );
    typed(tenant, sql, limit)
}

/// What a rule that is tried on history reads: these columns of the events of a time that have one of these actions.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayQuery {
    pub tenant: TenantId,
    pub columns: BTreeSet<Column>,
    pub labels: bool,
    /// ECS `event.action`.
    pub actions: Vec<String>,
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub to: Timestamp,
    /// In the order of time; otherwise as they lie.
    pub in_order: bool,
    pub time_limit: Duration,
}

impl ReplayQuery {
    pub fn plan(&self) -> HuntPlan {
        let mut columns: Vec<&str> = self.columns.iter().map(|column| column.name()).collect();
        if self.labels {
            columns.push("labels");
        }
        let mut sql = format!(
            "SELECT {} FROM events WHERE tenant_id = {} AND timestamp >= TIMESTAMP '{}' AND timestamp < TIMESTAMP '{}' \
             AND {} IN ({})",
            columns.join(", "),
            literal(self.tenant.as_str()),
            self.from,
            self.to,
            Column::Action.name(),
            literals(&self.actions)
        );
        if self.in_order {
            sql.push_str(" ORDER BY timestamp");
        }
        HuntPlan { time_limit: self.time_limit, ..typed(&self.tenant, sql, usize::MAX) }
    }
}

fn typed(tenant: &TenantId, sql: String, limit: usize) -> HuntPlan {
    HuntPlan {
        sql,
        tenant: tenant.clone(),
        tables: BTreeSet::from([Table::Events]),
        row_limit: limit,
        time_limit: Duration::from_secs(30),
        now: Timestamp::default(),
        lists: BTreeMap::new(),
    }
}

/// A list that matches nothing when it is empty, so that an empty question has an empty answer.
fn literals(values: &[String]) -> String {
    if values.is_empty() {
        return "NULL".into();
    }
    values.iter().map(|v| literal(v)).collect::<Vec<_>>().join(", ")
}

/// A quote is doubled; nothing else has a meaning inside a literal. NUL cannot stand in any value of ours and is dropped.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}
