//! The guard against alert spam: the same rule for the same process tree is told once a minute; the rest is counted.

use event::{ProcessKey, RuleId, Timestamp};
use std::collections::HashMap;

/// A minute.
const QUIET_NANOS: i64 = 60_000_000_000;

/// What is to be done with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// Tell it. `suppressed` findings of the same rule and tree were counted since it was last told.
    Tell { suppressed: u32 },
    /// Told within the last minute: it has been counted.
    Count,
}

/// Remembers which rule was told for which process tree. Bounded; forgets the oldest when full.
#[derive(Debug)]
pub struct Repeats {
    told: HashMap<(RuleId, ProcessKey), Told>,
    capacity: usize,
}

#[derive(Debug)]
struct Told {
    at: Timestamp,
    suppressed: u32,
}

impl Default for Repeats {
    fn default() -> Self {
        Repeats::with_capacity(8_192)
    }
}

impl Repeats {
    pub fn with_capacity(capacity: usize) -> Self {
        Repeats { told: HashMap::new(), capacity: capacity.max(1) }
    }

    /// `tree` is any process that stands for the tree: the acting process' parent is a good choice, for attack steps are
    /// siblings.
    pub fn admit(&mut self, rule: &RuleId, tree: ProcessKey, at: Timestamp) -> Repeated {
        let key = (rule.clone(), tree);
        if let Some(told) = self.told.get_mut(&key) {
            // A clock that jumped back must not silence a rule for ever.
            if (0..QUIET_NANOS).contains(&at.since(told.at)) {
                told.suppressed = told.suppressed.saturating_add(1);
                return Repeated::Count;
            }
            let suppressed = std::mem::replace(told, Told { at, suppressed: 0 }).suppressed;
            return Repeated::Tell { suppressed };
        }
        self.make_room(at);
        self.told.insert(key, Told { at, suppressed: 0 });
        Repeated::Tell { suppressed: 0 }
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.told.len() < self.capacity {
            return;
        }
        self.told.retain(|_, told| (0..QUIET_NANOS).contains(&now.since(told.at)));
        if self.told.len() >= self.capacity {
            // All are fresh: a flood. Forgetting them costs repeated alerts, never a missed one.
            self.told.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_minute_for_each_rule_and_tree() {
        let mut repeats = Repeats::with_capacity(2);
        let tree = |tgid| ProcessKey { tgid, ..ProcessKey::default() };
        let mut check = |rule: &str, tgid, second: i64, expected| {
            assert_eq!(repeats.admit(&RuleId::new(rule), tree(tgid), Timestamp(second * 1_000_000_000)), expected);
        };
        check("a", 1, 0, Repeated::Tell { suppressed: 0 });
        check("a", 1, 59, Repeated::Count);
        check("a", 1, 61, Repeated::Tell { suppressed: 1 });
        check("a", 2, 61, Repeated::Tell { suppressed: 0 });
        check("b", 1, 61, Repeated::Tell { suppressed: 0 });
        check("a", 1, 3, Repeated::Tell { suppressed: 0 });
    }
}
