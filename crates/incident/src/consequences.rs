//! What a response to an incident would touch, as far as the incident knows.

use crate::model::{EdgeKind, Incident, NodeKind, ProcessFacts, Sentence};
use crate::sentence::say;
use std::collections::BTreeSet;

impl Incident {
    /// The process and those it is known to have started, itself first. Ordinary ancestors have no part in it.
    pub fn descendants(&self, entity_id: &str) -> Vec<ProcessFacts> {
        let mut reached: BTreeSet<&str> = BTreeSet::from([entity_id]);
        let mut order = vec![entity_id];
        let mut next = 0;
        while let Some(from) = order.get(next).copied() {
            next += 1;
            let started = self.graph.edges.iter().filter(|edge| edge.kind == EdgeKind::Started && edge.from == from);
            for edge in started {
                if reached.insert(&edge.to) {
                    order.push(&edge.to);
                }
            }
        }
        let facts = |id: &&str| self.graph.nodes.iter().find(|node| node.id == **id)?.process.clone();
        order.iter().filter_map(facts).collect()
    }

    /// Processes of one host whose program is this file.
    pub fn running(&self, host: &str, path: &str) -> Vec<ProcessFacts> {
        let nodes = self.graph.nodes.iter().filter(|node| node.kind == NodeKind::Process && node.host == host);
        nodes.filter_map(|node| node.process.clone()).filter(|process| process.executable == path).collect()
    }
}

/// One sentence about a response: a key of `consequence.…`.
pub fn consequence(key: &str, host: &str, target: &str, count: usize) -> Sentence {
    say(key, [("host", host.to_owned()), ("target", target.to_owned()), ("count", count.to_string())], [])
}
