//! How much one file may cost. Each limit that is met is an [`Unread`](crate::Unread), never silence.

use std::time::Instant;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Containers within containers.
    pub depth: usize,
    /// Members of one file, all levels together.
    pub members: u64,
    /// Bytes that come out beyond those that lie in the file, all members together.
    pub total_bytes: u64,
    /// Bytes of one member; what is longer is given cut. A compressed tar or the like is not one member here: it passes
    /// through, and its own members are held to this.
    pub member_bytes: u64,
    /// A member is given in one slice up to this size, and in pieces beyond; memory follows it.
    pub window_bytes: usize,
    /// Bytes out for one byte in, looked at once more than `ratio_from` bytes came out.
    pub ratio: u64,
    pub ratio_from: u64,
    /// What buffers and dictionaries may take at the same time.
    pub memory_bytes: u64,
    /// No work after this.
    pub deadline: Option<Instant>,
    /// Places listed as unread or odd; more are counted.
    pub listed: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 16,
            members: 100_000,
            total_bytes: 1 << 30,
            member_bytes: 256 << 20,
            window_bytes: 64 << 20,
            ratio: 1_000,
            ratio_from: 16 << 20,
            memory_bytes: 512 << 20,
            deadline: None,
            listed: 200,
        }
    }
}
