//! Hosts in memory: what each last said, whether it is connected, how fast it sends. The control store keeps the same for
//! the next start; lists never wait for it.

use crate::clock::SECOND;
use event::{AgentId, HostFacts, Timestamp};
use parking_lot::RwLock;
use std::collections::{BTreeMap, VecDeque};
use store::HostRecord;

#[derive(Clone, Debug)]
pub struct Member {
    pub facts: HostFacts,
    pub connected: bool,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    pub revoked: bool,
    /// Events stored so far, at moments of the last ten seconds.
    samples: VecDeque<(Timestamp, u64)>,
    stored: u64,
}

#[derive(Default)]
pub struct Fleet {
    members: RwLock<BTreeMap<String, Member>>,
}

impl Fleet {
    pub fn load(&self, records: Vec<HostRecord>, revoked: &[AgentId]) {
        let mut members = self.members.write();
        for record in records {
            let is_revoked = revoked.contains(&record.facts.agent);
            let mut member = Member::new(record.facts, record.last_seen);
            (member.first_seen, member.revoked) = (record.first_seen, is_revoked);
            members.insert(member.facts.host.0.clone(), member);
        }
    }

    /// A host connected or said something new of itself.
    pub fn heard(&self, facts: HostFacts, now: Timestamp) {
        let mut members = self.members.write();
        let member = members.entry(facts.host.0.clone()).or_insert_with(|| Member::new(facts.clone(), now));
        if member.facts.agent != facts.agent {
            member.revoked = false;
        }
        (member.facts, member.connected, member.last_seen) = (facts, true, now);
    }

    /// The connection of this agent ended; its host, if it has not come back under another agent meanwhile.
    pub fn gone(&self, agent: &AgentId, now: Timestamp) -> Option<HostFacts> {
        let mut members = self.members.write();
        let member = members.values_mut().find(|member| member.facts.agent == *agent)?;
        (member.connected, member.last_seen) = (false, now);
        Some(member.facts.clone())
    }

    pub fn revoked(&self, agent: &AgentId) {
        let mut members = self.members.write();
        members.values_mut().filter(|m| m.facts.agent == *agent).for_each(|member| {
            (member.revoked, member.connected) = (true, false);
        });
    }

    /// Events of this agent were stored.
    pub fn stored(&self, agent: &AgentId, events: u64, now: Timestamp) {
        let mut members = self.members.write();
        if let Some(member) = members.values_mut().find(|member| member.facts.agent == *agent) {
            member.stored += events;
            member.last_seen = member.last_seen.max(now);
        }
    }

    /// Called once a second.
    pub fn sample(&self, now: Timestamp) {
        for member in self.members.write().values_mut() {
            member.samples.push_back((now, member.stored));
            while member.samples.front().is_some_and(|(time, _)| now.since(*time) > 10 * SECOND) {
                member.samples.pop_front();
            }
        }
    }

    pub fn get(&self, host: &str) -> Option<Member> {
        self.members.read().get(host).cloned()
    }

    pub fn by_agent(&self, agent: &AgentId) -> Option<Member> {
        self.members.read().values().find(|member| member.facts.agent == *agent).cloned()
    }

    /// By name.
    pub fn all(&self) -> Vec<Member> {
        let mut all: Vec<Member> = self.members.read().values().cloned().collect();
        all.sort_by(|a, b| (&a.facts.name, &a.facts.host).cmp(&(&b.facts.name, &b.facts.host)));
        all
    }

    pub fn connected(&self) -> u64 {
        self.members.read().values().filter(|member| member.connected).count() as u64
    }
}

impl Member {
    fn new(facts: HostFacts, now: Timestamp) -> Member {
        Member {
            facts,
            connected: false,
            first_seen: now,
            last_seen: now,
            revoked: false,
            samples: VecDeque::new(),
            stored: 0,
        }
    }

    pub fn events_per_second(&self) -> f64 {
        let (Some((from, before)), Some((to, after))) = (self.samples.front(), self.samples.back()) else { return 0.0 };
        let seconds = to.since(*from) as f64 / SECOND as f64;
        if seconds < 0.5 { 0.0 } else { ((after - before) as f64 / seconds * 10.0).round() / 10.0 }
    }

    pub fn lost_total(&self) -> u64 {
        self.facts.lost.values().sum()
    }
}
