//! Formats of older tools, written here as those wrote them: each gives what was put in, and says when it is cut.

use crate::samples::{crc, words};
use crate::seen::see;
use unpack::Reason;

/// Bits, the lowest of a byte first (`implode`) or the highest (`LZH`).
struct Bits {
    out: Vec<u8>,
    at: usize,
    lowest_first: bool,
}

impl Bits {
    fn new(lowest_first: bool) -> Self {
        Bits { out: Vec::new(), at: 0, lowest_first }
    }

    fn bit(&mut self, bit: usize) {
        if self.at.is_multiple_of(8) {
            self.out.push(0);
        }
        let shift = if self.lowest_first { self.at % 8 } else { 7 - self.at % 8 };
        *self.out.last_mut().unwrap() |= ((bit & 1) as u8) << shift;
        self.at += 1;
    }

    /// The highest bit first.
    fn code(&mut self, value: usize, bits: usize) {
        (0..bits).rev().for_each(|at| self.bit(value >> at));
    }

    /// The lowest bit first.
    fn number(&mut self, value: usize, bits: usize) {
        (0..bits).for_each(|at| self.bit(value >> at));
    }
}

/// What every one of these formats packs here: literals, then a match that copies the last six of them.
fn sample() -> Vec<u8> {
    let mut bytes = words(40);
    bytes.extend_from_within(34..);
    bytes
}

fn check(bytes: &[u8], path: &str) {
    let seen = see(bytes);
    assert_eq!(seen.bytes(path), sample(), "{:?}", seen.outcome);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    let cut = see(&bytes[..bytes.len() - 4]);
    assert!(!cut.outcome.complete(), "{:?}", cut.paths());
}

fn szdd_file() -> Vec<u8> {
    let bytes = sample();
    let mut out = b"SZDD\x88\xf0\x27\x33A_".to_vec();
    out.extend((bytes.len() as u32).to_le_bytes());
    for eight in bytes[..40].chunks(8) {
        out.push(0xff);
        out.extend(eight);
    }
    // The ring begins 16 bytes before its end.
    let from = (4096 - 16 + 34) % 4096;
    out.extend([0, from as u8, ((from >> 4) as u8 & 0xf0) | 3]);
    out
}

#[test]
fn szdd() {
    check(&szdd_file(), "f!data");
}

fn binhex_file() -> Vec<u8> {
    let sum = |bytes: &[u8]| {
        let step = |sum: u16, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 };
        bytes.iter().fold(0u16, |sum, byte| (0..8).fold(sum ^ u16::from(*byte) << 8, step)).to_be_bytes()
    };
    let data = sample();
    let mut plain = b"\x04nameX\0\0\0\0\0\0\0\0\0\0".to_vec();
    plain.extend((data.len() as u32).to_be_bytes());
    plain.extend([0; 4]);
    for part in [&plain.clone()[..], &data, &[]] {
        if part != plain {
            plain.extend(part);
        }
        plain.extend(sum(part));
    }
    // One run, as the tool would write it.
    let zeros = plain.windows(10).position(|ten| ten == [0; 10]).unwrap();
    plain.splice(zeros..zeros + 10, [0, 0x90, 10]);
    let alphabet = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
    let mut bits = Bits::new(false);
    plain.iter().for_each(|byte| bits.code(usize::from(*byte), 8));
    while !bits.at.is_multiple_of(6) {
        bits.bit(0);
    }
    let digit =
        |n: usize| (0..6).fold(0, |d, at| d << 1 | usize::from(bits.out[(n + at) / 8] >> (7 - (n + at) % 8) & 1));
    let mut text = b"(This file must be converted with BinHex 4.0)\r\n\r\n:".to_vec();
    text.extend((0..bits.at).step_by(6).map(|n| alphabet[digit(n)]));
    text.extend(b":\r\n");
    text
}

#[test]
fn binhex() {
    let mut text = binhex_file();
    check(&text, "f!name");
    let digit = text.iter_mut().rfind(|byte| **byte == b'9').unwrap();
    *digit = b'8';
    assert!(!see(&text).outcome.complete());
}

/// An attachment, then a body in compressed RTF: a literal, a match on what the ring holds first.
fn tnef_parts() -> (Vec<u8>, Vec<u8>) {
    let attribute = |id: u32, data: &[u8]| {
        let sum = data.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        [&[2][..], &id.to_le_bytes(), &(data.len() as u32).to_le_bytes(), data, &sum.to_le_bytes()].concat()
    };
    let mut out = b"\x78\x9f\x3e\x22\x01\0".to_vec();
    out.extend(attribute(0x0006_9002, &[0; 14]));
    out.extend(attribute(0x0006_800f, &sample()));
    out.extend(attribute(0x0001_8010, b"tool.exe\0"));
    let stream = [0b10u8, b'!', 0x00, 0x03];
    let mut body = (12 + stream.len() as u32).to_le_bytes().to_vec();
    body.extend(6u32.to_le_bytes());
    body.extend(b"LZFu\0\0\0\0");
    body.extend(stream);
    (out, attribute(0x0006_9003, &body))
}

