//! Programs that may soon delete or rename what they have looked at: no tier has a hook that asks before a file loses its
//! name, but the kernel half can make each such call take its time. So a few go, and each further one waits a moment, until
//! what became of those before it is known; then many more may go, or few where what is known looks bad. Whoever deletes
//! for good reasons pays some milliseconds in all. A process and what it starts share one allowance.

use event::ProcessKey;
use parking_lot::Mutex;
use sensor::Brake;
use std::collections::HashMap;
use std::time::{Duration, Instant};

const FIRST: u32 = 3;
const FACTOR: u32 = 6;
const MOST: u32 = 1 << 20;
/// Where there is reason to look at each.
const WARY: u32 = 2;
/// Whoever took something and was not told of as having used up its allowance gets more after this time: events get lost.
const AT_LATEST: Duration = Duration::from_millis(500);
const MAX: usize = 2_048;

struct Allowance {
    /// What it does is judged with this family.
    root: ProcessKey,
    granted: u32,
    taken: u32,
    since: Instant,
    /// It was stopped, and gets no more.
    closed: bool,
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

    /// It, or what started it: `line` begins with itself.
    pub fn holds(&self, line: &[ProcessKey]) -> bool {
        let held = self.held.lock();
        line.iter().any(|key| held.contains_key(key))
    }

    pub fn hold(&self, key: ProcessKey, root: ProcessKey) {
        let Some(kernel) = &self.kernel else { return };
        let mut held = self.held.lock();
        if held.len() >= MAX {
            forget_ended(&mut held, kernel);
        }
        if held.len() >= MAX || held.contains_key(&key) {
            return;
        }
        held.insert(key, Allowance::first(root));
        told(kernel.hold(key.tgid, FIRST), key.tgid, "a process is not held back");
    }

    /// It took a name away, or gave another. `line` are its ancestors.
    pub fn took(&self, key: ProcessKey, line: impl FnOnce() -> Vec<ProcessKey>) {
        let mut held = self.held.lock();
        if held.is_empty() {
            return;
        }
        let leader = match held.contains_key(&key) {
            true => Some(key),
            false => line().into_iter().find(|above| held.contains_key(above)),
        };
        if let Some(allowance) = leader.and_then(|leader| held.get_mut(&leader)) {
            allowance.taken += 1;
        }
    }

    /// What became of all that was told is known, and whoever is still there may go on. `is_wary`: of a family.
    pub fn grant(&self, is_wary: impl Fn(&ProcessKey) -> bool) {
        let Some(kernel) = &self.kernel else { return };
        for (key, allowance) in self.held.lock().iter_mut().filter(|(_, one)| one.is_due()) {
            allowance.granted = allowance.next(is_wary(&allowance.root));
            (allowance.taken, allowance.since) = (0, Instant::now());
            told(
                kernel.allow(key.tgid, allowance.granted),
                key.tgid,
                "a process is held back longer than it should be",
            );
        }
    }

    /// It was stopped, and `below` with it: until they are ended the kernel refuses each further name in the enforce tier, and
    /// elsewhere it costs them as much time as can be.
    pub fn close(&self, key: ProcessKey, below: impl Iterator<Item = u32>) {
        let Some(kernel) = &self.kernel else { return };
        let closed = Allowance { closed: true, ..Allowance::first(key) };
        self.held.lock().insert(key, closed);
        told(kernel.stop(key.tgid), key.tgid, "a stopped process is not held back");
        for tgid in below {
            told(kernel.join(tgid, key.tgid), tgid, "a stopped process is not held back");
        }
    }
}

impl Allowance {
    fn first(root: ProcessKey) -> Allowance {
        Allowance { root, granted: FIRST, taken: 0, since: Instant::now(), closed: false }
    }

    fn is_due(&self) -> bool {
        let used_up = self.taken >= self.granted || self.taken > 0 && self.since.elapsed() > AT_LATEST;
        used_up && !self.closed
    }

    fn next(&self, wary: bool) -> u32 {
        if wary { WARY } else { self.granted.max(FIRST).saturating_mul(FACTOR).min(MOST) }
    }
}

fn forget_ended(held: &mut HashMap<ProcessKey, Allowance>, kernel: &Brake) {
    held.retain(|key, _| {
        let lives = respond::key_of(key.tgid).as_ref() == Some(key);
        if !lives {
            told(kernel.release(key.tgid), key.tgid, "what a process started is held back longer than it should be");
        }
        lives
    });
}

fn told(done: std::io::Result<()>, pid: u32, what: &str) {
    if let Err(error) = done {
        tracing::debug!(%error, pid, "{what}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_more_is_granted_unless_it_looks_bad() {
        let mut allowance = Allowance::first(ProcessKey::default());
        assert!(!allowance.is_due());
        allowance.taken = FIRST;
        assert!(allowance.is_due());
        assert_eq!(allowance.next(false), FIRST * FACTOR);
        assert_eq!(allowance.next(true), WARY);
        allowance.granted = WARY;
        assert_eq!(allowance.next(false), FIRST * FACTOR);
        allowance.closed = true;
        assert!(!allowance.is_due());
    }
}
