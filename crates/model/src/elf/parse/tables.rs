//! Segments and sections, and how tables and names are read out of hostile bytes.

use super::{Elf, Section, Segment};
use object::elf;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, pod};

/// Limits; what is past them is counted in [`Elf::cut`].
const SECTIONS: usize = 2_048;
const SEGMENTS: usize = 256;
const NAME: usize = 200;

/// Entries of `T` from `offset` on, as many as are there, `count` and `limit` at most; and whether all `count` were there.
pub(super) fn table<T: pod::Pod>(bytes: &[u8], offset: u64, count: usize, limit: usize) -> (&[T], bool) {
    let rest = usize::try_from(offset).ok().and_then(|start| bytes.get(start..)).unwrap_or(&[]);
    let there = rest.len() / size_of::<T>().max(1);
    let take = count.min(there).min(limit);
    (pod::slice_from_bytes::<T>(rest, take).map_or(&[][..], |(slice, _)| slice), count <= there)
}

fn part(bytes: &[u8], offset: u64, size: u64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    bytes.get(start..end)
}

pub(super) fn read_segments<'a, H: FileHeader<Endian = Endianness>>(elf: &mut Elf<'a>, endian: Endianness) {
    let count = usize::from(elf.segment_count);
    let (entries, complete) = table::<H::ProgramHeader>(elf.bytes, elf.segment_offset, count, SEGMENTS);
    elf.lies.segments_outside = !complete;
    elf.cut += u32::from(count > SEGMENTS);
    elf.covered = elf.covered.max(elf.segment_offset.saturating_add(std::mem::size_of_val(entries) as u64));
    for entry in entries {
        let (offset, size) = (entry.p_offset(endian).into(), entry.p_filesz(endian).into());
        let data = part(elf.bytes, offset, size);
        elf.lies.segment_bytes_outside += u32::from(data.is_none());
        if data.is_some() {
            elf.covered = elf.covered.max(offset.saturating_add(size));
        }
        elf.segments.push(Segment {
            kind: entry.p_type(endian),
            flags: entry.p_flags(endian),
            address: entry.p_vaddr(endian).into(),
            file_size: size,
            memory_size: entry.p_memsz(endian).into(),
            align: entry.p_align(endian).into(),
            data: data.unwrap_or(&[]),
        });
    }
}

pub(super) fn read_sections<'a, H: FileHeader<Endian = Endianness>>(elf: &mut Elf<'a>, endian: Endianness) {
    let count = usize::from(elf.section_count);
    let (entries, complete) = table::<H::SectionHeader>(elf.bytes, elf.section_offset, count, SECTIONS);
    elf.lies.sections_outside = !complete;
    elf.cut += u32::from(count > SECTIONS);
    if !entries.is_empty() {
        elf.covered = elf.covered.max(elf.section_offset.saturating_add(std::mem::size_of_val(entries) as u64));
    }
    let names = entries
        .get(usize::from(elf.names_index))
        .and_then(|entry| part(elf.bytes, entry.sh_offset(endian).into(), entry.sh_size(endian).into()));
    elf.lies.names_index = count > 0 && names.is_none();
    let names = names.unwrap_or(&[]);
    for entry in entries {
        let (offset, size) = (entry.sh_offset(endian).into(), entry.sh_size(endian).into());
        let kind = entry.sh_type(endian);
        let data =
            if matches!(kind, elf::SHT_NOBITS | elf::SHT_NULL) { Some(&[][..]) } else { part(elf.bytes, offset, size) };
        elf.lies.section_bytes_outside += u32::from(data.is_none());
        if data.is_some_and(|data| !data.is_empty()) {
            elf.covered = elf.covered.max(offset.saturating_add(size));
        }
        elf.sections.push(Section {
            name: text_at(names, entry.sh_name(endian)),
            kind,
            flags: entry.sh_flags(endian).into(),
            address: entry.sh_addr(endian).into(),
            offset,
            size,
            link: entry.sh_link(endian),
            info: entry.sh_info(endian),
            data: data.unwrap_or(&[]),
        });
    }
}

/// A name in a string table: to its NUL, [`NAME`] bytes at most.
pub(super) fn text_at(table: &[u8], offset: u32) -> &[u8] {
    let rest = table.get(offset as usize..).unwrap_or(&[]);
    let rest = &rest[..rest.len().min(NAME)];
    &rest[..rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len())]
}
