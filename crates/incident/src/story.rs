//! What is known of one attack, gathered alert by alert, from which the incident is told anew whenever somebody asks.

use crate::fact::{Fact, Reading};
use crate::keys::Key;
use crate::model::{Disposition, HostRef, Incident, IncidentStatus};
use crate::ordinary::Judgement;
use crate::time::Time;
use crate::{graph, impact, next_steps, path, strip, timeline};
use event::{Alert, ProcessSnapshot, Severity, Tactic, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Distinct facts kept; alerts beyond them are counted.
const FACTS: usize = 1_000;
/// Processes kept.
const PROCESSES: usize = 2_000;

/// A process of the story, and why it is thought ordinary or not.
#[derive(Clone, Debug)]
pub struct Known {
    pub snapshot: ProcessSnapshot,
    pub judgement: Judgement,
    pub parent: Option<String>,
    pub host: String,
}

#[derive(Default)]
pub struct Story {
    pub(crate) keys: BTreeSet<Key>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) processes: BTreeMap<String, Known>,
    pub(crate) hosts: BTreeSet<HostRef>,
    pub(crate) alerts: BTreeMap<String, u64>,
    pub(crate) stopped: BTreeMap<String, u64>,
    alert_ids: Vec<String>,
    alert_count: u64,
    related: BTreeSet<String>,
    first: Timestamp,
    last: Timestamp,
    updated: Timestamp,
    status: IncidentStatus,
    disposition: Option<Disposition>,
    status_reason: Option<String>,
}

impl Story {
    pub fn last(&self) -> Timestamp {
        self.last
    }

    pub fn is_joinable(&self) -> bool {
        self.status != IncidentStatus::Resolved
    }

    pub fn set_status(
        &mut self,
        status: IncidentStatus,
        disposition: Option<Disposition>,
        reason: Option<String>,
        now: Timestamp,
    ) {
        self.status = status;
        self.disposition = disposition;
        self.status_reason = reason;
        self.updated = now;
    }

    pub fn add(&mut self, alert: &Alert, reading: Reading, related: Vec<String>) {
        if self.alert_ids.contains(&alert.id.0) {
            return;
        }
        self.hosts.insert(HostRef { id: alert.host.0.clone(), name: alert.host_name.clone() });
        self.count(alert);
        self.learn(&reading);
        self.related.extend(related);
        self.note(reading.fact);
    }

    fn count(&mut self, alert: &Alert) {
        let first_alert = self.alert_count == 0;
        self.alert_count += 1;
        self.first = if first_alert { alert.time } else { self.first.min(alert.time) };
        self.last = if first_alert { alert.time } else { self.last.max(alert.time) };
        self.updated = self.updated.max(alert.time);
        *self.alerts.entry(alert.severity.name().into()).or_default() += 1;
        if alert.outcome.status == event::OutcomeStatus::Done && alert.outcome.action > event::Action::Alert {
            *self.stopped.entry(alert.outcome.action.name().into()).or_default() += 1;
        }
        if self.alert_ids.len() >= FACTS {
            self.alert_ids.remove(0);
        }
        self.alert_ids.push(alert.id.0.clone());
    }

    fn learn(&mut self, reading: &Reading) {
        for (index, (snapshot, judgement)) in reading.processes.iter().zip(&reading.judgements).enumerate() {
            let parent = reading.processes.get(index + 1).map(|p| p.entity_id.clone());
            let known = Known {
                snapshot: snapshot.clone(),
                judgement: judgement.clone(),
                parent,
                host: reading.fact.host.clone(),
            };
            let room = self.processes.len() < PROCESSES;
            match self.processes.get_mut(&snapshot.entity_id) {
                // What it was when it entered the story explains it better than what it became; the parent may come late.
                Some(old) if old.parent.is_some() || known.parent.is_none() => old.fill(&known.snapshot),
                Some(old) => *old = known,
                None if room => {
                    self.processes.insert(snapshot.entity_id.clone(), known);
                }
                None => {}
            }
        }
    }

