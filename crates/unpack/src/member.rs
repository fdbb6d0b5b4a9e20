//! What a visitor is given for each member, and what it answers.

use crate::Kind;

/// One member, or one piece of a long one. Nothing in it outlives the call.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Counts up; all pieces of a member bear the same. Pieces of a compressed tar come between those of its members.
    pub id: u64,
    /// `outer!inner!innermost`, printable, whatever the names hold.
    pub path: &'a str,
    /// The member's own name as its container has it: any bytes.
    pub name: &'a [u8],
    /// What it lies in, outermost first: `[Gzip, Tar]`.
    pub containers: &'a [Kind],
    /// Bytes of what it lies in; None where that passes by, out of a decoder, and its end is not known yet.
    pub container_bytes: Option<u64>,
    /// By its first bytes.
    pub kind: Kind,
    /// Its number in its container, from 0.
    pub position: u64,
    /// Size that its container declares.
    pub declared_bytes: Option<u64>,
    /// Size that it takes in its container, compressed.
    pub stored_bytes: Option<u64>,
    pub crc32: Option<u32>,
    /// Then there are no bytes.
    pub encrypted: bool,
    pub piece: Piece,
    /// Where in the member `bytes` begins.
    pub offset: u64,
    pub bytes: &'a [u8],
    /// With the last piece: the member's last byte was given. False where it was cut or broke; the outcome says why.
    pub complete: bool,
}

impl Member<'_> {
    /// Containers around it; the members of the file itself have 1.
    pub fn depth(&self) -> usize {
        self.containers.len()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// All that there is (or could be read) of it.
    Only,
    /// `window_bytes` of a longer one; `Next` ones follow and one `Last`, which may be empty.
    First,
    Next,
    Last,
}

/// What now. The answer to the first piece decides for the member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on, and into it if it is a container.
    Open,
    /// Go on, not into it.
    Skip,
    /// End the walk: enough is known.
    Stop,
}
