//! What compiled AutoIt programs carry behind their own end: the script and the files that it installs, each a record whose
//! names and data are masked with numbers of a generator that starts from lengths and constants. Version 3.1 takes them
//! from MT19937, 3.2 and later from one of its own.

use super::decoded;
use super::fields::Fields;
use crate::meter::Cut;
use crate::source::Source;
use crate::walk::{Entry, Walk, Walked};
use std::io;

pub(crate) const MAGIC: &[u8] = b"\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7dAU3!EA0";
const RECORD: &[u8] = b"FILE";
/// Size, then the data's own header.
const DATA_HEADER: usize = 8;

/// What differs between the two: masks of lengths, starts of generators.
struct Form {
    wide: bool,
    record: u32,
    tag: (u32, u32),
    path: (u32, u32),
    size: u32,
    data: u32,
    /// The bit in front of a byte that is none of a match.
    literal: u32,
}

const OLD: Form = Form {
    wide: false,
    record: 0x16fa,
    tag: (0x29bc, 0xa25e),
    path: (0x29ac, 0xf25e),
    size: 0x45aa,
    data: 0x22af,
    literal: 0,
};
const NEW: Form = Form {
    wide: true,
    record: 0x18ee,
    tag: (0xadbc, 0xb33f),
    path: (0xf820, 0xf479),
    size: 0x87bc,
    data: 0x2477,
    literal: 1,
};

/// `source` begins with [`MAGIC`].
pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    super::in_memory(walk, source, |walk, bytes| {
        let (form, key) = match bytes.get(MAGIC.len()) {
            Some(b'5') => (&OLD, bytes.get(24..40).map_or(0, |key| key.iter().map(|byte| u32::from(*byte)).sum())),
            Some(b'6') => (&NEW, 0),
            _ => {
                walk.at(b"(script)", |walk| {
                    walk.unread(Cut::unsupported("a compiled AutoIt script of another version"))
                });
                return Ok(());
            }
        };
        let (mut at, mut position) = (40, 0);
        loop {
            walk.step()?;
            match record(bytes, at, form) {
                Ok(Some((name, data, size, behind))) => {
                    let plain = unmasked(data, form.data.wrapping_add(key), form.wide);
                    let entry = Entry { position, ..Entry::named(&name) };
                    let packed = plain.get(DATA_HEADER..).filter(|_| plain.starts_with(b"EA0"));
                    match packed {
                        Some(packed) => decoded(walk, &entry, packed.len(), size.into(), |out| {
                            expand(packed, size as usize, form, out)
                        })?,
                        None => walk.member(&entry, crate::walk::Body::Bytes(&plain))?,
                    }
                    (at, position) = (behind, position + 1);
                }
                Ok(None) if position > 0 => return Ok(()),
                Ok(None) => {
                    walk.at(b"(script)", |walk| walk.damaged("no record of a compiled AutoIt script"));
                    return Ok(());
                }
                Err(error) => {
                    walk.at(b"(script)", |walk| walk.unread_error(&error));
                    return Ok(());
                }
            }
        }
    })
}

type Record<'b> = (Vec<u8>, &'b [u8], u32, usize);

/// Its name, its masked data, the size of what they hold, and where the next begins; `None` behind the last.
fn record<'b>(bytes: &'b [u8], at: usize, form: &Form) -> io::Result<Option<Record<'b>>> {
    let fields = Fields(bytes);
    let Ok(start) = fields.bytes(at, 4) else { return Ok(None) };
    if unmasked(start, form.record, form.wide) != RECORD {
        return Ok(None);
    }
    let text = |at: usize, (mask, start): (u32, u32)| -> io::Result<(Vec<u8>, usize)> {
        let len = fields.u32(at)? ^ mask;
        let bytes = fields.bytes(at + 4, len as usize * if form.wide { 2 } else { 1 })?;
        Ok((unmasked(bytes, start.wrapping_add(len), form.wide), at + 4 + bytes.len()))
    };
    let (tag, at) = text(at + 4, form.tag)?;
    let (path, at) = text(at, form.path)?;
    let (packed, size) = (fields.u32(at + 1)? ^ form.size, fields.u32(at + 5)? ^ form.size);
    // A checksum and two times.
    let data = fields.bytes(at + 13 + 16, packed as usize)?;
    let narrow = |text: Vec<u8>| text.into_iter().filter(|byte| *byte != 0).collect::<Vec<u8>>();
    let (tag, path) = (narrow(tag), narrow(path));
    let name = if tag.starts_with(b">") { tag } else { path };
    Ok(Some((name, data, size, at + 13 + 16 + data.len())))
}

fn unmasked(bytes: &[u8], start: u32, new: bool) -> Vec<u8> {
    if new {
        let mut generator = Rolling::new(start);
        return bytes.iter().map(|byte| byte ^ generator.next()).collect();
    }
    let mut generator = Twister::new(start);
    bytes.iter().map(|byte| byte ^ (generator.next() >> 1) as u8).collect()
}

