//! Opening: one file, write-ahead journal, foreign keys, every commit on disk before it is told.

use super::{ControlError, ControlStore, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::time::Duration;

/// PostgreSQL says these two with a function and a trigger; SQLite needs only the trigger.
const APPEND_ONLY: [&str; 2] = [
    "CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
];

impl ControlStore {
    /// Opens or creates the file and brings its tables up to date. The tenant `default` is always there.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await
            .map_err(|source| ControlError::Open { path: path.display().to_string(), source })?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        for trigger in APPEND_ONLY {
            sqlx::query(trigger).execute(&pool).await?;
        }
        sqlx::query(
            "INSERT INTO tenants (id, name, created) VALUES ('default', 'default', 0) ON CONFLICT (id) DO NOTHING",
        )
        .execute(&pool)
        .await?;
        Ok(ControlStore { pool })
    }

    /// Ends all connections; what was told as done is done.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A write transaction that takes its turn at once, so that it never fails half-way for another's lock.
    pub(super) async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// The next value of a counter, from 1.
pub(super) async fn count_up(tx: &mut sqlx::SqliteConnection, name: &str) -> Result<i64> {
    let sql = "INSERT INTO counters (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value";
    Ok(sqlx::query_scalar(sql).bind(name).fetch_one(tx).await?)
}
