//! One-time enrolment tokens. Only their hash is kept; using one is a single conditional write, so two agents that come with
//! the same token at the same moment cannot both get in.

use super::{ControlStore, Result};
use event::{AgentId, TenantId, Timestamp};
use sqlx::Row;

#[derive(Clone, Debug, PartialEq)]
pub struct NewToken {
    /// Hex of the token's SHA-256.
    pub hash: String,
    pub tenant: TenantId,
    pub note: String,
    pub created_by: String,
    pub created: Timestamp,
    pub expires: Timestamp,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TokenRecord {
    pub token: NewToken,
    pub used_at: Option<Timestamp>,
    pub used_by: Option<AgentId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenUse {
    Accepted {
        tenant: TenantId,
    },
    Unknown,
    Expired,
    /// Somebody used it before: worth an alert.
    AlreadyUsed {
        by: Option<AgentId>,
    },
}

impl ControlStore {
    pub async fn create_token(&self, token: &NewToken) -> Result<()> {
        let sql = "INSERT INTO enrolment_tokens (hash, tenant, note, created_by, created, expires) VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(sql)
            .bind(&token.hash)
            .bind(token.tenant.as_str())
            .bind(&token.note)
            .bind(&token.created_by)
            .bind(token.created.nanos())
            .bind(token.expires.nanos())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn use_token(&self, hash: &str, agent: &AgentId, now: Timestamp) -> Result<TokenUse> {
        let taken: Option<String> = sqlx::query_scalar(
            "UPDATE enrolment_tokens SET used_at = $2, used_by = $3 WHERE hash = $1 AND used_at IS NULL AND expires > $2 RETURNING tenant",
        )
        .bind(hash)
        .bind(now.nanos())
        .bind(agent.as_str())
        .fetch_optional(&self.pool)
        .await?;
        if let Some(tenant) = taken {
            return Ok(TokenUse::Accepted { tenant: TenantId(tenant) });
        }
        let row = sqlx::query("SELECT used_at, used_by FROM enrolment_tokens WHERE hash = $1")
            .bind(hash)
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(TokenUse::Unknown) };
        Ok(match row.try_get::<Option<i64>, _>("used_at")? {
            Some(_) => TokenUse::AlreadyUsed { by: row.try_get::<Option<String>, _>("used_by")?.map(AgentId) },
            None => TokenUse::Expired,
        })
    }

    /// Newest first.
    pub async fn tokens(&self, tenant: &TenantId) -> Result<Vec<TokenRecord>> {
        let rows = sqlx::query("SELECT * FROM enrolment_tokens WHERE tenant = $1 ORDER BY created DESC")
            .bind(tenant.as_str())
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(TokenRecord {
                    token: NewToken {
                        hash: row.try_get("hash")?,
                        tenant: TenantId(row.try_get("tenant")?),
                        note: row.try_get("note")?,
                        created_by: row.try_get("created_by")?,
                        created: Timestamp(row.try_get("created")?),
                        expires: Timestamp(row.try_get("expires")?),
                    },
                    used_at: row.try_get::<Option<i64>, _>("used_at")?.map(Timestamp),
                    used_by: row.try_get::<Option<String>, _>("used_by")?.map(AgentId),
                })
            })
            .collect()
    }
}
