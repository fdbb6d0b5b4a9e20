//! What the agent shows of its link to the node.

use event::Timestamp;
use wire::RefusalCode;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkState {
    #[default]
    Connecting,
    Connected,
    /// Until the next attempt.
    Waiting,
    Stopped,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkStatus {
    pub state: LinkState,
    /// Of the session that is, or was last.
    pub since: Option<Timestamp>,
    /// Why the last attempt or session ended; None while all is well.
    pub error: Option<String>,
    /// When it was the node that ended it.
    pub refused: Option<RefusalCode>,
    /// Sessions that got their Welcome.
    pub sessions: u64,
    /// Attempts that did not, and sessions that broke.
    pub failures: u64,
    pub sent_records: u64,
    pub sent_batches: u64,
    /// Compressed, without TLS.
    pub sent_bytes: u64,
    /// The last number that the node has for good.
    pub acked: u64,
    pub commands: u64,
    /// A node of this version is at the other end.
    pub node_version: String,
}