    /// The same rule about the same process again is one fact with a count; without a process, about the same address.
    fn note(&mut self, fact: Fact) {
        let same = |old: &&mut Fact| {
            let whose = match fact.lineage.first() {
                None => (old.source, old.act) == (fact.source, fact.act) && old.lineage.is_empty(),
                process => old.lineage.first() == process,
            };
            old.rule == fact.rule && old.host == fact.host && whose
        };
        let room = self.facts.len() < FACTS;
        match self.facts.iter_mut().find(same) {
            Some(old) => {
                old.count += fact.count;
                old.last = old.last.max(fact.time);
                old.severity = old.severity.max(fact.severity);
                if fact.outcome == event::OutcomeStatus::Done {
                    (old.action, old.outcome) = (old.action.max(fact.action), fact.outcome);
                }
            }
            None if room => {
                let at = self.facts.partition_point(|old| old.time <= fact.time);
                self.facts.insert(at, fact);
            }
            None => {}
        }
    }

    pub fn severity(&self) -> Severity {
        self.facts.iter().map(|fact| fact.severity).max().unwrap_or_default()
    }

    /// The gravest fact; the later of equals, since an attack grows towards its aim.
    pub fn gravest(&self) -> Option<&Fact> {
        self.facts.iter().max_by_key(|fact| (fact.severity, fact.act.weight(), fact.time))
    }

    /// The gravest of those that a process is known of.
    pub fn gravest_traced(&self) -> Option<&Fact> {
        let traced = self.facts.iter().filter(|fact| !fact.lineage.is_empty());
        traced.max_by_key(|fact| (fact.severity, fact.act.weight(), fact.time))
    }

    /// The fact with which it began.
    pub fn earliest(&self) -> Option<&Fact> {
        self.facts.first()
    }

    pub fn tactics(&self) -> Vec<Tactic> {
        let set: BTreeSet<Tactic> = self.facts.iter().flat_map(|fact| fact.tactics.iter().copied()).collect();
        set.into_iter().collect()
    }

    fn techniques(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for technique in self.facts.iter().flat_map(|fact| &fact.techniques) {
            let id = technique.to_string();
            if !out.contains(&id) {
                out.push(id);
            }
        }
        out
    }

    pub fn tell(&self, id: &str) -> Incident {
        let path = path::root_cause(self);
        Incident {
            id: id.to_owned(),
            title: strip::title(self),
            severity: self.severity(),
            status: self.status,
            disposition: self.disposition,
            status_reason: self.status_reason.clone(),
            hosts: self.hosts.iter().cloned().collect(),
            techniques: self.techniques(),
            tactics: self.tactics(),
            alert_count: self.alert_count,
            alert_ids: self.alert_ids.clone(),
            related: self.related.iter().cloned().collect(),
            first: Time(self.first),
            last: Time(self.last),
            updated: Time(self.updated),
            who: strip::who(self),
            what: strip::what(self),
            when: strip::when(self, self.first, self.last),
            place: strip::place(self),
            how: strip::how(self),
            impact: impact::sentences(self),
            graph: graph::draw(self, &path),
            root_cause: path,
            timeline: timeline::entries(self),
            sentences: timeline::story(self),
            next_steps: next_steps::propose(self),
        }
    }
}

impl Known {
    /// What was not known at first: digests and packages come late. A later image of the same process does not replace the
    /// one that entered the story, for the judgement speaks of that one.
    fn fill(&mut self, newer: &ProcessSnapshot) {
        let snapshot = &mut self.snapshot;
        if snapshot.executable == newer.executable {
            snapshot.sha256 = snapshot.sha256.take().or_else(|| newer.sha256.clone());
            snapshot.package = snapshot.package.take().or_else(|| newer.package.clone());
        }
    }
}
