//! Signed-in browsers. Only the hash of a session's secret is kept.

use super::{ControlStore, Result, User, users};
use event::Timestamp;

#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Hex of the secret's SHA-256.
    pub hash: String,
    pub user: String,
    pub created: Timestamp,
    pub expires: Timestamp,
}

impl ControlStore {
    /// Also sweeps out those that ended.
    pub async fn create_session(&self, session: &Session) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE expires <= $1").bind(session.created.nanos()).execute(&mut *tx).await?;
        sqlx::query("INSERT INTO sessions (hash, user_name, created, expires) VALUES ($1, $2, $3, $4)")
            .bind(&session.hash)
            .bind(&session.user)
            .bind(session.created.nanos())
            .bind(session.expires.nanos())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Whose session it is; None when unknown, ended, or its user is disabled.
    pub async fn session_user(&self, hash: &str, now: Timestamp) -> Result<Option<User>> {
        let sql = "SELECT users.* FROM sessions JOIN users ON users.name = sessions.user_name \
                   WHERE sessions.hash = $1 AND sessions.expires > $2 AND users.disabled IS NULL";
        let row = sqlx::query(sql).bind(hash).bind(now.nanos()).fetch_optional(&self.pool).await?;
        row.as_ref().map(users::read).transpose()
    }

    pub async fn delete_session(&self, hash: &str) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE hash = $1").bind(hash).execute(&self.pool).await?;
        Ok(())
    }
}
