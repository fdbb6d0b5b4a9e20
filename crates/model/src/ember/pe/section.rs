//! The table of sections, in the order of their addresses.

use super::{Header, Image, Read, Stop, Warning, u32_at};

/// More sections than this are not read.
const MOST: usize = 0x800;
const EXECUTE: u32 = 0x2000_0000;
const WRITE: u32 = 0x8000_0000;

#[derive(Clone, Debug, PartialEq)]
pub(in crate::ember) struct Section {
    pub raw_name: [u8; 8],
    pub virtual_size: u32,
    pub address: u32,
    pub raw_size: u32,
    pub raw_pointer: u32,
    pub characteristics: u32,
    /// Where its raw data and its memory really begin, as alignment has it.
    pub(super) raw_adjusted: i64,
    address_adjusted: i64,
    /// Addresses that fall into it.
    range: (i64, i64),
}

impl Section {
    pub(in crate::ember) fn contains(&self, rva: i64) -> bool {
        self.range.0 <= rva && rva < self.range.1
    }

    pub(super) fn offset(&self, rva: i64) -> i64 {
        rva - self.address_adjusted + self.raw_adjusted
    }

    pub(in crate::ember) fn is_executable(&self) -> bool {
        self.characteristics & EXECUTE != 0
    }

    /// Without the zeros around it, what is not UTF-8 left out, in lower case.
    pub(in crate::ember) fn name(&self) -> String {
        let first = self.raw_name.iter().position(|byte| *byte != 0).unwrap_or(8);
        let last = self.raw_name.iter().rposition(|byte| *byte != 0).map_or(8, |last| last + 1);
        let valid: String = self.raw_name[first..last.max(first)].utf8_chunks().map(|chunk| chunk.valid()).collect();
        valid.to_lowercase()
    }
}

/// Reads the table; returns where it ends in the file.
pub(super) fn read(image: &mut Image<'_>) -> Read<i64> {
    let header = image.header.clone();
    let start = header.optional_offset + i64::from(header.optional_size);
    let mut sections = Vec::new();
    for index in 0..usize::from(header.section_count) {
        if index >= MOST {
            image.warn(Warning::SectionsTooMany);
            break;
        }
        let at = start + 40 * index as i64;
        let bytes = super::slice(image.data, at, at + 40);
        if bytes.len() == 40 && bytes.iter().all(|byte| *byte == 0) {
            image.warn(Warning::SectionZeros);
            break;
        }
        if bytes.is_empty() {
            image.warn(Warning::SectionNoData);
            break;
        }
        // Here the original is not prepared for a table that the end of the file cuts.
        let bytes: &[u8; 40] = bytes.try_into().map_err(|_| Stop::NotPe)?;
        let section = Section {
            raw_name: [0, 1, 2, 3, 4, 5, 6, 7].map(|i| bytes[i]),
            virtual_size: u32_at(bytes, 8),
            address: u32_at(bytes, 12),
            raw_size: u32_at(bytes, 16),
            raw_pointer: u32_at(bytes, 20),
            characteristics: u32_at(bytes, 36),
            raw_adjusted: 0,
            address_adjusted: 0,
            range: (0, 0),
        };
        if !acceptable(image, &header, &section) {
            image.warn(Warning::SectionWarnings);
            break;
        }
        if section.characteristics & WRITE != 0 && section.characteristics & EXECUTE != 0 {
            if section.raw_name == *b"PAGE\0\0\0\0" && header.directories.get(1).is_some_and(|import| import.0 != 0) {
                // Whether it is a driver would be asked of imports that cannot be read yet: the original gives up on the file.
                return Err(Stop::NotPe);
            }
            image.warn(Warning::SectionWritableExecutable);
        }
        sections.push(section);
    }
    sections.sort_by_key(|section| section.address);
    settle(&mut sections, &header, image.data.len() as i64);
    let end = if sections.is_empty() { start } else { start + 40 * i64::from(header.section_count) };
    image.sections = sections;
    Ok(end)
}

/// Warns of what is odd about a section; three oddities end the table.
fn acceptable(image: &Image<'_>, header: &Header, section: &Section) -> bool {
    let size = image.data.len() as u64;
    if header.file_alignment >= 0x200 && !header.file_alignment.is_power_of_two() {
        image.warn(Warning::FileAlignment);
    }
    if header.section_alignment < 0x1000 && header.section_alignment != header.file_alignment {
        image.warn(Warning::SectionAlignment);
    }
    let odd = [
        (u64::from(section.raw_size) + u64::from(section.raw_pointer) > size, Warning::SectionSizeBeyond),
        (u64::from(section.raw_pointer & !0x1ff) > size, Warning::SectionPointerBeyond),
        (section.virtual_size > 0x1000_0000, Warning::SectionSuspicious),
        (adjusted_address(header, section.address) > 0x1000_0000, Warning::SectionSuspicious),
        (
            header.file_alignment != 0 && !section.raw_pointer.is_multiple_of(header.file_alignment),
            Warning::SectionPointerAlignment,
        ),
    ];
    odd.iter().filter(|(odd, _)| *odd).for_each(|(_, warning)| image.warn(*warning));
    odd.iter().filter(|(odd, _)| *odd).count() < 3
}

/// An address rounded down to the alignment that counts.
fn adjusted_address(header: &Header, address: u32) -> i64 {
    let alignment = if header.section_alignment < 0x1000 { header.file_alignment } else { header.section_alignment };
    i64::from(if alignment == 0 { address } else { address - address % alignment })
}

/// Which addresses belong to which section: as much as the larger of its sizes, but not into the next one.
fn settle(sections: &mut [Section], header: &Header, file_size: i64) {
    for index in 0..sections.len() {
        let next = sections.get(index + 1).map(|next| i64::from(next.address));
        let section = &mut sections[index];
        let same = header.section_alignment < 0x1000 && section.raw_pointer == section.address;
        section.raw_adjusted = if same { i64::from(section.address) } else { i64::from(section.raw_pointer & !0x1ff) };
        section.address_adjusted = adjusted_address(header, section.address);
        let raw = i64::from(section.raw_size);
        let in_memory = i64::from(section.virtual_size);
        // A raw size that goes beyond the file is not believed.
        let mut size = if file_size - section.raw_adjusted < raw { in_memory } else { raw.max(in_memory) };
        let start = section.address_adjusted;
        if let Some(next) = next.filter(|next| *next > i64::from(section.address) && start + size > *next) {
            size = next - start;
        }
        section.range = (start, start + size);
    }
}
