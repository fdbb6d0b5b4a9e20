//! Failed sign-ins, counted by address and by user: ten within five minutes, then a wait. Bounded.

use event::Timestamp;
use parking_lot::Mutex;
use std::collections::HashMap;

const ALLOWED: u32 = 10;
const WINDOW: i64 = 300 * crate::clock::SECOND;
const KEPT: usize = 10_000;

#[derive(Default)]
pub struct Attempts {
    failed: Mutex<HashMap<String, (Timestamp, u32)>>,
}

impl Attempts {
    /// Seconds to wait when there were too many; None when it may be tried.
    pub fn blocked(&self, keys: &[String], now: Timestamp) -> Option<u64> {
        let failed = self.failed.lock();
        let wait = |(since, count): &(Timestamp, u32)| {
            let left = WINDOW - now.since(*since);
            (*count >= ALLOWED && left > 0).then(|| (left / crate::clock::SECOND) as u64 + 1)
        };
        keys.iter().filter_map(|key| failed.get(key).and_then(wait)).max()
    }

    pub fn failed(&self, keys: &[String], now: Timestamp) {
        let mut failed = self.failed.lock();
        if failed.len() >= KEPT {
            failed.retain(|_, (since, _)| now.since(*since) < WINDOW);
        }
        if failed.len() >= KEPT {
            failed.clear();
        }
        for key in keys {
            let entry = failed.entry(key.clone()).or_insert((now, 0));
            if now.since(entry.0) >= WINDOW {
                *entry = (now, 0);
            }
            entry.1 += 1;
        }
    }

    pub fn succeeded(&self, keys: &[String]) {
        let mut failed = self.failed.lock();
        keys.iter().for_each(|key| {
            failed.remove(key);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_block_for_five_minutes() {
        let attempts = Attempts::default();
        let keys = ["address 10.0.0.1".to_owned(), "user admin".to_owned()];
        let at = |seconds: i64| Timestamp(seconds * crate::clock::SECOND);
        for second in 0..10 {
            assert_eq!(attempts.blocked(&keys, at(second)), None);
            attempts.failed(&keys, at(second));
        }
        assert!(attempts.blocked(&keys, at(10)).is_some());
        assert!(attempts.blocked(&keys[1..], at(10)).is_some(), "from another address, the same user");
        assert_eq!(attempts.blocked(&keys, at(301)), None);
    }
}
