//! The tables of what is usual: for each subject of a relation (a program, a user) what it does and how often. A fixed number
//! of subjects and of items: what was seen longest ago goes first, is counted, and its count goes into a sketch, so that what
//! was seen is never said to be new.

use super::hash::{ByHash, Seed};
pub use super::relation::Relation;
use super::sketch::CountMin;
pub(super) use super::subject::{DAY, HOURS, Odds, Presence, Subject, hour_of};
use event::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Item {
    pub key: u64,
    pub subject: u64,
    pub name: Box<str>,
    pub count: u32,
    pub first: Timestamp,
    pub last: Timestamp,
    /// A bit for each host (by its hash) that showed it.
    pub hosts: u64,
}

/// Who does what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deed<'a> {
    pub relation: Relation,
    pub subject: &'a str,
    pub item: &'a str,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    pub subjects: u64,
    pub items: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Habits {
    pub seed: Seed,
    pub subjects: Vec<(u64, Subject)>,
    pub items: Vec<Item>,
    pub sketch: CountMin,
    pub forgotten: Forgotten,
    pub halved: Timestamp,
    draw: u64,
    most_subjects: usize,
    most_items: usize,
    #[serde(skip)]
    subject_at: ByHash<u32>,
    #[serde(skip)]
    item_at: ByHash<u32>,
}

/// After so long all counts are halved: what is usual changes.
const HALVE: i64 = 28 * DAY;

impl Habits {
    pub fn new(seed: Seed, most_subjects: usize, most_items: usize) -> Habits {
        Habits {
            seed,
            subjects: Vec::new(),
            items: Vec::new(),
            sketch: CountMin::default(),
            forgotten: Forgotten::default(),
            halved: Timestamp(0),
            draw: seed.0[1] | 1,
            most_subjects: most_subjects.max(16),
            most_items: most_items.max(64),
            subject_at: ByHash::default(),
            item_at: ByHash::default(),
        }
    }

    /// After it was read back, with bounds of today; false when its parts do not belong together.
    pub fn index(&mut self, most_subjects: usize, most_items: usize) -> bool {
        (self.most_subjects, self.most_items) = (most_subjects.max(16), most_items.max(64));
        self.draw |= 1;
        self.subject_at = self.subjects.iter().enumerate().map(|(at, (key, _))| (*key, at as u32)).collect();
        self.item_at = self.items.iter().enumerate().map(|(at, item)| (item.key, at as u32)).collect();
        self.sketch.is_whole()
            && self.subjects.len() <= self.most_subjects
            && self.items.len() <= self.most_items
            && self.subject_at.len() == self.subjects.len()
            && self.item_at.len() == self.items.len()
            && self.subjects.iter().all(|(_, subject)| subject.hours.len() == HOURS)
    }

    pub fn subject_key(&self, relation: Relation, name: &str) -> u64 {
        self.seed.hash(&[relation.name(), name])
    }

    /// It was there, whatever it did.
    pub fn present(&mut self, relation: Relation, name: &str, at: Timestamp) -> Presence {
        let key = self.subject_key(relation, name);
        let subject = self.subject(key, relation, name, at);
        subject.touch(at);
        Presence { hours: subject.present_hours, days: subject.days.count_ones(), first: subject.first }
    }

    /// What was known of `subject` doing `item` until now; then it is known too. `host` is a bit of the one who showed it.
    /// `presence`: how long the subject has been there, where that is known apart from what it does.
    pub fn learn(&mut self, deed: Deed<'_>, at: Timestamp, host: u64, presence: Option<Presence>) -> Odds {
        let Deed { relation, subject: name, item } = deed;
        self.age(at);
        let subject_key = self.subject_key(relation, name);
        let item_key = self.seed.join(subject_key, self.seed.hash(&[item]));
        let seen = self.count(item_key, subject_key, item, at, host);
        let subject = self.subject(subject_key, relation, name, at);
        let hour = hour_of(at);
        let odds = subject.odds(seen, hour, at, presence);
        subject.touch(at);
        subject.total += 1;
        subject.hours[hour] = subject.hours[hour].saturating_add(1);
        match seen {
            0 => {
                subject.distinct += 1;
                subject.once += 1;
            }
            1 => subject.once = subject.once.saturating_sub(1),
            _ => {}
        }
        odds
    }

