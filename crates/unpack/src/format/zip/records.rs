//! The records of a zip: the end of the directory (zip64 too), an entry of the directory, a member's own header.

use crate::source::{Source, read_array, read_vec};
use std::io::{self, Read};

/// The end record and the longest comment.
const END_SEARCHED: u64 = 22 + 65_535 + 20;
const ENCRYPTED: u16 = 1;
const STREAMED: u16 = 8;
const AES: u16 = 99;

pub(super) struct Directory {
    pub start: u64,
    pub len: u64,
    pub entries: u64,
    /// What must be added to offsets: there is something before the archive.
    pub shift: i64,
    /// Bytes behind the end record.
    pub after: u64,
    pub volumes: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub name: Vec<u8>,
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub packed: u64,
    pub size: u64,
    pub offset: u64,
}

pub(super) struct Local {
    pub record: Record,
    /// Where its data begin.
    pub data: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().expect("two bytes"))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

/// `None` if there is no end record.
pub(super) fn directory(source: &dyn Source) -> io::Result<Option<Directory>> {
    let from = source.len().saturating_sub(END_SEARCHED);
    let tail = read_vec(source, from, END_SEARCHED as usize)?;
    let mut upto = tail.len();
    while let Some(at) = memchr::memmem::rfind(&tail[..upto], b"PK\x05\x06") {
        upto = at + 3;
        let Some(end) = tail.get(at..at + 22) else { continue };
        let comment = usize::from(u16_at(end, 20));
        if at + 22 + comment > tail.len() {
            continue;
        }
        let after = (tail.len() - at - 22 - comment) as u64;
        if let Some(directory) = resolve(source, from + at as u64, end, after)? {
            return Ok(Some(directory));
        }
    }
    Ok(None)
}

fn resolve(source: &dyn Source, at: u64, end: &[u8], after: u64) -> io::Result<Option<Directory>> {
    let mut entries = u64::from(u16_at(end, 10));
    let mut len = u64::from(u32_at(end, 12));
    let mut offset = u64::from(u32_at(end, 16));
    let mut volumes = u16_at(end, 4) != 0 && u16_at(end, 4) != u16::MAX;
    let mut directory_end = at;
    if (entries == 0xffff || len == 0xffff_ffff || offset == 0xffff_ffff)
        && let Some(wide_at) = zip64_end(source, at)?
    {
        let wide: [u8; 56] = read_array(source, wide_at)?;
        entries = u64_at(&wide, 32);
        len = u64_at(&wide, 40);
        offset = u64_at(&wide, 48);
        volumes = u32_at(&wide, 16) != 0;
        directory_end = wide_at;
    }
    if len > directory_end {
        return Ok(None);
    }
    // It ends where the end record begins; if nothing of it stands there, then where its offset says.
    let starts = |at: u64| -> bool { read_array::<4>(source, at).is_ok_and(|magic| &magic == b"PK\x01\x02") };
    let by_end = directory_end - len;
    let start = if entries == 0 || starts(by_end) {
        by_end
    } else if starts(offset) && offset < directory_end {
        offset
    } else {
        return Ok(None);
    };
    let shift = start as i64 - offset as i64;
    let len = directory_end - start;
    Ok(Some(Directory { start, len, entries, shift, after, volumes }))
}