#[test]
fn tnef() {
    let (attached, body) = tnef_parts();
    check(&attached, "f!tool.exe");
    assert_eq!(see(&[attached, body].concat()).bytes("f!(body)"), b"!{\\rtf");
}

fn sis_file() -> Vec<u8> {
    let packed = {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(6));
        std::io::Write::write_all(&mut encoder, &sample()).unwrap();
        encoder.finish().unwrap()
    };
    let name: Vec<u8> = "tool.exe".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut out = vec![0; 0x64];
    out[4..8].copy_from_slice(b"\x12\x3a\0\x10");
    out[0x12] = 1;
    out[0x14] = 1;
    out[0x34] = 0x64;
    let names = 0x64 + 28 + 12;
    for word in [0, 0, 0, name.len(), names, 0, 0, packed.len(), names + name.len(), sample().len()] {
        out.extend((word as u32).to_le_bytes());
    }
    out.extend(name);
    out.extend(packed);
    out
}

#[test]
fn sis() {
    check(&sis_file(), "f!tool.exe");
}

fn arj(method: u8, data: &[u8]) -> Vec<u8> {
    let header = |fields: &[u8]| {
        let mut out = vec![0x60, 0xea];
        out.extend((fields.len() as u16).to_le_bytes());
        out.extend(fields);
        out.extend(crc(fields).to_le_bytes());
        out.extend([0, 0]);
        out
    };
    let member = |method: u8, packed: u32, size: u32, crc: u32, name: &[u8]| {
        let mut out = vec![30, 11, 1, 2, 0, method, 0, 0, 0, 0, 0, 0];
        out.extend([packed, size, crc].iter().flat_map(|word| word.to_le_bytes()));
        out.extend([0; 6]);
        out.extend(name);
        out.extend([0, 0]);
        out
    };
    let bytes = sample();
    let mut out = header(&member(0, 0, 0, 0, b"f.arj"));
    out.extend(header(&member(method, data.len() as u32, bytes.len() as u32, crc(&bytes), b"tool.exe")));
    out.extend(data);
    out.extend([0x60, 0xea, 0, 0]);
    out
}

/// `width`: of the number of classes of distances.
fn by_lzh(width: usize) -> Vec<u8> {
    let bytes = sample();
    let mut bits = Bits::new(false);
    // A block of 41 symbols; all codes of nine bits; all distances of one class, four to seven.
    bits.code(41, 16);
    bits.code(0, 5);
    bits.code(11, 5);
    bits.code(510, 9);
    bits.code(0, width);
    bits.code(3, width);
    bytes[..40].iter().for_each(|byte| bits.code(usize::from(*byte), 9));
    bits.code(256 + 6 - 3, 9);
    bits.code(6 - 1 - 4, 2);
    bits.out
}

fn fastest() -> Vec<u8> {
    let mut bits = Bits::new(false);
    for byte in &sample()[..40] {
        bits.code(0, 1);
        bits.code(usize::from(*byte), 8);
    }
    // Length 6 is 4 of the numbers that begin at 1: two ones, a zero, then 1 in two bits. Then distance 6 in nine bits.
    bits.code(0b110, 3);
    bits.code(1, 2);
    bits.code(0, 1);
    bits.code(5, 9);
    bits.out
}

#[test]
fn arj_stored_by_lzh_and_fastest() {
    check(&arj(0, &sample()), "f!tool.exe");
    check(&arj(1, &by_lzh(5)), "f!tool.exe");
    check(&arj(4, &fastest()), "f!tool.exe");
    let mut garbled = arj(0, &sample());
    let second = 2 + garbled[3..].windows(2).position(|two| two == [0x60, 0xea]).unwrap() + 1;
    let len = usize::from(u16::from_le_bytes([garbled[second + 2], garbled[second + 3]]));
    garbled[second + 4 + 4] = 1;
    let sum = crc(&garbled[second + 4..second + 4 + len]);
    garbled[second + 4 + len..second + 8 + len].copy_from_slice(&sum.to_le_bytes());
    assert_eq!(see(&garbled).reasons(), [Reason::Encrypted]);
}

fn crc16(bytes: &[u8]) -> u16 {
    let bit = |crc: u16, _| if crc & 1 == 1 { crc >> 1 ^ 0xa001 } else { crc >> 1 };
    bytes.iter().fold(0, |crc, byte| (0..8).fold(crc ^ u16::from(*byte), bit))
}

