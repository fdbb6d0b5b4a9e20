//! Content at rest: XChaCha20-Poly1305 over pieces of 64 KiB, each with its number and whether it is the last in its
//! nonce (the STREAM construction), so that pieces cannot be cut off, swapped or taken from another item unnoticed.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::io::{self, Read, Write};

const PIECE: usize = 64 << 10;
const TAG: usize = 16;
pub const NONCE_PREFIX: usize = 19;

pub struct Key(XChaCha20Poly1305);

impl Key {
    pub fn new(key: &[u8; 32]) -> Self {
        Key(XChaCha20Poly1305::new(key.into()))
    }

    /// `id` is bound to every piece. Returns the plain bytes read.
    pub fn seal(
        &self,
        prefix: &[u8; NONCE_PREFIX],
        id: &str,
        from: &mut dyn Read,
        into: &mut dyn Write,
    ) -> io::Result<u64> {
        let mut total = 0;
        let mut piece = fill(from, PIECE)?;
        for number in 0u32.. {
            let next = if piece.len() == PIECE { fill(from, PIECE)? } else { Vec::new() };
            let nonce = nonce(prefix, number, next.is_empty());
            let sealed = self.0.encrypt(&nonce, Payload { msg: &piece, aad: id.as_bytes() });
            into.write_all(&sealed.map_err(|_| io::Error::other("sealing failed"))?)?;
            total += piece.len() as u64;
            if next.is_empty() {
                return Ok(total);
            }
            piece = next;
        }
        Err(io::Error::other("the file is too long to seal"))
    }

    /// Nothing is written of a piece that is not whole and ours.
    pub fn open(
        &self,
        prefix: &[u8; NONCE_PREFIX],
        id: &str,
        from: &mut dyn Read,
        into: &mut dyn Write,
    ) -> io::Result<u64> {
        let mut total = 0;
        let mut piece = fill(from, PIECE + TAG)?;
        for number in 0u32.. {
            let next = if piece.len() == PIECE + TAG { fill(from, PIECE + TAG)? } else { Vec::new() };
            let nonce = nonce(prefix, number, next.is_empty());
            let plain = self.0.decrypt(&nonce, Payload { msg: &piece, aad: id.as_bytes() });
            let plain =
                plain.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the sealed content was altered"))?;
            into.write_all(&plain)?;
            total += plain.len() as u64;
            if next.is_empty() {
                return Ok(total);
            }
            piece = next;
        }
        Err(io::Error::other("the sealed content is too long"))
    }
}

fn nonce(prefix: &[u8; NONCE_PREFIX], number: u32, last: bool) -> XNonce {
    let mut nonce = [0; 24];
    nonce[..NONCE_PREFIX].copy_from_slice(prefix);
    nonce[NONCE_PREFIX..23].copy_from_slice(&number.to_be_bytes());
    nonce[23] = u8::from(last);
    nonce.into()
}

fn fill(from: &mut dyn Read, want: usize) -> io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(want);
    from.take(want as u64).read_to_end(&mut piece)?;
    Ok(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(plain: &[u8], id: &str) -> Vec<u8> {
        let mut sealed = Vec::new();
        Key::new(&[7; 32]).seal(&[1; 19], id, &mut &*plain, &mut sealed).unwrap();
        sealed
    }

    fn open(sealed: &[u8], id: &str) -> Option<Vec<u8>> {
        let mut plain = Vec::new();
        Key::new(&[7; 32]).open(&[1; 19], id, &mut &*sealed, &mut plain).ok().map(|_| plain)
    }

    #[test]
    fn comes_back_at_every_edge() {
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5] {
            let plain: Vec<u8> = (0..size).map(|n| (n * 31 % 251) as u8).collect();
            assert_eq!(open(&seal(&plain, "a"), "a").as_ref(), Some(&plain), "{size}");
        }
    }

    #[test]
    fn altered_content_is_refused() {
        let sealed = seal(&vec![9; 2 * PIECE + 10], "a");
        let check = |what: &str, bytes: &[u8], id: &str| assert!(open(bytes, id).is_none(), "{what}");
        check("another item's", &sealed, "b");
        check("cut at a piece", &sealed[..PIECE + TAG], "a");
        check("cut within", &sealed[..100], "a");
        check("empty", &[], "a");
        let mut flipped = sealed.clone();
        flipped[PIECE] ^= 1;
        check("a flipped bit", &flipped, "a");
        let swapped = [&sealed[PIECE + TAG..2 * (PIECE + TAG)], &sealed[..PIECE + TAG], &sealed[2 * (PIECE + TAG)..]];
        check("swapped pieces", &swapped.concat(), "a");
    }
}
