//! Which audit events were told already, since auditd's dispatcher and its log say the same.

use event::Timestamp;
use std::collections::{HashSet, VecDeque};

/// (time, serial) of an audit event.
pub type AuditId = (Timestamp, u64);

/// The last of them, in a fixed amount of memory.
#[derive(Debug, Default)]
pub struct Recent {
    known: HashSet<AuditId>,
    order: VecDeque<AuditId>,
    /// What came a second time.
    pub again: u64,
}

const MOST: usize = 8_192;

impl Recent {
    /// False when it was told before.
    pub fn first(&mut self, id: AuditId) -> bool {
        if !self.known.insert(id) {
            self.again += 1;
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_each_within_bounds() {
        let mut recent = Recent::default();
        let id = |n: u64| (Timestamp(n as i64), n);
        assert!(recent.first(id(1)) && !recent.first(id(1)));
        (2..20_000).for_each(|n| assert!(recent.first(id(n))));
        assert_eq!((recent.known.len(), recent.order.len(), recent.again), (MOST, MOST, 1));
        assert!(recent.first(id(1)), "what is long past is forgotten");
    }
}
