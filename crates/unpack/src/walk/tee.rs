//! A long stream that is itself a member: its pieces go to the visitor while its own members are read out of it.

use super::{Entry, Shared, Stop, Walk, Walked};
use crate::{Flow, Kind, Member, Piece};
use std::io::{self, Read};

/// Gives a long stream's pieces to the visitor while its members are read out of it.
pub(super) struct Tee<'t, 'w> {
    ahead: &'t [u8],
    reader: &'t mut dyn Read,
    walk: &'w Shared<'w>,
    at: u64,
    visit: TeeVisit,
}

pub(super) struct TeeVisit {
    id: u64,
    path: String,
    name: Vec<u8>,
    containers: Vec<Kind>,
    container_bytes: Option<u64>,
    kind: Kind,
}

impl TeeVisit {
    pub fn new(walk: &Walk<'_>, id: u64, entry: &Entry<'_>, kind: Kind) -> Self {
        let name = entry.name.to_vec();
        TeeVisit {
            id,
            path: walk.path.clone(),
            name,
            containers: walk.containers.clone(),
            container_bytes: walk.sizes.last().copied().flatten(),
            kind,
        }
    }
}

impl<'t, 'w> Tee<'t, 'w> {
    /// `ahead`: what was read of it already, and given.
    pub fn new(ahead: &'t [u8], reader: &'t mut dyn Read, walk: &'w Shared<'w>, visit: TeeVisit) -> Self {
        Tee { ahead, reader, walk, at: ahead.len() as u64, visit }
    }

    fn give(&self, piece: Piece, bytes: &[u8], complete: bool) -> Walked {
        let member = Member {
            id: self.visit.id,
            path: &self.visit.path,
            name: &self.visit.name,
            containers: &self.visit.containers,
            container_bytes: self.visit.container_bytes,
            kind: self.visit.kind,
            position: 0,
            declared_bytes: None,
            stored_bytes: None,
            crc32: None,
            encrypted: false,
            piece,
            offset: self.at,
            bytes,
            complete,
        };
        if (self.walk.visitor.borrow_mut())(&member) == Flow::Stop {
            self.walk.outcome.borrow_mut().stopped = true;
            return Err(Stop);
        }
        Ok(())
    }

    pub fn last(&self, complete: bool) -> Walked {
        self.give(Piece::Last, b"", complete)
    }
}

impl Read for Tee<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.ahead.is_empty() {
            let n = buffer.len().min(self.ahead.len());
            buffer[..n].copy_from_slice(&self.ahead[..n]);
            self.ahead = &self.ahead[n..];
            return Ok(n);
        }
        let n = self.reader.read(buffer)?;
        if n > 0 {
            self.give(Piece::Next, &buffer[..n], false).map_err(|_| io::Error::other("stopped"))?;
            self.at += n as u64;
        }
        Ok(n)
    }
}
