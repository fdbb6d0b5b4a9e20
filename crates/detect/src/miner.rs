//! Coin miners by many weak voices: what a process says on the wire, whom it asks for, what its command line holds, where
//! it lies, how it uses the processor. Few of them are enough alone: a port, a word, an odd place or a busy processor is
//! common. What was heard of a process is kept until it adds up; then one finding names every voice.

mod evidence;
mod load;
mod pools;
mod wire;
mod words;

pub use pools::{PoolError, Pools};

use crate::bounded::Bounded;
use crate::lineage::shown;
use crate::tell::{Rule, who};
use event::{Action, Engine, Event, EventKind, Finding, Process, ProcessKey, Severity, Tactic, Technique, Timestamp};
use evidence::Evidence;

pub(crate) const RULE: Rule = Rule {
    id: "miner.coin-miner",
    engine: Engine::Miner,
    name: "Coin miner",
    severity: Severity::High,
    techniques: &[Technique::sub(1496, 1)],
    tactics: &[Tactic::Impact],
    asks: Some(Action::Kill),
};

/// Voices must add up to this.
pub(crate) const ENOUGH: u32 = 6;
/// A process that goes on is told again, but not at each of its packets.
const AGAIN_NANOS: i64 = 600_000_000_000;

#[derive(Debug)]
pub(crate) struct Miners {
    heard: Bounded<ProcessKey, Heard>,
    pools: Pools,
}

#[derive(Debug, Default)]
struct Heard {
    evidence: Evidence,
    told: Option<Timestamp>,
}

impl Miners {
    pub fn new(capacity: usize, pools: Pools) -> Self {
        Miners { heard: Bounded::new(capacity), pools }
    }

    pub fn observe(&mut self, event: &Event, process: &Process) -> Option<Finding> {
        let mut fresh = Evidence::default();
        match &event.kind {
            EventKind::Flow(flow) => wire::of_flow(flow, &self.pools, process, &mut fresh),
            EventKind::Dns(query) => wire::of_name(&query.name, &self.pools, process, &mut fresh),
            EventKind::Network(network) => wire::of_connection(network, &mut fresh),
            EventKind::Load(load) => load::of_load(load, &mut fresh),
            EventKind::File(file) => load::of_device(file, &mut fresh),
            _ => return None,
        }
        if fresh.is_empty() {
            return None;
        }
        let heard = self.heard.entry(&process.key, Heard::default);
        heard.evidence.add(fresh);
        // The image may be another one than when the first voice was heard.
        let mut all = heard.evidence.clone();
        words::of_command_line(process, &mut all);
        words::of_place(process, &mut all);
        if all.score() < ENOUGH || !all.speaks_of_mining() {
            return None;
        }
        if heard.told.is_some_and(|at| (0..AGAIN_NANOS).contains(&event.time.since(at))) {
            return None;
        }
        heard.told = Some(event.time);
        Some(finding(process, &all))
    }
}

fn finding(process: &Process, all: &Evidence) -> Finding {
    let detail = format!(
        "{} mines coins ({} points, {ENOUGH} are enough): {}.",
        who(process),
        all.score(),
        all.reasons().collect::<Vec<_>>().join("; ")
    );
    let mut matched = vec![("process_command_line", process.command_line.to_string())];
    matched.extend(all.destination.as_ref().map(|to| ("destination", shown(to))));
    matched.extend(all.account.as_ref().map(|account| ("flow_account", account.to_string())));
    RULE.finding(detail, matched)
}
