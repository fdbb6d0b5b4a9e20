//! Programs: what hangs behind their last byte, what lies in them, and what UPX packed.

use super::pe::Pe;
use super::{carve, iso, packed, upx};
use crate::Kind;
use crate::meter::Cut;
use crate::source::{Part, Source, read_array, read_vec};
use crate::walk::{Body, Entry, Walk, Walked};

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source, kind: Kind) -> Walked {
    let pe = if kind == Kind::Pe { Pe::read(source) } else { None };
    let end = match kind {
        Kind::Elf | Kind::AppImage => elf_end(source),
        _ => pe.as_ref().map(Pe::end),
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
        Kind::Pe => pe.iter().try_for_each(|pe| packed_pe(walk, source, pe))?,
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

/// Packers name their sections; one that does not is told by code that can write itself where the program begins.
fn packed_pe(walk: &mut Walk<'_>, source: &dyn Source, pe: &Pe) -> Walked {
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
    let named = |name: &[u8]| pe.sections.iter().any(|section| section.name.starts_with(name));
    let packer = PACKERS.iter().find(|(name, _)| named(name)).map(|(_, packer)| *packer);
    let Some(packer) = packer.or_else(|| pe.first()?.writable().then_some("a packer that does not name itself")) else {
        return Ok(());
    };
    walk.odd(crate::Oddity::Packed, packer);
    if !pe.is_x86() {
        walk.unread(Cut::unsupported(format!("a Windows program of another processor packed by {packer}")));
        return Ok(());
    }
    match packed::run(walk.meter(), source, pe) {
        Ok(run) => {
            for (at, bytes) in &run.stretches {
                let name = format!("(unpacked at {at:#x})");
                // As it lies in memory, its headers say nothing of where its parts are.
                let entry = Entry { kind: Some(Kind::Data), ..Entry::named(name.as_bytes()) };
                walk.member(&entry, Body::Bytes(bytes))?;
                if let Some(start) = first_local(bytes) {
                    let memory = &bytes[..];
                    let part = Part::new(&memory, start as u64, u64::MAX);
                    walk.embedded(b"(zip)", &part, format!("zip at {start}"))?;
                }
            }
            if !run.through {
                let detail = format!("a Windows program packed by {packer}: {}", run.why);
                walk.at(b"(unpacked)", |walk| walk.unread(Cut::unsupported(detail)));
            }
        }
        Err(error) => walk.at(b"(unpacked)", |walk| walk.unread_error(&error)),
    }
    Ok(())
}

/// Where a zip begins in memory, whose end may not stand there: a header of a member that a tool would write.
fn first_local(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(bytes, b"PK\x03\x04").find(|at| {
        let field = |n: usize| bytes.get(at + n..at + n + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
        let (version, method, name) = (field(4), field(8), field(26));
        version.is_some_and(|n| n <= 63)
            && method.is_some_and(|n| n < 100)
            && name.is_some_and(|n| (1..256).contains(&n))
    })
}
