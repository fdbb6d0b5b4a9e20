//! ARJ: a header for the archive and one a member, each behind its magic and with its checksum; data stored, by LZH
//! (methods 1 to 3) or by method 4. Encrypted members and those that go on in another volume are said.

use super::decoded;
use super::fields::Fields;
use crate::codec::{Window, arj_fastest, lzh};
use crate::meter::Cut;
use crate::source::{Part, Source, read_array, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};
use std::io;

const MAGIC: [u8; 2] = [0x60, 0xea];
const GARBLED: u8 = 1;
const ON_ANOTHER_VOLUME: u8 = 4;
const MOST_HEADER: usize = 2600;
/// Kinds of members that have no data of their own.
const DIRECTORY: u8 = 3;
const LABEL: u8 = 4;

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let mut at = match header(source, 0) {
        Ok(Some((_, behind))) => behind,
        Ok(None) => return Ok(()),
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    let mut position = 0;
    loop {
        walk.step()?;
        let member = header(source, at).and_then(|found| match found {
            Some((header, behind)) => Ok(Some((Member::of(&header)?, behind))),
            None => Ok(None),
        });
        let (member, behind) = match member {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(()),
            Err(error) => {
                walk.unread_error(&error);
                return Ok(());
            }
        };
        if !matches!(member.kind, DIRECTORY | LABEL) {
            given(walk, source, &member, behind, position)?;
            position += 1;
        }
        at = behind + member.packed;
    }
}

/// The header at a place and what stands behind it; `None` is the archive's end.
fn header(source: &dyn Source, at: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
    let start: [u8; 4] = read_array(source, at)?;
    let len = usize::from(u16::from_le_bytes([start[2], start[3]]));
    if start[..2] != MAGIC || len > MOST_HEADER {
        return Err(Cut::damaged("no header where one must be").into());
    }
    if len == 0 {
        return Ok(None);
    }
    let header = read_vec(source, at + 4, len)?;
    let mut behind = at + 4 + len as u64;
    let sum: [u8; 4] = read_array(source, behind)?;
    if header.len() < len || crc32fast::hash(&header) != u32::from_le_bytes(sum) {
        return Err(Cut::damaged("the checksum of a header").into());
    }
    behind += 4;
    // Extended headers, up to one without a length.
    loop {
        let len: [u8; 2] = read_array(source, behind)?;
        behind += 2;
        match u16::from_le_bytes(len) {
            0 => return Ok(Some((header, behind))),
            len => behind += u64::from(len) + 4,
        }
    }
}

struct Member {
    name: Vec<u8>,
    flags: u8,
    method: u8,
    kind: u8,
    packed: u64,
    size: u64,
    crc: u32,
}

impl Member {
    fn of(header: &[u8]) -> io::Result<Member> {
        let fields = Fields(header);
        Ok(Member {
            name: fields.string(usize::from(fields.byte(0)?))?.to_vec(),
            flags: fields.byte(4)?,
            method: fields.byte(5)?,
            kind: fields.byte(6)?,
            packed: fields.u32(12)?.into(),
            size: fields.u32(16)?.into(),
            crc: fields.u32(20)?,
        })
    }
}

fn given(walk: &mut Walk<'_>, source: &dyn Source, member: &Member, at: u64, position: u64) -> Walked {
    let entry = Entry {
        position,
        declared: Some(member.size),
        stored: Some(member.packed),
        crc32: Some(member.crc),
        ..Entry::named(&member.name)
    };
    if member.flags & GARBLED != 0 {
        return walk.member(&entry, Body::Encrypted);
    }
    if member.flags & ON_ANOTHER_VOLUME != 0 {
        walk.at(entry.name, |walk| walk.unread(Cut::unsupported("it goes on in another volume")));
    }
    let part = Part::new(source, at, member.packed);
    if part.len() < member.packed {
        walk.at(entry.name, |walk| walk.truncated("a member's data"));
    }
    if member.method == 0 {
        return walk.member(&entry, Body::At(&part));
    }
    let method = member.method;
    let mut crc = None;
    super::in_memory(walk, &part, |walk, data| {
        decoded(walk, &entry, data.len(), member.size, |out| {
            let size = member.size as usize;
            match method {
                1..=3 => lzh(data, Window { classes: 17, bits: 5, blank: false }, size, out)?,
                4 => arj_fastest(data, size, out)?,
                other => return Err(Cut::unsupported(format!("method {other}")).into()),
            }
            crc = Some(crc32fast::hash(out));
            Ok(())
        })
    })?;
    if crc.is_some_and(|crc| crc != member.crc) {
        walk.at(entry.name, |walk| walk.damaged("the checksum of a member"));
    }
    Ok(())
}
