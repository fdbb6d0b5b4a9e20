//! What a file's header claims and its bytes do not bear out.

use super::Elf;
use object::elf;
use object::read::elf::FileHeader;

pub(super) fn find<H: FileHeader>(elf: &mut Elf) {
    let lies = &mut elf.lies;
    lies.header_size = usize::from(elf.header_size) != size_of::<H>();
    lies.segment_entry_size =
        elf.segment_count > 0 && usize::from(elf.segment_entry_size) != size_of::<H::ProgramHeader>();
    lies.section_entry_size =
        elf.section_count > 0 && usize::from(elf.section_entry_size) != size_of::<H::SectionHeader>();
    lies.version = elf.version != 1;
    let sections = elf.sections.iter().filter(|section| !section.data.is_empty());
    lies.overlapping_sections = overlaps(sections.map(|section| (section.offset, section.size)));
    let loads = elf.segments.iter().filter(|segment| segment.kind == elf::PT_LOAD && segment.file_size > 0);
    lies.overlapping_segments = overlaps(loads.map(|segment| (segment.address, segment.file_size)));
}

/// Ranges that begin before an earlier one has ended.
fn overlaps(ranges: impl Iterator<Item = (u64, u64)>) -> u32 {
    let mut ranges: Vec<(u64, u64)> = ranges.collect();
    ranges.sort_unstable();
    let mut end = 0u64;
    let mut found = 0;
    for (start, size) in ranges {
        found += u32::from(start < end);
        end = end.max(start.saturating_add(size));
    }
    found
}
