//! Enrolled agents and their certificates.

use super::{ControlStore, Result};
use event::{AgentId, HostId, TenantId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

#[derive(Clone, Debug, PartialEq)]
pub struct AgentRecord {
    pub id: AgentId,
    pub tenant: TenantId,
    pub host: HostId,
    /// SHA-256 of the certificate in DER, lower-case hex.
    pub fingerprint: String,
    /// The certificate's serial number in hex.
    pub serial: String,
    pub enrolled: Timestamp,
    /// When the certificate ends.
    pub expires: Timestamp,
    pub revoked: Option<Timestamp>,
    pub revoked_reason: Option<String>,
}

const COLUMNS: &str =
    "SELECT id, tenant, host, fingerprint, serial, enrolled, expires, revoked, revoked_reason FROM agents";

impl ControlStore {
    /// A new agent, or a new certificate of a known one. A revoked agent stays revoked.
    pub async fn put_agent(&self, agent: &AgentRecord) -> Result<()> {
        let sql = "INSERT INTO agents (id, tenant, host, fingerprint, serial, enrolled, expires) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                   ON CONFLICT (id) DO UPDATE SET host = excluded.host, fingerprint = excluded.fingerprint, \
                   serial = excluded.serial, expires = excluded.expires";
        sqlx::query(sql)
            .bind(agent.id.as_str())
            .bind(agent.tenant.as_str())
            .bind(agent.host.as_str())
            .bind(&agent.fingerprint)
            .bind(&agent.serial)
            .bind(agent.enrolled.nanos())
            .bind(agent.expires.nanos())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn agent(&self, id: &AgentId) -> Result<Option<AgentRecord>> {
        self.one_agent("WHERE id = $1", id.as_str()).await
    }

    pub async fn agent_by_fingerprint(&self, fingerprint: &str) -> Result<Option<AgentRecord>> {
        self.one_agent("WHERE fingerprint = $1", fingerprint).await
    }

    async fn one_agent(&self, condition: &'static str, value: &str) -> Result<Option<AgentRecord>> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} {condition}"));
        sqlx::query(sql).bind(value).fetch_optional(&self.pool).await?.as_ref().map(read).transpose()
    }

    pub async fn agents(&self, tenant: &TenantId) -> Result<Vec<AgentRecord>> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE tenant = $1 ORDER BY enrolled, id"));
        sqlx::query(sql).bind(tenant.as_str()).fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// False when there is no such agent or it was revoked before.
    pub async fn revoke_agent(&self, id: &AgentId, reason: &str, now: Timestamp) -> Result<bool> {
        let done = sqlx::query("UPDATE agents SET revoked = $2, revoked_reason = $3 WHERE id = $1 AND revoked IS NULL")
            .bind(id.as_str())
            .bind(now.nanos())
            .bind(reason)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &SqliteRow) -> Result<AgentRecord> {
    Ok(AgentRecord {
        id: AgentId(row.try_get("id")?),
        tenant: TenantId(row.try_get("tenant")?),
        host: HostId(row.try_get("host")?),
        fingerprint: row.try_get("fingerprint")?,
        serial: row.try_get("serial")?,
        enrolled: Timestamp(row.try_get("enrolled")?),
        expires: Timestamp(row.try_get("expires")?),
        revoked: row.try_get::<Option<i64>, _>("revoked")?.map(Timestamp),
        revoked_reason: row.try_get("revoked_reason")?,
    })
}
