//! How long to wait before the next attempt: doubling with full jitter, so that a thousand agents do not come back in one
//! moment when their node does.

use rand::Rng;
use std::time::Duration;

#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    least: Duration,
    most: Duration,
    next: Duration,
}

impl Backoff {
    pub fn new(least: Duration, most: Duration) -> Self {
        Backoff { least, most, next: least }
    }

    /// After a session that did something.
    pub fn reset(&mut self) {
        self.next = self.least;
    }

    /// The other side's mind will not change soon; someone must act there.
    pub fn give_time(&mut self) {
        self.next = self.most;
    }

    pub fn wait(&mut self) -> Duration {
        let ceiling = self.next;
        self.next = (self.next * 2).min(self.most);
        let floor = self.least.min(ceiling) / 2;
        rand::rng().random_range(floor..=ceiling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_its_cap_and_starts_again() {
        let (least, most) = (Duration::from_millis(500), Duration::from_secs(60));
        let mut backoff = Backoff::new(least, most);
        assert!((0..20).map(|_| backoff.wait()).all(|wait| wait >= least / 2 && wait <= most));
        assert_eq!(backoff.next, most);
        backoff.reset();
        assert!(backoff.wait() <= least);
    }
}
