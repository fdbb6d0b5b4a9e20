//! The bytes of one record, and how to find the next whole one in bytes that may be damaged.
//!
//! A record is 24 bytes of header and the payload: marker (4), payload length (u32), sequence (u64), ordinal in the segment
//! (u32), CRC-32 (u32) over length, sequence, ordinal and payload, all little-endian. The checksum starts from a salt that
//! the epoch gives, so that a payload which holds the image of a record is never taken for one when the scan has to find
//! its feet again. Ordinals make losses inside a segment exact.

use crate::Seq;

pub(crate) const HEADER: usize = 24;
const MARKER: [u8; 4] = [0xd7, b'T', b'm', 0x1e];
/// Sequence of the record that closes a segment; its ordinal is the number of records before it.
pub(crate) const FOOTER_SEQ: Seq = Seq::MAX;

/// Appends the image of a record to `out`.
pub(crate) fn encode(out: &mut Vec<u8>, salt: u32, seq: Seq, ordinal: u32, payload: &[u8]) {
    let length = payload.len() as u32;
    out.extend_from_slice(&MARKER);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&seq.to_le_bytes());
    out.extend_from_slice(&ordinal.to_le_bytes());
    out.extend_from_slice(&checksum(salt, length, seq, ordinal, payload).to_le_bytes());
    out.extend_from_slice(payload);
}

fn checksum(salt: u32, length: u32, seq: Seq, ordinal: u32, payload: &[u8]) -> u32 {
    let mut head = [0u8; 16];
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4..12].copy_from_slice(&seq.to_le_bytes());
    head[12..].copy_from_slice(&ordinal.to_le_bytes());
    let mut hasher = crc32fast::Hasher::new_with_initial(salt);
    hasher.update(&head);
    hasher.update(payload);
    hasher.finalize()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found<'a> {
    pub seq: Seq,
    pub ordinal: u32,
    pub payload: &'a [u8],
}

/// What stands at the front of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Record(Found<'a>),
    /// That many bytes are no record; look again behind them.
    Damage(usize),
    /// Cannot tell without the bytes that follow.
    More,
}

impl Found<'_> {
    pub(crate) fn encoded_len(&self) -> usize {
        HEADER + self.payload.len()
    }
}

/// Looks at the front of `bytes`, which is not empty. `whole` says that nothing follows them.
pub(crate) fn step(bytes: &[u8], salt: u32, max_payload: usize, whole: bool) -> Step<'_> {
    match parse(bytes, salt, max_payload) {
        Parsed::Record(found) => Step::Record(found),
        Parsed::Short if !whole => Step::More,
        Parsed::Short | Parsed::Bad => Step::Damage(skip(bytes, salt, max_payload, whole)),
    }
}

enum Parsed<'a> {
    Record(Found<'a>),
    /// Could be a record if more bytes followed.
    Short,
    Bad,
}

fn parse(bytes: &[u8], salt: u32, max_payload: usize) -> Parsed<'_> {
    let marked = bytes.len().min(MARKER.len());
    if bytes[..marked] != MARKER[..marked] {
        return Parsed::Bad;
    }
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return Parsed::Short };
    let length = u32_at(header, 4);
    if length as usize > max_payload {
        return Parsed::Bad;
    }
    let Some(payload) = rest.get(..length as usize) else { return Parsed::Short };
    let (seq, ordinal) = (u64_at(header, 8), u32_at(header, 16));
    if checksum(salt, length, seq, ordinal, payload) != u32_at(header, 20) {
        return Parsed::Bad;
    }
    Parsed::Record(Found { seq, ordinal, payload })
}

/// Bytes until the next place that is, or without the bytes behind could be, a record.
fn skip(bytes: &[u8], salt: u32, max_payload: usize, whole: bool) -> usize {
    for at in 1..bytes.len() {
        if bytes[at] != MARKER[0] {
            continue;
        }
        match parse(&bytes[at..], salt, max_payload) {
            Parsed::Record(_) => return at,
            Parsed::Short if !whole => return at,
            Parsed::Short | Parsed::Bad => {}
        }
    }
    bytes.len()
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SALT: u32 = 0x5eed;

    fn image(payloads: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        for (i, payload) in payloads.iter().enumerate() {
            encode(&mut out, SALT, 10 + i as u64, i as u32, payload);
        }
        out
    }

    fn all(mut bytes: &[u8]) -> Vec<(Seq, Vec<u8>)> {
        let mut out = Vec::new();
        while !bytes.is_empty() {
            match step(bytes, SALT, 4096, true) {
                Step::Record(found) => {
                    out.push((found.seq, found.payload.to_vec()));
                    bytes = &bytes[found.encoded_len()..];
                }
                Step::Damage(n) => bytes = &bytes[n..],
                Step::More => panic!("whole bytes ask for more"),
            }
        }
        out
    }

    #[test]
    fn a_record_inside_a_payload_is_never_taken_for_one() {
        let mut inner = Vec::new();
        encode(&mut inner, 0, 99, 1, b"forged under another salt");
        let mut bytes = image(&[inner, b"honest".to_vec()]);
        bytes[HEADER + 2] ^= 1;
        assert_eq!(all(&bytes), [(11, b"honest".to_vec())]);
    }

    proptest! {
        #[test]
        fn one_flipped_bit_costs_one_record(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..20), at in any::<prop::sample::Index>(), bit in 0..8u8
        ) {
            let mut bytes = image(&payloads);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let mut start = 0;
            let hit = payloads.iter().position(|p| { start += HEADER + p.len(); at < start }).unwrap();
            let expected: Vec<_> = payloads.iter().enumerate().filter(|(i, _)| *i != hit)
                .map(|(i, p)| (10 + i as u64, p.clone())).collect();
            prop_assert_eq!(all(&bytes), expected);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 1..2000), whole in any::<bool>()) {
            match step(&bytes, SALT, 64, whole) {
                Step::Damage(n) => prop_assert!(n > 0 && n <= bytes.len()),
                Step::Record(_) => prop_assert!(false, "random bytes made a record"),
                Step::More => prop_assert!(!whole),
            }
        }
    }
}
