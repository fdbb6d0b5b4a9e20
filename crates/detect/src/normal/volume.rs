//! How much a program sends out in an hour, against the most it sent in an hour on the days before.

use super::hash::Seed;
use super::pool::Pool;
use event::Timestamp;
use serde::{Deserialize, Serialize};

const HOUR: i64 = 3_600_000_000_000;
const DAYS: usize = 14;
/// Less is never sudden.
const FEWEST: u64 = 64 << 20;
const TIMES: u64 = 8;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Sent {
    hour: i64,
    bytes: u64,
    /// The largest hour of each of the last days; the place is the day.
    days: [(i64, u64); DAYS],
    told: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sudden {
    pub bytes: u64,
    pub most_before: u64,
    pub days: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Volumes {
    pool: Pool<Sent>,
}

impl Volumes {
    pub fn new(most: usize) -> Volumes {
        Volumes { pool: Pool::new(most) }
    }

    pub fn index(&mut self, most: usize) -> bool {
        self.pool.index(most)
    }

    /// Some once an hour, when it is more than ever.
    pub fn send(&mut self, seed: Seed, program: &str, bytes: u64, at: Timestamp) -> Option<Sudden> {
        let sent = self.pool.entry(seed.hash(&["volume", program]), at, Sent::default);
        let (hour, day) = (at.0.div_euclid(HOUR), at.0.div_euclid(24 * HOUR));
        if hour != sent.hour {
            let (last_day, place) = (sent.hour.div_euclid(24), sent.hour.div_euclid(24).rem_euclid(DAYS as i64));
            let kept = &mut sent.days[place as usize];
            *kept = if kept.0 == last_day { (last_day, kept.1.max(sent.bytes)) } else { (last_day, sent.bytes) };
            (sent.hour, sent.bytes, sent.told) = (hour, 0, false);
        }
        sent.bytes = sent.bytes.saturating_add(bytes);
        if sent.told || sent.bytes < FEWEST {
            return None;
        }
        let known = || sent.days.iter().filter(|(then, bytes)| *bytes > 0 && (1..=DAYS as i64).contains(&(day - then)));
        let most = known().map(|(_, bytes)| *bytes).max().unwrap_or(0);
        let sudden = Sudden { bytes: sent.bytes, most_before: most, days: known().count() as u32 };
        if sent.bytes < most.saturating_mul(TIMES) {
            return None;
        }
        sent.told = true;
        Some(sudden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_ever() {
        let (mut volumes, seed) = (Volumes::new(16), Seed([1, 2]));
        let mut send = |program: &str, day: i64, hour: i64, mb: u64| {
            volumes.send(seed, program, mb << 20, Timestamp((day * 24 + hour) * HOUR))
        };
        for day in 1..8 {
            // The first time it sends as much as this nothing is known of it, and it is said so.
            let told = send("backup", day, 2, 900);
            assert_eq!(told.is_some(), day == 1, "{told:?}");
            assert_eq!(send("nginx", day, 10, 20), None);
        }
        assert_eq!(send("backup", 8, 2, 1_000), None);
        let sudden = send("nginx", 8, 3, 400).unwrap();
        assert_eq!((sudden.most_before, sudden.days), (20 << 20, 7));
        assert_eq!(send("nginx", 8, 3, 400), None, "once an hour");
    }
}
