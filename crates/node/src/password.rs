//! Passwords: argon2id, on threads that may block, two at a time so that a flood of sign-ins cannot take the node's memory.

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString, rand_core::OsRng};
use tokio::sync::Semaphore;

/// Longer ones are not read: hashing cost grows with them.
pub const MAX_BYTES: usize = 1024;
pub const MIN_CHARS: usize = 12;

static TURNS: Semaphore = Semaphore::const_new(2);

#[derive(Debug, thiserror::Error)]
#[error("cannot hash: {0}")]
pub struct HashError(String);

pub async fn hash(password: String) -> Result<String, HashError> {
    blocking(move || {
        let salt = SaltString::generate(&mut OsRng);
        Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string())
    })
    .await?
    .map_err(|error| HashError(error.to_string()))
}

/// Takes as long for a user without a password, or none at all, as for one with: names cannot be found out.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool, HashError> {
    blocking(move || {
        let Some(stored) = stored.filter(|text| !text.is_empty()) else {
            let salt = SaltString::generate(&mut OsRng);
            std::hint::black_box(Argon2::default().hash_password(password.as_bytes(), &salt).is_ok());
            return false;
        };
        let Ok(parsed) = PasswordHash::new(&stored) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
    })
    .await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
    let _turn = TURNS.acquire().await.map_err(|error| HashError(error.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| HashError(error.to_string()))
}
