//! What was heard of one process: at most one voice of each sort, the loudest, with its reason in words.

use event::Endpoint;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sorts of voices, in the order in which a finding names them. Two of one sort are not two reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    /// A mining protocol on the wire.
    Spoken,
    /// A pool's name, asked of a name server, of TLS or of a proxy.
    Pool,
    /// What the command line holds.
    Words,
    /// Where it connects to, by number.
    Port,
    /// Where the program lies.
    Place,
    /// How long and how widely it computes.
    Shape,
    /// What it does to the machine so that it computes faster.
    Machine,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    voices: BTreeMap<Sort, (u32, String)>,
    pub destination: Option<Endpoint>,
    pub account: Option<Arc<str>>,
}

impl Evidence {
    pub fn hear(&mut self, sort: Sort, weight: u32, reason: impl FnOnce() -> String) {
        if weight > 0 && self.voices.get(&sort).is_none_or(|(known, _)| weight >= *known) {
            self.voices.insert(sort, (weight, reason()));
        }
    }

    pub fn add(&mut self, fresh: Evidence) {
        for (sort, (weight, reason)) in fresh.voices {
            self.hear(sort, weight, || reason);
        }
        self.destination = fresh.destination.or(self.destination);
        self.account = fresh.account.or(self.account.take());
    }

    pub fn is_empty(&self) -> bool {
        self.voices.is_empty()
    }

    pub fn weight(&self, sort: Sort) -> u32 {
        self.voices.get(&sort).map_or(0, |(weight, _)| *weight)
    }

    /// A weak word and a port together are no more than a port.
    pub fn score(&self) -> u32 {
        let hints = match (self.weight(Sort::Words), self.weight(Sort::Port)) {
            (words @ 0..=1, port) => (words + port).min(2),
            (words, port) => words + port,
        };
        let rest: u32 = [Sort::Spoken, Sort::Pool, Sort::Place, Sort::Shape, Sort::Machine]
            .into_iter()
            .map(|sort| self.weight(sort))
            .sum();
        hints + rest
    }

    /// Computing hard with every means of the machine is what science and rendering do too: something must speak of pools
    /// or wallets, or the program must lie where no package puts it.
    pub fn speaks_of_mining(&self) -> bool {
        self.weight(Sort::Spoken) > 0
            || self.weight(Sort::Pool) > 0
            || self.weight(Sort::Words) >= 2
            || (self.weight(Sort::Place) > 0 && self.weight(Sort::Port) >= 2)
    }

    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.voices.values().map(|(_, reason)| reason.as_str())
    }
}
