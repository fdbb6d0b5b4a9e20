//! People who may sign in. Hashing and checking passwords is the node's work; only the hash's text is kept.

use super::{ControlError, ControlStore, Result};
use event::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Viewer,
    Analyst,
    Admin,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Viewer, Role::Analyst, Role::Admin];

    pub const fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Analyst => "analyst",
            Role::Admin => "admin",
        }
    }

    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.name() == name)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct User {
    pub name: String,
    pub tenant: TenantId,
    /// PHC text of an argon2 hash.
    pub password_hash: String,
    pub role: Role,
    /// `en` or `ja`.
    pub language: String,
    pub created: Timestamp,
    pub disabled: Option<Timestamp>,
}

impl ControlStore {
    /// # Errors
    /// [`ControlError::Exists`] when the name is taken.
    pub async fn create_user(&self, user: &User) -> Result<()> {
        let sql = "INSERT INTO users (name, tenant, password_hash, role, language, created) VALUES ($1, $2, $3, $4, $5, $6) \
                   ON CONFLICT (name) DO NOTHING";
        let done = sqlx::query(sql)
            .bind(&user.name)
            .bind(user.tenant.as_str())
            .bind(&user.password_hash)
            .bind(user.role.name())
            .bind(&user.language)
            .bind(user.created.nanos())
            .execute(&self.pool)
            .await?;
        match done.rows_affected() {
            0 => Err(ControlError::Exists { what: format!("a user {:?}", user.name) }),
            _ => Ok(()),
        }
    }

    /// Password, role, language and disabled; ends the user's sessions when the password or role changed or it was disabled.
    pub async fn update_user(&self, user: &User) -> Result<bool> {
        let mut tx = self.begin().await?;
        let before =
            sqlx::query("SELECT * FROM users WHERE name = $1").bind(&user.name).fetch_optional(&mut *tx).await?;
        let Some(before) = before.as_ref().map(read).transpose()? else { return Ok(false) };
        sqlx::query("UPDATE users SET password_hash = $2, role = $3, language = $4, disabled = $5 WHERE name = $1")
            .bind(&user.name)
            .bind(&user.password_hash)
            .bind(user.role.name())
            .bind(&user.language)
            .bind(user.disabled.map(Timestamp::nanos))
            .execute(&mut *tx)
            .await?;
        let same = before.password_hash == user.password_hash && before.role == user.role && user.disabled.is_none();
        if !same {
            sqlx::query("DELETE FROM sessions WHERE user_name = $1").bind(&user.name).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    pub async fn user(&self, name: &str) -> Result<Option<User>> {
        let row = sqlx::query("SELECT * FROM users WHERE name = $1").bind(name).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    pub async fn users(&self, tenant: &TenantId) -> Result<Vec<User>> {
        let sql = "SELECT * FROM users WHERE tenant = $1 ORDER BY name";
        sqlx::query(sql).bind(tenant.as_str()).fetch_all(&self.pool).await?.iter().map(read).collect()
    }
}

pub(super) fn read(row: &SqliteRow) -> Result<User> {
    let role: String = row.try_get("role")?;
    Ok(User {
        name: row.try_get("name")?,
        tenant: TenantId(row.try_get("tenant")?),
        password_hash: row.try_get("password_hash")?,
        role: Role::from_name(&role).ok_or_else(|| ControlError::damaged("a role", role))?,
        language: row.try_get("language")?,
        created: Timestamp(row.try_get("created")?),
        disabled: row.try_get::<Option<i64>, _>("disabled")?.map(Timestamp),
    })
}
