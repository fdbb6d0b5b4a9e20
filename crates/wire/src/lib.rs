//! Versioned protobuf between agent and node: package `tamon.v1`, whose `.proto` files stand in `proto/`.
//!
//! ```
//! # use event::{BootId, Column, Row};
//! # use wire::{Batch, RecordBody, RecordEncoder, Record};
//! // The agent: from a live Event or a Row to the bytes that the spool keeps.
//! let mut encoder = RecordEncoder::new(BootId(7));
//! let mut row = Row::default();
//! row.set_text(Column::ProcessName, "sh");
//! let record = encoder.event(&row).to_vec();
//!
//! // The transport: spooled records to one compressed message and back.
//! let batch = Batch { epoch: 1, after: 0, records: vec![(1, record.into())] };
//! let batch = Batch::unpack(batch.pack()?)?;
//!
//! // The node: bytes to the vocabulary.
//! let record = Record::decode(&batch.records[0].1)?;
//! assert_eq!(record.body, RecordBody::Event(row));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`encode_event`], [`decode_row`]: events by column, straight from [`event::Fields`], without a Row between.
//! - [`RecordEncoder`], [`Record`]: what one place in the spool holds. [`Batch`]: many of them under way.
//! - [`ClientMessage`], [`ServerMessage`], [`Command`], [`CommandResult`]: the stream's messages as types of ours.
//! - [`v1`]: the generated messages, which only `transport` should need.
//!
//! Every decoder takes hostile bytes: bounded memory ([`limits`]), an error that names the fault, never a panic. Unknown
//! fields are passed over and unknown enumeration values take the nearest safe meaning and say so, since agent and node are
//! never upgraded in one moment. No I/O, no clock, no connection: `transport` has those.

mod alert;
mod batch;
mod command;
mod event_decode;
mod event_encode;
mod host;
pub mod limits;
mod message;
mod record;
mod skew;
#[rustfmt::skip]
#[allow(clippy::all)]
pub mod v1;

pub use batch::{Batch, PackError, UnpackError};
pub use command::{Collect, Command, CommandBody, CommandError, CommandResult, CommandStatus, Look};
pub use event_decode::{EventError, decode_row};
pub use event_encode::encode_event;
pub use message::{ClientMessage, Hello, MessageError, Refusal, RefusalCode, ServerMessage, Welcome};
pub use record::{Record, RecordBody, RecordEncoder, RecordError};

/// What this build speaks. A node takes agents of the same number; fields may be added without a new one.
pub const PROTOCOL: u32 = 1;
