//! LZSS as Okumura wrote it: a byte of eight flags, lowest first, each for a literal or a match of two bytes that say a
//! place in a ring of 4,096 bytes and a length. Formats differ in what the ring holds first and in how the two are packed.

use std::io;

const RING: usize = 4096;

/// How one format has it.
pub(crate) struct Lzss<'r> {
    /// What stands in the ring from its beginning; the rest is `filler`.
    pub ring: &'r [u8],
    pub filler: u8,
    /// Where the first byte goes.
    pub at: usize,
    /// The flag of a literal; the other is a match's.
    pub literal: u8,
    /// Two bytes to place and length.
    pub pair: fn(u8, u8) -> (usize, usize),
}

/// Appends to `out` until it holds `size` bytes.
pub(crate) fn lzss(data: &[u8], size: usize, form: &Lzss<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    let mut window = [form.filler; RING];
    window[..form.ring.len()].copy_from_slice(form.ring);
    let mut at = form.at;
    let mut bytes = data.iter().copied();
    let mut next = || bytes.next().ok_or(io::Error::from(io::ErrorKind::UnexpectedEof));
    while out.len() < size {
        let flags = next()?;
        for bit in 0..8 {
            let (mut from, mut len, mut literal) = (0, 1, None);
            if out.len() == size {
                break;
            }
            if flags >> bit & 1 == form.literal {
                literal = Some(next()?);
            } else {
                (from, len) = (form.pair)(next()?, next()?);
            }
            for _ in 0..len.min(size - out.len()) {
                let byte = literal.unwrap_or(window[from % RING]);
                out.push(byte);
                window[at % RING] = byte;
                (at, from) = (at + 1, from + 1);
            }
        }
    }
    Ok(())
}
