//! Where sequences that have begun wait for their next step. Bounded in number and in bytes: when it is full, what has
//! waited longest since it began goes first, and is counted.

use super::condition::Bound;
use event::Timestamp;
use std::collections::{HashMap, VecDeque};

/// One sequence under way.
#[derive(Clone, Debug)]
pub(crate) struct Partial {
    pub began: Timestamp,
    /// Ordered: the step that is waited for. Else: one bit for each step that was seen.
    pub steps: u8,
    /// How often the step under way was seen.
    pub times: u8,
    /// The event that moved it last: none moves it twice.
    pub moved_by: u64,
    pub bound: Bound,
    pub trail: Vec<Mark>,
}

/// One step as it is told later.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub at: Timestamp,
    pub step: u8,
    pub what: Box<str>,
}

impl Partial {
    fn bytes(&self) -> usize {
        let marks: usize = self.trail.iter().map(|mark| size_of::<Mark>() + mark.what.len()).sum();
        let bound: usize = self.bound.iter().map(|(_, text)| size_of::<(u8, Box<str>)>() + text.len()).sum();
        size_of::<Partial>() + marks + bound
    }
}

/// Of one sequence and one entity: with different bindings there can be several.
const MOST_BESIDE: usize = 4;
/// What a key costs besides, in the map and in the queue.
const OVERHEAD: usize = 64;

#[derive(Debug)]
pub(crate) struct Shelf {
    waiting: HashMap<u64, Vec<Partial>>,
    order: VecDeque<u64>,
    bytes: usize,
    most_keys: usize,
    most_bytes: usize,
    pub forgotten: u64,
}

impl Shelf {
    pub fn new(most_keys: usize, most_bytes: usize) -> Shelf {
        Shelf { waiting: HashMap::new(), order: VecDeque::new(), bytes: 0, most_keys, most_bytes, forgotten: 0 }
    }

    pub fn keys(&self) -> usize {
        self.waiting.len()
    }

    /// Takes all of `key` away; what is to stay is put back with [`Shelf::put`].
    pub fn take(&mut self, key: u64) -> Vec<Partial> {
        let taken = self.waiting.get_mut(&key).map(std::mem::take).unwrap_or_default();
        self.bytes -= taken.iter().map(Partial::bytes).sum::<usize>();
        taken
    }

    pub fn put(&mut self, key: u64, mut partials: Vec<Partial>) {
        if partials.len() > MOST_BESIDE {
            let over = partials.len() - MOST_BESIDE;
            self.forgotten += over as u64;
            partials.drain(..over);
        }
        self.bytes += partials.iter().map(Partial::bytes).sum::<usize>();
        match self.waiting.get_mut(&key) {
            Some(slot) => *slot = partials,
            None if partials.is_empty() => {}
            None => {
                partials.shrink_to_fit();
                self.waiting.insert(key, partials);
                self.order.push_back(key);
                self.bytes += OVERHEAD;
            }
        }
        while self.order.len() > self.most_keys || self.bytes > self.most_bytes {
            let Some(oldest) = self.order.pop_front() else { return };
            if let Some(gone) = self.waiting.remove(&oldest) {
                self.bytes -= OVERHEAD + gone.iter().map(Partial::bytes).sum::<usize>();
                self.forgotten += gone.len() as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_in_keys_and_in_bytes() {
        let partial = |text: usize| Partial {
            began: Timestamp(0),
            steps: 1,
            times: 0,
            moved_by: 0,
            bound: vec![(0, "x".repeat(text).into())],
            trail: Vec::new(),
        };
        let mut shelf = Shelf::new(100, 1 << 20);
        (0..10_000).for_each(|key| shelf.put(key, vec![partial(8)]));
        assert_eq!((shelf.keys(), shelf.forgotten), (100, 9_900));
        let mut shelf = Shelf::new(1_000_000, 64 * 1024);
        (0..10_000).for_each(|key| shelf.put(key, vec![partial(1_000)]));
        assert!(shelf.bytes <= 64 * 1024 && shelf.keys() < 64, "{} {}", shelf.bytes, shelf.keys());
        let mut shelf = Shelf::new(8, 1 << 20);
        shelf.put(1, vec![partial(1); 9]);
        assert_eq!(shelf.take(1).len(), MOST_BESIDE);
        assert_eq!(shelf.bytes, OVERHEAD);
    }
}
