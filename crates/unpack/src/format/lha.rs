//! LHA (`.lzh`): a header a member, in one of four forms, each followed by the member's data: stored, or by LZHUF with windows of
//! 4 to 64 KiB (`-lh4-` to `-lh7-`). Older methods are said.

use super::decoded;
use super::fields::Fields;
use crate::codec::{Window, lzh};
use crate::meter::Cut;
use crate::source::{Part, Source, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use std::io;

/// The longest header that is read; that of a member with a long name is some hundred bytes.
const MOST_HEADER: u64 = 64 << 10;
/// Fixed part of a header, up to the length of its name.
const FIXED: usize = 22;
const NAME: u8 = 1;
const FOLDER: u8 = 2;

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let (mut at, mut position) = (0, 0);
    loop {
        walk.step()?;
        let member = match header(source, at) {
            Ok(Some(member)) => member,
            Ok(None) => return Ok(()),
            Err(error) => {
                walk.unread_error(&error);
                return Ok(());
            }
        };
        if &member.method != b"-lhd-" {
            given(walk, source, &member, position)?;
            position += 1;
        }
        at = member.at.saturating_add(member.packed);
    }
}

struct Member {
    name: Vec<u8>,
    method: [u8; 5],
    /// Where its data begin.
    at: u64,
    packed: u64,
    size: u64,
    crc: Option<u16>,
}

/// The header at a place; `None` is the archive's end.
fn header(source: &dyn Source, at: u64) -> io::Result<Option<Member>> {
    let start = read_vec(source, at, FIXED + 10)?;
    let fields = Fields(&start);
    if fields.byte(0)? == 0 && !is_method(start.get(2..7).unwrap_or_default()) {
        return Ok(None);
    }
    let method: [u8; 5] = fields.bytes(2, 5)?.try_into().expect("five bytes");
    if !is_method(&method) {
        return Err(Cut::damaged("no header where one must be").into());
    }
    let (packed, size) = (u64::from(fields.u32(7)?), u64::from(fields.u32(11)?));
    let mut member = Member { name: Vec::new(), method, at, packed, size, crc: None };
    match fields.byte(20)? {
        level @ (0 | 1) => short(source, at, level, &mut member)?,
        2 => {
            let len = u64::from(fields.u16(0)?);
            member.crc = Some(fields.u16(21)?);
            let extended = read_header(source, at, len)?;
            extensions(&extended, 24, 2, &mut member)?;
            member.at = at + len;
        }
        3 => {
            let len = u64::from(fields.u32(24)?);
            member.crc = Some(fields.u16(21)?);
            let extended = read_header(source, at, len)?;
            extensions(&extended, 28, 4, &mut member)?;
            member.at = at + len;
        }
        other => return Err(Cut::unsupported(format!("a header of form {other}")).into()),
    }
    Ok(Some(member))
}

fn is_method(text: &[u8]) -> bool {
    matches!(text, [b'-', b'l', b'h' | b'z', _, b'-'])
}

fn read_header(source: &dyn Source, at: u64, len: u64) -> io::Result<Vec<u8>> {
    if !(FIXED as u64..=MOST_HEADER).contains(&len) {
        return Err(Cut::damaged("the length of a header").into());
    }
    let header = read_vec(source, at, len as usize)?;
    if (header.len() as u64) < len { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(header) }
}

