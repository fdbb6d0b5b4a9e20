//! What the node counts of itself, for the overview and /metrics.

use event::Timestamp;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

/// Length of the window for rates, in seconds.
const WINDOW: i64 = 10;

#[derive(Default)]
pub struct Figures {
    pub events: AtomicU64,
    pub alerts: AtomicU64,
    pub duplicates: AtomicU64,
    pub failed: AtomicU64,
    last_error: Mutex<Option<String>>,
    samples: Mutex<VecDeque<(Timestamp, u64)>>,
}

impl Figures {
    pub fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }

    pub fn failed(&self, n: u64, error: String) {
        Self::add(&self.failed, n);
        *self.last_error.lock() = Some(error);
    }

    /// Called once a second.
    pub fn sample(&self, now: Timestamp) {
        let mut samples = self.samples.lock();
        samples.push_back((now, self.events.load(Ordering::Relaxed)));
        while samples.front().is_some_and(|(time, _)| now.since(*time) > WINDOW * crate::clock::SECOND) {
            samples.pop_front();
        }
    }

    pub fn per_second(&self) -> f64 {
        let samples = self.samples.lock();
        let (Some((from, before)), Some((to, after))) = (samples.front(), samples.back()) else { return 0.0 };
        let seconds = to.since(*from) as f64 / 1e9;
        if seconds < 0.5 { 0.0 } else { after.saturating_sub(*before) as f64 / seconds }
    }

    pub fn view(&self) -> console_api::IngestFigures {
        console_api::IngestFigures {
            events_per_second: (self.per_second() * 10.0).round() / 10.0,
            events: self.events.load(Ordering::Relaxed),
            alerts: self.alerts.load(Ordering::Relaxed),
            duplicates: self.duplicates.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            last_error: self.last_error.lock().clone(),
        }
    }
}
