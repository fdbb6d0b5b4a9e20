//! One copy of each text that repeats: programs, units, directories, names. Texts that nobody holds any more are swept out
//! whenever the set has doubled.

use std::collections::HashSet;
use std::sync::Arc;

const SWEEP_FROM: usize = 1024;

#[derive(Debug)]
pub(crate) struct Interner {
    texts: HashSet<Arc<str>>,
    sweep_at: usize,
}

impl Default for Interner {
    fn default() -> Self {
        Interner { texts: HashSet::new(), sweep_at: SWEEP_FROM }
    }
}

impl Interner {
    pub(crate) fn get(&mut self, text: &str) -> Arc<str> {
        match self.texts.get(text) {
            Some(known) => known.clone(),
            None => self.add(text.into()),
        }
    }

    /// As `get`, for a text that is shared already.
    pub(crate) fn share(&mut self, text: &Arc<str>) -> Arc<str> {
        match self.texts.get(text) {
            Some(known) => known.clone(),
            None => self.add(text.clone()),
        }
    }

    fn add(&mut self, text: Arc<str>) -> Arc<str> {
        if self.texts.len() >= self.sweep_at {
            self.texts.retain(|t| Arc::strong_count(t) > 1);
            self.sweep_at = SWEEP_FROM.max(self.texts.len() * 2);
        }
        self.texts.insert(text.clone());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_what_is_held_and_forgets_what_is_not() {
        let mut interner = Interner::default();
        let held = interner.get("/usr/bin/bash");
        for i in 0..10 * SWEEP_FROM {
            interner.get(&format!("/tmp/{i}"));
        }
        assert!(Arc::ptr_eq(&held, &interner.get("/usr/bin/bash")));
        assert!(interner.texts.len() <= SWEEP_FROM);
    }
}