/// MT19937 of Matsumoto and Nishimura.
struct Twister {
    state: [u32; 624],
    at: usize,
}

impl Twister {
    fn new(start: u32) -> Twister {
        let mut state = [start; 624];
        for n in 1..624 {
            let before = state[n - 1];
            state[n] = 1_812_433_253u32.wrapping_mul(before ^ before >> 30).wrapping_add(n as u32);
        }
        Twister { state, at: 624 }
    }

    fn next(&mut self) -> u32 {
        if self.at == 624 {
            for n in 0..624 {
                let joined = self.state[n] & 0x8000_0000 | self.state[(n + 1) % 624] & 0x7fff_ffff;
                self.state[n] =
                    self.state[(n + 397) % 624] ^ joined >> 1 ^ if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            }
            self.at = 0;
        }
        let mut value = self.state[self.at];
        self.at += 1;
        value ^= value >> 11;
        value ^= value << 7 & 0x9d2c_5680;
        value ^= value << 15 & 0xefc6_0000;
        value ^ value >> 18
    }
}

/// Seventeen words that are rolled and added in a ring.
struct Rolling {
    words: [u32; 17],
    first: usize,
    second: usize,
}

impl Rolling {
    fn new(start: u32) -> Rolling {
        let mut value = start;
        let words = std::array::from_fn(|_| {
            value = 1u32.wrapping_sub(value.wrapping_mul(0x53a9_b4fb));
            value
        });
        let mut rolling = Rolling { words, first: 0, second: 10 };
        for _ in 0..9 {
            rolling.roll();
        }
        rolling
    }

    fn roll(&mut self) -> u32 {
        let sum = self.words[self.first].rotate_left(9).wrapping_add(self.words[self.second].rotate_left(13));
        self.words[self.first] = sum;
        let back = |at: usize| if at == 0 { 16 } else { at - 1 };
        (self.first, self.second) = (back(self.first), back(self.second));
        sum
    }

    /// The highest byte of every other.
    fn next(&mut self) -> u8 {
        self.roll();
        (self.roll() >> 24) as u8
    }
}

/// Bits, the highest first: bytes, and matches of a distance of fifteen bits and a length in steps.
fn expand(packed: &[u8], size: usize, form: &Form, out: &mut Vec<u8>) -> io::Result<()> {
    let mut at = 0usize;
    let mut bits = |count: usize| -> io::Result<u32> {
        (0..count).try_fold(0, |value, _| {
            let byte = *packed.get(at / 8).ok_or(io::ErrorKind::UnexpectedEof)?;
            let bit = byte >> (7 - at % 8) & 1;
            at += 1;
            Ok(value << 1 | u32::from(bit))
        })
    };
    while out.len() < size {
        if bits(1)? == form.literal {
            out.push(bits(8)? as u8);
            continue;
        }
        let distance = bits(15)? as usize;
        let (mut len, mut more) = (bits(2)?, 0);
        for (full, wide, add) in [(3, 3, 3), (7, 5, 10), (31, 8, 41)] {
            if len != full {
                break;
            }
            (len, more) = (bits(wide)?, add);
        }
        while more >= 41 && len == 255 {
            more += 255;
            len = bits(8)?;
        }
        let from = out.len().checked_sub(distance).filter(|_| distance > 0);
        let from = from.ok_or_else(|| io::Error::from(Cut::damaged("a match too far")))?;
        for n in 0..((len + more + 3) as usize).min(size - out.len()) {
            out.push(out[from + n]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_and_literals() {
        // "ab", then a match of distance 2 whose length is in the third step: 3 + 10 + 4.
        let mut bits: Vec<u8> = Vec::new();
        let mut put = |value: u32, count: u32| bits.extend((0..count).rev().map(|n| (value >> n & 1) as u8));
        for byte in b"ab" {
            put(OLD.literal, 1);
            put(u32::from(*byte), 8);
        }
        for (value, count) in [(1 - OLD.literal, 1), (2, 15), (3, 2), (7, 3), (4, 5)] {
            put(value, count);
        }
        let packed: Vec<u8> =
            bits.chunks(8).map(|eight| eight.iter().enumerate().fold(0, |b, (n, bit)| b | bit << (7 - n))).collect();
        let mut out = Vec::new();
        expand(&packed, 19, &OLD, &mut out).unwrap();
        assert_eq!(out, b"ababababababababababa"[..19]);
        assert!(expand(&packed, 40, &OLD, &mut Vec::new()).is_err());
    }

    #[test]
    fn the_twister_is_the_published_one() {
        let mut generator = Twister::new(5489);
        assert_eq!((0..3).map(|_| generator.next()).collect::<Vec<_>>(), [3_499_211_612, 581_869_302, 3_890_346_734]);
    }
}
