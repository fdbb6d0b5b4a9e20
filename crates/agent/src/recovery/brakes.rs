//! Programs that have read documents and may now delete them: no tier has a hook that asks before a file is deleted, but the
//! kernel half can make each deletion take its time. So a few go, and each further one waits a moment, until what became of
//! those before it is known; then many more may go. Whoever deletes for good reasons pays some milliseconds in all.

use event::ProcessKey;
use parking_lot::Mutex;
use sensor::Brake;
use std::collections::HashMap;

const FIRST: u32 = 3;
const FACTOR: u32 = 6;
const MAX: usize = 4_096;

#[derive(Clone, Copy)]
struct Allowance {
    granted: u32,
    taken: u32,
}

pub struct Brakes {
    /// None where the tier has no kernel half.
    kernel: Option<Brake>,
    held: Mutex<HashMap<ProcessKey, Allowance>>,
}

impl Brakes {
    pub fn new(kernel: Option<Brake>) -> Brakes {
        Brakes { kernel, held: Mutex::default() }
    }

    pub fn holds(&self, key: &ProcessKey) -> bool {
        self.held.lock().contains_key(key)
    }

    pub fn hold(&self, key: ProcessKey) {
        let Some(kernel) = &self.kernel else { return };
        let mut held = self.held.lock();
        if held.len() >= MAX {
            held.clear();
        }
        if held.insert(key, Allowance { granted: FIRST, taken: 0 }).is_none()
            && let Err(error) = kernel.hold(key.tgid, FIRST)
        {
            tracing::debug!(%error, pid = key.tgid, "a process is not held back");
        }
    }

    /// It took a name away, or gave another. `line` are its ancestors: a child is held like its parent.
    pub fn took(&self, key: ProcessKey, line: impl FnOnce() -> Vec<ProcessKey>) {
        let mut held = self.held.lock();
        if held.is_empty() {
            return;
        }
        if !held.contains_key(&key) && !line().iter().any(|above| held.contains_key(above)) {
            return;
        }
        held.entry(key).or_insert(Allowance { granted: FIRST, taken: 0 }).taken += 1;
    }

    /// What became of all that was told is known, and whoever is still there may go on.
    pub fn grant(&self) {
        let Some(kernel) = &self.kernel else { return };
        for (key, allowance) in self.held.lock().iter_mut().filter(|(_, one)| one.taken >= one.granted) {
            *allowance = Allowance { granted: allowance.granted.saturating_mul(FACTOR), taken: 0 };
            if let Err(error) = kernel.hold(key.tgid, allowance.granted) {
                tracing::debug!(%error, pid = key.tgid, "a process is held back longer than it should be");
            }
        }
    }
}
