//! Two brakes for the hot path: reads of /proc a second, and the share of time that may be spent waiting.

use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct Tokens {
    per_second: f64,
    most: f64,
    held: f64,
    last: Instant,
}

impl Tokens {
    /// Holds `most` at first and at most, gains `per_second`.
    pub(crate) fn new(per_second: f64, most: f64) -> Self {
        Tokens { per_second, most, held: most, last: Instant::now() }
    }

    pub(crate) fn available(&mut self, now: Instant) -> f64 {
        let gained = now.saturating_duration_since(self.last).as_secs_f64() * self.per_second;
        self.held = (self.held + gained).min(self.most);
        self.last = now;
        self.held
    }

    pub(crate) fn take_one(&mut self) -> bool {
        let any = self.available(Instant::now()) >= 1.0;
        if any {
            self.held -= 1.0;
        }
        any
    }
}

/// Time to spend on waiting.
#[derive(Debug)]
pub(crate) struct WaitBudget {
    tokens: Tokens,
    longest: Duration,
}

impl WaitBudget {
    pub(crate) fn new(longest: Duration, percent: u32) -> Self {
        let most = longest.as_secs_f64() * 5.0;
        WaitBudget { tokens: Tokens::new(f64::from(percent.min(100)) / 100.0, most), longest }
    }

    /// How long one wait may be now.
    pub(crate) fn allowance(&mut self) -> Duration {
        Duration::from_secs_f64(self.tokens.available(Instant::now()).max(0.0)).min(self.longest)
    }

    pub(crate) fn spend(&mut self, spent: Duration) {
        self.tokens.held -= spent.as_secs_f64();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_no_more_than_it_gained() {
        let mut tokens = Tokens::new(10.0, 5.0);
        let start = tokens.last;
        assert!((0..5).all(|_| tokens.take_one()));
        tokens.held = 0.0;
        tokens.last = start;
        assert!((tokens.available(start + Duration::from_millis(250)) - 2.5).abs() < 1e-9);
        assert!((tokens.available(start + Duration::from_secs(60)) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn waits_are_a_share_of_time() {
        let mut budget = WaitBudget::new(Duration::from_millis(50), 20);
        assert_eq!(budget.allowance(), Duration::from_millis(50));
        budget.spend(Duration::from_millis(250));
        assert!(budget.allowance() < Duration::from_millis(50));
    }
}
