//! Hosts as the fleet knows them: what they last said of themselves and when.

use super::{ControlError, ControlStore, Result};
use event::{HostFacts, HostId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HostStatus {
    Connected,
    Away,
}

impl HostStatus {
    pub const fn name(self) -> &'static str {
        match self {
            HostStatus::Connected => "connected",
            HostStatus::Away => "away",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostRecord {
    pub tenant: TenantId,
    pub status: HostStatus,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub facts: HostFacts,
}

impl ControlStore {
    /// What a connected host says of itself now.
    pub async fn put_host(&self, tenant: &TenantId, facts: &HostFacts, now: Timestamp) -> Result<()> {
        let json = serde_json::to_string(facts).map_err(|e| ControlError::damaged("host facts", e))?;
        let sql = "INSERT INTO hosts (tenant, id, agent, name, tier, status, facts, first_seen, last_seen) \
                   VALUES ($1, $2, $3, $4, $5, 'connected', $6, $7, $7) ON CONFLICT (tenant, id) DO UPDATE SET \
                   agent = excluded.agent, name = excluded.name, tier = excluded.tier, status = excluded.status, \
                   facts = excluded.facts, last_seen = excluded.last_seen";
        sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(facts.host.as_str())
            .bind(facts.agent.as_str())
            .bind(&facts.name)
            .bind(facts.tier.name())
            .bind(json)
            .bind(now.nanos())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Connection lost, or heard from; false when the host is not known.
    pub async fn set_host_status(
        &self,
        tenant: &TenantId,
        host: &HostId,
        status: HostStatus,
        now: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query("UPDATE hosts SET status = $3, last_seen = $4 WHERE tenant = $1 AND id = $2")
            .bind(tenant.as_str())
            .bind(host.as_str())
            .bind(status.name())
            .bind(now.nanos())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// At the node's start nobody is connected yet.
    pub async fn all_hosts_away(&self) -> Result<()> {
        sqlx::query("UPDATE hosts SET status = 'away'").execute(&self.pool).await?;
        Ok(())
    }

    /// By name.
    pub async fn hosts(&self, tenant: &TenantId) -> Result<Vec<HostRecord>> {
        let sql = "SELECT tenant, status, facts, first_seen, last_seen FROM hosts WHERE tenant = $1 ORDER BY name, id";
        let rows = sqlx::query(sql).bind(tenant.as_str()).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    pub async fn host(&self, tenant: &TenantId, host: &HostId) -> Result<Option<HostRecord>> {
        let sql = "SELECT tenant, status, facts, first_seen, last_seen FROM hosts WHERE tenant = $1 AND id = $2";
        let row = sqlx::query(sql).bind(tenant.as_str()).bind(host.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }
}

fn read(row: &SqliteRow) -> Result<HostRecord> {
    let facts: String = row.try_get("facts")?;
    let status: String = row.try_get("status")?;
    Ok(HostRecord {
        tenant: TenantId(row.try_get("tenant")?),
        status: if status == "connected" { HostStatus::Connected } else { HostStatus::Away },
        first_seen: Timestamp(row.try_get("first_seen")?),
        last_seen: Timestamp(row.try_get("last_seen")?),
        facts: serde_json::from_str(&facts).map_err(|e| ControlError::damaged("host facts", e))?,
    })
}
