//! Which sequences of one run are stored, as ranges. Agents send in order, so it is one range with a hole wherever the agent's
//! spool had to let something go.

use std::collections::BTreeMap;

/// More holes than this and the oldest is closed: what would still arrive in it counts as stored before.
const MAX_RANGES: usize = 4_096;

/// First to last, both inclusive, never touching each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    /// False when it was in before.
    pub fn insert(&mut self, n: u64) -> bool {
        let before = self.0.range(..=n).next_back().map(|(first, last)| (*first, *last));
        if before.is_some_and(|(_, last)| n <= last) {
            return false;
        }
        let after = n.checked_add(1).and_then(|next| self.0.remove(&next));
        let last = after.unwrap_or(n);
        match before {
            Some((first, end)) if end.checked_add(1) == Some(n) => self.0.insert(first, last),
            _ => self.0.insert(n, last),
        };
        if self.0.len() > MAX_RANGES {
            self.close_oldest_hole();
        }
        true
    }

    fn close_oldest_hole(&mut self) {
        if let (Some((first, _)), Some((_, last))) = (self.0.pop_first(), self.0.pop_first()) {
            self.0.insert(first, last);
        }
    }

    pub fn last(&self) -> Option<u64> {
        self.0.last_key_value().map(|(_, last)| *last)
    }

    /// JSON of `[[first, last], …]`.
    pub fn to_text(&self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|(first, last)| format!("[{first},{last}]")).collect();
        format!("[{}]", pairs.join(","))
    }

    pub fn from_text(text: &str) -> Option<Self> {
        let pairs: Vec<(u64, u64)> = serde_json::from_str(text).ok()?;
        pairs.iter().all(|(first, last)| first <= last).then(|| Ranges(pairs.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn is_a_set(numbers in prop::collection::vec(0u64..60, 0..120)) {
            let (mut ranges, mut set) = (Ranges::default(), BTreeSet::new());
            for n in numbers {
                prop_assert_eq!(ranges.insert(n), set.insert(n));
            }
            prop_assert_eq!(ranges.last(), set.last().copied());
            let inside: BTreeSet<u64> = ranges.0.iter().flat_map(|(a, b)| *a..=*b).collect();
            prop_assert_eq!(inside, set);
            prop_assert_eq!(Ranges::from_text(&ranges.to_text()), Some(ranges));
        }
    }

    #[test]
    fn ends_of_the_numbers_are_numbers_too() {
        let mut ranges = Ranges::default();
        assert!(ranges.insert(u64::MAX) && ranges.insert(0) && !ranges.insert(u64::MAX));
        assert_eq!(Ranges::from_text("[[3,1]]"), None);
    }
}
