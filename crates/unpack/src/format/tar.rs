//! tar: V7, ustar, GNU (long names, old and new sparse files, base-256 numbers) and pax. Read from front to back, without
//! ever holding more than a header. After the end mark it goes on: what stands there others may read.

mod sparse;

use super::data::{Data, skip};
use crate::meter::Cut;
use crate::outcome::{Oddity, Reason};
use crate::source::read_full;
use crate::walk::{Body, Entry, Input, Walk, Walked};
use sparse::{Hole, Sparse};
use std::io::{self, Read};

const BLOCK: usize = 512;
/// Of an extended header or a long name that is read; longer ones are skipped and said.
const MAX_EXTENDED: u64 = 1 << 20;

/// A block whose checksum is right.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    let Some(block) = bytes.first_chunk::<BLOCK>() else { return false };
    if block[0] == 0 && &block[257..262] != b"ustar" {
        return false;
    }
    let Some(expected) = octal(&block[148..156]) else { return false };
    let around = || block[..148].iter().chain(&[b' '; 8]).chain(&block[156..]);
    let unsigned: u64 = around().map(|b| u64::from(*b)).sum();
    let signed: i64 = around().map(|b| i64::from(*b as i8)).sum();
    unsigned == expected || u64::try_from(signed) == Ok(expected)
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = field.trim_ascii_start();
    let end = text.iter().position(|b| matches!(b, 0 | b' ')).unwrap_or(text.len());
    if end == 0 {
        return None;
    }
    text[..end].iter().try_fold(0u64, |n, b| match b {
        b'0'..=b'7' => n.checked_mul(8)?.checked_add(u64::from(b - b'0')),
        _ => None,
    })
}

/// Octal, or big-endian binary where the first bit is set. Empty is 0.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 == 0 {
        return if field.iter().all(|b| matches!(b, 0 | b' ')) { Some(0) } else { octal(field) };
    }
    if field[0] == 0xff {
        return None;
    }
    let high = &field[..field.len() - 8];
    if high[0] & 0x7f != 0 || high[1..].iter().any(|b| *b != 0) {
        return None;
    }
    Some(u64::from_be_bytes(field[field.len() - 8..].try_into().expect("eight bytes")))
}

fn text(field: &[u8]) -> &[u8] {
    &field[..field.iter().position(|b| *b == 0).unwrap_or(field.len())]
}

/// What extended headers say of the next member.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    real_size: Option<u64>,
    /// GNU sparse 0.0 and 0.1: offset and length of each piece of data.
    map: Vec<u64>,
    /// GNU sparse 1.0: the map stands before the data.
    map_in_data: bool,
    sparse: bool,
}

struct Tar<R> {
    input: R,
    position: u64,
    ended: bool,
}

pub(crate) fn read(walk: &mut Walk<'_>, input: Input<'_>) -> Walked {
    let mut tar = Tar { input: input.buffered(), position: 0, ended: false };
    match tar.members(walk) {
        Ok(walked) => walked,
        Err(error) => {
            walk.unread_error(&error);
            Ok(())
        }
    }
}

impl<R: Read> Tar<R> {
    /// Outer error: the archive cannot be read on.
    fn members(&mut self, walk: &mut Walk<'_>) -> io::Result<Walked> {
        let mut extended = Extended::default();
        let mut lost = false;
        loop {
            if walk.step().is_err() {
                return Ok(Err(crate::walk::Stop));
            }
            let mut block = [0; BLOCK];
            let n = read_full(&mut self.input, &mut block)?;
            if n < BLOCK {
                if !self.ended || n > 0 && block[..n].iter().any(|b| *b != 0) {
                    walk.truncated("no end mark");
                }
                return Ok(Ok(()));
            }
            if block.iter().all(|b| *b == 0) {
                self.ended = true;
                continue;
            }
            if !is_header(&block) {
                if !lost && self.ended {
                    walk.odd(Oddity::TrailingData, "after the end mark");
                } else if !lost {
                    walk.damaged("no header where one must stand");
                }
                lost = true;
                continue;
            }
            if self.ended {
                walk.odd(Oddity::Unlisted, "members after the end mark");
            }
            (lost, self.ended) = (false, false);
            if let Err(stop) = self.header(walk, &block, &mut extended)? {
                return Ok(Err(stop));
            }
        }
    }

