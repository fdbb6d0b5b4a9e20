//! Programs: what hangs behind their last byte, what lies in them, and what UPX packed.

use super::{carve, iso, upx};
use crate::Kind;
use crate::meter::Cut;
use crate::source::{Source, read_array, read_vec};
use crate::walk::{Walk, Walked};

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source, kind: Kind) -> Walked {
    let end = match kind {
        Kind::Elf | Kind::AppImage => elf_end(source),
        Kind::Pe => pe_end(source),
        _ => None,
    };
    match kind {
        // The first version is an ISO image whose unused first sectors hold a program.
        Kind::AppImage if read_array::<5>(source, 0x8001).is_ok_and(|magic| &magic == b"CD001") => {
            return iso::read(walk, source);
        }
        Kind::AppImage if end.is_none_or(|end| end >= source.len()) => {
            walk.truncated("an AppImage without its file system");
        }
        Kind::Elf => upx::elf(walk, source)?,
        Kind::Pe => packed_pe(walk, source),
        _ => {}
    }
    if let Some(end) = end {
        carve::overlay(walk, source, end)?;
    }
    carve::within(walk, source, 4)?;
    carve::zip_at_end(walk, source)
}

/// Where the file ends by its own headers: sections, segments and their tables.
pub(crate) fn elf_end(source: &dyn Source) -> Option<u64> {
    let header = read_vec(source, 0, 64).ok()?;
    if header.len() < 52 || !matches!(header[4], 1 | 2) || !matches!(header[5], 1 | 2) || header[6] != 1 {
        return None;
    }
    let (wide, little) = (header[4] == 2, header[5] == 1);
    let number = |bytes: &[u8], at: usize, len: usize| -> u64 {
        let field = bytes.get(at..at + len).unwrap_or_default();
        let digit = |n: u64, byte: &u8| n << 8 | u64::from(*byte);
        if little { field.iter().rev().fold(0, digit) } else { field.iter().fold(0, digit) }
    };
    if !matches!(number(&header, 16, 2), 1..=4) || number(&header, 18, 2) == 0 {
        return None;
    }
    let size = if wide { 8 } else { 4 };
    let (tables, counts) = if wide { ((32, 40), 52) } else { ((28, 32), 40) };
    let (segments, sections) = (number(&header, tables.0, size), number(&header, tables.1, size));
    let field = |at: usize| number(&header, counts + at, 2);
    let (segment_size, segment_count, section_size, section_count) = (field(2), field(4), field(6), field(8));
    let mut end = field(0);
    let mut table = |at: u64, one: u64, count: u64, place: (usize, usize), filled: &dyn Fn(&[u8]) -> bool| {
        if at == 0 || one < 32 {
            return Some(());
        }
        end = end.max(at.checked_add(one * count)?);
        let bytes = read_vec(source, at, (one * count) as usize).ok()?;
        for raw in bytes.chunks_exact(one as usize).filter(|raw| filled(raw)) {
            end = end.max(number(raw, place.0, size).checked_add(number(raw, place.1, size))?);
        }
        Some(())
    };
    let (segment, section) = if wide { ((8, 32), (24, 32)) } else { ((4, 16), (16, 20)) };
    table(segments, segment_size, segment_count, segment, &|_| true)?;
    // Sections without bytes in the file (NOBITS, and the first one) say sizes all the same.
    table(sections, section_size, section_count, section, &|raw| !matches!(number(raw, 4, 4), 0 | 8))?;
    Some(end)
}

/// The end of the last section; signatures behind it belong to the program.
pub(crate) fn pe_end(source: &dyn Source) -> Option<u64> {
    let dos: [u8; 64] = read_array(source, 0).ok()?;
    let at = u64::from(u32::from_le_bytes(dos[60..].try_into().expect("four bytes")));
    let header = read_vec(source, at, 24 + 240).ok()?;
    let short = |at: usize| header.get(at..at + 2).map(|b| u64::from(u16::from_le_bytes([b[0], b[1]])));
    let word = |at: usize| header.get(at..at + 4).map(|b| u64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])));
    if header.get(..4)? != b"PE\0\0" || !matches!(short(4)?, 0x14c | 0x8664 | 0x1c0 | 0x1c4 | 0xaa64 | 0x200) {
        return None;
    }
    let (count, optional) = (short(6)?, short(20)?);
    if count == 0 || count > 96 {
        return None;
    }
    let sections = read_vec(source, at + 24 + optional, count as usize * 40).ok()?;
    let field = |raw: &[u8], at: usize| u64::from(u32::from_le_bytes(raw[at..at + 4].try_into().expect("four bytes")));
    let mut end = sections.chunks_exact(40).map(|raw| field(raw, 16) + field(raw, 20)).max()?;
    // The fifth directory is the only one whose place is one in the file.
    let directories = 24 + if short(24)? == 0x20b { 112 } else { 96 };
    if let (Some(place), Some(size)) = (word(directories + 32), word(directories + 36))
        && place == end.next_multiple_of(8)
    {
        end = place + size;
    }
    Some(end)
}

/// Packers name their sections.
fn packed_pe(walk: &mut Walk<'_>, source: &dyn Source) {
    const PACKERS: [(&[u8], &str); 11] = [
        (b"UPX0", "UPX"),
        (b"UPX1", "UPX"),
        (b".aspack", "ASPack"),
        (b".MPRESS1", "MPRESS"),
        (b".vmp0", "VMProtect"),
        (b".themida", "Themida"),
        (b".petite", "Petite"),
        (b".Upack", "Upack"),
        (b".WWP32", "WWPack"),
        (b"MEW\0", "MEW"),
        (b"PEC2", "PECompact"),
    ];
    let start = read_vec(source, 0, 4096).unwrap_or_default();
    let Some(at) = memchr::memmem::find(&start, b"PE\0\0") else { return };
    let table = &start[at..];
    if let Some((_, packer)) = PACKERS.iter().find(|(name, _)| memchr::memmem::find(table, name).is_some()) {
        walk.odd(crate::Oddity::Packed, *packer);
        walk.unread(Cut::unsupported(format!("a Windows program packed by {packer}")));
    }
}
