//! A table of a fixed size by hash. When it is full, of eight entries drawn the one touched longest ago goes, and is counted.

use super::hash::ByHash;
use event::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pool<V> {
    entries: Vec<Entry<V>>,
    most: usize,
    draw: u64,
    pub forgotten: u64,
    #[serde(skip)]
    places: ByHash<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry<V> {
    key: u64,
    touched: Timestamp,
    value: V,
}

impl<V> Pool<V> {
    pub fn new(most: usize) -> Pool<V> {
        let most = most.max(8);
        Pool { entries: Vec::new(), most, draw: 0x9e37_79b9_7f4a_7c15, forgotten: 0, places: ByHash::default() }
    }

    /// After it was read back, with a bound of today; false when it is not what was written.
    pub fn index(&mut self, most: usize) -> bool {
        self.most = most.max(8);
        self.places = self.entries.iter().enumerate().map(|(at, entry)| (entry.key, at as u32)).collect();
        self.draw |= 1;
        self.entries.len() <= self.most && self.places.len() == self.entries.len()
    }

    pub fn entry(&mut self, key: u64, now: Timestamp, new: impl FnOnce() -> V) -> &mut V {
        let place = match self.places.get(&key) {
            Some(place) => *place as usize,
            None => self.make(key, now, new()),
        };
        let entry = &mut self.entries[place];
        entry.touched = entry.touched.max(now);
        &mut entry.value
    }

    fn make(&mut self, key: u64, touched: Timestamp, value: V) -> usize {
        let fresh = Entry { key, touched, value };
        let place = if self.entries.len() < self.most {
            self.entries.push(fresh);
            self.entries.len() - 1
        } else {
            let place = self.oldest_of_some();
            let old = std::mem::replace(&mut self.entries[place], fresh);
            self.places.remove(&old.key);
            self.forgotten += 1;
            place
        };
        self.places.insert(key, place as u32);
        place
    }

    fn oldest_of_some(&mut self) -> usize {
        let mut oldest = 0;
        for round in 0..8 {
            self.draw ^= self.draw << 13;
            self.draw ^= self.draw >> 7;
            self.draw ^= self.draw << 17;
            let place = (self.draw % self.entries.len() as u64) as usize;
            if round == 0 || self.entries[place].touched < self.entries[oldest].touched {
                oldest = place;
            }
        }
        oldest
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|entry| &entry.value)
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_larger_and_the_busy_stay() {
        let mut pool = Pool::new(64);
        for n in 0..10_000u64 {
            *pool.entry(n, Timestamp(n as i64), || 0) += 1;
            *pool.entry(u64::MAX, Timestamp(n as i64), || 0) += 1;
        }
        assert_eq!(pool.len(), 64);
        assert!(*pool.entry(u64::MAX, Timestamp(10_000), || 0) > 5_000);
        assert!(pool.forgotten > 9_000 && pool.index(64));
    }
}