    fn header(&mut self, walk: &mut Walk<'_>, block: &[u8; BLOCK], extended: &mut Extended) -> io::Result<Walked> {
        let Some(size) = number(&block[124..136]) else {
            walk.damaged("a size that is no number");
            return Ok(Ok(()));
        };
        match block[156] {
            b'x' | b'X' => {
                if let Some(data) = self.extension(walk, size)? {
                    pax(&data, extended);
                }
                return Ok(Ok(()));
            }
            b'L' => {
                if let Some(data) = self.extension(walk, size)? {
                    extended.name = Some(text(&data).to_vec());
                }
                return Ok(Ok(()));
            }
            b'g' | b'K' => {
                self.skip(size)?;
                return Ok(Ok(()));
            }
            _ => {}
        }
        let extended = std::mem::take(extended);
        let name = extended.name.clone().unwrap_or_else(|| header_name(block));
        let size = extended.size.unwrap_or(size);
        // Links, devices, pipes and folders have no data, whatever size they name.
        if matches!(block[156], b'1'..=b'6') && !(block[156] == b'1' && extended.size.is_some()) {
            return Ok(Ok(()));
        }
        if block[156] == 0 && name.ends_with(b"/") && size == 0 {
            return Ok(Ok(()));
        }
        let position = self.position;
        self.position += 1;
        let entry = Entry { name: &name, position, declared: Some(size), stored: Some(size), ..Entry::default() };
        let mut data = Data { input: &mut self.input, left: size };
        let walked = if block[156] == b'S' || extended.sparse {
            match Sparse::open(block, &extended.map, extended.map_in_data, extended.real_size, &mut data) {
                Ok(map) => sparse_member(walk, &entry, map, &mut data),
                Err(error) => {
                    walk.at(&name, |walk| walk.unread_error(&error));
                    Ok(())
                }
            }
        } else {
            if block[156] == b'M' {
                walk.at(&name, |walk| walk.unread(Cut::unsupported("the rest of a file of another volume")));
            }
            walk.member(&entry, Body::Stream(&mut data))
        };
        if walked.is_err() {
            return Ok(walked);
        }
        let left = data.left;
        skip(&mut self.input, left)?;
        skip(&mut self.input, padding(size))?;
        Ok(Ok(()))
    }

    /// The data of an extended header, padding included.
    fn extension(&mut self, walk: &Walk<'_>, size: u64) -> io::Result<Option<Vec<u8>>> {
        if size > MAX_EXTENDED {
            walk.damaged(format!("an extended header of {size} bytes"));
            self.skip(size)?;
            return Ok(None);
        }
        let mut data = vec![0; size as usize];
        self.input.read_exact(&mut data)?;
        skip(&mut self.input, padding(size))?;
        Ok(Some(data))
    }

    fn skip(&mut self, size: u64) -> io::Result<()> {
        skip(&mut self.input, size)?;
        skip(&mut self.input, padding(size))
    }
}

fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

fn header_name(block: &[u8; BLOCK]) -> Vec<u8> {
    let name = text(&block[..100]);
    let prefix = if &block[257..263] == b"ustar\0" { text(&block[345..500]) } else { b"" };
    if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
}

/// Records `LENGTH KEY=VALUE\n`. What is not of that form ends the reading; the member is read by its header then.
fn pax(mut data: &[u8], extended: &mut Extended) {
    while let Some(space) = data.iter().take(20).position(|b| *b == b' ') {
        let Some(len) = decimal(&data[..space]).and_then(|n| usize::try_from(n).ok()) else { break };
        if len <= space + 1 || len > data.len() {
            break;
        }
        let record = &data[space + 1..len - 1];
        data = &data[len..];
        let Some(equals) = record.iter().position(|b| *b == b'=') else { break };
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" if extended.name.is_none() || !extended.sparse => extended.name = Some(value.to_vec()),
            b"size" => extended.size = decimal(value),
            b"GNU.sparse.name" => (extended.name, extended.sparse) = (Some(value.to_vec()), true),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => {
                (extended.real_size, extended.sparse) = (decimal(value), true);
            }
            b"GNU.sparse.major" => extended.map_in_data = value == b"1",
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => extended.map.extend(decimal(value)),
            b"GNU.sparse.map" => extended.map.extend(value.split(|b| *b == b',').filter_map(decimal)),
            _ => {}
        }
    }
}

fn decimal(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// As the file would be on the disk, holes as zeros; or, if that is larger than a member may be, without its holes.
fn sparse_member<R: Read>(walk: &mut Walk<'_>, entry: &Entry<'_>, map: Sparse, data: &mut Data<'_, R>) -> Walked {
    let entry = Entry { declared: Some(map.size), ..*entry };
    if map.size > walk.meter().limits.member_bytes {
        let detail = format!("sparse, {} bytes; given without its holes", map.size);
        walk.at(entry.name, |walk| walk.unread(Cut::new(Reason::MemberSize, detail)));
        return walk.member(&Entry { declared: None, ..entry }, Body::Stream(data));
    }
    let meter = walk.meter();
    let mut whole = Hole::new(map, data, meter);
    walk.member(&entry, Body::Stream(&mut whole))
}
