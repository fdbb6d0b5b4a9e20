//! Files that were written wait a moment before they are looked into: one that is written in pieces, then renamed, is looked
//! into once, and what a compiler makes and removes at once not at all. In: what was seen and when; out: what is due.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::{Duration, Instant};

pub struct Settling<K, V> {
    hold: Duration,
    most: usize,
    waiting: HashMap<K, V>,
    /// In the order of their first sight, so that someone who keeps writing puts nothing off.
    order: VecDeque<(Instant, K)>,
}

impl<K: Copy + Eq + Hash, V> Settling<K, V> {
    /// Each waits for `hold`, and at most `most` of them.
    pub fn new(hold: Duration, most: usize) -> Settling<K, V> {
        Settling { hold, most, waiting: HashMap::new(), order: VecDeque::new() }
    }

    /// Takes the place of what waits under the same key. With too many waiting, the oldest comes back before its time.
    pub fn put(&mut self, key: K, value: V, now: Instant) -> Option<V> {
        if self.waiting.insert(key, value).is_some() {
            return None;
        }
        self.order.push_back((now + self.hold, key));
        if self.order.len() > self.most { self.pop() } else { None }
    }

    pub fn due(&mut self, now: Instant) -> Option<V> {
        self.next().filter(|at| *at <= now)?;
        self.pop()
    }

    /// When the next is due.
    pub fn next(&self) -> Option<Instant> {
        self.order.front().map(|(at, _)| *at)
    }

    /// The oldest, due or not.
    pub fn pop(&mut self) -> Option<V> {
        let (_, key) = self.order.pop_front()?;
        self.waiting.remove(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD: Duration = Duration::from_millis(250);

    #[test]
    fn the_newest_of_one_file_is_due_when_its_first_was() {
        let start = Instant::now();
        let mut settling = Settling::new(HOLD, 10);
        assert!(settling.put(1, "written", start).is_none());
        assert!(settling.put(2, "other", start + HOLD / 2).is_none());
        assert!(settling.put(1, "renamed", start + HOLD / 2).is_none());
        assert_eq!(settling.due(start + HOLD / 2), None);
        assert_eq!(settling.next(), Some(start + HOLD));
        assert_eq!(settling.due(start + HOLD), Some("renamed"));
        assert_eq!(settling.due(start + HOLD), None);
        assert_eq!(settling.due(start + HOLD * 2), Some("other"));
        assert_eq!(settling.next(), None);
    }

    #[test]
    fn too_many_are_not_kept_waiting() {
        let start = Instant::now();
        let mut settling = Settling::new(HOLD, 2);
        assert!(settling.put(1, "a", start).is_none());
        assert!(settling.put(2, "b", start).is_none());
        assert_eq!(settling.put(3, "c", start), Some("a"));
        // What was looked into waits anew when it is written anew.
        assert_eq!(settling.put(1, "a again", start), Some("b"));
        assert_eq!(settling.pop(), Some("c"));
        assert_eq!(settling.pop(), Some("a again"));
        assert_eq!(settling.pop(), None);
    }
}
