//! Correlations: matches of single rules in, in roughly the order of their times; hits over several of them out.
//!
//! State is bounded hard. Each correlation has its share of [`limits::CORRELATION_BYTES`], so that who floods one rule
//! with keys evicts that rule's own groups and no other's; evictions are counted. A group tells once when its condition
//! becomes true and again only after it was false in between.
//!
//! Times are the log's own and may lie. Within a group samples are kept in order of time and counted in the window
//! around each arrival, so one far-off time neither empties nor fills a window; the clock that closes windows moves
//! far ahead only when a second record bears witness.
//!
//! [`limits::CORRELATION_BYTES`]: crate::limits::CORRELATION_BYTES

mod engine;
mod plan;
mod window;

pub use engine::{CorrelationHit, Correlator};
pub(crate) use plan::{Plan, Read, plan};

use event::Timestamp;

/// A match of a rule that correlations listen to.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Index of the rule in its set.
    pub(crate) rule: u32,
    /// The fields that correlations read, by number of the name.
    pub(crate) fields: Vec<(u16, Box<str>)>,
    /// When; None where the record has no time that can be read.
    pub time: Option<Timestamp>,
    /// Whatever the caller knows the record by.
    pub place: u64,
}

/// What the state holds and what it had to let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CorrelationState {
    pub groups: usize,
    pub bytes: usize,
    /// Groups let go for want of memory.
    pub evicted: u64,
    /// Samples let go since one group had too many.
    pub truncated: u64,
    /// Observations without a readable time: not counted in any window.
    pub untimed: u64,
    /// Observations that lack a field by which is grouped or counted.
    pub incomplete: u64,
    /// Times far ahead of all before.
    pub jumps: u64,
}
