//! BinHex 4.0, a Macintosh file as text: six bits a character, runs of a byte as the byte, 0x90 and a count, and in that a
//! header with a name, the data fork and the resource fork, each with a checksum.

use crate::meter::Cut;
use crate::walk::{Body, Entry, Walk, Walked};
use std::io;

const ALPHABET: &[u8; 64] = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
const REPEAT: u8 = 0x90;

pub(crate) fn read(walk: &mut Walk<'_>, bytes: &[u8]) -> Walked {
    // A run makes at most 85 bytes of a character.
    let _lease = match walk.meter().room(bytes.len() as u64, bytes.len() as u64) {
        Ok(lease) => lease,
        Err(cut) => {
            walk.unread(cut);
            return Ok(());
        }
    };
    let most = usize::try_from(walk.meter().limits.member_bytes).unwrap_or(usize::MAX);
    let plain = match plain(bytes, most) {
        Ok(plain) => plain,
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    if let Err(cut) = walk.meter().expand(plain.len() as u64) {
        walk.unread(cut);
        return Ok(());
    }
    match Forks::of(&plain) {
        Ok(forks) => {
            for (name, (fork, whole)) in [(forks.name, forks.data), (b"(resources)", forks.resources)] {
                if !fork.is_empty() || name == forks.name {
                    walk.member(&Entry::named(name), Body::Bytes(fork))?;
                }
                if !whole {
                    walk.at(name, |walk| walk.damaged("the checksum of a fork"));
                }
            }
        }
        Err(error) => {
            walk.member(&Entry::named(b"data"), Body::Bytes(&plain))?;
            walk.at(b"data", |walk| walk.unread_error(&error));
        }
    }
    Ok(())
}

/// Between the colons.
fn plain(text: &[u8], most: usize) -> io::Result<Vec<u8>> {
    let start = memchr::memchr(b':', text).ok_or_else(|| Cut::damaged("BinHex without a beginning"))?;
    let mut out: Vec<u8> = Vec::with_capacity(text.len() * 3 / 4);
    let (mut held, mut bits, mut repeats) = (0u32, 0, false);
    for byte in &text[start + 1..] {
        match byte {
            b':' => return Ok(out),
            b'\r' | b'\n' | b' ' | b'\t' => continue,
            _ => {}
        }
        let digit = ALPHABET.iter().position(|one| one == byte).ok_or_else(|| Cut::damaged("a character of BinHex"))?;
        held = held << 6 | digit as u32;
        bits += 6;
        if bits < 8 {
            continue;
        }
        bits -= 8;
        let byte = (held >> bits) as u8;
        match (std::mem::take(&mut repeats), byte) {
            (false, REPEAT) => repeats = true,
            (false, byte) => out.push(byte),
            (true, 0) => out.push(REPEAT),
            (true, count) => {
                let last = *out.last().ok_or_else(|| Cut::damaged("a run of nothing"))?;
                out.extend(std::iter::repeat_n(last, usize::from(count) - 1));
            }
        }
        if out.len() > most {
            return Err(Cut::new(crate::Reason::MemberSize, format!("more than {most} bytes")).into());
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// Each with whether its checksum is right.
struct Forks<'p> {
    name: &'p [u8],
    data: (&'p [u8], bool),
    resources: (&'p [u8], bool),
}

impl<'p> Forks<'p> {
    fn of(plain: &'p [u8]) -> io::Result<Forks<'p>> {
        let part = |at: usize, len: usize| -> io::Result<&'p [u8]> {
            plain.get(at..at.saturating_add(len)).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        };
        let name = part(1, usize::from(part(0, 1)?[0]))?;
        // Behind the name: version, type, creator, flags, then the two lengths.
        let lengths = 1 + name.len() + 1 + 4 + 4 + 2;
        let number =
            |at: usize| Ok::<_, io::Error>(u32::from_be_bytes(part(at, 4)?.try_into().expect("four bytes")) as usize);
        let (data, resources) = (number(lengths)?, number(lengths + 4)?);
        let fork = |at: usize, len: usize| -> io::Result<(&'p [u8], bool)> {
            let (bytes, sum) = (part(at, len)?, part(at + len, 2)?);
            Ok((bytes, checksum(bytes) == u16::from_be_bytes([sum[0], sum[1]])))
        };
        if !fork(0, lengths + 8)?.1 {
            return Err(Cut::damaged("the checksum of the header").into());
        }
        let at = lengths + 8 + 2;
        Ok(Forks { name, data: fork(at, data)?, resources: fork(at + data + 2, resources)? })
    }
}

/// CRC-16 of CCITT, from zero.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum: u16, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 })
    })
}
