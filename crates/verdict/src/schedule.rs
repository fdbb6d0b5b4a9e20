//! When the whole of some trees is scanned again, without anyone asking.

use event::Timestamp;
use serde::{Deserialize, Serialize};

const HOUR: i64 = 3_600_000_000_000;
const DAY: i64 = 24 * HOUR;

/// `[scan.schedule]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// Hours between two starts; 0 is never.
    pub every_hours: u32,
    /// `HH:MM` in UTC: starts stand on this and on whole intervals after it.
    pub at: String,
    pub paths: Vec<String>,
    /// With the idle priority of disk and processor.
    pub idle: bool,
}

impl Default for Schedule {
    fn default() -> Self {
        Schedule { every_hours: 0, at: "02:30".into(), paths: vec!["/".into()], idle: true }
    }
}

impl Schedule {
    /// Minutes after midnight; None when `at` is no time of day.
    pub fn minute(&self) -> Option<i64> {
        let (hours, minutes) = self.at.split_once(':')?;
        let two = |text: &str, below: i64| {
            let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|n| digits && (0..below).contains(n))
        };
        Some(two(hours, 24)? * 60 + two(minutes, 60)?)
    }

    /// The last start that was due at `now`; None when none ever is. A run is due while the last one began before it.
    pub fn due(&self, now: Timestamp) -> Option<Timestamp> {
        let every = i64::from(self.every_hours) * HOUR;
        let offset = self.minute()? * 60_000_000_000;
        if every == 0 {
            return None;
        }
        // Counted from a fixed day, so that a restart of the agent moves nothing.
        let since = now.0 - offset.rem_euclid(DAY);
        Some(Timestamp(now.0 - since.rem_euclid(every)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_start_that_was_due() {
        let check = |every_hours, at: &str, now: &str, expected: Option<&str>| {
            let schedule = Schedule { every_hours, at: at.into(), ..Schedule::default() };
            let now: Timestamp = now.parse().unwrap();
            assert_eq!(schedule.due(now), expected.map(|t| t.parse().unwrap()), "every {every_hours} at {at}, {now:?}");
        };
        check(0, "02:30", "2026-11-25T12:00:00Z", None);
        check(24, "02:30", "2026-11-25T12:00:00Z", Some("2026-11-25T02:30:00Z"));
        check(24, "02:30", "2026-11-25T02:29:59Z", Some("2026-11-24T02:30:00Z"));
        check(24, "02:30", "2026-11-25T02:30:00Z", Some("2026-11-25T02:30:00Z"));
        check(6, "00:15", "2026-11-25T12:00:00Z", Some("2026-11-25T06:15:00Z"));
        check(24, "2:30", "2026-11-25T12:00:00Z", None);
        check(24, "24:00", "2026-11-25T12:00:00Z", None);
    }
}
