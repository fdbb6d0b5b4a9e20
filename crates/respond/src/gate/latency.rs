//! How long executions waited, in buckets that grow by a quarter of a power of two: enough for p50 and p99, no locks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const BUCKETS: usize = 160;

pub struct Latency {
    counts: [AtomicU64; BUCKETS],
}

impl Default for Latency {
    fn default() -> Self {
        Latency { counts: [const { AtomicU64::new(0) }; BUCKETS] }
    }
}

impl Latency {
    pub fn record(&self, waited: Duration) {
        let micros = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        self.counts[bucket(micros)].fetch_add(1, Ordering::Relaxed);
    }

    /// Upper bound in µs of the bucket that holds the quantile (0 to 1); 0 when nothing was recorded.
    pub fn quantile(&self, quantile: f64) -> u64 {
        let counts: Vec<u64> = self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        let total: u64 = counts.iter().sum();
        let rank = (total as f64 * quantile).ceil() as u64;
        let mut seen = 0;
        for (at, count) in counts.iter().enumerate() {
            seen += count;
            if seen >= rank && *count > 0 {
                return upper(at);
            }
        }
        0
    }
}

fn bucket(micros: u64) -> usize {
    if micros < 4 {
        return micros as usize;
    }
    let power = micros.ilog2() as usize;
    let quarter = (micros >> (power - 2)) as usize & 3;
    ((power - 1) * 4 + quarter).min(BUCKETS - 1)
}

fn upper(bucket: usize) -> u64 {
    if bucket < 4 {
        return bucket as u64;
    }
    let (power, quarter) = (bucket / 4 + 1, (bucket % 4) as u64);
    ((4 + quarter + 1) << (power - 2)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket() {
        for micros in (0..5_000).chain([1 << 20, (1 << 30) + 7]) {
            let at = bucket(micros);
            assert!(micros <= upper(at) && (at == 0 || micros > upper(at - 1)), "{micros} in {at}");
        }
    }

    #[test]
    fn quantiles() {
        let latency = Latency::default();
        assert_eq!(latency.quantile(0.5), 0);
        (1..=1000).for_each(|n| latency.record(Duration::from_micros(n)));
        assert_eq!((latency.quantile(0.5), latency.quantile(0.99)), (511, 1023));
    }
}
