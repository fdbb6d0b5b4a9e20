//! cpio: newc and crc (hexadecimal), odc (octal), and the old binary one in both byte orders. Behind the trailer more may
//! stand, as in an initramfs of several parts: it is a member of its own.

use super::data::{Data, skip};
use crate::meter::Cut;
use crate::outcome::Oddity;
use crate::source::read_full;
use crate::walk::{Body, Entry, Input, Walk, Walked};
use std::io::{self, BufRead, Read};

const MAX_NAME: u64 = 64 << 10;
/// File type of a regular file, in a mode.
const REGULAR: u64 = 0o100_000;
const TYPE: u64 = 0o170_000;

struct Header {
    name_len: u64,
    size: u64,
    mode: u64,
    /// Name, and data, are padded to this.
    align: u64,
    /// Of the header itself.
    len: u64,
}

pub(crate) fn read(walk: &mut Walk<'_>, input: Input<'_>) -> Walked {
    let mut input = input.buffered();
    match members(walk, &mut input) {
        Ok(walked) => walked,
        Err(error) => {
            walk.unread_error(&error);
            Ok(())
        }
    }
}

fn members(walk: &mut Walk<'_>, input: &mut impl BufRead) -> io::Result<Walked> {
    let mut position = 0;
    loop {
        if walk.step().is_err() {
            return Ok(Err(crate::walk::Stop));
        }
        let header = header(input)?;
        if header.name_len == 0 || header.name_len > MAX_NAME {
            return Err(Cut::damaged(format!("a name of {} bytes", header.name_len)).into());
        }
        let mut name = vec![0; header.name_len as usize];
        input.read_exact(&mut name)?;
        skip(input, pad(header.len + header.name_len, header.align))?;
        while name.last() == Some(&0) {
            name.pop();
        }
        if name == b"TRAILER!!!" && header.size == 0 {
            return trailing(walk, input);
        }
        let mut data = Data { input, left: header.size };
        // Hard links other than the last have no data; links' data is their target.
        if header.mode & TYPE == REGULAR && (header.size > 0 || header.mode & 0o111 != 0) {
            let entry = Entry {
                name: &name,
                position,
                declared: Some(header.size),
                stored: Some(header.size),
                ..Entry::default()
            };
            if let Err(stop) = walk.member(&entry, Body::Stream(&mut data)) {
                return Ok(Err(stop));
            }
            position += 1;
        }
        let left = data.left;
        skip(input, left)?;
        skip(input, pad(header.size, header.align))?;
    }
}

fn trailing(walk: &mut Walk<'_>, input: &mut impl BufRead) -> io::Result<Walked> {
    loop {
        let ahead = input.fill_buf()?;
        if ahead.is_empty() {
            return Ok(Ok(()));
        }
        let zeros = ahead.iter().take_while(|b| **b == 0).count();
        let all = zeros == ahead.len();
        input.consume(zeros);
        if !all {
            break;
        }
    }
    walk.odd(Oddity::TrailingData, "");
    Ok(walk.member(&Entry::named(b"(trailing)"), Body::Stream(input)))
}

fn header(input: &mut impl Read) -> io::Result<Header> {
    let mut magic = [0; 6];
    let n = read_full(input, &mut magic)?;
    if n < magic.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    match &magic {
        b"070701" | b"070702" => {
            let mut rest = [0; 104];
            input.read_exact(&mut rest)?;
            let field = |n: usize| digits(&rest[n * 8..n * 8 + 8], 16);
            Ok(Header { name_len: field(11)?, size: field(6)?, mode: field(1)?, align: 4, len: 110 })
        }
        b"070707" => {
            let mut rest = [0; 70];
            input.read_exact(&mut rest)?;
            Ok(Header {
                name_len: digits(&rest[53..59], 8)?,
                size: digits(&rest[59..70], 8)?,
                mode: digits(&rest[12..18], 8)?,
                align: 1,
                len: 76,
            })
        }
        [0xc7, 0x71, ..] | [0x71, 0xc7, ..] => {
            let mut rest = [0; 20];
            input.read_exact(&mut rest)?;
            let all = [&magic[..], &rest[..]].concat();
            let little = magic[0] == 0xc7;
            let short = |at: usize| {
                let pair = [all[at], all[at + 1]];
                u64::from(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
            };
            // Long numbers are two shorts, the high one first.
            let size = short(22) << 16 | short(24);
            Ok(Header { name_len: short(20), size, mode: short(6), align: 2, len: 26 })
        }
        b"07070X" => Err(Cut::unsupported("an rpm's payload without its files' headers").into()),
        _ => Err(Cut::damaged("no header where one must stand").into()),
    }
}

fn digits(field: &[u8], radix: u32) -> io::Result<u64> {
    std::str::from_utf8(field)
        .ok()
        .and_then(|text| u64::from_str_radix(text, radix).ok())
        .ok_or_else(|| Cut::damaged("a number that is none").into())
}

fn pad(len: u64, align: u64) -> u64 {
    (align - len % align) % align
}
