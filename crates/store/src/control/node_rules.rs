//! Rules and indicators that the node itself holds to events.

use super::{ControlStore, Result};
use event::{TenantId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

#[derive(Clone, Debug, PartialEq)]
pub struct NodeRuleRecord {
    /// Of the file; by which it is replaced and removed.
    pub name: String,
    /// The node's word for where it came from.
    pub kind: String,
    /// Sigma.
    pub text: String,
    pub added: Timestamp,
    pub added_by: String,
    /// What its search through history came to, as JSON.
    pub history: String,
}

impl ControlStore {
    /// Creates or replaces.
    pub async fn put_node_rule(&self, tenant: &TenantId, rule: &NodeRuleRecord) -> Result<()> {
        let sql = "INSERT INTO node_rules (tenant, name, kind, text, added, added_by, history) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                   ON CONFLICT (tenant, name) DO UPDATE SET kind = excluded.kind, text = excluded.text, added = excluded.added, \
                   added_by = excluded.added_by, history = excluded.history";
        sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(&rule.name)
            .bind(&rule.kind)
            .bind(&rule.text)
            .bind(rule.added.nanos())
            .bind(&rule.added_by)
            .bind(&rule.history)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// False when it was removed meanwhile.
    pub async fn set_node_rule_history(&self, tenant: &TenantId, name: &str, history: &str) -> Result<bool> {
        let sql = "UPDATE node_rules SET history = $3 WHERE tenant = $1 AND name = $2";
        let done = sqlx::query(sql).bind(tenant.as_str()).bind(name).bind(history).execute(&self.pool).await?;
        Ok(done.rows_affected() > 0)
    }

    /// False when there is none of that name.
    pub async fn remove_node_rule(&self, tenant: &TenantId, name: &str) -> Result<bool> {
        let sql = "DELETE FROM node_rules WHERE tenant = $1 AND name = $2";
        Ok(sqlx::query(sql).bind(tenant.as_str()).bind(name).execute(&self.pool).await?.rows_affected() > 0)
    }

    /// By name.
    pub async fn node_rules(&self, tenant: &TenantId) -> Result<Vec<NodeRuleRecord>> {
        let sql = "SELECT * FROM node_rules WHERE tenant = $1 ORDER BY name LIMIT 20000";
        sqlx::query(sql).bind(tenant.as_str()).fetch_all(&self.pool).await?.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<NodeRuleRecord> {
    Ok(NodeRuleRecord {
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        text: row.try_get("text")?,
        added: Timestamp(row.try_get("added")?),
        added_by: row.try_get("added_by")?,
        history: row.try_get("history")?,
    })
}
