//! A map that forgets when it is full, so that no stream of events can grow it: first what was said to be over, then the oldest.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

#[derive(Debug)]
pub(crate) struct Bounded<K, V> {
    entries: HashMap<K, V>,
    order: VecDeque<K>,
    over: VecDeque<K>,
    capacity: usize,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    pub fn new(capacity: usize) -> Self {
        let (order, over) = (VecDeque::new(), VecDeque::new());
        Bounded { entries: HashMap::new(), order, over, capacity: capacity.max(1) }
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    /// The entry of `key`, made by `new` where there is none.
    pub fn entry(&mut self, key: &K, new: impl FnOnce() -> V) -> &mut V {
        if !self.entries.contains_key(key) {
            self.insert(key.clone(), new());
        }
        self.entries.get_mut(key).expect("it has just been put there")
    }

    pub fn insert(&mut self, key: K, value: V) {
        if self.entries.insert(key.clone(), value).is_some() {
            return;
        }
        self.order.push_back(key);
        while self.entries.len() > self.capacity {
            let Some(first) = self.over.pop_front().or_else(|| self.order.pop_front()) else { return };
            self.entries.remove(&first);
        }
        // What went before its turn leaves its place in the queue.
        if self.order.len() > 2 * self.capacity {
            let entries = &self.entries;
            self.order.retain(|key| entries.contains_key(key));
        }
    }

    /// This one goes before all others when room is needed: who floods with what soon ends pushes nothing out that lasts.
    pub fn over(&mut self, key: &K) {
        if self.entries.contains_key(key) && self.over.len() < self.capacity {
            self.over.push_back(key.clone());
        }
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_its_capacity() {
        let mut map = Bounded::new(3);
        (0..1_000).for_each(|n| *map.entry(&(n % 7), || 0) += 1);
        assert_eq!(map.len(), 3);
        assert_eq!(map.order.len(), 3);
    }

    #[test]
    fn what_is_over_goes_first() {
        let mut map = Bounded::new(10);
        map.insert(0, "stays");
        for n in 1..1_000 {
            map.insert(n, "short");
            map.over(&n);
            map.over(&n);
        }
        assert_eq!((map.get(&0), map.len()), (Some(&"stays"), 10));
        assert!(map.order.len() <= 20 && map.over.len() <= 10);
        (1_000..1_011).for_each(|n| map.insert(n, "lasts"));
        assert_eq!(map.get(&0), None, "with nothing over, the oldest goes");
    }
}
