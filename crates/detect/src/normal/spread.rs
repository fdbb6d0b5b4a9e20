//! How widely a program reaches in six hours: different hosts and ports inside the network, against its own most of the
//! days before. A scan that is slow enough for any rate is seen here by its breadth.

use super::hash::Seed;
use super::pool::Pool;
use super::sketch::Distinct;
use event::Timestamp;
use serde::{Deserialize, Serialize};

const WINDOW: i64 = 6 * 3_600_000_000_000;
/// Fewer places than this are no scan.
const FEWEST: u64 = 24;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Breadth {
    began: Timestamp,
    places: Distinct,
    hosts: Distinct,
    tried: u32,
    failed: u32,
    changed: u32,
    /// The most places of a window so far; it fades by an eighth a window.
    usual: f64,
    windows: u32,
    told: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wide {
    pub places: u64,
    pub hosts: u64,
    pub tried: u32,
    pub failed: u32,
    pub usual: u64,
    pub windows: u32,
    pub hours: f64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Spread {
    pool: Pool<Breadth>,
}

impl Spread {
    pub fn new(most: usize) -> Spread {
        Spread { pool: Pool::new(most) }
    }

    pub fn index(&mut self, most: usize) -> bool {
        self.pool.index(most) && self.pool.values().all(|one| one.places.is_whole() && one.hosts.is_whole())
    }

    /// Some once a window, when it reaches further than ever.
    pub fn reach(&mut self, seed: Seed, who: [&str; 2], to: (&str, u16), failed: bool, at: Timestamp) -> Option<Wide> {
        let key = seed.hash(&["spread", who[0], who[1]]);
        let breadth = self.pool.entry(key, at, || Breadth {
            began: at,
            places: Distinct::default(),
            hosts: Distinct::default(),
            tried: 0,
            failed: 0,
            changed: 0,
            usual: 0.0,
            windows: 0,
            told: false,
        });
        if !(0..WINDOW).contains(&at.since(breadth.began)) {
            breadth.close(at);
        }
        breadth.tried += 1;
        breadth.failed += u32::from(failed);
        let host = seed.hash(&[to.0]);
        breadth.hosts.add(host);
        breadth.places.add(seed.join(host, u64::from(to.1)));
        breadth.changed += 1;
        // Counting costs more than adding.
        if breadth.told || !breadth.changed.is_multiple_of(4) {
            return None;
        }
        let places = breadth.places.count();
        if places < FEWEST || (places as f64) < 3.0 * breadth.usual + 8.0 {
            return None;
        }
        breadth.told = true;
        Some(Wide {
            places,
            hosts: breadth.hosts.count(),
            tried: breadth.tried,
            failed: breadth.failed,
            usual: breadth.usual.round() as u64,
            windows: breadth.windows,
            hours: at.since(breadth.began) as f64 / 3.6e12,
        })
    }
}

impl Breadth {
    fn close(&mut self, at: Timestamp) {
        let places = self.places.count() as f64;
        self.usual = places.max(self.usual * 0.875);
        self.windows += 1;
        self.began = at;
        self.places.clear();
        self.hosts.clear();
        (self.tried, self.failed, self.changed, self.told) = (0, 0, 0, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_scan_is_seen_and_a_monitor_is_not() {
        let minute = |n: i64| Timestamp(n * 60_000_000_000);
        let mut spread = Spread::new(16);
        let mut told = Vec::new();
        for n in 0..300 {
            let host = format!("10.0.{}.{}", n / 250, n % 250);
            told.extend(spread.reach(Seed([1, 2]), ["ann", "/tmp/probe"], (&host, 22), true, minute(n)));
        }
        assert_eq!(told.len(), 1, "{told:?}");
        let wide = told[0];
        assert!(wide.hosts >= 20 && wide.failed == wide.tried && wide.usual == 0, "{wide:?}");
        // The same forty hosts, all day and every day: said in the first window, never again.
        let mut told = 0;
        for n in 0..20_000 {
            let host = format!("10.1.0.{}", n % 40);
            told += usize::from(
                spread.reach(Seed([1, 2]), ["prom", "/usr/bin/prometheus"], (&host, 9100), false, minute(n)).is_some(),
            );
        }
        assert_eq!(told, 1);
    }
}