    /// Bits of the hosts besides `host` that showed the deed, and of all that showed anything of its subject.
    pub fn shown_by(&self, deed: Deed<'_>, host: u64) -> (u64, u64) {
        let subject = self.subject_key(deed.relation, deed.subject);
        let key = self.seed.join(subject, self.seed.hash(&[deed.item]));
        let of_item = self.item_at.get(&key).map_or(0, |place| self.items[*place as usize].hosts & !host);
        let of_subject =
            self.items.iter().filter(|item| item.subject == subject).fold(0, |bits, item| bits | item.hosts);
        (of_item, of_subject)
    }

    /// The count before, and one more.
    fn count(&mut self, key: u64, subject: u64, name: &str, at: Timestamp, host: u64) -> u32 {
        if let Some(place) = self.item_at.get(&key) {
            let item = &mut self.items[*place as usize];
            let seen = item.count;
            item.count = item.count.saturating_add(1);
            item.last = item.last.max(at);
            item.hosts |= host;
            return seen;
        }
        let seen = self.sketch.estimate(key);
        let item =
            Item { key, subject, name: name.into(), count: seen.saturating_add(1), first: at, last: at, hosts: host };
        if self.items.len() < self.most_items {
            self.item_at.insert(key, self.items.len() as u32);
            self.items.push(item);
        } else {
            let place = self.sample(self.items.len(), |all, at| (all.items[at].count > 1, all.items[at].last));
            let old = std::mem::replace(&mut self.items[place], item);
            self.item_at.remove(&old.key);
            self.item_at.insert(key, place as u32);
            // It stood there with what the sketch knew already.
            let known = self.sketch.estimate(old.key);
            self.sketch.add(old.key, old.count.saturating_sub(known));
            self.forgotten.items += 1;
        }
        seen
    }

    fn subject(&mut self, key: u64, relation: Relation, name: &str, at: Timestamp) -> &mut Subject {
        if let Some(place) = self.subject_at.get(&key) {
            return &mut self.subjects[*place as usize].1;
        }
        let fresh = Subject {
            relation,
            name: name.into(),
            total: 0,
            once: 0,
            distinct: 0,
            first: at,
            last: at,
            days: 0,
            present_hours: 0,
            hours: vec![0; HOURS],
        };
        let place = if self.subjects.len() < self.most_subjects {
            self.subjects.push((key, fresh));
            self.subjects.len() - 1
        } else {
            let place = self.sample(self.subjects.len(), |all, at| {
                let subject = &all.subjects[at].1;
                (subject.days.count_ones() > 2, subject.last)
            });
            let (old, _) = std::mem::replace(&mut self.subjects[place], (key, fresh));
            self.subject_at.remove(&old);
            self.forgotten.subjects += 1;
            place
        };
        self.subject_at.insert(key, place as u32);
        &mut self.subjects[place].1
    }

    /// Of eight places drawn, the one that is missed least.
    fn sample<K: Ord>(&mut self, length: usize, key: impl Fn(&Habits, usize) -> K) -> usize {
        let mut places = [0; 8];
        for place in &mut places {
            self.draw ^= self.draw << 13;
            self.draw ^= self.draw >> 7;
            self.draw ^= self.draw << 17;
            *place = (self.draw % length as u64) as usize;
        }
        places.into_iter().min_by_key(|place| key(self, *place)).unwrap_or(0)
    }

