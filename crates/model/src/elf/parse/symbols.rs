//! Dynamic entries, symbols and relocations.

use super::tables::{table, text_at};
use super::{Elf, Section, Symbol, SymbolCounts};
use object::Endianness;
use object::elf;
use object::read::elf::{Dyn, FileHeader, Rel, Rela, Sym};

/// Limits; what is past them is counted in [`Elf::cut`].
const DYNAMIC: usize = 1_024;
const SYMBOLS: usize = 200_000;
const RELOCATIONS: usize = 400_000;

/// From the segment, which is what the loader reads; the section may lie.
pub(super) fn read_dynamic<'a, H: FileHeader<Endian = Endianness>>(elf: &mut Elf<'a>, endian: Endianness) {
    let Some(segment) = elf.segments.iter().find(|segment| segment.kind == elf::PT_DYNAMIC) else {
        return;
    };
    let data = segment.data;
    let count = data.len() / size_of::<H::Dyn>().max(1);
    let (entries, _) = table::<H::Dyn>(data, 0, count, DYNAMIC);
    elf.cut += u32::from(count > DYNAMIC);
    for entry in entries {
        let (tag, value) = (entry.d_tag(endian).into(), entry.d_val(endian).into());
        elf.dynamic.push((tag, value));
        if tag == elf::DT_NULL {
            break;
        }
    }
    let strings = elf
        .dynamic_value(elf::DT_STRTAB)
        .and_then(|address| elf.at_address(address))
        .or_else(|| elf.section(b".dynstr").map(|section| section.data))
        .unwrap_or(&[]);
    let needed = elf.dynamic.iter().filter(|(tag, _)| *tag == elf::DT_NEEDED);
    elf.needed = needed.map(|(_, at)| text_at(strings, u32::try_from(*at).unwrap_or(u32::MAX))).collect();
}

pub(super) fn read_symbols<'a, H: FileHeader<Endian = Endianness>>(elf: &mut Elf<'a>, endian: Endianness) {
    let size = size_of::<H::Sym>().max(1);
    let of_kind = |kind: u32| elf.sections.iter().find(|section| section.kind == kind && !section.data.is_empty());
    let strings_of = |section: &Section<'a>| elf.sections.get(section.link as usize).map_or(&[][..], |s| s.data);
    let dynamic = of_kind(elf::SHT_DYNSYM).map(|section| (section.data, strings_of(section)));
    let complete = of_kind(elf::SHT_SYMTAB).map(|section| (section.data, strings_of(section)));
    // Without sections (a packer, or a liar) the dynamic table still names its symbols; its length is where the strings begin.
    let dynamic = dynamic.or_else(|| {
        let (table, strings) = (elf.dynamic_value(elf::DT_SYMTAB)?, elf.dynamic_value(elf::DT_STRTAB)?);
        let length = usize::try_from(strings.checked_sub(table)?).ok()?;
        let data = elf.at_address(table)?;
        Some((&data[..length.min(data.len())], elf.at_address(strings)?))
    });
    let mut cut = 0;
    if let Some((data, strings)) = dynamic {
        cut += u32::from(data.len() / size > SYMBOLS);
        let (entries, _) = table::<H::Sym>(data, 0, data.len() / size, SYMBOLS);
        elf.dynamic_counts = count_symbols::<H>(entries);
        elf.dynamic_symbols = entries
            .iter()
            .map(|entry| Symbol {
                name: text_at(strings, entry.st_name(endian)),
                imported: entry.st_shndx(endian) == elf::SHN_UNDEF,
                function: matches!(entry.st_type(), elf::STT_FUNC | elf::STT_GNU_IFUNC | elf::STT_NOTYPE),
            })
            .filter(|symbol| !symbol.name.is_empty())
            .collect();
    }
    if let Some((data, strings)) = complete {
        cut += u32::from(data.len() / size > SYMBOLS);
        let (entries, _) = table::<H::Sym>(data, 0, data.len() / size, SYMBOLS);
        elf.static_counts = count_symbols::<H>(entries);
        let names = entries.iter().map(|entry| text_at(strings, entry.st_name(endian)));
        elf.static_names = names.filter(|name| !name.is_empty()).take(20_000).collect();
    }
    elf.cut += cut;
}

fn count_symbols<H: FileHeader<Endian = Endianness>>(entries: &[H::Sym]) -> SymbolCounts {
    let mut counts = SymbolCounts { all: entries.len() as u32, ..SymbolCounts::default() };
    for entry in entries {
        let binding = match entry.st_bind() {
            elf::STB_LOCAL => 0,
            elf::STB_WEAK => 2,
            _ => 1,
        };
        let kind = match entry.st_type() {
            elf::STT_NOTYPE => 0,
            elf::STT_OBJECT => 1,
            elf::STT_FUNC => 2,
            _ => 3,
        };
        counts.by[binding][kind] += 1;
    }
    counts
}

pub(super) fn read_relocations<'a, H: FileHeader<Endian = Endianness>>(elf: &mut Elf<'a>, endian: Endianness) {
    let mut counts = std::collections::BTreeMap::<u32, u32>::new();
    let mut left = RELOCATIONS;
    for section in &elf.sections {
        let data = section.data;
        match section.kind {
            elf::SHT_REL => {
                let (entries, _) = table::<H::Rel>(data, 0, data.len() / size_of::<H::Rel>().max(1), left);
                left -= entries.len();
                entries.iter().for_each(|entry| *counts.entry(entry.r_type(endian)).or_default() += 1);
            }
            elf::SHT_RELA => {
                let (entries, _) = table::<H::Rela>(data, 0, data.len() / size_of::<H::Rela>().max(1), left);
                left -= entries.len();
                entries.iter().for_each(|entry| *counts.entry(entry.r_type(endian, false)).or_default() += 1);
            }
            _ => {}
        }
    }
    elf.cut += u32::from(left == 0);
    elf.relocation_count = counts.values().sum();
    elf.relocations = counts.into_iter().collect();
    elf.relocations.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    elf.relocations.truncate(32);
}
