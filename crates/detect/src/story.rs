//! What findings mean together. Behind all other engines of one host: an event and what they found in it in; what only
//! several events show out: what is not usual here, sequences of steps, and small signs that add up on whoever answers.

use crate::normal::{Normal, NormalConfig};
use crate::risk::Risk;
use crate::sequence::{SequenceSet, Sequences};
use crate::trees::Trees;
use event::{Event, Finding};
use std::borrow::Cow;
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
    /// What is learned of this host.
    pub normal: NormalConfig,
}

impl Default for StoryConfig {
    fn default() -> Self {
        StoryConfig {
            max_processes: 14_000,
            max_entities: 2_048,
            max_sequences: 65_536,
            max_sequence_bytes: 16 << 20,
            normal: NormalConfig::default(),
        }
    }
}

#[derive(Debug)]
pub struct Story {
    config: StoryConfig,
    trees: Trees,
    sequences: Sequences,
    risk: Risk,
    normal: Normal,
}

impl Story {
    pub fn new(config: StoryConfig, sequences: Arc<SequenceSet>) -> Story {
        Story {
            trees: Trees::new(config.max_processes),
            sequences: Sequences::new(sequences, config.max_sequences, config.max_sequence_bytes),
            risk: Risk::new(config.max_entities),
            normal: Normal::new(config.normal),
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
        let Story { trees, sequences, risk, normal, .. } = self;
        trees.learn(event, process);
        let mut told = normal.observe(event, process, || trees.of(event, process));
        let all = if told.is_empty() { Cow::Borrowed(findings) } else { Cow::Owned([findings, &told].concat()) };
        let steps = sequences.observe(event, process, &all, &mut || trees.entities(event, process));
        if !all.is_empty() || !steps.is_empty() {
            let all: Vec<Finding> = all.iter().chain(&steps).cloned().collect();
            told.extend(steps);
            told.extend(risk.weigh(event, process, &all, trees));
        }
        told
    }

    /// What is normal on this host, as it was learned.
    pub fn normal(&self) -> &Normal {
        &self.normal
    }

    /// What was learned before, or nothing, from now on.
    pub fn set_normal(&mut self, normal: Normal) {
        self.normal = normal;
    }

    /// Sequences under way, and those forgotten for room.
    pub fn sequences_under_way(&self) -> (usize, u64) {
        self.sequences.state()
    }
}
