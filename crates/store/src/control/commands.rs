//! Orders to agents: asked for by whom and why, sent, answered or expired. Never deleted.

use super::{ControlError, ControlStore, Result};
use event::{AgentId, CommandId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommandState {
    Queued,
    Sent,
    Done,
    Failed,
    /// Its time ran out before the agent answered.
    Expired,
}

impl CommandState {
    pub const ALL: [CommandState; 5] =
        [CommandState::Queued, CommandState::Sent, CommandState::Done, CommandState::Failed, CommandState::Expired];

    pub const fn name(self) -> &'static str {
        match self {
            CommandState::Queued => "queued",
            CommandState::Sent => "sent",
            CommandState::Done => "done",
            CommandState::Failed => "failed",
            CommandState::Expired => "expired",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct CommandRecord {
    pub id: CommandId,
    pub tenant: TenantId,
    pub agent: AgentId,
    /// As `kill` or `quarantine`.
    pub kind: String,
    /// What exactly.
    pub json: String,
    pub state: CommandState,
    pub issued_by: String,
    pub reason: String,
    pub created: Timestamp,
    pub expires: Timestamp,
    pub sent: Option<Timestamp>,
    pub finished: Option<Timestamp>,
    /// What the agent said.
    pub result: Option<String>,
}

impl ControlStore {
    /// State, sent, finished and result of the record are not looked at: a new command is queued.
    pub async fn issue_command(&self, command: &CommandRecord) -> Result<()> {
        let sql = "INSERT INTO commands (id, tenant, agent, kind, json, state, issued_by, reason, created, expires) \
                   VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, $8, $9)";
        sqlx::query(sql)
            .bind(command.id.as_str())
            .bind(command.tenant.as_str())
            .bind(command.agent.as_str())
            .bind(&command.kind)
            .bind(&command.json)
            .bind(&command.issued_by)
            .bind(&command.reason)
            .bind(command.created.nanos())
            .bind(command.expires.nanos())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// What an agent must still do, oldest first: queued, or sent and never answered. Those past their time expire here.
    pub async fn pending_commands(&self, agent: &AgentId, now: Timestamp) -> Result<Vec<CommandRecord>> {
        self.expire_commands(now).await?;
        let sql =
            "SELECT * FROM commands WHERE agent = $1 AND state IN ('queued', 'sent') ORDER BY created, id LIMIT 1000";
        sqlx::query(sql).bind(agent.as_str()).fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// How many expired.
    pub async fn expire_commands(&self, now: Timestamp) -> Result<u64> {
        let sql =
            "UPDATE commands SET state = 'expired', finished = $1 WHERE state IN ('queued', 'sent') AND expires <= $1";
        Ok(sqlx::query(sql).bind(now.nanos()).execute(&self.pool).await?.rows_affected())
    }

    pub async fn command_sent(&self, id: &CommandId, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE commands SET state = 'sent', sent = $2 WHERE id = $1 AND state IN ('queued', 'sent')";
        let done = sqlx::query(sql).bind(id.as_str()).bind(now.nanos()).execute(&self.pool).await?;
        Ok(done.rows_affected() > 0)
    }

    /// The answer of the agent it was meant for; false when there is no such command of it that waits for one. A late answer to an expired
    /// command is kept too: it was done after all.
    pub async fn command_finished(
        &self,
        id: &CommandId,
        agent: &AgentId,
        succeeded: bool,
        result: &str,
        now: Timestamp,
    ) -> Result<bool> {
        let state = if succeeded { CommandState::Done } else { CommandState::Failed };
        let sql = "UPDATE commands SET state = $3, result = $4, finished = $5 \
                   WHERE id = $1 AND agent = $2 AND state IN ('queued', 'sent', 'expired')";
        let done = sqlx::query(sql)
            .bind(id.as_str())
            .bind(agent.as_str())
            .bind(state.name())
            .bind(result)
            .bind(now.nanos())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    pub async fn command(&self, tenant: &TenantId, id: &CommandId) -> Result<Option<CommandRecord>> {
        let sql = "SELECT * FROM commands WHERE tenant = $1 AND id = $2";
        let row = sqlx::query(sql).bind(tenant.as_str()).bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// Newest first.
    pub async fn commands(
        &self,
        tenant: &TenantId,
        agent: Option<&AgentId>,
        limit: usize,
    ) -> Result<Vec<CommandRecord>> {
        let sql = "SELECT * FROM commands WHERE tenant = $1 AND ($2 IS NULL OR agent = $2) ORDER BY created DESC, id DESC LIMIT $3";
        let rows = sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(agent.map(AgentId::as_str))
            .bind(limit.min(1_000) as i64)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<CommandRecord> {
    let state: String = row.try_get("state")?;
    let known = CommandState::ALL.into_iter().find(|s| s.name() == state);
    Ok(CommandRecord {
        id: CommandId(row.try_get("id")?),
        tenant: TenantId(row.try_get("tenant")?),
        agent: AgentId(row.try_get("agent")?),
        kind: row.try_get("kind")?,
        json: row.try_get("json")?,
        state: known.ok_or_else(|| ControlError::damaged("a command's state", state))?,
        issued_by: row.try_get("issued_by")?,
        reason: row.try_get("reason")?,
        created: Timestamp(row.try_get("created")?),
        expires: Timestamp(row.try_get("expires")?),
        sent: row.try_get::<Option<i64>, _>("sent")?.map(Timestamp),
        finished: row.try_get::<Option<i64>, _>("finished")?.map(Timestamp),
        result: row.try_get("result")?,
    })
}
