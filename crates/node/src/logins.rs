//! One-time logins: a token that signs one person in once, within a quarter of an hour. Kept in memory only: whoever can
//! restart the node can also draw a new one through the admin socket.

use crate::{clock, secret};
use event::Timestamp;
use parking_lot::Mutex;
use std::collections::HashMap;

const VALID: i64 = 15 * 60 * clock::SECOND;
const KEPT: usize = 100;

#[derive(Default)]
pub struct Logins {
    /// Digest of the token → user and end.
    waiting: Mutex<HashMap<String, (String, Timestamp)>>,
}

impl Logins {
    /// The token and when it ends.
    pub fn create(&self, user: &str, now: Timestamp) -> (String, Timestamp) {
        let (token, expires) = (secret::draw(), now.plus_nanos(VALID));
        let mut waiting = self.waiting.lock();
        waiting.retain(|_, (_, end)| *end > now);
        if waiting.len() >= KEPT {
            waiting.clear();
        }
        waiting.insert(secret::digest("one-time login", &token), (user.to_owned(), expires));
        (token, expires)
    }

    /// Whose token it is; it is spent with this.
    pub fn redeem(&self, token: &str, now: Timestamp) -> Option<String> {
        let (user, expires) = self.waiting.lock().remove(&secret::digest("one-time login", token))?;
        (expires > now).then_some(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_signs_in_once_and_not_late() {
        let logins = Logins::default();
        let (token, expires) = logins.create("admin", Timestamp(0));
        assert_eq!(logins.redeem("other", Timestamp(1)), None);
        assert_eq!(logins.redeem(&token, Timestamp(1)).as_deref(), Some("admin"));
        assert_eq!(logins.redeem(&token, Timestamp(1)), None);
        let (late, _) = logins.create("admin", Timestamp(0));
        assert_eq!(logins.redeem(&late, expires), None);
    }
}
