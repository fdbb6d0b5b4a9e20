//! Entry point and sections of an executable, as places in the file: what offsets `EP`, `Sx`, `SL`, `SE` and `VI` are counted from. The
//! parsing is the `object` crate's, which takes hostile bytes; what it cannot read has no layout, and signatures that need one
//! do not match there.

use crate::target::Target;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader as _, PeFile};
use object::{Object as _, ObjectSection as _, ObjectSegment as _, pe};

/// Sections beyond this are not counted; PE and ELF allow 65,535.
const MAX_SECTIONS: usize = 4096;
const MAX_STRINGS: usize = 1024;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Offset of the first instruction in the file.
    pub entry_point: Option<u64>,
    /// Begin and length in the file.
    pub sections: Vec<(u64, u64)>,
    /// Places of the keys of a PE file's version strings.
    pub version_strings: Vec<u64>,
}

impl Layout {
    /// None: not an executable, or not one that can be read.
    pub fn of(bytes: &[u8], target: Target) -> Option<Layout> {
        match target {
            Target::Pe => match object::FileKind::parse(bytes).ok()? {
                object::FileKind::Pe32 => portable(&object::read::pe::PeFile32::parse(bytes).ok()?),
                _ => portable(&object::read::pe::PeFile64::parse(bytes).ok()?),
            },
            Target::Elf | Target::MachO => generic(bytes),
            _ => None,
        }
    }
}

fn portable<Pe: ImageNtHeaders>(file: &PeFile<'_, Pe>) -> Option<Layout> {
    let table = file.section_table();
    let file_offset = |rva: u32| {
        table.iter().find_map(|section| {
            let (begin, raw) = (
                section.virtual_address.get(object::LittleEndian),
                section.pointer_to_raw_data.get(object::LittleEndian),
            );
            let size =
                section.size_of_raw_data.get(object::LittleEndian).max(section.virtual_size.get(object::LittleEndian));
            let within = rva.checked_sub(begin).filter(|within| *within < size)?;
            Some(u64::from(raw) + u64::from(within))
        })
    };
    let entry = file.nt_headers().optional_header().address_of_entry_point();
    let sections = table.iter().take(MAX_SECTIONS).map(|section| {
        let (begin, length) = section.pe_file_range();
        (u64::from(begin), u64::from(length))
    });
    let entry_point =
        file_offset(entry).or_else(|| (table.iter().next().is_none() || entry < 0x1000).then_some(u64::from(entry)));
    Some(Layout {
        entry_point,
        sections: sections.collect(),
        version_strings: version_strings(file).unwrap_or_default(),
    })
}

/// Keys of `StringFileInfo` in the version resource: each string structure is length, length of value, type, key, value.
fn version_strings<Pe: ImageNtHeaders>(file: &PeFile<'_, Pe>) -> Option<Vec<u64>> {
    let data = file.data();
    let sections = file.section_table();
    let resources = file.data_directories().resource_directory(data, &sections).ok()??;
    let mut found = Vec::new();
    let root = resources.root().ok()?;
    for kind in root.entries.iter().filter(|e| e.name_or_id().id() == Some(pe::RT_VERSION)) {
        let names = kind.data(resources).ok()?.table()?;
        for name in names.entries.iter().take(16) {
            let Some(languages) = name.data(resources).ok().and_then(|d| d.table()) else { continue };
            for language in languages.entries.iter().take(64) {
                let Some(entry) = language.data(resources).ok().and_then(|d| d.data()) else { continue };
                let address = entry.offset_to_data.get(object::LittleEndian);
                let size = entry.size.get(object::LittleEndian).min(1 << 20) as usize;
                let Some((begin, available)) = sections.iter().find_map(|s| s.pe_file_range_at(address)) else {
                    continue;
                };
                let end = (begin as usize).saturating_add(size.min(available as usize)).min(data.len());
                let Some(block) = data.get(begin as usize..end) else { continue };
                strings_of(block, begin as usize, &mut found);
            }
        }
    }
    Some(found)
}

fn strings_of(block: &[u8], begin: usize, found: &mut Vec<u64>) {
    let wide: Vec<u8> = "StringFileInfo".bytes().flat_map(|byte| [byte, 0]).collect();
    let Some(info) = memchr::memmem::find(block, &wide) else { return };
    // The key, its NUL, padding to four bytes; then tables of strings, each with a header and a key of eight digits.
    let aligned = |at: usize| at.div_ceil(4) * 4;
    let word =
        |at: usize| block.get(at..).and_then(|rest| rest.first_chunk()).map(|b| usize::from(u16::from_le_bytes(*b)));
    let mut table = aligned(info + wide.len() + 2);
    while let Some(length) = word(table).filter(|length| *length >= 24) {
        let end = (table + length).min(block.len());
        let mut at = aligned(table + 6 + 18);
        while at < end && found.len() < MAX_STRINGS {
            let Some(length) = word(at).filter(|length| *length >= 6) else { break };
            found.push((begin + at + 6) as u64);
            at = aligned(at + length);
        }
        table = aligned(end);
    }
}

fn generic(bytes: &[u8]) -> Option<Layout> {
    let file = object::File::parse(bytes).ok()?;
    let ranges: Vec<(u64, u64)> =
        file.sections().take(MAX_SECTIONS).map(|s| s.file_range().unwrap_or((0, 0))).collect();
    let entry_point = file.segments().take(MAX_SECTIONS).find_map(|segment| {
        let (offset, length) = segment.file_range();
        let within = file.entry().checked_sub(segment.address())?;
        (within < segment.size() && within < length).then_some(offset + within)
    });
    // ELF counts the empty first section, which `object` does not list.
    let sections = if file.format() == object::BinaryFormat::Elf { [vec![(0, 0)], ranges].concat() } else { ranges };
    Some(Layout { entry_point, sections, version_strings: Vec::new() })
}