    fn age(&mut self, now: Timestamp) {
        if self.halved.0 == 0 {
            self.halved = now;
        }
        if now.since(self.halved) < HALVE {
            return;
        }
        self.halved = now;
        self.sketch.halve();
        for item in &mut self.items {
            item.count = item.count.div_ceil(2);
        }
        for (_, subject) in &mut self.subjects {
            subject.total = subject.total.div_ceil(2);
            subject.hours.iter_mut().for_each(|hour| *hour = hour.div_ceil(2));
        }
    }

    /// Bytes that it takes, about.
    pub fn bytes(&self) -> usize {
        let names: usize = self.items.iter().map(|item| item.name.len()).sum();
        let subjects: usize = self.subjects.iter().map(|(_, subject)| subject.name.len() + HOURS * 2).sum();
        names
            + subjects
            + self.items.len() * (size_of::<Item>() + 20)
            + self.subjects.len() * (size_of::<Subject>() + 28)
            + 4 * 4 * 8_192
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64, hour: i64) -> Timestamp {
        Timestamp(day * DAY + hour * 3_600_000_000_000)
    }

    fn learn(habits: &mut Habits, relation: Relation, subject: &str, item: &str, at: Timestamp) -> Odds {
        habits.learn(Deed { relation, subject, item }, at, 1, None)
    }

    #[test]
    fn counts_stand_behind_the_chance() {
        let mut habits = Habits::new(Seed([1, 2]), 100, 1_000);
        for day in 0..12 {
            for n in 0..1_000 {
                learn(
                    &mut habits,
                    Relation::Starts,
                    "/usr/sbin/nginx",
                    if n % 2 == 0 { "a" } else { "b" },
                    at(day, n % 24),
                );
            }
        }
        let odds = learn(&mut habits, Relation::Starts, "/usr/sbin/nginx", "/usr/bin/sh", at(12, 0));
        assert_eq!((odds.seen, odds.total, odds.days, odds.distinct), (0, 12_000, 12, 2));
        assert!(odds.chance < 1.0 / 10_000.0, "{odds:?}");
        let odds = learn(&mut habits, Relation::Starts, "/usr/sbin/nginx", "/usr/bin/sh", at(12, 0));
        assert_eq!(odds.seen, 1);
        // Who always does something new is not odd for it.
        for n in 0..1_000 {
            learn(&mut habits, Relation::Starts, "/usr/bin/bash", &n.to_string(), at(n / 100, 0));
        }
        let odds = learn(&mut habits, Relation::Starts, "/usr/bin/bash", "new", at(10, 0));
        assert!(odds.chance > 0.9, "{odds:?}");
    }

    #[test]
    fn a_service_that_never_starts_anything_is_known_by_its_presence() {
        let mut habits = Habits::new(Seed([1, 2]), 100, 1_000);
        for hour in 0..24 * 10 {
            habits.present(Relation::Starts, "/usr/sbin/named", at(0, hour));
            habits.present(Relation::Starts, "/usr/sbin/named", at(0, hour));
        }
        let odds = learn(&mut habits, Relation::Starts, "/usr/sbin/named", "/usr/bin/sh", at(10, 1));
        assert_eq!((odds.total, odds.present_hours), (0, 240));
        assert!(odds.chance < 0.01, "{odds:?}");
    }

    #[test]
    fn a_flood_is_bounded_and_forgets_no_count() {
        let mut habits = Habits::new(Seed([1, 2]), 64, 512);
        for _ in 0..5 {
            learn(&mut habits, Relation::Talks, "/usr/bin/curl", "old", at(0, 0));
        }
        for n in 0..20_000 {
            learn(&mut habits, Relation::Talks, &format!("/tmp/{}", n % 300), &n.to_string(), at(1, n % 24));
        }
        assert!(habits.subjects.len() <= 64 && habits.items.len() <= 512);
        assert!(habits.forgotten.items > 15_000 && habits.forgotten.subjects > 100, "{:?}", habits.forgotten);
        assert!(learn(&mut habits, Relation::Talks, "/usr/bin/curl", "old", at(2, 0)).seen >= 5);
        assert!(habits.index(64, 512));
    }
}
