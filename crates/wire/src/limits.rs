//! What one message may hold at most. Encoders stay below, decoders refuse above; each is far over what a host makes.

/// One text of an event or an alert, in bytes; the encoder cuts longer ones and says so in the label `wire_clipped`.
pub const MAX_TEXT: usize = 32 * 1024;
/// One encoded event.
pub const MAX_EVENT: usize = 256 * 1024;
/// Facts of an event outside the typed columns.
pub const MAX_LABELS: usize = 256;
pub const MAX_LABEL_NAME: usize = 256;
/// One encoded record.
pub const MAX_RECORD: usize = 1024 * 1024;
pub const MAX_FINDINGS: usize = 256;
pub const MAX_LINEAGE: usize = 256;
pub const MAX_BATCH_RECORDS: usize = 16 * 1024;
/// The records of one batch before compression.
pub const MAX_BATCH_RAW: usize = 8 * 1024 * 1024;
/// One message on the stream, compressed.
pub const MAX_MESSAGE: usize = MAX_BATCH_RAW + 64 * 1024;
/// A policy pushed to an agent.
pub const MAX_POLICY: usize = 1024 * 1024;
/// JSON that stands in a command.
pub const MAX_ASKED: usize = 2 * 1024 * 1024;
/// The JSON of one command's result.
pub const MAX_RESULT: usize = 4 * 1024 * 1024;
/// Addresses, missing protections and kinds of loss, each.
pub const MAX_HOST_ITEMS: usize = 1024;
