//! A member's bytes off its reader: into memory up to a limit, or piece by piece to the visitor. What ends early is said.

use super::{Entry, Stop, Visit, Walk};
use crate::meter::{Cut, Lease};
use crate::outcome::Oddity;
use crate::source::read_full;
use crate::{Kind, Piece};
use std::io::{self, Read};

const STEP: usize = 256 << 10;

/// How reading into memory ended.
pub(super) enum End {
    Whole,
    /// There is more than was asked for.
    Full,
    Cut(Cut),
}

impl Walk<'_> {
    /// The rest of a long member, after its first piece.
    pub(super) fn pieces(
        &self,
        id: u64,
        entry: &Entry<'_>,
        kind: Kind,
        mut at: u64,
        reader: &mut dyn Read,
    ) -> Result<bool, Stop> {
        let mut buffer = vec![0; STEP];
        loop {
            let read = self.meter().tick().map_err(io::Error::from).and_then(|()| read_full(reader, &mut buffer));
            let (n, complete) = match read {
                Ok(n) => (n, n < buffer.len()),
                Err(error) => {
                    self.unread_error(&error);
                    self.visit(&Visit { offset: at, ..Visit::new(id, entry, kind, Piece::Last) }, b"")?;
                    return Ok(false);
                }
            };
            let piece = if complete { Piece::Last } else { Piece::Next };
            self.visit(&Visit { offset: at, complete, ..Visit::new(id, entry, kind, piece) }, &buffer[..n])?;
            at += n as u64;
            if complete {
                return Ok(true);
            }
        }
    }

    /// Appends up to `most` bytes in all, and one more if there is one, to see that there is.
    pub(super) fn fill(&self, reader: &mut dyn Read, bytes: &mut Vec<u8>, lease: &mut Lease<'_>, most: u64) -> End {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        loop {
            let from = bytes.len();
            let room = most.saturating_sub(from);
            let step = room.clamp(1, STEP);
            if bytes.capacity() - from < step {
                let ahead = step.max((from / 2).min(room));
                if let Err(cut) = lease.grow((from + ahead - bytes.capacity()) as u64) {
                    return End::Cut(cut);
                }
                bytes.reserve_exact(ahead);
            }
            bytes.resize(from + step, 0);
            let (filled, error) = self.fill_step(reader, &mut bytes[from..]);
            bytes.truncate(from + filled);
            match error {
                Some(error) => return End::Cut(self.meter().cut(&error)),
                None if filled < step => return End::Whole,
                None if room == 0 => return End::Full,
                None => {}
            }
        }
    }

    /// Decoders may give a few bytes a call; what came before an error counts.
    fn fill_step(&self, reader: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
        let mut filled = 0;
        while filled < buffer.len() {
            let read = self.meter().tick().map_err(io::Error::from).and_then(|()| reader.read(&mut buffer[filled..]));
            match read {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (filled, Some(error)),
            }
        }
        (filled, None)
    }

    pub(super) fn ended(&self, end: End, entry: &Entry<'_>, got: u64) -> bool {
        match end {
            End::Whole => {
                if let Some(declared) = entry.declared
                    && declared != got
                {
                    self.odd(Oddity::WrongSize, format!("{declared} bytes declared, {got} came out"));
                }
                true
            }
            End::Full => true,
            End::Cut(cut) => {
                self.unread(cut);
                false
            }
        }
    }
}
