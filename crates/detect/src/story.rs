//! What findings mean together. Behind all other engines of one host: an event and what they found in it in; what only
//! several events show out: sequences of steps, and small signs that add up on whoever answers for them.

use crate::risk::Risk;
use crate::sequence::{SequenceSet, Sequences};
use crate::trees::Trees;
use event::{Event, Finding};
use std::sync::Arc;

/// What it may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoryConfig {
    /// Processes whose tree is remembered.
    pub max_processes: usize,
    /// Trees, users, sessions and containers that hold points.
    pub max_entities: usize,
    /// Sequences under way, by entity; and the bytes that they may take together.
    pub max_sequences: usize,
    pub max_sequence_bytes: usize,
}

impl Default for StoryConfig {
    fn default() -> Self {
        StoryConfig { max_processes: 14_000, max_entities: 2_048, max_sequences: 65_536, max_sequence_bytes: 16 << 20 }
    }
}

#[derive(Debug)]
pub struct Story {
    config: StoryConfig,
    trees: Trees,
    sequences: Sequences,
    risk: Risk,
}

impl Story {
    pub fn new(config: StoryConfig, sequences: Arc<SequenceSet>) -> Story {
        Story {
            trees: Trees::new(config.max_processes),
            sequences: Sequences::new(sequences, config.max_sequences, config.max_sequence_bytes),
            risk: Risk::new(config.max_entities),
            config,
        }
    }

    /// Other sequences from now on; those under way are forgotten, points and trees are not.
    pub fn set_sequences(&mut self, sequences: Arc<SequenceSet>) {
        self.sequences = Sequences::new(sequences, self.config.max_sequences, self.config.max_sequence_bytes);
    }

    /// `findings` are those of all other engines in `event`.
    pub fn observe(&mut self, event: &Event, findings: &[Finding]) -> Vec<Finding> {
        let Some(process) = event.process.as_deref() else { return Vec::new() };
        let Story { trees, sequences, risk, .. } = self;
        trees.learn(event, process);
        let mut told = sequences.observe(event, process, findings, &mut || trees.entities(event, process));
        if !findings.is_empty() || !told.is_empty() {
            let mut all = findings.to_vec();
            all.extend(told.iter().cloned());
            told.extend(risk.weigh(event, process, &all, trees));
        }
        told
    }

    /// Sequences under way, and those forgotten for room.
    pub fn sequences_under_way(&self) -> (usize, u64) {
        self.sequences.state()
    }
}
