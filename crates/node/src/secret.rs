//! Random secrets and their digests: sessions, one-time logins, command ids.

use rand::RngCore;
use sha2::{Digest, Sha256};

/// 256 random bits as 64 hex digits.
pub fn draw() -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

/// 128 random bits as 32 hex digits: an id.
pub fn draw_id() -> String {
    draw()[..32].to_owned()
}

/// What is kept of a secret. A plain digest is enough: a secret is 256 random bits, not a password.
pub fn digest(purpose: &str, secret: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(purpose.as_bytes());
    hasher.update([0]);
    hasher.update(secret.as_bytes());
    hex::encode(hasher.finalize())
}

/// Takes as long for equal as for unequal texts of one length.
pub fn equal(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |diff, (x, y)| diff | (x ^ y)) == 0
}