/// One member in each form of header.
fn lha(level: u8, method: &[u8; 5], data: &[u8]) -> Vec<u8> {
    let bytes = sample();
    let name: &[u8] = b"tool.exe";
    let folder = b"d\xff";
    // Extended headers: the folder, and where the header has no room for it the name.
    let extended = |width: usize| {
        let number = |n: usize| n.to_le_bytes()[..width].to_vec();
        let part = |kind: u8, content: &[u8], next: usize| [&[kind][..], content, &number(next)].concat();
        let last = part(2, folder, 0);
        if level == 1 {
            return [number(last.len()), last].concat();
        }
        let first = part(1, name, last.len());
        [number(first.len()), first, last].concat()
    };
    let fixed = |packed: usize| {
        let sizes = [packed as u32, bytes.len() as u32, 0].into_iter().flat_map(u32::to_le_bytes);
        [&method[..], &sizes.collect::<Vec<u8>>(), &[0x20, level]].concat()
    };
    let sum = crc16(&bytes).to_le_bytes();
    let mut out = match level {
        0 | 1 => {
            let more = if level == 1 { extended(2) } else { Vec::new() };
            let (next, behind) = more.split_at(more.len().min(2));
            let mut rest = fixed(data.len() + behind.len());
            rest.push(name.len() as u8);
            rest.extend(name);
            rest.extend(sum);
            if level == 1 {
                rest.push(b'U');
                rest.extend(next);
            }
            let check = rest.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
            [&[rest.len() as u8, check][..], &rest, behind].concat()
        }
        2 => {
            let rest = [&fixed(data.len())[..], &sum, b"U", &extended(2)].concat();
            [&(rest.len() as u16 + 2).to_le_bytes()[..], &rest].concat()
        }
        _ => {
            let more = extended(4);
            let total = (2 + 19 + 3 + 4 + more.len()) as u32;
            [&[4, 0][..], &fixed(data.len()), &sum, b"U", &total.to_le_bytes(), &more].concat()
        }
    };
    out.extend(data);
    // A folder of its own, then the end.
    let fields = [&b"-lhd-"[..], &[0; 12], &[0x20, 0, 2], b"d/", &[0, 0]].concat();
    let check = fields.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    out.extend([fields.len() as u8, check]);
    out.extend(fields);
    out.push(0);
    out
}

#[test]
fn lha_in_each_form_of_header() {
    for level in 0..=3 {
        let path = if level == 0 { "f!tool.exe" } else { "f!d/tool.exe" };
        check(&lha(level, b"-lh0-", &sample()), path);
        check(&lha(level, b"-lh5-", &by_lzh(4)), path);
        check(&lha(level, b"-lh7-", &by_lzh(5)), path);
    }
    let old = see(&lha(1, b"-lh1-", &sample()));
    assert_eq!(old.reasons(), [Reason::Unsupported]);
    let mut wrong = lha(2, b"-lh5-", &by_lzh(4));
    wrong[21] ^= 1;
    assert_eq!(see(&wrong).reasons(), [Reason::Damaged]);
    let long = words(90_000);
    for form in ["c0o5", "c1o5", "c2o5", "c2o6", "c2o7"] {
        let line = format!("lha {form} o.lzh a.txt b.txt >/dev/null 2>&1; mv o.lzh o");
        let Some(bytes) = crate::samples::shell("lha", &[("a.txt", &long), ("b.txt", b"short")], &line, "o") else {
            return;
        };
        see(&bytes).whole(&[("f!a.txt", &long), ("f!b.txt", b"short")]);
    }
}

fn imploded() -> crate::samples::ZipMember {
    let bytes = sample();
    // All literals of eight bits, all lengths and distances of six; codes are those of a canonical tree turned round.
    let mut data: Vec<u8> = [vec![15], vec![0xf7; 16], vec![3], vec![0xf5; 4], vec![3], vec![0xf5; 4]].concat();
    let mut bits = Bits::new(true);
    for byte in &bytes[..40] {
        bits.bit(1);
        bits.code(!usize::from(*byte) & 255, 8);
    }
    bits.bit(0);
    bits.number(6 - 1, 6);
    bits.code(63, 6);
    bits.code(!(6 - 3) & 63, 6);
    data.extend(&bits.out);
    crate::samples::ZipMember {
        flags: 4,
        method: 6,
        local_method: 6,
        data,
        ..crate::samples::ZipMember::stored("tool.exe", &bytes)
    }
}

#[test]
fn imploded_members_of_a_zip() {
    let seen = see(&crate::samples::zip(&[imploded()]));
    assert_eq!(seen.bytes("f!tool.exe"), sample(), "{:?}", seen.outcome);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
}

/// For breaking.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    let (attached, body) = tnef_parts();
    vec![
        ("szdd", szdd_file()),
        ("binhex", binhex_file()),
        ("tnef", [attached, body].concat()),
        ("sis", sis_file()),
        ("arj", arj(0, &sample())),
        ("arj lzh", arj(1, &by_lzh(5))),
        ("arj fastest", arj(4, &fastest())),
        ("lha", lha(2, b"-lh5-", &by_lzh(4))),
        ("lha stored", lha(1, b"-lh0-", &sample())),
        ("implode", crate::samples::zip(&[imploded()])),
    ]
}
