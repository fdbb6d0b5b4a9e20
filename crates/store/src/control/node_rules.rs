//! Rules and indicators that the node itself holds to events, and what each said before.

use super::{ControlStore, Result};
use event::{TenantId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use sqlx::{Sqlite, Transaction};

/// Kept of one rule; the oldest go.
const MOST_VERSIONS: i64 = 100;

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
    /// The newest number in its versions; given out by the store, ignored when it is put.
    pub version: u64,
}

/// What a rule said, or that it was taken off.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRuleVersion {
    pub version: u64,
    pub text: String,
    pub time: Timestamp,
    pub by: String,
    pub reason: String,
    pub removed: bool,
}

impl ControlStore {
    /// Creates or replaces, and keeps the text among the rule's versions; the version's number.
    pub async fn put_node_rule(&self, tenant: &TenantId, rule: &NodeRuleRecord, reason: &str) -> Result<u64> {
        let mut tx = self.begin().await?;
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
            .execute(&mut *tx)
            .await?;
        let version = NodeRuleVersion {
            version: 0,
            text: rule.text.clone(),
            time: rule.added,
            by: rule.added_by.clone(),
            reason: reason.to_owned(),
            removed: false,
        };
        let number = keep(&mut tx, tenant, &rule.name, &version).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// False when it was removed meanwhile.
    pub async fn set_node_rule_history(&self, tenant: &TenantId, name: &str, history: &str) -> Result<bool> {
        let sql = "UPDATE node_rules SET history = $3 WHERE tenant = $1 AND name = $2";
        let done = sqlx::query(sql).bind(tenant.as_str()).bind(name).bind(history).execute(&self.pool).await?;
        Ok(done.rows_affected() > 0)
    }

    /// False when there is none of that name. Its versions stay.
    pub async fn remove_node_rule(
        &self,
        tenant: &TenantId,
        name: &str,
        by: &str,
        reason: &str,
        time: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM node_rules WHERE tenant = $1 AND name = $2";
        let gone = sqlx::query(sql).bind(tenant.as_str()).bind(name).execute(&mut *tx).await?.rows_affected() > 0;
        if gone {
            let (by, reason, text) = (by.to_owned(), reason.to_owned(), String::new());
            let version = NodeRuleVersion { version: 0, text, time, by, reason, removed: true };
            keep(&mut tx, tenant, name, &version).await?;
        }
        tx.commit().await?;
        Ok(gone)
    }

    /// By name.
    pub async fn node_rules(&self, tenant: &TenantId) -> Result<Vec<NodeRuleRecord>> {
        let sql = "SELECT r.*, COALESCE((SELECT MAX(v.version) FROM node_rule_versions v \
                   WHERE v.tenant = r.tenant AND v.name = r.name), 0) AS version \
                   FROM node_rules r WHERE r.tenant = $1 ORDER BY r.name LIMIT 20000";
        sqlx::query(sql).bind(tenant.as_str()).fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// Newest first; empty when there never was one of that name.
    pub async fn node_rule_versions(&self, tenant: &TenantId, name: &str) -> Result<Vec<NodeRuleVersion>> {
        let sql = "SELECT * FROM node_rule_versions WHERE tenant = $1 AND name = $2 ORDER BY version DESC";
        let rows = sqlx::query(sql).bind(tenant.as_str()).bind(name).fetch_all(&self.pool).await?;
        rows.iter().map(read_version).collect()
    }
}

/// Its number, from one on; those beyond the most that are kept go.
async fn keep(tx: &mut Transaction<'_, Sqlite>, tenant: &TenantId, name: &str, one: &NodeRuleVersion) -> Result<u64> {
    let sql = "SELECT COALESCE(MAX(version), 0) + 1 FROM node_rule_versions WHERE tenant = $1 AND name = $2";
    let number: i64 = sqlx::query_scalar(sql).bind(tenant.as_str()).bind(name).fetch_one(&mut **tx).await?;
    let sql = "INSERT INTO node_rule_versions (tenant, name, version, text, time, by_whom, reason, removed) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    sqlx::query(sql)
        .bind(tenant.as_str())
        .bind(name)
        .bind(number)
        .bind(&one.text)
        .bind(one.time.nanos())
        .bind(&one.by)
        .bind(&one.reason)
        .bind(i64::from(one.removed))
        .execute(&mut **tx)
        .await?;
    let sql = "DELETE FROM node_rule_versions WHERE tenant = $1 AND name = $2 AND version <= $3";
    sqlx::query(sql).bind(tenant.as_str()).bind(name).bind(number - MOST_VERSIONS).execute(&mut **tx).await?;
    Ok(number as u64)
}

fn read(row: &SqliteRow) -> Result<NodeRuleRecord> {
    Ok(NodeRuleRecord {
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        text: row.try_get("text")?,
        added: Timestamp(row.try_get("added")?),
        added_by: row.try_get("added_by")?,
        history: row.try_get("history")?,
        version: row.try_get::<i64, _>("version")? as u64,
    })
}

fn read_version(row: &SqliteRow) -> Result<NodeRuleVersion> {
    Ok(NodeRuleVersion {
        version: row.try_get::<i64, _>("version")? as u64,
        text: row.try_get("text")?,
        time: Timestamp(row.try_get("time")?),
        by: row.try_get("by_whom")?,
        reason: row.try_get("reason")?,
        removed: row.try_get::<i64, _>("removed")? != 0,
    })
}
