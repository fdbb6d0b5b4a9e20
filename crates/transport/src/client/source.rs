//! Where the client's records come from: the spool, or anything that numbers and keeps records as it does.

use bytes::Bytes;
use spool::Spool;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("spool: {0}")]
pub struct SourceError(pub String);

/// Numbers rise, with gaps; they start anew only with a new epoch.
pub trait Source: Send + 'static {
    fn epoch(&self) -> u64;
    /// The last number given out so far; 0 when there is none. Cheap: asked many times a second.
    fn latest(&self) -> u64;
    /// All up to and with this number need not be read again.
    fn acked(&self) -> u64;
    /// Records after `after` in the order of their numbers: about `max_bytes`, at least one when there is one.
    fn read_after(&self, after: u64, max_bytes: usize) -> Result<Vec<(u64, Bytes)>, SourceError>;
    /// The node has all up to and with this number, for good.
    fn ack(&self, last: u64) -> Result<(), SourceError>;
}

impl Source for Arc<Spool> {
    /// Folded: 64 random bits tell one host's spools apart well enough.
    fn epoch(&self) -> u64 {
        let epoch = Spool::epoch(self);
        (epoch >> 64) as u64 ^ epoch as u64
    }

    fn latest(&self) -> u64 {
        self.next_seq().saturating_sub(1)
    }

    fn acked(&self) -> u64 {
        Spool::acked(self)
    }

    fn read_after(&self, after: u64, max_bytes: usize) -> Result<Vec<(u64, Bytes)>, SourceError> {
        let records = self.read_from(after.saturating_add(1), max_bytes).map_err(|e| SourceError(e.to_string()))?;
        Ok(records.into_iter().map(|record| (record.seq, Bytes::from(record.payload))).collect())
    }

    fn ack(&self, last: u64) -> Result<(), SourceError> {
        Spool::ack(self, last).map_err(|e| SourceError(e.to_string()))
    }
}
