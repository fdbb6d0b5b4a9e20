//! Alerts in, one at a time; out goes which incident each belongs to. Bounded: the quietest incident is let go when there
//! are too many, and an incident's keys and facts have caps. Nothing here is lost with the process: the same alerts, fed
//! again with [`Correlator::replay`], make the same state.

use crate::fact::{self, Reading};
use crate::keys::{Join, Key, published, wanted};
use crate::model::{Disposition, Incident, IncidentStatus};
use crate::story::Story;
use event::{Alert, IncidentId, Timestamp};
use std::collections::{BTreeMap, HashMap};

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Incidents that new alerts can still join.
    pub incidents: usize,
    /// Keys by which an incident can be joined.
    pub keys: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { incidents: 2_000, keys: 4_096 }
    }
}

/// Where an alert ended up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    pub incident: IncidentId,
    pub join: Join,
    /// Incidents that the alert also pointed at.
    pub related: Vec<IncidentId>,
}

pub struct Correlator {
    limits: Limits,
    next: u64,
    stories: BTreeMap<u64, Story>,
    /// Which incidents hold a key, the oldest first.
    index: HashMap<Key, Vec<u64>>,
}

impl Correlator {
    /// `next` is the number of the next incident: one more than the highest ever given.
    pub fn new(limits: Limits, next: u64) -> Correlator {
        Correlator { limits, next: next.max(1), stories: BTreeMap::new(), index: HashMap::new() }
    }

    pub fn observe(&mut self, alert: &Alert) -> Joined {
        let reading = fact::read(alert);
        let matches = self.matches(&reading);
        let (number, join) = match matches.first() {
            Some((join, number)) => (*number, *join),
            None => (self.open(), Join::New),
        };
        let related: Vec<IncidentId> = matches.iter().skip(1).map(|(_, n)| incident_id(*n)).collect();
        self.add(number, alert, reading, related.iter().map(|id| id.0.clone()).collect());
        Joined { incident: incident_id(number), join, related }
    }

    /// Feeds a stored alert back to the incident it was given to before.
    pub fn replay(&mut self, incident: &IncidentId, alert: &Alert) {
        let Some(number) = number(incident) else { return };
        self.next = self.next.max(number + 1);
        self.stories.entry(number).or_default();
        self.add(number, alert, fact::read(alert), Vec::new());
        self.make_room(number);
    }

    /// The incident as it stands; None when it was let go or never was.
    pub fn incident(&self, id: &IncidentId) -> Option<Incident> {
        let story = self.stories.get(&number(id)?)?;
        Some(story.tell(id.as_str()))
    }

    /// What a person decided. A resolved incident takes no more alerts: what comes later is a new one.
    pub fn set_status(
        &mut self,
        id: &IncidentId,
        status: IncidentStatus,
        disposition: Option<Disposition>,
        reason: Option<String>,
        now: Timestamp,
    ) {
        let Some(number) = number(id) else { return };
        let Some(story) = self.stories.get_mut(&number) else { return };
        story.set_status(status, disposition, reason, now);
        if status == IncidentStatus::Resolved {
            self.unindex(number);
        } else {
            self.reindex(number);
        }
    }

    /// Forgets an incident; it can no longer be told or joined.
    pub fn drop_incident(&mut self, id: &IncidentId) {
        if let Some(number) = number(id) {
            self.unindex(number);
            self.stories.remove(&number);
        }
    }

    pub fn len(&self) -> usize {
        self.stories.len()
    }

    pub fn is_empty(&self) -> bool {
        self.stories.is_empty()
    }

    /// Incidents that share a live key, the strongest tie first, the oldest among equals.
    fn matches(&self, reading: &Reading) -> Vec<(Join, u64)> {
        let mut best: BTreeMap<u64, Join> = BTreeMap::new();
        for key in wanted(reading) {
            for number in self.index.get(&key).into_iter().flatten() {
                let Some(story) = self.stories.get(number) else { continue };
                if reading.fact.time.since(story.last()).saturating_abs() <= key.window() {
                    let join = best.entry(*number).or_insert(key.join());
                    *join = (*join).min(key.join());
                }
            }
        }
        let mut out: Vec<(Join, u64)> = best.into_iter().map(|(number, join)| (join, number)).collect();
        out.sort();
        out
    }

    fn open(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        self.stories.insert(number, Story::default());
        self.make_room(number);
        number
    }

    fn make_room(&mut self, keep: u64) {
        while self.stories.len() > self.limits.incidents {
            let quietest = self.stories.iter().filter(|(n, _)| **n != keep).min_by_key(|(_, story)| story.last());
            let Some((number, _)) = quietest else { return };
            let number = *number;
            self.unindex(number);
            self.stories.remove(&number);
        }
    }

    fn add(&mut self, number: u64, alert: &Alert, reading: Reading, related: Vec<String>) {
        let keys = published(&reading);
        let Some(story) = self.stories.get_mut(&number) else { return };
        let joinable = story.is_joinable();
        story.add(alert, reading, related);
        for key in keys {
            if story.keys.len() < self.limits.keys && story.keys.insert(key.clone()) && joinable {
                self.index.entry(key).or_default().push(number);
            }
        }
    }

    fn unindex(&mut self, number: u64) {
        let Some(story) = self.stories.get(&number) else { return };
        for key in &story.keys {
            if let Some(holders) = self.index.get_mut(key) {
                holders.retain(|n| *n != number);
                if holders.is_empty() {
                    self.index.remove(key);
                }
            }
        }
    }

    fn reindex(&mut self, number: u64) {
        self.unindex(number);
        let Some(story) = self.stories.get(&number) else { return };
        for key in &story.keys {
            self.index.entry(key.clone()).or_default().push(number);
        }
    }
}

fn incident_id(number: u64) -> IncidentId {
    IncidentId(format!("INC-{number}"))
}

/// The number in an incident's id.
pub fn number(id: &IncidentId) -> Option<u64> {
    id.as_str().strip_prefix("INC-")?.parse().ok()
}