/// Through its locator, which stands before the end record; or right before that.
fn zip64_end(source: &dyn Source, end: u64) -> io::Result<Option<u64>> {
    let Some(locator_at) = end.checked_sub(20) else { return Ok(None) };
    let locator: [u8; 20] = read_array(source, locator_at)?;
    if &locator[..4] != b"PK\x06\x07" {
        return Ok(None);
    }
    for at in [Some(u64_at(&locator, 8)), locator_at.checked_sub(56)].into_iter().flatten() {
        if read_array::<4>(source, at).is_ok_and(|magic| &magic == b"PK\x06\x06") && at + 56 <= end {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// The next entry of the directory; `None` at its end.
pub(super) fn central(input: &mut impl Read) -> io::Result<Option<Record>> {
    let mut fixed = [0; 46];
    let mut magic = [0; 4];
    match crate::source::read_full(input, &mut magic)? {
        0 => return Ok(None),
        4 if &magic == b"PK\x01\x02" => {}
        // A signature of the directory, or the zip64 end: nothing that lists a member.
        _ => return Ok(None),
    }
    input.read_exact(&mut fixed[4..])?;
    let mut name = vec![0; usize::from(u16_at(&fixed, 28))];
    input.read_exact(&mut name)?;
    let mut extra = vec![0; usize::from(u16_at(&fixed, 30))];
    input.read_exact(&mut extra)?;
    let mut comment = vec![0; usize::from(u16_at(&fixed, 32))];
    input.read_exact(&mut comment)?;
    let mut record = Record {
        name,
        flags: u16_at(&fixed, 8),
        method: u16_at(&fixed, 10),
        crc: u32_at(&fixed, 16),
        packed: u64::from(u32_at(&fixed, 20)),
        size: u64::from(u32_at(&fixed, 24)),
        offset: u64::from(u32_at(&fixed, 42)),
    };
    record.widen(&extra);
    Ok(Some(record))
}

/// The header at `at`; `None` if there is none.
pub(super) fn local(source: &dyn Source, at: u64) -> io::Result<Option<Local>> {
    let fixed = read_vec(source, at, 30)?;
    if fixed.len() < 4 || &fixed[..4] != b"PK\x03\x04" {
        return Ok(None);
    }
    if fixed.len() < 30 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let (name_len, extra_len) = (usize::from(u16_at(&fixed, 26)), usize::from(u16_at(&fixed, 28)));
    let rest = read_vec(source, at + 30, name_len + extra_len)?;
    if rest.len() < name_len + extra_len {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut record = Record {
        name: rest[..name_len].to_vec(),
        flags: u16_at(&fixed, 6),
        method: u16_at(&fixed, 8),
        crc: u32_at(&fixed, 14),
        packed: u64::from(u32_at(&fixed, 18)),
        size: u64::from(u32_at(&fixed, 22)),
        offset: at,
    };
    record.widen(&rest[name_len..]);
    Ok(Some(Local { record, data: at + 30 + (name_len + extra_len) as u64 }))
}

impl Record {
    /// Sizes and offsets that do not fit 32 bits stand in an extra field, only those, in this order.
    fn widen(&mut self, mut extra: &[u8]) {
        while extra.len() >= 4 {
            let (id, len) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
            let Some(mut field) = extra.get(4..4 + len) else { return };
            if id == 1 {
                for value in [&mut self.size, &mut self.packed, &mut self.offset] {
                    if *value == 0xffff_ffff && field.len() >= 8 {
                        *value = u64_at(field, 0);
                        field = &field[8..];
                    }
                }
            }
            extra = &extra[4 + len..];
        }
    }

    pub fn encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0 || self.method == AES
    }

    pub fn streamed(&self) -> bool {
        self.flags & STREAMED != 0
    }

    pub fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") && self.packed == 0 && self.size == 0
    }

    /// In what a member's own header, `other`, tells another story.
    pub fn differs(&self, other: &Record) -> Option<&'static str> {
        // A streamed member's own header has no sizes.
        let sized = !other.streamed() || other.packed != 0 || other.size != 0 || other.crc != 0;
        if self.name != other.name {
            Some("name")
        } else if self.method != other.method {
            Some("method")
        } else if self.encrypted() != other.encrypted() {
            Some("encryption")
        } else if sized && self.packed != other.packed {
            Some("packed size")
        } else if sized && self.size != other.size {
            Some("size")
        } else if sized && self.crc != other.crc {
            Some("checksum")
        } else {
            None
        }
    }

    /// Going by it instead of `other` gives other bytes.
    pub fn reads_otherwise(&self, other: &Record) -> bool {
        self.method != other.method || self.packed != other.packed && self.packed != 0
    }
}

impl Local {
    /// Found by searching: is it one?
    pub fn plausible(&self, end: u64) -> bool {
        let record = &self.record;
        let known = matches!(record.method, 0..=20 | 93..=99);
        known && !record.name.is_empty() && self.data <= end && !record.name.contains(&0)
    }
}
