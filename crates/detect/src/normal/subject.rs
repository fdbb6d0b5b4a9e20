//! Who does things here: how much, since when, at which hours; and how odd one more deed of theirs is.

use super::relation::Relation;
use event::Timestamp;
use serde::{Deserialize, Serialize};

pub(super) const DAY: i64 = 86_400_000_000_000;
const HOUR: i64 = 3_600_000_000_000;
/// Hours of a day, on working days and at the weekend (UTC).
pub(super) const HOURS: usize = 48;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Subject {
    pub relation: Relation,
    pub name: Box<str>,
    pub total: u64,
    /// Items seen once, and all that were ever new: by them one knows how often something new is usual.
    pub once: u32,
    pub distinct: u32,
    pub first: Timestamp,
    pub last: Timestamp,
    /// The last 64 days on which it was there; the lowest bit is the day of `last`.
    pub days: u64,
    /// Different hours in which it was there at all.
    pub present_hours: u32,
    pub hours: Vec<u16>,
}

/// How far an act is out of the ordinary, with the counts behind it. All are of the time before the act.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Odds {
    pub seen: u32,
    pub total: u64,
    pub distinct: u32,
    pub once: u32,
    pub days: u32,
    pub present_hours: u32,
    pub watched: i64,
    /// Of such an act: how often one is to be expected among those of this subject.
    pub chance: f64,
    /// How many acts were at this hour of the week's kind of day.
    pub hour_seen: u16,
}

/// How long somebody has been there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Presence {
    pub hours: u32,
    pub days: u32,
    pub first: Timestamp,
}

impl Subject {
    pub fn touch(&mut self, at: Timestamp) {
        let (day, last) = (at.0.div_euclid(DAY), self.last.0.div_euclid(DAY));
        if self.days == 0 || at.0.div_euclid(HOUR) > self.last.0.div_euclid(HOUR) {
            self.present_hours = self.present_hours.saturating_add(1);
        }
        match day - last {
            1..64 => self.days <<= day - last,
            64.. => self.days = 0,
            _ => {}
        }
        self.days |= 1;
        self.last = self.last.max(at);
    }

    pub fn odds(&self, seen: u32, hour: usize, now: Timestamp, presence: Option<Presence>) -> Odds {
        let total = self.total;
        let own = Presence { hours: self.present_hours, days: self.days.count_ones(), first: self.first };
        let known = presence.filter(|known| known.hours > own.hours).unwrap_or(own);
        // Nothing new is ever impossible: how often it was so far is how often it will be (Good and Turing).
        let new = (f64::from(self.once) + 1.0) / (total.max(u64::from(known.hours)) as f64 + 2.0);
        let chance = if seen == 0 { new } else { f64::from(seen) / (total as f64 + 1.0) };
        Odds {
            seen,
            total,
            distinct: self.distinct,
            once: self.once,
            days: known.days,
            present_hours: known.hours,
            watched: now.since(known.first).max(0),
            chance: chance.min(1.0),
            hour_seen: self.hours[hour],
        }
    }
}

/// 0 to 23 on working days, 24 to 47 at the weekend.
pub(super) fn hour_of(at: Timestamp) -> usize {
    let day = at.0.div_euclid(DAY);
    // The first of January 1970 was a Thursday.
    let weekend = matches!((day + 3).rem_euclid(7), 5 | 6);
    let hour = at.0.rem_euclid(DAY) / HOUR;
    hour as usize + if weekend { 24 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64, hour: i64) -> Timestamp {
        Timestamp(day * DAY + hour * HOUR)
    }

    #[test]
    fn the_kind_of_day() {
        assert_eq!(hour_of(at(0, 5)), 5);
        assert_eq!(hour_of(at(2, 5)), 29);
        assert_eq!(hour_of(at(3, 23)), 47);
        assert_eq!(hour_of(at(4, 0)), 0);
    }
}
