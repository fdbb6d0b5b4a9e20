//! What became of everything that was received.

use parking_lot::Mutex;
use std::collections::BTreeMap;

/// Kinds of refusal told apart.
const MAX_REASONS: usize = 64;

/// Since the node started. `received` = `stored` + `duplicates` + `alerts` + `hosts` + the sum of `refused`, but for what is
/// under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    pub batches: u64,
    /// Records of batches that were acknowledged.
    pub received: u64,
    /// Events.
    pub stored: u64,
    /// Events and alerts that were stored before.
    pub duplicates: u64,
    pub alerts: u64,
    /// Host facts that came as records.
    pub hosts: u64,
    /// Records that were passed over, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Batches refused since something before them was missing.
    pub out_of_order: u64,
    /// Batches not stored since the store could not; the agents send them again.
    pub unavailable: u64,
    /// Events and alerts with the label `clock_skew_seconds`.
    pub skewed: u64,
}

impl Stats {
    pub fn refused_total(&self) -> u64 {
        self.refused.values().sum()
    }

    pub(crate) fn refuse(&mut self, reason: &str) {
        let known = self.refused.contains_key(reason) || self.refused.len() < MAX_REASONS;
        *self.refused.entry(if known { reason } else { "other" }.to_owned()).or_default() += 1;
    }

    /// Adds what one batch came to.
    pub(crate) fn add(&mut self, batch: Stats) {
        self.batches += batch.batches;
        self.received += batch.received;
        self.stored += batch.stored;
        self.duplicates += batch.duplicates;
        self.alerts += batch.alerts;
        self.hosts += batch.hosts;
        self.skewed += batch.skewed;
        for (reason, count) in batch.refused {
            *self.refused.entry(reason).or_default() += count;
        }
    }
}

#[derive(Default)]
pub(crate) struct Counters(Mutex<Stats>);

impl Counters {
    pub fn read(&self) -> Stats {
        self.0.lock().clone()
    }
    pub fn change(&self, change: impl FnOnce(&mut Stats)) {
        change(&mut self.0.lock());
    }
}
