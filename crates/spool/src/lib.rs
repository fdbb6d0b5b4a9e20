//! A durable, bounded queue on disk between the agent's hot path and the node: what goes in are encoded records, each with
//! a [`Priority`]; what comes out are the same bytes in the order they went in, until they are acknowledged.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use spool::{Priority, Spool, SpoolConfig};
//! let spool = Spool::open("/var/lib/tamon/spool", SpoolConfig::default())?;
//! let seq = spool.append(Priority::High, b"an alert")?; // buffered
//! spool.sync()?; // after this neither kill -9 nor (with Fsync::Always) a power cut loses it
//! for record in spool.read_from(spool.acked() + 1, 1 << 20)? {
//!     // send (spool.epoch(), record.seq, record.payload)
//! }
//! spool.ack(seq)?; // the node has everything up to here
//! # Ok(()) }
//! ```
//!
//! - **Sequences** go up by at least one a record and never come back, not even when every file but the state is lost; a
//!   restart that was not clean skips some. A spool whose state is lost gets a new [`Spool::epoch`]; (epoch, sequence) is unique.
//! - **Durable**: [`Spool::sync`] returns when all that was appended before it has left the process (kill -9 is survived) and,
//!   as [`Fsync`] says, the page cache. Several threads that sync at once share one fsync.
//! - **Bounded**: at [`SpoolConfig::max_bytes`] whole segments go, oldest of the lowest priority first, never one that is more
//!   worth than what comes in. A full disk frees space the same way. Each lost record is counted in [`SpoolStats`].
//! - **Distrustful**: each record bears a checksum salted with the epoch; a damaged one is skipped and counted, the rest delivered.
//!
//! It does not know what the bytes mean, does not compress, and does not deliver: `wire` and `transport` do.

mod config;
mod ledger;
mod queue;
mod reader;
mod record;
mod segment;
mod state;
mod stats;
mod writer;

pub use config::{Fsync, Priority, SpoolConfig};
pub use queue::{AckError, AppendError, OpenError, ReadError, Record, Seq, Spool, SyncError};
pub use stats::{Counts, SpoolStats};
