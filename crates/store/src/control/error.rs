//! Why the control store did not do what it was asked.

#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    #[error("cannot open the control store at {path}: {source}")]
    Open { path: String, source: sqlx::Error },
    #[error("cannot bring the control store's tables up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the control store is busy or its disk is full: {0}")]
    Unavailable(sqlx::Error),
    #[error("the control store refused: {0}")]
    Refused(sqlx::Error),
    #[error("the control store holds {what} that cannot be read: {detail}")]
    Damaged { what: &'static str, detail: String },
    #[error("there is already {what}")]
    Exists { what: String },
}

impl ControlError {
    /// The same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, ControlError::Unavailable(_))
    }

    pub(super) fn damaged(what: &'static str, detail: impl std::fmt::Display) -> Self {
        ControlError::Damaged { what, detail: detail.to_string() }
    }
}

impl From<sqlx::Error> for ControlError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                ControlError::Unavailable(error)
            }
            sqlx::Error::Database(db) => match db.code().as_deref().map(primary) {
                // SQLITE_BUSY, LOCKED, IOERR, FULL.
                Some(5 | 6 | 10 | 13) => ControlError::Unavailable(error),
                _ => ControlError::Refused(error),
            },
            _ => ControlError::Refused(error),
        }
    }
}

/// SQLite's extended code without its extension.
fn primary(code: &str) -> u32 {
    code.parse::<u32>().map_or(0, |code| code & 0xff)
}
