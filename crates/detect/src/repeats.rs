//! The guard against alert spam: the same rule for the same process tree is told once a minute, and one rule over all trees a
//! hundred times. The rest is counted, and the count is told: with the next that is told, and within the minute already with
//! the hundredth, the thousandth and so on, so that a flood reads as one.

use event::{ProcessKey, RuleId, Timestamp};
use std::collections::HashMap;
use std::hash::Hash;

/// A minute.
const QUIET_NANOS: i64 = 60_000_000_000;
/// Told of one rule within it, whatever the trees.
const MOST_OF_A_RULE: u32 = 100;
/// From this many on, each tenfold is told.
const MANY: u32 = 100;

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
    trees: Windows<(RuleId, ProcessKey)>,
    rules: Windows<RuleId>,
}

impl Default for Repeats {
    fn default() -> Self {
        Repeats::with_capacity(8_192)
    }
}

impl Repeats {
    pub fn with_capacity(capacity: usize) -> Self {
        Repeats { trees: Windows::new(capacity, 1), rules: Windows::new(capacity, MOST_OF_A_RULE) }
    }

    /// `tree` is any process that stands for the tree: the acting process' parent is a good choice, for attack steps are
    /// siblings.
    pub fn admit(&mut self, rule: &RuleId, tree: ProcessKey, at: Timestamp) -> Repeated {
        let Repeated::Tell { suppressed } = self.trees.admit((rule.clone(), tree), at, 0) else {
            return Repeated::Count;
        };
        self.rules.admit(rule.clone(), at, suppressed)
    }

    /// For what is acted on: an action held back would be a process let go, so each process is told of, whatever the number.
    pub fn admit_each(&mut self, rule: &RuleId, process: ProcessKey, at: Timestamp) -> Repeated {
        self.trees.admit((rule.clone(), process), at, 0)
    }
}

#[derive(Debug)]
struct Windows<K> {
    open: HashMap<K, Window>,
    capacity: usize,
    /// Told in one window before counting begins.
    free: u32,
}

#[derive(Debug, Default)]
struct Window {
    at: Timestamp,
    seen: u32,
    suppressed: u32,
}

impl<K: Eq + Hash> Windows<K> {
    fn new(capacity: usize, free: u32) -> Windows<K> {
        Windows { open: HashMap::new(), capacity: capacity.max(1), free }
    }

    /// `before` were counted elsewhere already and are told with this one, whenever that is.
    fn admit(&mut self, key: K, at: Timestamp, before: u32) -> Repeated {
        if !self.open.contains_key(&key) {
            self.make_room(at);
        }
        let window = self.open.entry(key).or_insert(Window { at, ..Window::default() });
        // A clock that jumped back must not silence a rule for ever.
        if !(0..QUIET_NANOS).contains(&at.since(window.at)) {
            (window.at, window.seen) = (at, 0);
        }
        window.seen = window.seen.saturating_add(1);
        window.suppressed = window.suppressed.saturating_add(before);
        if window.seen <= self.free || is_a_tenfold(window.seen) {
            return Repeated::Tell { suppressed: std::mem::take(&mut window.suppressed) };
        }
        window.suppressed = window.suppressed.saturating_add(1);
        Repeated::Count
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.open.len() < self.capacity {
            return;
        }
        self.open.retain(|_, window| (0..QUIET_NANOS).contains(&now.since(window.at)));
        if self.open.len() >= self.capacity {
            // All are fresh: a flood. Forgetting them costs repeated alerts, never a missed one.
            self.open.clear();
        }
    }
}

fn is_a_tenfold(seen: u32) -> bool {
    seen >= MANY && seen == 10u32.pow(seen.ilog10())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(tgid: u32) -> ProcessKey {
        ProcessKey { tgid, ..ProcessKey::default() }
    }

    fn second(second: i64) -> Timestamp {
        Timestamp(second * 1_000_000_000)
    }

    #[test]
    fn once_a_minute_for_each_rule_and_tree() {
        let mut repeats = Repeats::with_capacity(2);
        let mut check = |rule: &str, tgid, at: i64, expected| {
            assert_eq!(repeats.admit(&RuleId::new(rule), tree(tgid), second(at)), expected);
        };
        check("a", 1, 0, Repeated::Tell { suppressed: 0 });
        check("a", 1, 59, Repeated::Count);
        check("a", 1, 61, Repeated::Tell { suppressed: 1 });
        check("a", 2, 61, Repeated::Tell { suppressed: 0 });
        check("b", 1, 61, Repeated::Tell { suppressed: 0 });
        check("a", 1, 3, Repeated::Tell { suppressed: 0 });
    }

    /// Told and counted make up all that was found.
    fn told(found: impl Iterator<Item = (u32, i64)>) -> Vec<u32> {
        let (mut repeats, rule) = (Repeats::default(), RuleId::new("a"));
        let mut out = Vec::new();
        for (tgid, at) in found {
            if let Repeated::Tell { suppressed } = repeats.admit(&rule, tree(tgid), second(at)) {
                out.push(suppressed);
            }
        }
        out
    }

    #[test]
    fn a_flood_in_one_tree_is_a_few_alerts_with_its_count() {
        assert_eq!(told((0..10_000).map(|n| (1, n / 1_000))), [0, 98, 899, 8_999]);
        // What came after the last that was told stands with the next.
        assert_eq!(told((0..150).map(|_| (1, 0)).chain([(1, 70)])), [0, 98, 50]);
    }

    #[test]
    fn a_flood_over_many_trees_is_a_hundred_alerts_and_its_count() {
        let told = told((0..5_000).map(|n| (n, 0)));
        assert_eq!((told.len(), told[99], told[100]), (101, 0, 899));
    }

    #[test]
    fn a_flood_of_processes_that_are_acted_on_holds_none_back() {
        let (mut repeats, rule) = (Repeats::default(), RuleId::new("a"));
        let all = (0..5_000).map(|n| repeats.admit_each(&rule, tree(n), second(0)));
        assert!(all.into_iter().all(|one| one == Repeated::Tell { suppressed: 0 }));
    }

    #[test]
    fn another_rule_is_told_in_the_midst_of_a_flood() {
        let mut repeats = Repeats::default();
        for n in 0..100_000 {
            repeats.admit(&RuleId::new("flood"), tree(n), second(0));
        }
        let news = repeats.admit(&RuleId::new("true"), tree(7), second(0));
        assert_eq!(news, Repeated::Tell { suppressed: 0 });
    }
}