/// The two old forms: a length and a sum in a byte each, the name in the header; more stands behind one of form 1.
fn short(source: &dyn Source, at: u64, level: u8, member: &mut Member) -> io::Result<()> {
    let len = u64::from(read_header(source, at, FIXED as u64)?[0]) + 2;
    let header = read_header(source, at, len)?;
    let sum = header[2..].iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    if sum != header[1] {
        return Err(Cut::damaged("the sum of a header").into());
    }
    let fields = Fields(&header);
    let name = usize::from(fields.byte(21)?);
    member.name = fields.bytes(FIXED, name)?.to_vec();
    // The oldest writer left it away.
    member.crc = fields.u16(FIXED + name).ok();
    member.at = at + len;
    if level == 0 {
        return Ok(());
    }
    // What follows counts as packed bytes, and each part ends with the length of the next.
    let mut next = u64::from(fields.u16(header.len() - 2)?);
    let mut behind = 0;
    while next > 0 {
        if next < 3 || behind + next > member.packed.min(MOST_HEADER) {
            return Err(Cut::damaged("the length of an extended header").into());
        }
        let part = read_vec(source, member.at + behind, next as usize)?;
        if (part.len() as u64) < next {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        named(part[0], &part[1..part.len() - 2], member);
        behind += next;
        next = u64::from(Fields(&part).u16(part.len() - 2)?);
    }
    member.at += behind;
    member.packed -= behind;
    Ok(())
}

/// Extended headers within a header: the length of the first stands at `at`, in `width` bytes, as does each next one at the
/// end of the one before.
fn extensions(header: &[u8], mut at: usize, width: usize, member: &mut Member) -> io::Result<()> {
    let fields = Fields(header);
    loop {
        let next = if width == 2 { usize::from(fields.u16(at)?) } else { fields.place(at)? };
        if next == 0 {
            return Ok(());
        }
        if next < 1 + width {
            return Err(Cut::damaged("the length of an extended header").into());
        }
        let part = fields.bytes(at + width, next)?;
        named(part[0], &part[1..next - width], member);
        at += next;
    }
}

fn named(kind: u8, content: &[u8], member: &mut Member) {
    match kind {
        NAME => member.name.extend(content),
        FOLDER => {
            // Folders end with a byte that no name has; one may come after the name.
            let folders = content.iter().map(|byte| if *byte == 0xff { b'/' } else { *byte });
            member.name.splice(0..0, folders);
        }
        _ => {}
    }
}

fn given(walk: &mut Walk<'_>, source: &dyn Source, member: &Member, position: u64) -> Walked {
    let entry =
        Entry { position, declared: Some(member.size), stored: Some(member.packed), ..Entry::named(&member.name) };
    let part = Part::new(source, member.at, member.packed);
    if part.len() < member.packed {
        walk.at(entry.name, |walk| walk.truncated("a member's data"));
    }
    let window = match &member.method {
        b"-lh0-" | b"-lz4-" => return walk.member(&entry, Body::At(&part)),
        b"-lh4-" | b"-lh5-" => Window { classes: 14, bits: 4, blank: true },
        b"-lh6-" => Window { classes: 16, bits: 5, blank: true },
        b"-lh7-" => Window { classes: 17, bits: 5, blank: true },
        other => {
            let detail = format!("method {}", String::from_utf8_lossy(other));
            walk.at(entry.name, |walk| walk.unread(Cut::unsupported(detail)));
            return Ok(());
        }
    };
    let mut crc = None;
    super::in_memory(walk, &part, |walk, data| {
        decoded(walk, &entry, data.len(), member.size, |out| {
            lzh(data, window, member.size as usize, out)?;
            crc = Some(crc16(out));
            Ok(())
        })
    })?;
    if crc.zip(member.crc).is_some_and(|(found, wanted)| found != wanted) {
        walk.at(entry.name, |walk| walk.damaged("the checksum of a member"));
    }
    Ok(())
}

/// CRC-16 with the polynomial 0xa001, lowest bit first.
fn crc16(bytes: &[u8]) -> u16 {
    const TABLE: [u16; 256] = {
        let mut table = [0; 256];
        let mut n = 0;
        while n < 256 {
            let (mut value, mut bit) = (n as u16, 0);
            while bit < 8 {
                value = if value & 1 == 1 { value >> 1 ^ 0xa001 } else { value >> 1 };
                bit += 1;
            }
            table[n] = value;
            n += 1;
        }
        table
    };
    bytes.iter().fold(0, |crc, byte| crc >> 8 ^ TABLE[usize::from(crc as u8 ^ byte)])
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_is_the_known_one() {
        assert_eq!(super::crc16(b"123456789"), 0xbb3d);
        assert_eq!(super::crc16(b""), 0);
    }
}
