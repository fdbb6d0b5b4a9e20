//! Who did what when. Rows are only ever added; the database itself refuses to change or delete one.

use super::{ControlStore, Result, open};
use event::{TenantId, Timestamp};
use sqlx::Row;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuditEntry {
    /// Given by the store; counts up without a gap.
    pub sequence: u64,
    pub tenant: TenantId,
    pub time: Timestamp,
    /// User, agent or part of the node.
    pub actor: String,
    /// One stable word, as `command.issue`.
    pub action: String,
    /// On what.
    pub target: String,
    /// More, in words or JSON.
    pub detail: String,
}

impl ControlStore {
    /// The entry's sequence number.
    pub async fn append_audit(&self, entry: &AuditEntry) -> Result<u64> {
        let mut tx = self.begin().await?;
        let sequence = open::count_up(&mut tx, "audit").await?;
        let sql = "INSERT INTO audit (sequence, tenant, time, actor, action, target, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        sqlx::query(sql)
            .bind(sequence)
            .bind(entry.tenant.as_str())
            .bind(entry.time.nanos())
            .bind(&entry.actor)
            .bind(&entry.action)
            .bind(&entry.target)
            .bind(&entry.detail)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(sequence as u64)
    }

    /// Newest first, before a sequence number if one is given.
    pub async fn audit(&self, tenant: &TenantId, before: Option<u64>, limit: usize) -> Result<Vec<AuditEntry>> {
        let before = before.map_or(i64::MAX, |n| i64::try_from(n).unwrap_or(i64::MAX));
        let rows =
            sqlx::query("SELECT * FROM audit WHERE tenant = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3")
                .bind(tenant.as_str())
                .bind(before)
                .bind(limit.min(1_000) as i64)
                .fetch_all(&self.pool)
                .await?;
        rows.iter()
            .map(|row| {
                Ok(AuditEntry {
                    sequence: row.try_get::<i64, _>("sequence")? as u64,
                    tenant: TenantId(row.try_get("tenant")?),
                    time: Timestamp(row.try_get("time")?),
                    actor: row.try_get("actor")?,
                    action: row.try_get("action")?,
                    target: row.try_get("target")?,
                    detail: row.try_get("detail")?,
                })
            })
            .collect()
    }
}
